"""What was agreed on time, for those who look: promises, steps and scales of a coach's clients.

1. States tell what is open, of all of a coach's trajectories in one query; words and numbers are
   opened only for one trajectory at a time.
2. A client is stalled who has not said how an overdue step went, or who is silent for longer than
   was agreed. Silence alone is nobody's business: without an agreed pace nobody is stalled by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from storage import codec
from storage import tables as t
from storage.logview import COLUMNS, read_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.core.trajectory import Trajectory
    from storage.engine import Store

OVERDUE = timedelta(days=1)
"""How long after it was asked about a step counts as overdue."""


class Due(msgspec.Struct, frozen=True):
    """An answer a client was promised."""

    trajectory: str
    client: str
    due: datetime
    broken: bool


class Stalled(msgspec.Struct, frozen=True):
    """A client with whom nothing goes on; ``why`` is ``step`` or ``silence``, since when."""

    trajectory: str
    client: str
    why: str
    since: datetime


class StepLine(msgspec.Struct, frozen=True):
    """An open step; ``text`` is None when its words were erased."""

    seq: int
    client: str
    text: str | None
    due: datetime
    asked: bool
    not_yet: bool


class Point(msgspec.Struct, frozen=True):
    """One answer to a scaling question."""

    at: datetime
    value: float


class ScaleLine(msgspec.Struct, frozen=True):
    """A scaling question and its answers, oldest first; the latest ones only."""

    seq: int
    client: str
    question: str | None
    points: tuple[Point, ...]


def states_of(store: Store, coach: str) -> Mapping[str, Trajectory]:
    """Return the open trajectories somebody coaches, by id. Raises StoreError."""
    with store.reading() as connection:
        return states_in(connection, coach)


def states_in(connection: sa.Connection, coach: str) -> Mapping[str, Trajectory]:
    """Return the same by a connection that is there already."""
    member, kept = t.parties.c, t.states.c
    query = (
        sa.select(kept.trajectory, kept.state)
        .join(t.parties, member.trajectory == kept.trajectory)
        .where(member.person == coach, member.role == "coach", member.active.is_(True))
    )
    found = {name: codec.decode_state(state) for name, state in connection.execute(query)}
    return {name: state for name, state in found.items() if state.open}


def promised(states: Mapping[str, Trajectory]) -> list[Due]:
    """Return the answers that are promised, soonest first; broken ones come before them."""
    lines = [
        Due(name, client, one.due, one.broken)
        for name, state in states.items()
        for client, one in state.promises.open.items()
    ]
    return sorted(lines, key=lambda one: (one.due, one.trajectory))


def stalled(store: Store, states: Mapping[str, Trajectory], now: datetime) -> list[Stalled]:
    """Return with whom nothing goes on, the longest first. Raises StoreError."""
    with store.reading() as connection:
        return stalled_in(connection, states, now)


def stalled_in(
    connection: sa.Connection, states: Mapping[str, Trajectory], now: datetime
) -> list[Stalled]:
    """Return the same by a connection that is there already."""
    found = [
        Stalled(name, step.party, "step", step.due)
        for name, state in states.items()
        for step in state.steps.open
        if step.question and not step.answered and step.due + OVERDUE < now
    ]
    for name, state in states.items():
        pace = state.promises.pace_days
        for client in state.with_role("client") if pace else ():
            heard = _heard(connection, name, client)
            if heard is not None and heard + timedelta(days=pace) < now:
                found.append(Stalled(name, client, "silence", heard))
    return sorted(found, key=lambda one: (one.since, one.trajectory))


def steps(store: Store, state: Trajectory) -> list[StepLine]:
    """Return the open steps of a trajectory, soonest first. Raises StoreError."""
    said = _words(store, state.id, [one.seq for one in state.steps.open])
    lines = [
        StepLine(
            one.seq, one.party, said.get(one.seq) or None, one.due, bool(one.question), one.answered
        )
        for one in state.steps.open
    ]
    return sorted(lines, key=lambda one: (one.due, one.seq))


def scales(store: Store, state: Trajectory) -> list[ScaleLine]:
    """Return the scales of a trajectory that have answers. Raises StoreError."""
    lines = []
    for one in state.steps.scales:
        entries = _entries(store, state.id, [one.seq, *one.answers])
        points = tuple(
            Point(at, entry.value)
            for at, entry in entries.values()
            if isinstance(entry, e.ScaleAnswered) and entry.value is not None
        )
        asked = entries.get(one.seq, (None, None))[1]
        question = asked.text if isinstance(asked, e.ScaleAsked) else ""
        if points:
            lines.append(ScaleLine(one.seq, one.party, question or None, points))
    return lines


def _heard(connection: sa.Connection, trajectory: str, client: str) -> datetime | None:
    """Return when a client last said something, else when they came in."""
    c = t.entries.c
    said = (
        sa.select(c.at)
        .where(c.trajectory == trajectory, c.kind == "message_posted", c.author == client)
        .order_by(c.seq.desc())
        .limit(1)
    )
    at = connection.execute(said).scalar()
    if at is None:
        began = sa.select(t.trajectories.c.opened_at).where(t.trajectories.c.id == trajectory)
        at = connection.execute(began).scalar()
    return codec.maybe_instant(at)


def _words(store: Store, trajectory: str, seqs: Iterable[int]) -> dict[int, str]:
    entries = _entries(store, trajectory, seqs)
    return {
        seq: entry.text for seq, (_, entry) in entries.items() if isinstance(entry, e.StepAgreed)
    }


def _entries(
    store: Store, trajectory: str, seqs: Iterable[int]
) -> dict[int, tuple[datetime, e.Entry | None]]:
    wanted = list(seqs)
    if not wanted:
        return {}
    keys, c = store.keyring(), t.entries.c
    query = sa.select(*COLUMNS).where(c.trajectory == trajectory, c.seq.in_(wanted)).order_by(c.seq)
    with store.reading() as connection:
        rows = connection.execute(query).all()
        read = [read_row(connection, keys, trajectory, *row) for row in rows]
    return {one.seq: (one.at, one.entry) for one in read}
