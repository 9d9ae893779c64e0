"""The nudges of a coach as data, and what she does with one: for the console and its twin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.handle import handle
from bridge.web import views
from bridge.web.shapes import Reader, Who
from scheduling.calendar import zones
from scheduling.calendar.phrases import later
from storage import nudge_lines, persons
from storage.nudge_lines import NudgeLine, WeekLine

if TYPE_CHECKING:
    from bridge.runtime.texts import Catalogue
    from storage.engine import Store
    from storage.unit import Unit

WEEKS = 8
PAUSE_DAYS = 7


class Nudges(msgspec.Struct, frozen=True):
    """What a coach has planned, what became of the others, and the weeks in figures."""

    reader: Reader
    clients: tuple[Who, ...]
    zones: dict[str, str]
    planned: tuple[NudgeLine, ...]
    settled: tuple[NudgeLine, ...]
    weeks: tuple[WeekLine, ...]


def nudges(store: Store, coach: str, now: datetime) -> Nudges:
    """Return everything the page shows."""
    reader = views.reader(store, coach)
    planned, settled = nudge_lines.planned(store, coach), nudge_lines.settled(store, coach)
    people = persons.persons(store, {line.client for line in (*planned, *settled)})
    return Nudges(
        reader=reader,
        clients=tuple(Who(one.id, one.name) for one in people.values()),
        zones={one.id: one.time_zone or "UTC" for one in people.values()},
        planned=tuple(planned),
        settled=tuple(settled),
        weeks=tuple(nudge_lines.weeks(store, coach, _mondays(now))),
    )


def _mondays(now: datetime) -> list[datetime]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]


def act(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    coach: str,
    seq: int,
    at: datetime | None,
) -> str:
    """Move a planned nudge, or (None) take it back; return '' or the code of why not."""
    command: c.Command = c.CancelNudge(coach, seq) if at is None else c.MoveNudge(coach, seq, at)
    decision = handle(unit, trajectory, command, catalogue)
    first = decision.entries[0] if decision.entries else None
    return first.reason if isinstance(first, e.InboundRefused) else ""


def pause(unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, seq: int) -> str:
    """Put a prompt off for a week, at the same time of day; why not, where it is for an event."""
    row = unit.ledger.row(trajectory, seq)
    person = unit.person(row.client) if row is not None else None
    state = unit.state(trajectory)
    planned = state.nudges.find(seq) if state is not None else None
    if planned is None or person is None:
        return "nothing_planned"
    at = later(planned.at, PAUSE_DAYS, person.time_zone or "UTC")
    return act(unit, catalogue, trajectory, coach, seq, at)


def at_wall(text: str, zone: str) -> datetime | None:
    """Return the instant of what a date field says, in a zone; None for anything else."""
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if shown.tzinfo is not None else zones.instant(shown, zone)
