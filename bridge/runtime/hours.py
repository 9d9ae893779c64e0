"""When a coach works and what she offers, as she sets it herself; from a page or by a word.

1. What she sets goes before the practice file and stays when that is applied (``calendar.own``).
2. Working hours and days off reach every open trajectory she coaches in the same transaction, as
   lines of its log. What is booked and what was promised stands.
3. Each function works in one transaction and returns '' or the code of why nothing was done.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import commands as c
from bridge.runtime.handle import handle
from scheduling.calendar.own import USUAL_WEEK, Own, Week
from scheduling.calendar.recurrence import MIDNIGHT, Hours
from scheduling.calendar.slots import MODALITIES, Closed, Extra, Kind
from scheduling.calendar.working import DAY, Interval, Working, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

MOST_EXCEPTIONS = 100
MOST_HOURS = 70
"""Stretches of one week: ten a day."""
_LONGEST = timedelta(days=366)
_A_DAY = timedelta(days=1)
WORK = "work"
"""What her working week is called where it is forgotten."""
LIMITS = {
    "minutes": (5, DAY),
    "buffer": (0, DAY),
    "every": (5, DAY),
    "notice": (0, 24 * 365),
    "horizon": (1, 366),
}
"""The least and the most of each number of a kind of appointment."""


def close_days(unit: Unit, catalogue: Catalogue, coach: str, first: date, last: date) -> str:
    """Take these days off, both included; what is booked stays."""
    if last < first or last - first > _LONGEST:
        return "ends_before"
    if last < unit.now.date() - _A_DAY:
        return "past"
    own = _own(unit, coach)
    return _keep(unit, catalogue, coach, replace(own, closed=(*own.closed, Closed(first, last))))


def open_days(unit: Unit, catalogue: Catalogue, coach: str, first: date, last: date) -> str:
    """Work on these days after all: what is left of her days off around them stays."""
    own = _own(unit, coach)
    left = tuple(part for one in own.closed for part in _without(one, first, last))
    if left == own.closed:
        return "gone"
    return _keep(unit, catalogue, coach, replace(own, closed=left))


def open_hours(
    unit: Unit, catalogue: Catalogue, coach: str, day: date, start: time, end: time, modality: str
) -> str:
    """Offer more hours on one day; no modality = for all that is offered."""
    if end != MIDNIGHT and end <= start:
        return "ends_before"
    if day < unit.now.date() - _A_DAY:
        return "past"
    if modality and modality not in MODALITIES:
        return "no_kind"
    own = _own(unit, coach)
    extra = Extra(day, start, end, modality)
    return _keep(unit, catalogue, coach, replace(own, extra=(*own.extra, extra)))


def offer(unit: Unit, catalogue: Catalogue, coach: str, kind: Kind) -> str:
    """Offer a kind of appointment; without hours, offer it no more."""
    if kind.modality not in MODALITIES:
        return "no_kind"
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(kind, name) <= most:
            return f"no_{name}"
    if overlaps(week_from(kind.hours)):
        return "overlap"
    own = _own(unit, coach)
    others = tuple(one for one in own.kinds if one.modality != kind.modality)
    filed = unit.agendas.kept(coach).offered.kind(kind.modality)
    said = (kind,) if kind.hours or filed is not None else ()
    return _keep(unit, catalogue, coach, replace(own, kinds=(*others, *said)))


def work(
    unit: Unit, catalogue: Catalogue, coach: str, week: tuple[Interval, ...], stop: int | None
) -> str:
    """Work in these hours, and have nothing ring after the stop moment."""
    why = why_not(week, stop)
    if why:
        return why
    return _keep(unit, catalogue, coach, replace(_own(unit, coach), work=Week(week, stop)))


def stop_at(unit: Unit, catalogue: Catalogue, coach: str, stop: int | None) -> str:
    """Have another stop moment, or (None) none, and the working week as it is."""
    known = week_of(unit, coach)
    return work(unit, catalogue, coach, known.week, stop)


def forget(unit: Unit, catalogue: Catalogue, coach: str, name: str) -> str:
    """Let a thing be as the practice file says; ``name``: of ``names_of``, a kind, ``WORK``."""
    own = _own(unit, coach)
    left = replace(
        own,
        closed=tuple(one for one in own.closed if name_of(one) != name),
        extra=tuple(one for one in own.extra if name_of(one) != name),
        kinds=tuple(one for one in own.kinds if one.modality != name),
        work=None if name == WORK else own.work,
    )
    return "gone" if left == own else _keep(unit, catalogue, coach, left)


def overlaps(week: Sequence[Interval]) -> bool:
    """Tell whether hours of a week overlap, or are too many."""
    return bool(week) and (len(week) > MOST_HOURS or bool(wrong(Working("UTC", tuple(week)))))


def why_not(week: Sequence[Interval], stop: int | None) -> str:
    """Return the code of what is wrong with working hours, '' for nothing."""
    if not week:
        return "no_week"
    if overlaps(week):
        return "overlap"
    return "early_stop" if wrong(Working("UTC", tuple(week), (), stop)) else ""


def week_of(unit: Unit, coach: str) -> Week:
    """Return when a coach works, by her own word, by the file, or as usual."""
    known = unit.agendas.kept(coach)
    if known.own.work is not None:
        return known.own.work
    if known.work is not None:
        return Week(known.work.week, known.work.stop)
    return Week(USUAL_WEEK)


def pass_on(unit: Unit, catalogue: Catalogue, coach: str, trajectory: str) -> None:
    """Let a trajectory go by the hours a coach keeps now."""
    state, person = unit.state(trajectory), unit.person(coach)
    if state is None or person is None or not state.open:
        return
    promised = any(state.promises.within.values())
    hours = unit.agendas.kept(coach).working(person.time_zone, promised=promised)
    if state.promises.work.get(coach) != hours:
        handle(unit, trajectory, c.SetWorkingHours(coach, hours, own=True), catalogue)


def name_of(one: Closed | Extra) -> str:
    """Return what an exception is called: its days, or its day, hours and kind."""
    if isinstance(one, Closed):
        return f"{one.first.isoformat()}/{one.last.isoformat()}"
    return f"{one.day.isoformat()} {one.start:%H:%M}-{one.end:%H:%M} {one.modality}".rstrip()


def names_of(own: Own) -> list[str]:
    """Return the names of exceptions, days off first."""
    return [name_of(one) for one in own.closed] + [name_of(one) for one in own.extra]


def hours_of(week: Iterable[Interval]) -> tuple[Hours, ...]:
    """Return the hours of a kind of appointment from those of a week."""
    days: dict[tuple[int, int], list[int]] = {}
    for one in week:
        days.setdefault((one.start, one.end), []).append(one.day)
    return tuple(Hours(tuple(on), _clock(start), _clock(end)) for (start, end), on in days.items())


def week_from(hours: Iterable[Hours]) -> tuple[Interval, ...]:
    """Return the week that the hours of a kind of appointment are."""
    return tuple(
        Interval(day, _minutes(one.start), _minutes(one.end) or DAY)
        for one in hours
        for day in one.days
    )


def _own(unit: Unit, coach: str) -> Own:
    person = unit.person(coach)
    return replace(unit.agendas.kept(coach).own, zone=person.time_zone if person else "UTC")


def _keep(unit: Unit, catalogue: Catalogue, coach: str, own: Own) -> str:
    """Keep what she said, days in order; those that are over are forgotten."""
    over = unit.now.date() - _A_DAY
    closed = sorted({one for one in own.closed if one.last >= over}, key=name_of)
    extra = sorted({one for one in own.extra if one.day >= over}, key=name_of)
    if len(closed) + len(extra) > MOST_EXCEPTIONS:
        return "too_many"
    unit.agendas.put_own(coach, replace(own, closed=tuple(closed), extra=tuple(extra)))
    for membership in unit.memberships(coach):
        if membership.role == "coach":
            pass_on(unit, catalogue, coach, membership.trajectory)
    return ""


def _without(one: Closed, first: date, last: date) -> tuple[Closed, ...]:
    """Return what is left of some days without others."""
    if last < one.first or one.last < first:
        return (one,)
    before = (Closed(one.first, first - _A_DAY),) if one.first < first else ()
    return (*before, *((Closed(last + _A_DAY, one.last),) if last < one.last else ()))


def _clock(minutes: int) -> time:
    return MIDNIGHT if minutes == DAY else time(minutes // 60, minutes % 60)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
