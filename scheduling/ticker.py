"""The tick: APScheduler calls, the database decides.

Its own job stores stay unused (DESIGN section 9): they pickle state and commit on their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bridge.core.errors import StoreError

if TYPE_CHECKING:
    from scheduling.timers import Timers

log = structlog.get_logger(__name__)

SECONDS = 1.0


class Ticker:
    """Looks for what is due, every second, in the running event loop."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick; a tick that takes long is not overtaken by the next."""
        self._scheduler.add_job(
            self._tick, "interval", seconds=SECONDS, max_instances=1, coalesce=True
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more; what is being decided ends with the writer."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _tick(self) -> None:
        try:
            await self._timers.fire_due()
        except StoreError as error:
            log.warning("the store is away; timers wait", error=str(error))
