"""Fire what is due: each timer becomes a command of its trajectory, once.

1. Timers are claimed, marked and decided on in one transaction, some dozens at a time: as many as
   take two hundredths of a second, so that a reply never waits long behind them.
2. What else waits for the writer goes before the next ones.
3. One that cannot be decided is tried again later and parked after some attempts; the others go
   on without it.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bridge.core import commands as c
from bridge.core.errors import StoreError
from bridge.runtime import budgets, nudging
from bridge.runtime.handle import handle
from storage.wants import Wants

if TYPE_CHECKING:
    from bridge.runtime.texts import Catalogue
    from storage.timers import Timer
    from storage.unit import Unit
    from storage.writer import Writer

log = structlog.get_logger(__name__)

AT_ONCE = 32
"""With how many it begins; then the time they take tells, within these bounds."""
LEAST, MOST = 16, 256
SECONDS = 0.02
"""How long one transaction of them is to take. Below the least, what a transaction costs whoever is
in it (some milliseconds) would be more than the decisions."""


class Timers:
    """Fires the timers of a store."""

    def __init__(self, writer: Writer, catalogue: Catalogue) -> None:
        self._writer = writer
        self._catalogue = catalogue
        self._at_once = AT_ONCE
        self._begun = 0.0
        self._deciding: Timer | None = None  # in the writer's thread

    async def fire_due(self) -> int:
        """Fire everything that is due; return how many. Raises StoreError."""
        fired = 0
        while True:
            most = self._at_once
            try:
                some = await self._writer.submit(partial(self._fire, most=most), patient=True)
            except Exception as error:
                self._unless_away(error)
                log.warning("timers are fired one by one", error=repr(error))
                some = await self._one_by_one(most)
            else:
                if some >= LEAST:  # from when it began in the writer until it was committed
                    self._at_once = fitting(most, some, time.monotonic() - self._begun)
            fired += some
            if some < most:
                return fired

    def _unless_away(self, error: Exception) -> None:
        """Raise an error of the store as a whole: one that a single timer meets is its own."""
        if isinstance(error, StoreError) and not self._writer.healthy:
            raise error

    def _fire(self, unit: Unit, most: int = AT_ONCE) -> int:
        self._begun = time.monotonic()
        due = unit.due_timers(most)
        unit.fetch(Wants(trajectories=tuple({timer.trajectory for timer in due})))
        nudging.prepare(unit, due)
        for timer in due:
            self._decide(unit, timer)
        return len(due)

    def _decide(self, unit: Unit, timer: Timer) -> None:
        self._deciding = timer
        unit.timer_fired(timer)  # first, for the decision may start it anew
        command = budgets.counted(unit, timer) or c.TimerFired(timer.name, timer.at)
        decision = handle(unit, timer.trajectory, command, self._catalogue)
        budgets.ask(unit, timer, decision, self._catalogue)

    async def _one_by_one(self, most: int) -> int:
        """Fire as many as a batch has, each in a transaction of its own."""
        for number in range(most):
            try:
                if not await self._writer.submit(partial(self._fire, most=1), patient=True):
                    return number
            except Exception as error:
                self._unless_away(error)
                log.exception("a timer could not be fired")
                await self._writer.submit(partial(self._put_off, reason=repr(error)))
        return most

    def _put_off(self, unit: Unit, reason: str) -> None:
        timer = self._deciding
        if timer is not None and unit.timer_failed(timer, reason):
            log.error("a timer is parked", trajectory=timer.trajectory, timer=timer.name)


def fitting(before: int, decided: int, seconds: float) -> int:
    """Return how many to take at once next, when that many took so long; half of the way to it."""
    fits = int(SECONDS * decided / seconds) if seconds else MOST
    return max(LEAST, min(MOST, (before + fits) // 2))
