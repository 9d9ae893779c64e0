"""What the page of appointments shows, from what the store knows; pure but for reading.

A client sees when a coach is free and never why not: what others booked is only a gap.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core.moments import DAYS, MONTHS, day_told, told
from scheduling.calendar.slots import Kind, slots
from scheduling.calendar.zones import wall
from storage import appointments, persons

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduling.calendar.slots import Availability
    from storage.appointments import AppointmentLine
    from storage.engine import Store

_AHEAD = frozenset({"booked", "open"})
_DAY = timedelta(days=1)


class Who(msgspec.Struct, frozen=True):
    """Whose page it is, and with whom the appointments are."""

    trajectory: str
    person: str
    name: str
    language: str
    zone: str
    role: str
    may_book: bool
    coach: str
    other: str


class Asked(msgspec.Struct, frozen=True):
    """What the address of the page asks for; everything may be missing or nonsense."""

    kind: str = ""
    month: str = ""
    day: str = ""
    move: str = ""
    done: str = ""


class Mine(msgspec.Struct, frozen=True):
    """One appointment ahead; ``here`` = it belongs to this page's trajectory."""

    number: int
    kind: str
    name: str
    when: str
    start: datetime
    minutes: int
    video: bool
    here: bool
    changeable: bool


class Moment(msgspec.Struct, frozen=True):
    """One free moment: what is sent back, and what is read."""

    start: str
    time: str
    when: str


class Day(msgspec.Struct, frozen=True):
    """One cell of the month; no ``number`` = another month's day."""

    number: int = 0
    iso: str = ""
    told: str = ""
    free: int = 0
    today: bool = False
    chosen: bool = False


class Page(msgspec.Struct, frozen=True):
    """The whole page."""

    who: Who
    mine: tuple[Mine, ...]
    kinds: tuple[Kind, ...]
    kind: str
    moving: Mine | None
    month: str
    month_told: str
    before: str
    after: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[Day, ...], ...]
    day: str
    day_told: str
    moments: tuple[Moment, ...]


def page(store: Store, who: Who, asked: Asked, now: datetime, *, video: bool) -> Page:
    """Return what a party's page shows now. Raises StoreError."""
    offered = appointments.offered(store, who.coach)
    lines = appointments.of_person(store, who.person, now)
    others = {one.client if one.coach == who.person else one.coach for one in lines}
    names = {name: one.name for name, one in persons.persons(store, others).items()}
    mine = tuple(_mine(who, one, names, video=video) for one in lines if one.state in _AHEAD)
    moving = next((one for one in mine if str(one.number) == asked.move and one.changeable), None)
    kind = _kind(offered, moving.kind if moving is not None else asked.kind)
    free = _free(store, who, offered, kind, moving, now)
    first = _month(asked, free, wall(now, who.zone).date())
    day = _date(asked.day)
    chosen = free.get(day, []) if day is not None else []
    return Page(
        who=who,
        mine=mine,
        kinds=offered.kinds,
        kind=kind,
        moving=moving,
        month=f"{first:%Y-%m}",
        month_told=f"{MONTHS[who.language][first.month - 1]} {first.year}",
        before=f"{first - _DAY:%Y-%m}",
        after=f"{(first + 31 * _DAY).replace(day=1):%Y-%m}",
        weekdays=DAYS[who.language],
        weeks=_weeks(first, free, day, wall(now, who.zone).date(), who.language),
        day=day.isoformat() if day is not None else "",
        day_told=day_told(day, who.language) if day is not None else "",
        moments=tuple(_moment(who, one) for one in chosen),
    )


def free(store: Store, who: Who, kind: str, now: datetime) -> list[datetime]:
    """Return all free moments of a kind. Raises StoreError."""
    offered = appointments.offered(store, who.coach)
    return list(slots(offered, kind, now, appointments.busy(store, who.coach, now)))


def _mine(who: Who, line: AppointmentLine, names: Mapping[str, str], *, video: bool) -> Mine:
    other = line.client if line.coach == who.person else line.coach
    here = line.trajectory == who.trajectory
    return Mine(
        number=line.appointment,
        kind=line.modality,
        name=names.get(other, other),
        when=told(line.start, who.zone, who.language),
        start=line.start,
        minutes=(line.end - line.start) // timedelta(minutes=1),
        video=video and here and line.modality == "video",
        here=here,
        changeable=here and line.state == "booked",
    )


def _kind(offered: Availability, wanted: str) -> str:
    names = [one.modality for one in offered.kinds]
    return wanted if wanted in names else next(iter(names), "")


def _free(
    store: Store, who: Who, offered: Availability, kind: str, moving: Mine | None, now: datetime
) -> Mapping[date, list[datetime]]:
    """Return the free moments by day, as the reader's clock shows them."""
    busy = appointments.busy(store, who.coach, now)
    but = f"{who.trajectory}/{moving.number}" if moving is not None else ""
    found: dict[date, list[datetime]] = defaultdict(list)
    for start in slots(offered, kind, now, busy, but):
        found[wall(start, who.zone).date()].append(start)
    return found


def _month(asked: Asked, free: Mapping[date, Sequence[datetime]], today: date) -> date:
    """Return the first day of the month to show: the one asked for, else the first with room."""
    wanted = _date(f"{asked.month}-01") or _date(asked.day) or min(free, default=today)
    return wanted.replace(day=1)


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2999 else None


def _weeks(
    first: date,
    free: Mapping[date, Sequence[datetime]],
    chosen: date | None,
    today: date,
    language: str,
) -> tuple[tuple[Day, ...], ...]:
    weeks = []
    start = first - first.weekday() * _DAY
    while start < (first + 31 * _DAY).replace(day=1):
        weeks.append(tuple(_day(start + n * _DAY, first, free, chosen, today, language)
                           for n in range(7)))  # fmt: skip
        start += 7 * _DAY
    return tuple(weeks)


def _day(
    day: date,
    first: date,
    free: Mapping[date, Sequence[datetime]],
    chosen: date | None,
    today: date,
    language: str,
) -> Day:
    if day.month != first.month:
        return Day()
    count = len(free.get(day, ()))
    told_day = day_told(day, language)
    return Day(day.day, day.isoformat(), told_day, count, day == today, day == chosen)


def _moment(who: Who, start: datetime) -> Moment:
    return Moment(
        start=start.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        time=f"{wall(start, who.zone):%H:%M}",
        when=told(start, who.zone, who.language),
    )
