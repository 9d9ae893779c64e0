"""What the store says while the demo runs, through the same read door as everything else."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bridge.cli.show import WORDS, clean
from bridge.core.delivery import TERMINAL, DeliveryState
from bridge.core.errors import BridgeError
from storage import queries
from storage.audit import audit

if TYPE_CHECKING:
    from pathlib import Path

    from storage.audits.report import Audit
    from storage.engine import Store
    from storage.queries import LogLine

LOOK_EVERY = 0.02
_LONGEST = 44


class Ledger:
    """Asks the store; every method waits until there is something to tell."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def held(self) -> int:
        """Return how many payloads wait for an answer of somebody, once there are any."""
        while True:
            lines = await asyncio.to_thread(lambda: list(queries.inbox(self._store)))
            if count := sum(line.state == "held" for line in lines):
                return count
            await asyncio.sleep(LOOK_EVERY)

    async def outcome(self, trajectory: str, words: str) -> str:
        """Return, once it is final, what became of the newest message with these words."""
        while True:
            lines = await self._log(trajectory)
            posted = [x for x in lines if x.kind == "message_posted" and x.text == words]
            if posted and all(d.state in TERMINAL for d in posted[-1].deliveries):
                return _told(posted[-1], lines)
            await asyncio.sleep(LOOK_EVERY)

    async def audited(self) -> Audit:
        """Return the judgement over the whole store."""
        return await asyncio.to_thread(audit, self._store)

    async def leaks(self, file: Path, words: str) -> bool:
        """Tell whether words can be read in the files of the database."""
        return await asyncio.to_thread(_found, file, words.encode())

    async def table(self, trajectory: str) -> Table:
        """Return the log as a table."""
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for title, least in (("line", 4), ("who", 6), ("what", 20), ("hash", 9)):
            table.add_column(title, overflow="ellipsis", no_wrap=True, min_width=least)
        for line in await self._log(trajectory):
            link = Text(f"{line.hash[:8]}…", "dim")
            table.add_row(str(line.seq), line.author, Text(_what(line)), link)
        return table

    async def _log(self, trajectory: str) -> list[LogLine]:
        return await asyncio.to_thread(lambda: list(queries.log(self._store, trajectory)))


def _told(message: LogLine, lines: list[LogLine]) -> str:
    """Tell in words what the log says about a message's ways, in order."""
    parts = []
    for delivery in message.deliveries:
        states = [
            WORDS[DeliveryState(line.state)]
            for line in lines
            if (line.kind, line.target, line.party)
            == ("delivery_changed", message.seq, delivery.party)
        ]
        twice = " (possibly sent twice)" if delivery.twice else ""
        parts.append(f"to {delivery.party}: {' → '.join(states)}{twice}")
    return f"log line {message.seq} of {message.trajectory}, {'; '.join(parts)}"


def _what(line: LogLine) -> str:
    kind = line.kind.replace("_", " ")
    about = f" of {line.target}" if line.target is not None else ""
    state = f": {WORDS[DeliveryState(line.state)]}" if line.state else ""
    party = f" {line.party}" if line.party not in ("", line.author) else ""
    media = f" [{line.media.kind}, {line.media.size} bytes]" if line.media is not None else ""
    words = f" “{_short(line.text)}”" if line.text else ""
    return f"{kind}{about}{party}{state}{media}{words}"


def _short(text: str) -> str:
    line = clean(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _found(file: Path, words: bytes) -> bool:
    return any(words in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def tamper(file: Path) -> str:
    """Try to change a log behind the bridge's back; return why the database refuses.

    Raises BridgeError when it does not.
    """
    with closing(sqlite3.connect(file)) as connection:
        try:
            connection.execute("UPDATE entries SET author = 'somebody else'")
        except sqlite3.IntegrityError as refused:
            return str(refused)
        finally:
            connection.rollback()
    raise BridgeError("the demo went wrong: the log could be changed")
