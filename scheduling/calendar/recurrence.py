"""What comes back every week by the clock on the wall.

1. A rule is wall time: nine o'clock stays nine o'clock when the clocks change.
2. Nothing is skipped: what falls into a gap begins at its end (see ``zones``).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.zones import instant_at, wall

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
MIDNIGHT = time()


class Hours(msgspec.Struct, frozen=True):
    """From one time until another on some days of the week, Monday = 0; until 00:00 = midnight."""

    days: tuple[int, ...]
    start: time
    end: time


class Window(msgspec.Struct, frozen=True):
    """One such stretch: on which day, and from when until when."""

    day: date
    begins: time
    start: datetime
    end: datetime


def window(day: date, start: time, end: time, zone: str) -> Window:
    """Return the stretch of a day between two wall times, as instants."""
    until = instant_at(day + DAY if end == MIDNIGHT else day, end, zone)
    return Window(day, start, instant_at(day, start, zone), until)


def days_between(first: datetime, last: datetime, zone: str) -> Iterator[date]:
    """Yield the days of a zone on which any moment from ``first`` until ``last`` lies."""
    day, until = wall(first, zone).date(), wall(last, zone).date()
    while day <= until:
        yield day
        day += DAY


def weekly(first: date, at: time, zone: str, times: int, every: int = 1) -> list[datetime]:
    """Return ``times`` instants, ``every`` so many weeks, at the same time on the wall."""
    return [instant_at(first + WEEK * every * n, at, zone) for n in range(times)]
