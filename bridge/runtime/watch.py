"""Tells pages that are open which trajectory logs grew.

1. A sign only says "look again": what there is to see comes from the log, by its sequence, so a
   sign that is lost or doubled does no harm.
2. A watcher that does not look keeps one set of names, not a queue: it cannot grow (I16).
3. Other processes are seen by looking again now and then; ``next`` returns after ``timeout``.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


class Watcher:
    """One open page: the trajectories it cares for, None for all."""

    def __init__(self, trajectories: Collection[str] | None) -> None:
        self._of = None if trajectories is None else frozenset(trajectories)
        self._grown: set[str] = set()
        self._sign = asyncio.Event()

    def tell(self, grown: Iterable[str]) -> None:
        """Note what grew."""
        mine = [name for name in grown if self._of is None or name in self._of]
        if mine:
            self._grown.update(mine)
            self._sign.set()

    def wake(self) -> None:
        """Let ``next`` return, though nothing grew."""
        self._sign.set()

    async def next(self, seconds: float) -> frozenset[str]:
        """Return what grew since the last call; empty when nothing did for so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._sign.wait()
        except TimeoutError:
            return frozenset()
        self._sign.clear()
        grown, self._grown = frozenset(self._grown), set()
        return grown


class Watch:
    """Who watches; lives in the event loop of the service."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self.closed = False
        """The bridge stops: whoever watches is to end."""

    def close(self) -> None:
        """Wake everybody who watches, for the last time."""
        self.closed = True
        for watcher in self._watchers:
            watcher.wake()

    @contextmanager
    def watching(self, trajectories: Collection[str] | None = None) -> Iterator[Watcher]:
        """Watch some trajectories, or all, for as long as the context lasts."""
        watcher = Watcher(trajectories)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def grown(self, trajectories: Collection[str]) -> None:
        """Tell the watchers that these logs have new entries; called in the loop."""
        for watcher in self._watchers:
            watcher.tell(trajectories)
