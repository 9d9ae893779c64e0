"""The tick: APScheduler calls, the database decides.

Its own job stores stay unused (DESIGN section 9): they pickle state and commit on their own.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bridge.core.errors import StoreError

log = structlog.get_logger(__name__)

SECONDS = 1.0


class Due(Protocol):
    """What is looked at with every tick."""

    async def fire_due(self) -> int: ...


class Ticker:
    """Looks for what is due, every second, in the running event loop."""

    def __init__(self, timers: Due) -> None:
        self._timers = timers
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._stopping = False
        self._one_at_a_time = asyncio.Lock()

    def start(self) -> None:
        """Begin to tick; a tick that takes long is not overtaken by the next."""
        self._scheduler.add_job(
            self._tick, "interval", seconds=SECONDS, max_instances=1, coalesce=True
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more; what is being decided ends with the writer."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def look(self) -> None:
        """Look at once, for another process started what is due already."""
        await self._tick()

    async def _tick(self) -> None:
        try:
            async with self._one_at_a_time:
                await self._timers.fire_due()
        except StoreError as error:
            log.warning("the store is away; timers wait", error=str(error))
        except asyncio.CancelledError:
            # To stop, APScheduler cancels a tick under way, and would log that as a failure of it.
            if not self._stopping:
                raise
