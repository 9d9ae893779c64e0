"""What a person does and sees, the same for every network; one driver for each.

A driver drives the emulator's people (or a real client), never the product.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SECONDS = 30.0
_LINK = re.compile(r"https?://\S+/files/\S+")


@dataclass(frozen=True)
class Seen:
    """A message on somebody's screen; ``id`` is what their own app calls it."""

    id: str
    text: str
    files: tuple[bytes, ...] = ()


class Side(Protocol):
    """One person on one network: what everybody can do everywhere."""

    endpoint: str
    """For the practice file; '' = comes by invitation."""

    async def say(self, text: str) -> str:
        """Write; return the id."""

    async def photo(self, data: bytes, caption: str) -> str:
        """Send a photo."""

    async def screen(self) -> list[Seen]:
        """Return what others said, as it shows now, oldest first."""


@runtime_checkable
class Answers(Protocol):
    """Whose app can answer a certain message."""

    async def answer(self, to: Seen, text: str) -> str:
        """Answer a message; return the id."""


@runtime_checkable
class Edits(Protocol):
    """Whose app can change what was said."""

    async def edit(self, id: str, text: str) -> None:
        """Change a message of their own."""


@runtime_checkable
class Reacts(Protocol):
    """Whose app knows reactions."""

    async def react(self, to: Seen, emoji: str) -> None:
        """React to a message."""

    async def reactions(self, id: str) -> list[str]:
        """Return the reactions that show on a message of their own."""


async def until(look: Callable[[], Awaitable[Seen | None]], what: Callable[[], str]) -> Seen:
    """Wait until something is seen."""
    deadline = time.monotonic() + SECONDS
    while True:
        found = await look()
        if found is not None:
            return found
        assert time.monotonic() < deadline, what()
        await asyncio.sleep(0.05)


async def sees(side: Side, text: str) -> Seen:
    """Wait until somebody's screen shows a text."""
    last: list[Seen] = []

    async def look() -> Seen | None:
        last[:] = await side.screen()
        return next((one for one in last if text in one.text), None)

    return await until(look, lambda: f"{side.endpoint} sees {text!r} nowhere in {last}")


async def sees_photo(side: Side, data: bytes) -> Seen:
    """Wait until somebody has a photo, or a link of ours that opens it."""
    last: list[Seen] = []

    async def look() -> Seen | None:
        last[:] = await side.screen()
        for one in last:
            if data in one.files or data in [await opened(link) for link in links(one.text)]:
                return one
        return None

    return await until(look, lambda: f"{side.endpoint} has no photo in {last}")


async def sees_reaction(side: Side, id: str, emoji: str) -> None:
    """Wait until a reaction shows on a message, or is told in words."""
    last: list[Seen] = []

    async def look() -> Seen | None:
        shown = await side.reactions(id) if isinstance(side, Reacts) else []
        if emoji in [one.replace("\ufe0f", "") for one in shown]:
            return Seen(id, emoji)
        last[:] = await side.screen()
        return next((one for one in last if emoji in one.text.replace("\ufe0f", "")), None)

    await until(look, lambda: f"{side.endpoint} sees no {emoji} on {id}, only {last}")


def links(text: str) -> list[str]:
    """Return the links to files in a text."""
    return [link.rstrip(".,)>") for link in _LINK.findall(text)]


async def opened(link: str) -> bytes:
    """Return what a link of ours opens; b'' for nothing."""
    async with aiohttp.ClientSession() as session, session.get(link) as answer:
        return await answer.read() if answer.status == 200 else b""
