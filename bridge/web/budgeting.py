"""What a coach does about prepaid minutes on a page: for the console and its twin.

1. The commands are those that ``time anna 10`` and the practice file cause.
2. Each function works in one transaction and returns '' or the code of why nothing was done. A form
   that is sent twice is carried out once: the same line within two minutes is the same form.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import budget as core
from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.handle import handle
from bridge.web.agreeing import refused
from storage import budgets
from storage.budgets import TimeLine

if TYPE_CHECKING:
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.engine import Store
    from storage.unit import Unit

MOST_REASON = 300
_AT_ONCE = timedelta(minutes=2)


class Waiting(msgspec.Struct, frozen=True):
    """Written work of a coach that waits for her answer, in minutes."""

    seq: int
    coach: str
    minutes: int


class TimeBudget(msgspec.Struct, frozen=True):
    """Prepaid minutes of a trajectory: ``left`` may be less than nothing.

    ``lines`` are packages and time entries, the newest first and at most 200.
    """

    granted: int
    spent: int
    left: int
    low: bool
    proposed: tuple[Waiting, ...]
    lines: tuple[TimeLine, ...]


def budget(store: Store, state: Trajectory) -> TimeBudget | None:
    """Return the budget of a trajectory, None where there is none. Raises StoreError."""
    known = state.budget
    if not known.since:
        return None
    return TimeBudget(
        known.granted,
        known.spent,
        known.left,
        core.level(known.base, known.left) < core.FULL,
        tuple(Waiting(one.seq, coach, one.minutes) for coach, one in known.proposed.items()),
        tuple(budgets.lines(store, state.id)),
    )


def note(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, minutes: int, reason: str
) -> str:
    """Count minutes, or take some back."""
    state = unit.state(trajectory)
    if (why := _hindered(state, reason)) or state is None:
        return why
    if _is_repeat(unit, state, e.TimeCounted, (coach, minutes, reason)):
        return ""
    command = c.NoteTime(coach, minutes, reason.strip())
    return refused(handle(unit, trajectory, command, catalogue).entries)


def grant(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, minutes: int, reason: str
) -> str:
    """Agree on a package of minutes, or correct one; the others are told."""
    state = unit.state(trajectory)
    if (why := _hindered(state, reason)) or state is None:
        return why
    if _is_repeat(unit, state, e.TimeGranted, (coach, minutes, reason)):
        return ""
    command = c.GrantTime(minutes, coach, reason.strip())
    return refused(handle(unit, trajectory, command, catalogue).entries)


def take(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, seq: int, *, yes: bool
) -> str:
    """Count what was proposed to a coach, or leave it."""
    state = unit.state(trajectory)
    known = state.budget.proposed.get(coach) if state is not None else None
    if known is None or known.seq != seq:
        return "nothing_proposed"
    return refused(handle(unit, trajectory, c.TakeTime(coach, seq, yes), catalogue).entries)


def _hindered(state: Trajectory | None, reason: str) -> str:
    if state is None or not state.open:
        return "closed"
    return "too_long" if len(reason) > MOST_REASON or "\x00" in reason else ""


def _is_repeat(
    unit: Unit,
    state: Trajectory,
    kind: type[e.TimeCounted | e.TimeGranted],
    said: tuple[str, int, str],
) -> bool:
    """Tell whether the newest line about minutes is this form, sent just before."""
    known = state.budget
    logged = unit.entry(state.id, known.last) if known.last else None
    if logged is None or known.last_at is None or unit.now - known.last_at > _AT_ONCE:
        return False
    entry, (coach, minutes, reason) = logged.entry, said
    if not isinstance(entry, e.TimeCounted | e.TimeGranted) or type(entry) is not kind:
        return False
    return (entry.author, entry.minutes, entry.text) == (coach, minutes, reason.strip())
