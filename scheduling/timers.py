"""Fire what is due: each timer becomes a command of its trajectory, once.

1. Timers are claimed, marked and decided on in one transaction, some dozens at a time, so that a
   reply never waits long behind them.
2. One that cannot be decided is tried again later and parked after some attempts; the others go
   on without it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import structlog

from bridge.core import commands as c
from bridge.core.errors import StoreError
from bridge.runtime import nudging
from bridge.runtime.handle import handle
from storage.wants import Wants

if TYPE_CHECKING:
    from bridge.runtime.texts import Catalogue
    from storage.timers import Timer
    from storage.unit import Unit
    from storage.writer import Writer

log = structlog.get_logger(__name__)

AT_ONCE = 64


class Timers:
    """Fires the timers of a store."""

    def __init__(self, writer: Writer, catalogue: Catalogue) -> None:
        self._writer = writer
        self._catalogue = catalogue
        self._deciding: Timer | None = None  # in the writer's thread

    async def fire_due(self) -> int:
        """Fire everything that is due; return how many. Raises StoreError."""
        fired = 0
        while True:
            try:
                some = await self._writer.submit(self._fire)
            except Exception as error:
                self._unless_away(error)
                log.warning("timers are fired one by one", error=repr(error))
                some = await self._one_by_one()
            fired += some
            if some < AT_ONCE:
                return fired

    def _unless_away(self, error: Exception) -> None:
        """Raise an error of the store as a whole: one that a single timer meets is its own."""
        if isinstance(error, StoreError) and not self._writer.healthy:
            raise error

    def _fire(self, unit: Unit, most: int = AT_ONCE) -> int:
        due = unit.due_timers(most)
        unit.fetch(Wants(trajectories=tuple({timer.trajectory for timer in due})))
        nudging.prepare(unit, due)
        for timer in due:
            self._decide(unit, timer)
        return len(due)

    def _decide(self, unit: Unit, timer: Timer) -> None:
        self._deciding = timer
        unit.timer_fired(timer)  # first, for the decision may start it anew
        handle(unit, timer.trajectory, c.TimerFired(timer.name, timer.at), self._catalogue)

    async def _one_by_one(self) -> int:
        """Fire as many as a batch has, each in a transaction of its own."""
        for number in range(AT_ONCE):
            try:
                if not await self._writer.submit(lambda unit: self._fire(unit, 1)):
                    return number
            except Exception as error:
                self._unless_away(error)
                log.exception("a timer could not be fired")
                await self._writer.submit(partial(self._put_off, reason=repr(error)))
        return AT_ONCE

    def _put_off(self, unit: Unit, reason: str) -> None:
        timer = self._deciding
        if timer is not None and unit.timer_failed(timer, reason):
            log.error("a timer is parked", trajectory=timer.trajectory, timer=timer.name)
