"""Wall clocks and instants.

1. An instant is aware and in UTC; a wall time is naive and means nothing without its zone.
2. A wall time that a zone skips (spring) means the first instant after the gap; one that comes
   twice (autumn) means the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Return an IANA zone. Raises ValueError for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; an example of one is Europe/Amsterdam") from (
            error
        )


def instant(wall: datetime, zone_name: str) -> datetime:
    """Return when a naive wall time is in a zone, as an instant in UTC."""
    tz = zone(zone_name)
    first = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if first.astimezone(tz).replace(tzinfo=None) == wall:
        return first
    return _end_of_gap(wall.replace(tzinfo=tz, fold=1).astimezone(UTC), first, tz)


def instant_at(day: date, at: time, zone_name: str) -> datetime:
    """Return when the clocks of a zone show a time on a day."""
    return instant(datetime.combine(day, at), zone_name)


@lru_cache(maxsize=512)
def turns(day: date, times: frozenset[time], zone_name: str) -> tuple[datetime, ...]:
    """Return every instant of a day at which its clocks show one of these times, or jump, in order.

    A time that comes twice is there twice; one that is skipped is the jump itself.
    """
    tz = zone(zone_name)
    first = {instant_at(day, one, zone_name) for one in times}
    again = (datetime.combine(day, one, tz).replace(fold=1).astimezone(UTC) for one in times)
    begins, ends = instant_at(day, time(0), zone_name), instant_at(day + _DAY, time(0), zone_name)
    jump = set[datetime]()
    if begins.astimezone(tz).utcoffset() != ends.astimezone(tz).utcoffset():
        jump.add(_end_of_gap(begins, ends, tz))
    twice = {one for one in again if wall(one, zone_name).date() == day}
    return tuple(sorted(first | jump | twice))


def wall(moment: datetime, zone_name: str) -> datetime:
    """Return what the clocks of a zone show at an instant, as a naive time."""
    return moment.astimezone(zone(zone_name)).replace(tzinfo=None)


def _end_of_gap(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """Return the transition between two instants, to the second."""
    later = after.astimezone(tz).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(tz).utcoffset() == later:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
