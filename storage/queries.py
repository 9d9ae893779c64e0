"""What can be asked of the store without changing it: the read door of the command line and pages.

1. Read-only connections; may run beside a serving process, on both stores.
2. No words but in ``log``: operators see that something waits, not what it says.
3. What is asked often (``counts``) reads only the small indexes of what is still open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core.trajectory import Consent
from storage import codec
from storage import tables as t
from storage.logview import DeliveryLine, LogLine, log
from storage.reading import built, long_reading, streamed
from storage.saying import MediaLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.core.delivery import DeliveryState
    from storage.engine import Store

__all__ = [
    "Counts",
    "DeliveryLine",
    "InboxLine",
    "LogLine",
    "MediaLine",
    "OutboxLine",
    "PartyLine",
    "StrangerLine",
    "TrajectoryLine",
    "counts",
    "inbox",
    "log",
    "outbox",
    "strangers",
    "trajectories",
    "trajectory",
]


class InboxLine(msgspec.Struct, frozen=True):
    """A payload that waits: ``new``, ``held`` (on ``hold``) or ``parked`` (``reason``)."""

    id: int
    network: str
    account: str
    state: str
    hold: str
    attempts: int
    reason: str
    received_at: datetime


class OutboxLine(msgspec.Struct, frozen=True):
    """One effect for one party and how far it is; '' as trajectory is the desk."""

    id: int
    key: str
    trajectory: str
    seq: int
    party: str
    network: str
    account: str
    lane: str
    purpose: str
    priority: int
    state: str
    hold: str
    reason: str
    attempts: int
    parts_done: int
    parts_total: int
    twice: bool
    external_ids: tuple[str, ...]
    losses: tuple[str, ...]
    not_before: datetime | None
    lease_until: datetime | None
    created_at: datetime
    updated_at: datetime


class PartyLine(msgspec.Struct, frozen=True):
    """A person in a trajectory."""

    person: str
    role: str
    active: bool
    consent: Consent


class TrajectoryLine(msgspec.Struct, frozen=True):
    """A trajectory in one line; ``seq`` is the number of its last entry."""

    id: str
    title: str
    closed: bool
    seq: int
    head: str
    opened_at: datetime
    last_at: datetime
    parties: tuple[PartyLine, ...]


class StrangerLine(msgspec.Struct, frozen=True):
    """Somebody who wrote and is not known; how often, and when first and last."""

    network: str
    account: str
    address: str
    name: str
    language: str
    first_at: datetime
    last_at: datetime
    count: int


class Counts(msgspec.Struct, frozen=True):
    """Figures for metrics; only open rows are counted by state.

    ``oldest_*`` is when the oldest waiting row came in, None when nothing waits.
    """

    trajectories: int
    entries: int
    people: int
    strangers: int
    inbox: Mapping[str, int]
    outbox: Mapping[str, int]
    oldest_inbox: datetime | None
    oldest_outbox: datetime | None
    blobs_pending: int


_INBOX_WAITING = "state IN ('new', 'held', 'parked')"


def inbox(store: Store, *, parked: bool = False) -> Iterator[InboxLine]:
    """Yield the payloads that are not handled yet, oldest first, or only the parked ones."""
    c = t.inbox.c
    query = (
        sa.select(c.id, c.network, c.account, c.state, c.hold, c.attempts, c.reason, c.received_at)
        .where(sa.text(_INBOX_WAITING))
        .order_by(c.id)
    )
    if parked:
        query = query.where(c.state == "parked")
    with long_reading(store) as connection:
        for *known, at in streamed(connection, query):
            yield built(InboxLine, *known, codec.instant(at))


def outbox(store: Store, state: DeliveryState | None = None) -> Iterator[OutboxLine]:
    """Yield the outbox rows in a state, oldest first; without one, those that are still open."""
    c = t.outbox.c
    query = sa.select(
        c.id,
        c.key,
        c.trajectory,
        c.seq,
        c.party,
        c.network,
        c.account,
        c.lane,
        c.purpose,
        c.priority,
        c.state,
        c.hold,
        c.reason,
        c.attempts,
        c.parts_done,
        c.parts_total,
        c.twice,
        c.external_ids,
        c.losses,
        c.not_before,
        c.lease_until,
        c.created_at,
        c.updated_at,
    ).order_by(c.id)
    query = query.where(sa.text(t.OPEN) if state is None else c.state == state.value)
    with long_reading(store) as connection:
        for row in streamed(connection, query):
            *known, ids, losses, not_before, lease_until, created_at, updated_at = row
            yield built(
                OutboxLine,
                *known,
                codec.decode_texts(ids),
                codec.decode_texts(losses),
                codec.maybe_instant(not_before),
                codec.maybe_instant(lease_until),
                codec.instant(created_at),
                codec.instant(updated_at),
            )


def trajectories(store: Store) -> Iterator[TrajectoryLine]:
    """Yield every trajectory, open or closed, by id."""
    with long_reading(store) as connection:
        query = _trajectories().order_by(t.trajectories.c.id)
        for row in streamed(connection, query):
            yield _trajectory(*row)


def trajectory(store: Store, name: str) -> TrajectoryLine | None:
    """Return one trajectory, None when there is none with this id."""
    with store.reading() as connection:
        row = connection.execute(_trajectories().where(t.trajectories.c.id == name)).first()
    return None if row is None else _trajectory(*row)


def _trajectories() -> sa.Select[str, str, int, bytes, int, int]:
    c = t.trajectories.c
    state = t.states.c
    return sa.select(c.id, state.state, c.seq, c.head_hash, c.opened_at, c.last_at).select_from(
        t.trajectories.join(t.states, state.trajectory == c.id)
    )


def _trajectory(
    name: str, state: str, seq: int, head: bytes, opened_at: int, last_at: int
) -> TrajectoryLine:
    known = codec.decode_state(state)
    return TrajectoryLine(
        id=name,
        title=known.title,
        closed=known.closed,
        seq=seq,
        head=head.hex(),
        opened_at=codec.instant(opened_at),
        last_at=codec.instant(last_at),
        parties=tuple(
            PartyLine(person, party.role, party.active, party.consent)
            for person, party in known.parties.items()
        ),
    )


def strangers(store: Store) -> Iterator[StrangerLine]:
    """Yield who wrote without being known, the latest first."""
    c = t.strangers.c
    query = sa.select(
        c.network, c.account, c.address, c.name, c.language, c.first_at, c.last_at, c.count
    ).order_by(c.last_at.desc(), c.network, c.account, c.address)
    query = query.where(c.count > 0)  # the others are known, and sent wrong codes
    with long_reading(store) as connection:
        for *known, first_at, last_at, count in streamed(connection, query):
            yield built(
                StrangerLine, *known, codec.instant(first_at), codec.instant(last_at), count
            )


def counts(store: Store) -> Counts:
    """Return figures about everything that waits, and the sizes of what is kept."""
    with store.reading() as connection:
        waiting = _by_state(connection, t.inbox, _INBOX_WAITING, t.inbox.c.received_at)
        sending = _by_state(connection, t.outbox, t.OPEN, t.outbox.c.created_at)
        logs = sa.select(sa.func.count(), sa.func.sum(t.trajectories.c.seq))
        number, entries = connection.execute(logs).one()
        pending = sa.select(sa.func.count()).where(sa.text("state = 'pending'"))
        return Counts(
            trajectories=number,
            entries=int(entries or 0),
            people=_size(connection, t.people),
            strangers=_size(connection, t.strangers),
            inbox={state: count for state, count, _ in waiting},
            outbox={state: count for state, count, _ in sending},
            oldest_inbox=_oldest(waiting),
            oldest_outbox=_oldest(sending),
            blobs_pending=connection.execute(pending.select_from(t.blobs)).scalar_one(),
        )


_States = list[tuple[str, int, int]]


def _by_state(
    connection: sa.Connection, table: sa.Table, which: str, since: sa.Column[int]
) -> _States:
    state: sa.Column[str] = table.c.state
    query = (
        sa.select(state, sa.func.count(), sa.func.min(since))
        .where(sa.text(which))
        .group_by(state)
        .order_by(state)
    )
    return [(name, count, oldest) for name, count, oldest in connection.execute(query)]


def _oldest(states: _States) -> datetime | None:
    return codec.maybe_instant(min((oldest for _, _, oldest in states), default=None))


def _size(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
