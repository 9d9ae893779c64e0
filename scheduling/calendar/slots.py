"""When a coach can be met: weekly hours, exceptions to them, and what is free of it.

1. Hours are wall times in the coach's zone; a slot begins on the grid of its hours (``every``
   minutes from their beginning), lasts ``minutes`` real minutes, and ends within them.
2. A closed day has no slots, whatever else is said; extra hours come on top of the weekly ones.
3. A slot is free when it begins after the notice a coach wants and before the horizon, and keeps
   its own buffer from everything that is booked.
4. Pure: what is booked and what time it is are given.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.recurrence import Hours, Window, days_between, window
from scheduling.calendar.zones import instant, wall

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

APART = timedelta(hours=2)
"""How far apart slots are that are offered together, while there are enough."""

MODALITIES = ("chat", "phone", "video", "f2f", "intake")
"""How a coach and a client can meet."""


class Kind(msgspec.Struct, frozen=True):
    """One kind of appointment a coach offers; ``notice`` and ``horizon`` in hours and days."""

    modality: str
    hours: tuple[Hours, ...]
    minutes: int = 50
    buffer: int = 10
    every: int = 30
    notice: int = 24
    horizon: int = 28


class Closed(msgspec.Struct, frozen=True):
    """Days without appointments, both included."""

    first: date
    last: date


class Extra(msgspec.Struct, frozen=True):
    """Hours on one day beside the weekly ones; no modality = for all of them."""

    day: date
    start: time
    end: time
    modality: str = ""


class Availability(msgspec.Struct, frozen=True):
    """All that a coach offers, in the coach's zone."""

    zone: str = "UTC"
    kinds: tuple[Kind, ...] = ()
    closed: tuple[Closed, ...] = ()
    extra: tuple[Extra, ...] = ()

    def kind(self, modality: str) -> Kind | None:
        """Return how a modality is offered, None when it is not."""
        return next((one for one in self.kinds if one.modality == modality), None)


class Busy(msgspec.Struct, frozen=True):
    """What is booked already; ``name`` tells which appointment it is."""

    start: datetime
    end: datetime
    name: str = ""


def overlapping(start: datetime, end: datetime, busy: Collection[Busy], but: str = "") -> bool:
    """Tell whether a stretch meets anything booked other than ``but``."""
    return any(one.start < end and start < one.end for one in busy if not but or one.name != but)


def slots(
    offered: Availability, modality: str, now: datetime, busy: Collection[Busy], but: str = ""
) -> Iterator[datetime]:
    """Yield when free slots of a modality begin, in order; ``but`` is being moved itself."""
    kind = offered.kind(modality)
    if kind is None:
        return
    first = now + timedelta(hours=kind.notice)
    last = now + timedelta(days=kind.horizon)
    for day in days_between(first, last, offered.zone):
        for start in sorted(_starts(offered, kind, day)):
            if first <= start <= last and _is_apart(kind, start, busy, but):
                yield start


def is_free(
    offered: Availability,
    modality: str,
    start: datetime,
    now: datetime,
    busy: Collection[Busy],
    but: str = "",
) -> bool:
    """Tell whether a slot could be booked now."""
    kind = offered.kind(modality)
    if kind is None:
        return False
    first = now + timedelta(hours=kind.notice)
    last = now + timedelta(days=kind.horizon)
    if not first <= start <= last or not _is_apart(kind, start, busy, but):
        return False
    return any(
        start in _starts(offered, kind, day) for day in days_between(start, start, offered.zone)
    )


def spread(free: Iterable[datetime], most: int) -> tuple[tuple[datetime, ...], bool]:
    """Return the first ``most`` slots that are some hours apart, filled up with the earliest.

    And whether there are later ones. Looks no further than it has to.
    """
    seen: list[datetime] = []
    chosen: list[datetime] = []
    for start in free:
        if len(chosen) == most:
            return tuple(chosen), True
        seen.append(start)
        if not chosen or start - chosen[-1] >= APART:
            chosen.append(start)
    rest = [start for start in seen if start not in chosen]
    chosen = sorted([*chosen, *rest[: most - len(chosen)]])
    return tuple(chosen), bool(seen) and seen[-1] > chosen[-1]


def _is_apart(kind: Kind, start: datetime, busy: Collection[Busy], but: str) -> bool:
    buffer = timedelta(minutes=kind.buffer)
    end = start + timedelta(minutes=kind.minutes)
    return not overlapping(start - buffer, end + buffer, busy, but)


def _starts(offered: Availability, kind: Kind, day: date) -> set[datetime]:
    return {start for one in _windows(offered, kind, day) for start in _grid(offered, kind, one)}


def _windows(offered: Availability, kind: Kind, day: date) -> Iterator[Window]:
    if any(one.first <= day <= one.last for one in offered.closed):
        return
    for hours in kind.hours:
        if day.weekday() in hours.days:
            yield window(day, hours.start, hours.end, offered.zone)
    for extra in offered.extra:
        if extra.day == day and extra.modality in ("", kind.modality):
            yield window(day, extra.start, extra.end, offered.zone)


def _grid(offered: Availability, kind: Kind, hours: Window) -> Iterator[datetime]:
    """Yield where slots can begin: every so many minutes on the wall, and never twice."""
    at = datetime.combine(hours.day, hours.begins)
    length = timedelta(minutes=kind.minutes)
    while (start := instant(at, offered.zone)) + length <= hours.end:
        if wall(start, offered.zone) == at:  # what a gap swallows is no time to meet
            yield start
        at += timedelta(minutes=kind.every)
