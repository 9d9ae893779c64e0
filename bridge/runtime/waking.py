"""Woken by other processes: hears their calls, and looks at once instead of with the next round.

1. Losing the connection is no fault: the rounds find everything, only later. It is counted, said
   once per loss, and made anew with a growing pause.
2. Calls that come while somebody looks are one call: there is at most one look each ``APART``.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import structlog

from bridge.core.errors import StoreError
from storage.waking import calls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bridge.runtime.metrics import Metrics
    from storage.engine import Store

log = structlog.get_logger(__name__)

APART = 0.02
"""Seconds between two looks, however often we are called."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds before a lost connection is made anew."""


class Waking:
    """Hears for one process; ``look`` looks for what others left."""

    def __init__(self, store: Store, look: Callable[[], Awaitable[None]], metrics: Metrics) -> None:
        self._store = store
        self._look = look
        self._metrics = metrics
        self._called = asyncio.Event()

    async def hear(self) -> None:
        """Listen until cancelled."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with aclosing(calls(self._store)) as heard:
                    async for _ in heard:
                        pause = FIRST_PAUSE
                        self._metrics.listening.set(1)
                        self._called.set()
            except StoreError as error:
                self._metrics.listening.set(0)
                self._metrics.unheard.inc()
                log.warning("not woken by other processes", error=str(error), again_in=pause)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def go(self) -> None:
        """Look whenever we are called, until cancelled."""
        while True:
            await self._called.wait()
            self._called.clear()
            self._metrics.woken.inc()
            try:
                await self._look()
            except StoreError as error:
                log.warning("the store is away", error=str(error))
            await asyncio.sleep(APART)
