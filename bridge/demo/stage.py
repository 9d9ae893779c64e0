"""What the demo prints: scenes, phones, and what the bridge says about itself."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bridge.cli.show import clean

if TYPE_CHECKING:
    from adapters.emulators.telegram import Line, Person

COLOURS = {"Noor": "magenta", "Anna": "cyan", "Bram": "green"}
PAUSE = 0.1
"""Seconds between two lines where somebody watches; none where nobody does."""
_NAME = 14
_WIDEST, _PLAIN = 110, 100


class Stage:
    """Prints: in colour and at a reader's pace in a terminal, plain and at once elsewhere."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._console = Console(file=out, highlight=False)
        seen = self._console.is_terminal
        self._console.width = min(self._console.width, _WIDEST) if seen else _PLAIN
        self._scene = 0
        self.title = "the start"

    async def scene(self, title: str, what: str) -> None:
        """Begin a scene."""
        self._scene += 1
        self.title = title
        self._console.print()
        heading = Text(f"{self._scene} · {title}", "bold")
        self._console.print(Rule(heading, align="left", style="dim"))
        self.say(what)
        await self._pause(2)

    def say(self, what: str) -> None:
        """Tell the reader something."""
        self._console.print(Text(what, "italic"))

    async def does(self, person: Person, what: str) -> None:
        """Show what somebody does on a phone."""
        await self._line(person.user.first_name, "▸", Text(clean(what)))

    async def sees(self, person: Person, line: Line, after: float | None = None) -> None:
        """Show one line of a phone's screen; ``after`` in seconds since it was written."""
        text = Text(shown(line, person))
        if after is not None:
            text.append(f"   {after * 1000:.0f} ms later", "dim")
        await self._line(person.user.first_name, "◂", text)

    async def note(self, what: str, *, good: bool = True) -> None:
        """Show what the bridge knows or does meanwhile."""
        await self._line("bridge", "·", Text(what, "yellow" if good else "bold red"))

    def show(self, what: RenderableType) -> None:
        """Show a table or lines as they are."""
        self._console.print(Padding(what, (0, 0, 0, 2)))

    async def _line(self, who: str, sign: str, what: Text) -> None:
        colour = COLOURS.get(who, "yellow")
        name = f"{who}'s phone" if sign == "◂" else who
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=_NAME, justify="right", style=f"bold {colour}")
        grid.add_column(width=1, style=f"bold {colour}")
        grid.add_column()
        grid.add_row(name, sign, what)
        self._console.print(grid)
        await self._pause(1)

    async def _pause(self, times: int) -> None:
        if self._console.is_terminal:
            await asyncio.sleep(PAUSE * times)


def shown(line: Line, person: Person) -> str:
    """Return a line of a screen in words: what it answers, what it says, what hangs below it."""
    parts = [] if line.kind == "text" else [f"[{line.kind}]"]
    if line.reply_to is not None:
        answered = next((x for x in person.screen() if x.message_id == line.reply_to), None)
        quoted = " ".join((answered.text if answered else "").split())
        parts.append(f"(↪ {quoted[:24]}{'…' if len(quoted) > 24 else ''})")
    parts.append(line.text)
    if line.edited:
        parts.append("(edited)")
    parts += [f"[{label}]" for row in line.buttons for label in row]
    parts += [f"← {emoji}" for emoji in line.reactions]
    return clean(" ".join(part for part in parts if part))
