"""Appointments a coach makes and moves on a page: for it and its twin.

Each function works in one transaction and returns '' or the code of why nothing was done.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.runtime.handle import handle
from bridge.web.agreeing import refused
from scheduling.calendar.slots import MODALITIES

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

FARTHEST = timedelta(days=366)
MOST_MINUTES = 24 * 60


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


def _wrong_moment(unit: Unit, start: datetime) -> str:
    if start <= unit.now:
        return "past"
    return "too_far" if start > unit.now + FARTHEST else ""
