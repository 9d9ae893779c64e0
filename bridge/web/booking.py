"""Appointments a coach makes and moves, and days that differ, on a page: for it and its twin.

Each function works in one transaction and returns '' or the code of why nothing was done.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.runtime.handle import handle
from bridge.web.agreeing import refused
from scheduling.calendar.recurrence import MIDNIGHT
from scheduling.calendar.slots import MODALITIES, Closed, Exceptions, Extra

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

FARTHEST = timedelta(days=366)
MOST_MINUTES = 24 * 60
MOST_EXCEPTIONS = 100
_LONGEST = timedelta(days=366)
_A_DAY = timedelta(days=1)


def book(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    coach: str,
    client: str,
    modality: str,
    start: datetime,
    minutes: int,
) -> str:
    """Book a moment for a client; no minutes = as many as the coach offers. Both are told."""
    state = unit.state(trajectory)
    member = state.parties.get(client) if state is not None else None
    if member is None or member.role != "client" or not member.active:
        return "not_a_client"
    if modality not in MODALITIES:
        return "no_kind"
    why = _wrong_moment(unit, start) or ("" if 0 <= minutes <= MOST_MINUTES else "no_minutes")
    if why:
        return why
    command = c.BookSlot(coach, modality, start, minutes, client, how="coach")
    return refused(handle(unit, trajectory, command, catalogue).entries)


def move(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, number: int, start: datetime
) -> str:
    """Move an appointment, as long as it is; both are told."""
    state = unit.state(trajectory)
    known = state.agenda.get(number) if state is not None else None
    if known is None or known.opened:
        return "gone"
    if start == known.start:
        return ""
    why = _wrong_moment(unit, start)
    if why:
        return why
    command = c.BookSlot(
        coach, known.modality, start, known.minutes, known.client, moving=number, how="coach"
    )
    return refused(handle(unit, trajectory, command, catalogue).entries)


def close_days(unit: Unit, coach: str, first: date, last: date) -> str:
    """Offer nothing on these days, both included; what is booked stays."""
    if last < first or last - first > _LONGEST:
        return "ends_before"
    if last < unit.now.date() - _A_DAY:
        return "past"
    own = unit.agendas.own(coach)
    return _keep(unit, coach, [*own.closed, Closed(first, last)], [*own.extra])


def open_hours(unit: Unit, coach: str, day: date, start: time, end: time, modality: str) -> str:
    """Offer more hours on one day; no modality = for all that is offered."""
    if end != MIDNIGHT and end <= start:
        return "ends_before"
    if day < unit.now.date() - _A_DAY:
        return "past"
    if modality and modality not in MODALITIES:
        return "no_kind"
    own = unit.agendas.own(coach)
    return _keep(unit, coach, [*own.closed], [*own.extra, Extra(day, start, end, modality)])


def forget(unit: Unit, coach: str, name: str) -> str:
    """Let a day be as usual again; ``name`` is that of ``name_of``."""
    own = unit.agendas.own(coach)
    closed = [one for one in own.closed if name_of(one) != name]
    extra = [one for one in own.extra if name_of(one) != name]
    if len(closed) + len(extra) == len(own.closed) + len(own.extra):
        return "gone"
    return _keep(unit, coach, closed, extra)


def name_of(one: Closed | Extra) -> str:
    """Return what an exception is called: its days, or its day, hours and kind."""
    if isinstance(one, Closed):
        return f"{one.first.isoformat()}/{one.last.isoformat()}"
    return f"{one.day.isoformat()} {one.start:%H:%M}-{one.end:%H:%M} {one.modality}".rstrip()


def names_of(own: Exceptions) -> list[str]:
    """Return the names of exceptions, days off first."""
    return [name_of(one) for one in own.closed] + [name_of(one) for one in own.extra]


def _wrong_moment(unit: Unit, start: datetime) -> str:
    if start <= unit.now:
        return "past"
    return "too_far" if start > unit.now + FARTHEST else ""


def _keep(unit: Unit, coach: str, closed: list[Closed], extra: list[Extra]) -> str:
    """Keep exceptions in the order of their days; those that are over are forgotten."""
    over = unit.now.date() - _A_DAY
    closed = sorted({one for one in closed if one.last >= over}, key=name_of)
    extra = sorted({one for one in extra if one.day >= over}, key=name_of)
    if len(closed) + len(extra) > MOST_EXCEPTIONS:
        return "too_many"
    unit.agendas.put_own(coach, Exceptions(tuple(closed), tuple(extra)))
    return ""
