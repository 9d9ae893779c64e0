"""What a practice file says of time: working hours, days off, stop moments, response promises.

1. Times are wall clocks in the coach's own zone; ``09:00-12:30 13:30-17:00`` is a day with a break.
2. A trajectory's own promise takes the place of the practice's as a whole; hours are working hours.
3. Nothing is promised, and nobody rests, unless the file says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.handle import handle
from scheduling.calendar.working import DAY, Interval, Working, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.agenda import Kept
    from storage.unit import Unit

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = 400
"""Days of one range of days off."""
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


class WorkTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [person.work]: hours by weekday, the stop moment, days off (a date, or ``from/to``)."""

    mon: str = ""
    tue: str = ""
    wed: str = ""
    thu: str = ""
    fri: str = ""
    sat: str = ""
    sun: str = ""
    stop: str = ""
    holidays: tuple[str, ...] = ()


class PromiseTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [promise] or [trajectory.promise]: working hours until an answer, also by network."""

    hours: float | None = None
    telegram: float | None = None
    matrix: float | None = None
    slack: float | None = None
    sms: float | None = None
    whatsapp: float | None = None
    email: float | None = None
    web: float | None = None
    pace_days: int = 0

    @property
    def within(self) -> dict[str, int]:
        """Return the minutes by network, '' for every other one."""
        hours = {
            "" if name == "hours" else name: getattr(self, name) for name in ("hours", *MESSENGERS)
        }
        return {name: round(given * 60) for name, given in hours.items() if given is not None}


MESSENGERS = ("telegram", "matrix", "slack", "sms", "whatsapp", "email", "web")
"""Where an answer may be promised; a telephone is answered or not."""


class Agreed(msgspec.Struct, frozen=True):
    """What is agreed on time in one trajectory; ``work`` and ``zones`` are by coach.

    ``minutes`` is the prepaid time that was agreed on in all, None = nothing is said of it.
    """

    within: Mapping[str, int] = {}
    pace_days: int = 0
    work: Mapping[str, Working] = {}
    zones: Mapping[str, str] = {}
    minutes: int | None = None


def working_of(table: WorkTable, zone: str, holidays: Sequence[str]) -> Working:
    """Return working hours in a zone. Raises ValueError that says what to write."""
    week = [
        Interval(day, *_interval(text))
        for day, name in enumerate(WEEKDAYS)
        for text in getattr(table, name).replace(",", " ").split()
    ]
    off = {day for text in (*holidays, *table.holidays) for day in days_of(text)}
    stop = _minutes(table.stop) if table.stop else None
    work = Working(zone, tuple(week), tuple(sorted(off)), stop)
    if complaint := wrong(work):
        raise ValueError(complaint)
    return work


def days_of(text: str) -> list[str]:
    """Return the ISO dates of a date, or of a range ``from/to``. Raises ValueError."""
    first, slash, last = text.partition("/")
    try:
        begin = date.fromisoformat(first)
        end = date.fromisoformat(last) if slash else begin
    except ValueError:
        begin, end = date.max, date.min
    days = (end - begin).days + 1
    if not 0 < days <= _LONGEST:
        raise ValueError(f"{text!r} is no day off; write 2026-12-25, or 2027-07-12/2027-07-30")
    return [(begin + timedelta(days=number)).isoformat() for number in range(days)]


def complaints(
    holidays: Sequence[str],
    promises: Mapping[str, PromiseTable],
    works: Mapping[str, tuple[WorkTable, str]],
) -> Iterator[str]:
    """Yield what is wrong, by where it stands; ``works`` are tables and their zones."""
    for text in holidays:
        try:
            days_of(text)
        except ValueError as error:
            yield f"holidays: {error}"
    for where, table in works.items():
        try:
            working_of(table[0], table[1], ())
        except ValueError as error:
            yield f"{where}, work: {error}"
    for where, promise in promises.items():
        if any(minutes < 0 for minutes in promise.within.values()) or promise.pace_days < 0:
            yield f"{where}, promise: hours and days are 0 (none) or more"


def agree(
    unit: Unit,
    trajectory: str,
    agreed: Agreed,
    before: Trajectory,
    catalogue: Catalogue,
    own: Mapping[str, Kept] = MappingProxyType({}),
) -> Iterator[str]:
    """Bring a trajectory's promises in line; yield what changed in words.

    A promise that its coach set herself stays as she set it, and so do the hours of those in
    ``own`` who set theirs.
    """
    known = before.promises
    said = (dict(known.within), known.pace_days)
    if not known.by and said != (dict(agreed.within), agreed.pace_days):
        handle(unit, trajectory, c.SetPromise(agreed.within, agreed.pace_days), catalogue)
        yield f"promise of {trajectory}: {_told(agreed)}"
    stands = known.within if known.by else agreed.within
    for coach in sorted({*known.work, *agreed.work, *own}):
        work = agreed.work.get(coach)
        if coach in own:
            zone = agreed.zones.get(coach, "UTC")
            work = own[coach].working(zone, promised=any(stands.values()))
        if known.work.get(coach) != work:
            handle(unit, trajectory, c.SetWorkingHours(coach, work), catalogue)
            yield f"working hours of {coach} in {trajectory}"
    granted = 0 if agreed.minutes is None else agreed.minutes - before.budget.filed
    if granted:
        decision = handle(unit, trajectory, c.GrantTime(granted), catalogue)
        if any(isinstance(one, e.TimeGranted) for one in decision.entries):
            yield f"time budget of {trajectory}: {granted:+d} minutes, {agreed.minutes} in all"
        else:
            yield f"time budget of {trajectory}: left as it is, for less was granted than that"


def _told(agreed: Agreed) -> str:
    hours = ", ".join(
        f"{minutes / 60:g} h{f' on {network}' if network else ''}"
        for network, minutes in agreed.within.items()
        if minutes
    )
    pace = f"; a word every {agreed.pace_days} days" if agreed.pace_days else ""
    return (hours or "none") + pace


def _interval(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return _minutes(start), _minutes(end)


def _minutes(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY + 1
    if minutes > DAY:
        raise ValueError(f"{text!r} is no time of day; write 09:00-12:30 13:30-17:00")
    return minutes
