"""The nudges of a coach for those who look: what is planned, and what became of the others."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from storage import codec
from storage import tables as t
from storage.keys import BRIDGE_KEY
from storage.logview import COLUMNS, read_row
from storage.nudges import template_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.trajectory import Trajectory
    from storage.engine import Store

MOST = 200
"""Lines of each kind at most, the next to come and the latest first."""


class NudgeLine(msgspec.Struct, frozen=True):
    """A nudge as it stands: planned, given, withheld (``reason``) or cancelled.

    ``answer`` is the key of an option, '' for words; ``text`` is '' when it was erased.
    """

    trajectory: str
    seq: int
    client: str
    kind: str
    state: str
    reason: str
    due_at: datetime
    event_at: datetime | None
    settled_at: datetime | None
    answered_at: datetime | None
    answer: str
    text: str


class DraftLine(msgspec.Struct, frozen=True):
    """What the bridge drafted for a coach, who has not said yes or no; '' where it was erased."""

    trajectory: str
    seq: int
    client: str
    at: datetime
    text: str


class TemplateLine(msgspec.Struct, frozen=True):
    """A coach's own words for nudges, with fields to fill in."""

    name: str
    text: str


class WeekLine(msgspec.Struct, frozen=True):
    """What became of nudges in the week that begins on a Monday (``week``, in UTC)."""

    week: str
    given: int
    answered: int
    withheld: int


def planned(store: Store, coach: str) -> list[NudgeLine]:
    """Return what a coach has planned in the trajectories she coaches now, soonest first."""
    return _lines(store, coach, ("planned",), t.nudges.c.due_at)


def settled(store: Store, coach: str) -> list[NudgeLine]:
    """Return what became of the others, the latest first."""
    states = ("given", "withheld", "cancelled")
    return _lines(store, coach, states, t.nudges.c.settled_at.desc())


def drafted(store: Store, coach: str, states: Mapping[str, Trajectory]) -> list[DraftLine]:
    """Return what was drafted for a coach in these trajectories, soonest first."""
    keys, c, found = store.keyring(), t.entries.c, []
    with store.reading() as connection:
        for name, state in states.items():
            mine = {one.seq: one for one in state.nudges.proposed if one.coach == coach}
            query = sa.select(*COLUMNS).where(c.trajectory == name, c.seq.in_(mine))
            for row in connection.execute(query).all() if mine else ():
                stored = read_row(connection, keys, name, *row)
                text = stored.entry.text if isinstance(stored.entry, e.NudgeProposed) else ""
                one = mine[stored.seq]
                found.append(DraftLine(name, stored.seq, one.client, one.at, text))
    return sorted(found, key=lambda one: (one.at, one.trajectory, one.seq))


def templates(store: Store, coach: str) -> list[TemplateLine]:
    """Return a coach's own words for nudges, by name."""
    c = t.nudge_templates.c
    query = sa.select(c.name, c.sealed).where(c.person == coach).order_by(c.name)
    with store.reading() as connection:
        rows = connection.execute(query).all()
        sealer = store.keyring().find(connection, *BRIDGE_KEY) if rows else None
    if sealer is None:
        return []
    return [
        TemplateLine(name, sealer.open(bytes(sealed), template_bound(coach, name)).decode())
        for name, sealed in rows
    ]


def _lines(
    store: Store, coach: str, states: tuple[str, ...], order: sa.ColumnElement[object]
) -> list[NudgeLine]:
    c, party, entry = t.nudges.c, t.parties.c, t.entries.c
    query = (
        sa.select(c.client, c.kind, c.state, c.reason, c.due_at, c.event_at, c.settled_at)
        .add_columns(c.answered_at, c.answer, c.trajectory, *COLUMNS)
        .join(t.parties, sa.and_(party.trajectory == c.trajectory, party.person == coach))
        .join(t.entries, sa.and_(entry.trajectory == c.trajectory, entry.seq == c.seq))
        .where(c.coach == coach, c.state.in_(states), party.role == "coach", party.active)
        .order_by(order, c.trajectory, c.seq)
        .limit(MOST)
    )
    keys = store.keyring()
    with store.reading() as connection:
        rows = connection.execute(query).all()
        found = []
        for row in rows:
            client, kind, state, reason, due, event, end, answered, answer, name = row[:10]
            stored = read_row(connection, keys, name, *row[10:])
            text = stored.entry.text if isinstance(stored.entry, e.NudgePlanned) else ""
            line = NudgeLine(
                trajectory=name,
                seq=stored.seq,
                client=client,
                kind=kind,
                state=state,
                reason=reason,
                due_at=codec.instant(due),
                event_at=codec.maybe_instant(event),
                settled_at=codec.maybe_instant(end),
                answered_at=codec.maybe_instant(answered),
                answer=answer,
                text=text,
            )
            found.append(line)
    return found


def weeks(store: Store, coach: str, mondays: list[datetime]) -> list[WeekLine]:
    """Return what became of a coach's nudges in the weeks that begin at these instants."""
    c = t.nudges.c
    query = sa.select(c.state, c.settled_at, c.answered_at).where(
        c.coach == coach, c.settled_at >= codec.micros(mondays[0])
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    counts = {monday: [0, 0, 0] for monday in mondays}
    for state, at, answered in rows:
        week = max((one for one in mondays if codec.micros(one) <= at), default=mondays[0])
        counts[week][0] += state == "given" and answered is None
        counts[week][1] += state == "given" and answered is not None
        counts[week][2] += state == "withheld"
    return [
        WeekLine(monday.date().isoformat(), given + answered, answered, withheld)
        for monday, (given, answered, withheld) in counts.items()
    ]
