"""Talk in both directions on several trajectories, so that a fault hits something on its way."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.walks.bridge import Member
from tests.walks.scene import ANNA, BRAM, NOOR, Scene, Trajectories

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.emulators.telegram import Message, Person

KEES, DIRK = 555, 666

PEOPLE = [
    Member("noor", (NOOR,)),
    Member("anna", (ANNA,)),
    Member("bram", (BRAM,)),
    Member("kees", (KEES,)),
    Member("dirk", (DIRK,)),
]
TRAJECTORIES: Trajectories = {
    "anna-2026": (["noor"], ["anna"]),
    "bram-2026": (["noor"], ["bram"]),
    "dirk-2026": (["kees"], ["dirk"]),
}


class Traffic:
    """People who write now and then; the same seed makes the same talk."""

    def __init__(self, scene: Scene, seed: int = 1) -> None:
        self.scene = scene
        self.sent = 0
        self._random = random.Random(seed)
        names = {NOOR: "Noor", ANNA: "Anna", BRAM: "Bram", KEES: "Kees", DIRK: "Dirk"}
        self._people = {chat: scene.person(chat, name) for chat, name in names.items()}
        self._to_reply: dict[str, int] = {}

    async def begin(self) -> None:
        """Serve the practice in which they talk, and let each of Noor's clients say hello.

        Noor answers that first line ever after: a line that was sent twice has a copy the bridge
        knows nothing of, and whoever answers that one is asked whom it is for.
        """
        await self.scene.begin(PEOPLE, TRAJECTORIES)
        for chat, trajectory in ((ANNA, "anna-2026"), (BRAM, "bram-2026")):
            text = self.scene.words(trajectory, "hello")
            self.sent += 1
            await self._people[chat].send(text)
            copy = await self.scene.sees(self._people[NOOR], text)
            self._to_reply[trajectory] = copy.message_id
        await self.scene.bridge.settled()

    def person(self, chat: int) -> Person:
        """One of them."""
        return self._people[chat]

    async def one(self) -> Message:
        """Somebody writes something."""
        chosen = self._random.choice(("anna", "bram", "dirk", "kees", "noor", "noor"))
        self.sent += 1
        if chosen == "noor":
            return await self._coach_of_two()
        trajectory = "dirk-2026" if chosen == "kees" else f"{chosen}-2026"
        chat = {"anna": ANNA, "bram": BRAM, "dirk": DIRK, "kees": KEES}[chosen]
        return await self._people[chat].send(self.scene.words(trajectory, chosen))

    async def _coach_of_two(self) -> Message:
        """Noor answers a line of a client, which says whom she means."""
        trajectory = self._random.choice(sorted(self._to_reply))
        text = self.scene.words(trajectory, "noor")
        return await self._people[NOOR].send(text, reply_to=self._to_reply[trajectory])

    async def some(self, count: int) -> None:
        """Write so many messages, one right after the other."""
        for _ in range(count):
            await self.one()

    @asynccontextmanager
    async def running(self, least: float = 0.005, most: float = 0.04) -> AsyncIterator[None]:
        """Keep writing, with pauses of that many seconds, until the block ends."""

        async def write() -> None:
            while True:
                await self.one()
                await asyncio.sleep(self._random.uniform(least, most))

        task = asyncio.create_task(write())
        try:
            yield
            assert not task.done(), "nobody writes any more"
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
