"""A stage for walks: an emulated Telegram with its people, and a bridge that serves them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from tests.judge.judge import Json, Verdict, judge, token
from tests.walks.bridge import Bridge, Member, Options, practice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from adapters.emulators.telegram import Message, Person, TelegramEmulator

TOKEN = "123:abc"
NOOR, ANNA, BRAM, CARLA = 111, 222, 333, 444
PLACES = [
    ("sqlite", "polling"),
    ("sqlite", "webhook"),
    ("postgresql", "polling"),
    ("postgresql", "webhook"),
]
ACROSS = [PLACES[0], PLACES[3]]
"""Both stores and both modes, but not every pair of them."""

Parties = Mapping[str, Mapping[str, "Iterable[int]"]]
Trajectories = Mapping[str, tuple[Sequence[str], Sequence[str]]]
T = TypeVar("T")


class Scene:
    """One emulator, one bridge, and the case the judge is to hear."""

    def __init__(self, emu: TelegramEmulator, bridge: Bridge) -> None:
        self.emu = emu
        self.bridge = bridge
        self.members: dict[str, Member] = {}
        self.trajectories: Trajectories = {}
        self._numbers = count(1)

    def person(self, user_id: int, name: str, *, started: bool = True) -> Person:
        """A person with a phone; `started` lets the bot write first."""
        return self.emu.person(user_id, name, language_code="en", started=started)

    async def begin(
        self, people: Sequence[Member], trajectories: Trajectories, consent: str = "recorded"
    ) -> None:
        """Apply a practice and serve it."""
        self.members = {member.id: member for member in people}
        self.trajectories = trajectories
        await self.bridge.apply(practice(people, trajectories, consent))
        await self.bridge.start()

    def words(self, trajectory: str, text: str = "words") -> str:
        """Return a text with a token of its own."""
        return f"{text} {token(trajectory, next(self._numbers))}"

    @property
    def parties(self) -> dict[str, dict[str, set[int]]]:
        """Who is in which chats, as the practice file says."""
        return {
            name: {person: set(self.members[person].chats) for person in (*coaches, *clients)}
            for name, (coaches, clients) in self.trajectories.items()
        }

    async def close(
        self, parties: Parties | None = None, within: float = 30.0
    ) -> tuple[dict[str, list[Json]], Verdict]:
        """Wait until all is settled; the judge and the audit must have no complaints."""
        await self.confirmed(within)
        logs = await self.bridge.settled(*self.trajectories, within=within)
        verdict = judge(self.emu.journal.to_json(), logs, parties or self.parties, self.kills)
        verdict.acquit()
        await self.bridge.audit()
        return logs, verdict

    @property
    def kills(self) -> list[float]:
        """When the bridge was killed."""
        return self.bridge.kills

    async def confirmed(self, within: float = 30.0) -> None:
        """Wait until the bridge has taken every update."""
        await self.until(lambda: not self.emu.journal.unconfirmed(), within, "updates are left")

    async def until(self, look: Callable[[], T], within: float = 15.0, what: str = "it") -> T:
        """Wait until `look` finds something true; AssertionError after `within` seconds."""
        deadline = time.monotonic() + within
        while not (found := look()):
            assert time.monotonic() < deadline, f"{what} after {within} s"
            await asyncio.sleep(0.01)
        return found

    async def sees(
        self,
        person: Person,
        wanted: str | Callable[[Message], bool],
        *,
        chat: int | None = None,
        after: int = 0,
        within: float = 15.0,
    ) -> Message:
        """Wait until a phone shows something; AssertionError with what it shows instead."""
        try:
            return await person.wait_for(wanted, within, chat=chat, after=after)
        except TimeoutError:
            shown = [str(line) for line in person.screen(chat)]
            raise AssertionError(f"{person.user.first_name} sees only {shown}") from None

    async def said(self, chat: int, times: int) -> None:
        """Wait until the bot has put so many messages in a chat."""
        await self.until(lambda: len(self.bot_lines(chat)) >= times, what=f"{self.bot_lines(chat)}")

    def bot_lines(self, chat: int) -> list[str]:
        """Every text the bot ever put in a chat."""
        return [shown.text for shown in self.emu.journal.shown_in(chat)]


def couple() -> tuple[list[Member], Trajectories]:
    """One coach, one client."""
    people = [Member("noor", (NOOR,), language="nl"), Member("anna", (ANNA,))]
    return people, {"anna-2026": (["noor"], ["anna"])}


def two_clients() -> tuple[list[Member], Trajectories]:
    """One coach with two clients in her one chat."""
    people = [Member("noor", (NOOR,)), Member("anna", (ANNA,)), Member("bram", (BRAM,))]
    return people, {"anna-2026": (["noor"], ["anna"]), "bram-2026": (["noor"], ["bram"])}


def build(folder: Path, store_url: str, emu: TelegramEmulator, mode: str, **more: object) -> Scene:
    """Return a scene whose bridge is installed and does not serve yet."""
    options = Options(mode=mode, token=TOKEN)
    for name, value in more.items():
        setattr(options, name, value)
    return Scene(emu, Bridge(folder, store_url, emu.api_url, options))
