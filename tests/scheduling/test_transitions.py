"""Quiet hours, working hours and reminders around every transition of every zone, 2025 to 2030.

Zones that do the same at the same instant are looked at once; ``test_zones`` looks at each.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import available_timezones

import pytest

from scheduling.calendar import quiet, working
from scheduling.calendar.quiet import QuietHours
from scheduling.calendar.reminders import LEAST, REMIND, remind_at
from scheduling.calendar.working import Interval, Working
from scheduling.calendar.zones import wall
from tests.scheduling.test_zones import transitions

pytestmark = [pytest.mark.slow]

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
AROUND = (-24 * HOUR, -HOUR, -SECOND, 0 * HOUR, SECOND, HOUR / 2, HOUR, 3 * HOUR, 24 * HOUR)
HOURS = (
    QuietHours(),
    QuietHours(0, 30, weekends=False),
    QuietHours(30, 480, weekends=False),
    QuietHours(90, 210, weekends=True),
    QuietHours(1410, 150, weekends=False),
)


@lru_cache(maxsize=1)
def jumps() -> tuple[tuple[str, datetime], ...]:
    """Return a zone and an instant for everything that happens to clocks."""
    found = {
        jump: (name, jump[0])
        for name in sorted(available_timezones())
        for jump in transitions(name)
    }
    return tuple(found.values())


def test_there_is_something_to_look_at() -> None:
    assert len(jumps()) > 150


def test_what_comes_after_quiet_hours_is_not_quiet_and_nothing_before_it_was_free() -> None:
    for name, jump in jumps():
        for hours in HOURS:
            for away in AROUND:
                moment = jump + away
                first, last = quiet.after(moment, hours, name), quiet.before(moment, hours, name)
                assert last <= moment <= first, name
                assert not quiet.is_quiet(first, hours, name), name
                assert not quiet.is_quiet(last, hours, name), name
                for free in (moment + n * (first - moment) / 32 for n in range(32)):
                    assert first == moment or quiet.is_quiet(free, hours, name), (name, hours)
                for free in (moment - n * (moment - last) / 32 for n in range(32)):
                    late = free - last < timedelta(minutes=1)  # it is given to the minute
                    assert late or quiet.is_quiet(free, hours, name), (name, hours)


def test_time_at_work_is_time_that_passed() -> None:
    week = tuple(Interval(day, 0, 24 * 60) for day in range(7))
    for name, jump in jumps():
        always = Working(name, week)
        office = Working(name, tuple(Interval(day, 60, 240) for day in range(7)), stop=300)
        for away in AROUND:
            moment = jump + away
            for amount in (SECOND, HOUR / 2, 5 * HOUR):
                assert working.add(always, moment, amount) == moment + amount, name
                later = working.add(office, moment, amount)
                assert working.between(office, moment, later) == amount, name
            rung = working.rings_from(office, moment)
            assert rung >= moment, name
            assert working.rings(office, rung), name
            assert 0 <= wall(rung, name).hour < 5 or rung == moment, name


def test_nobody_is_reminded_at_night() -> None:
    for name, jump in jumps():
        for away in AROUND:
            start = jump + away + HOUR
            at = remind_at(start, start - 9 * REMIND, QuietHours(), name)
            assert at is not None, name
            assert at <= start - LEAST, name
            assert not quiet.is_quiet(at, QuietHours(), name), name
