"""Waiting until something is seen: whoever waits looks again after every change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Changes:
    """Who waits for a change in one emulator."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def touch(self) -> None:
        """Something changed: whoever waits looks again."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, look: Callable[[], T | None], within: float) -> T:
        """The first thing `look` finds; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while True:
                found = look()
                if found is not None:
                    return found
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiters.add(waiter)
                try:
                    await waiter
                finally:
                    self._waiters.discard(waiter)
