"""Prepaid minutes beside a trajectory: what is left, and every line that led there, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.budget import FULL, level
from bridge.core.entries import BRIDGE
from bridge.web import budgeting
from bridge.web.console import phrases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.trajectory import Trajectory
    from bridge.web.console.visit import Visit
    from storage.budgets import TimeLine
    from storage.persons import PersonLine


class Row(msgspec.Struct, frozen=True):
    """One package or time entry: ``minutes`` as the balance changes by it, signed."""

    at: str
    what: str
    who: str
    minutes: str
    reason: str


class Minutes(msgspec.Struct, frozen=True):
    """What a page shows; ``proposed`` is the seq and the minutes that wait for this coach."""

    left: int
    granted: int
    low: bool
    proposed: tuple[int, int] | None
    rows: tuple[Row, ...]


def shown(visit: Visit, state: Trajectory, people: Mapping[str, PersonLine]) -> Minutes | None:
    """Return the budget of a trajectory as its page shows it, None where there is none."""
    found = budgeting.budget(visit.store, state)
    if found is None:
        return None
    mine = [(one.seq, one.minutes) for one in found.proposed if one.coach == visit.person.id]
    rows = tuple(_row(visit, one, people) for one in found.lines)
    return Minutes(found.left, found.granted, found.low, mine[0] if mine else None, rows)


def in_short(state: Trajectory) -> tuple[int, int, bool] | None:
    """Return what is left of how many minutes, and whether that is little; None without any."""
    known = state.budget
    if not known.since:
        return None
    return known.left, known.granted, level(known.base, known.left) < FULL


def _row(visit: Visit, line: TimeLine, people: Mapping[str, PersonLine]) -> Row:
    say = visit.words
    granted = line.what == "granted"
    known = people.get(line.author)
    who = known.name if known is not None else line.author
    if line.author == BRIDGE:
        who = say("practice file") if granted else say("the bridge")
    change = line.minutes if granted else -line.minutes
    reason = say("withdrawn or erased") if line.reason is None else line.reason
    return Row(
        say.moment(line.at),
        say(phrases.SPENT.get(line.what, line.what)),
        who,
        f"{change:+d}".replace("-", "−"),
        reason,
    )
