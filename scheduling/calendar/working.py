"""Working hours: which time counts, how much of it passed, and when it begins again.

1. Hours are wall-clock rules in one zone: intervals by weekday, several a day, and days off. What
   they come to is instants in UTC; time between instants is time that really passed, so a day on
   which the clocks change is an hour longer or shorter where somebody works through that hour.
2. ``add`` gives the earliest instant by which so much working time has passed, so that
   ``add(add(x, a), b) == add(x, a + b)`` and ``between(x, add(x, a)) == a``.
3. A day is closed from its last hour of work; at lunch it is not. It rings from the first hour of
   a working day until the stop moment, which may be later than the last hour.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.zones import instant_at, wall

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 24 * 60
"""Minutes."""
_ONE_DAY = timedelta(days=1)
_FIRST = datetime(1, 1, 2, tzinfo=UTC)

Span = tuple[datetime, datetime]


class Interval(msgspec.Struct, frozen=True):
    """Work on a weekday (0 = Monday) from and until minutes after midnight; 1440 = its end."""

    day: int
    start: int
    end: int


class Working(msgspec.Struct, frozen=True):
    """When somebody works. ``days_off`` are ISO dates; ``stop`` is minutes after midnight.

    Without a ``stop`` it may ring at any time. ``wrong`` tells what cannot be calculated with.
    """

    zone: str
    week: tuple[Interval, ...]
    days_off: tuple[str, ...] = ()
    stop: int | None = None


def wrong(work: Working) -> str:
    """Return what is wrong with working hours, '' when they can be calculated with."""
    if not work.week:
        return "there is no hour of work in the week"
    for one in work.week:
        if not (0 <= one.day <= 6 and 0 <= one.start < one.end <= DAY):
            return "an interval of work has to end after it begins, on the same day"
    ordered = sorted(work.week, key=lambda one: (one.day, one.start))
    if any(a.day == b.day and b.start < a.end for a, b in pairwise(ordered)):
        return "two intervals of work overlap"
    if work.stop is None:
        return ""
    firsts = (min(o.start for o in work.week if o.day == day) for day in {o.day for o in work.week})
    if not max(firsts) < work.stop <= DAY:
        return "the stop moment has to be later than the first hour of work of every day"
    return ""


def spans(work: Working, day: date) -> list[Span]:
    """Return the work of one day as instants, in order; empty on a day off."""
    if day.isoformat() in work.days_off:
        return []
    found = sorted((one.start, one.end) for one in work.week if one.day == day.weekday())
    made = ((_at(work, day, start), _at(work, day, end)) for start, end in found)
    return [(start, end) for start, end in made if start < end]  # a gap may swallow one


def add(work: Working, start: datetime, amount: timedelta) -> datetime:
    """Return the earliest instant by which this much working time has passed since ``start``."""
    if amount <= timedelta(0):
        return start
    left = amount
    for begins, ends in _onward(work, start):
        begins = max(begins, start)
        if ends <= begins:
            continue
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    raise ValueError("these working hours have no end")


def between(work: Working, start: datetime, end: datetime) -> timedelta:
    """Return the working time between two instants, nothing when ``end`` is not later."""
    total = timedelta(0)
    if end <= start:
        return total
    for begins, ends in _onward(work, start):
        if begins >= end:
            break
        total += max(timedelta(0), min(ends, end) - max(begins, start))
    return total


def next_moment(work: Working, at: datetime) -> datetime:
    """Return the instant itself when it is worked then, else when work begins again."""
    for begins, ends in _onward(work, at):
        if ends > at:
            return max(begins, at)
    raise ValueError("these working hours have no end")


def is_closed(work: Working, at: datetime) -> bool:
    """Tell whether the day's work has not begun or is over; a break within it is neither."""
    day = spans(work, wall(at, work.zone).date())
    return not day or not day[0][0] <= at < day[-1][1]


def closed_since(work: Working, at: datetime) -> datetime:
    """Return when the last day's work before an instant ended."""
    day = wall(at, work.zone).date()
    for back in range(len(work.days_off) + 9):
        ended = [end for _, end in spans(work, day - _ONE_DAY * back)][-1:]
        if ended and ended[0] <= at:
            return ended[0]
    return _FIRST


def rings(work: Working, at: datetime) -> bool:
    """Tell whether messages may ring: on a working day, from its first hour to the stop moment."""
    window = _ringing(work, wall(at, work.zone).date())
    return work.stop is None or (window is not None and window[0] <= at < window[1])


def rings_from(work: Working, at: datetime) -> datetime:
    """Return the instant itself when messages may ring then, else from when they may again."""
    if rings(work, at):
        return at
    day = wall(at, work.zone).date()
    while True:
        window = _ringing(work, day)
        if window is not None and window[0] >= at:
            return window[0]
        day += _ONE_DAY


def end_of_day(work: Working, at: datetime, before: timedelta) -> datetime:
    """Return the first instant later than ``at`` that is ``before`` the end of a working day.

    A stop moment that is earlier than the last hour of work ends the day. A day that is shorter
    than ``before`` has its instant when it begins.
    """
    day = wall(at, work.zone).date()
    while True:
        if of_day := spans(work, day):
            ringing = _ringing(work, day)
            ends = min(of_day[-1][1], ringing[1]) if ringing is not None else of_day[-1][1]
            moment = max(of_day[0][0], ends - before)
            if moment > at:
                return moment
        day += _ONE_DAY


def _ringing(work: Working, day: date) -> Span | None:
    of_day = spans(work, day)
    if not of_day or work.stop is None:
        return None
    window = (of_day[0][0], _at(work, day, work.stop))
    return window if window[0] < window[1] else None


def _onward(work: Working, start: datetime) -> Iterator[Span]:
    """Yield spans of work in order, those of the day of an instant first; without end."""
    if wrong(work):
        raise ValueError(wrong(work))
    day = wall(start, work.zone).date()
    while True:
        yield from spans(work, day)
        day += _ONE_DAY


def _at(work: Working, day: date, minutes: int) -> datetime:
    if minutes >= DAY:
        return instant_at(day + _ONE_DAY, time(0), work.zone)
    return instant_at(day, time(minutes // 60, minutes % 60), work.zone)
