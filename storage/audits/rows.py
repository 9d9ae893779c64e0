"""The rows an audit reads, streamed in one order: by trajectory, then by the line they are about.

1. Every stream is sorted by the database, in its own collation; nobody compares ids in Python.
2. No stream is ever in memory as a whole, however long a log is.
3. Damaged rows must come through: what judges them are the rules, not an exception here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
import sqlalchemy as sa

from storage import tables as t
from storage.audits.timeline import CHANGING_KINDS
from storage.reading import built, delivery_target, streamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


class Head(msgspec.Struct, frozen=True):
    """A trajectory's row; ``seq`` is None when other tables know a trajectory that has no row."""

    id: str
    seq: int | None
    head_hash: bytes | None
    state: str | None
    closed: bool | None
    last_at: int | None


class EntryRow(msgspec.Struct, frozen=True):
    """A line of the log as it is stored."""

    trajectory: str
    seq: int
    at: int
    kind: str
    author: str
    owner: str
    envelope: bytes
    sealed: bytes | None
    prev_hash: bytes
    hash: bytes

    @property
    def where(self) -> str:
        """The name of this line in a finding."""
        return f"{self.trajectory}/{self.seq}"


class OutRow(msgspec.Struct, frozen=True):
    """A row of the outbox; ``kept`` tells that its payload is still there."""

    id: int
    trajectory: str
    seq: int
    party: str
    lane: str
    network: str
    address: str
    epoch: int
    purpose: str
    state: str
    kept: bool
    lease_until: int | None
    owner: str
    created_at: int
    key: str

    @property
    def where(self) -> str:
        """The name of this row in a finding."""
        return f"outbox {self.id} ({self.trajectory}/{self.seq}/{self.party})"


class PartyRow(msgspec.Struct, frozen=True):
    """A row of the projection of parties."""

    trajectory: str
    person: str
    role: str
    active: bool


class PlaceRow(msgspec.Struct, frozen=True):
    """A row of the projection of bound places."""

    trajectory: str
    party: str
    network: str
    account: str
    chat: str
    thread: str


class Stream(Generic[T]):
    """Rows in order, with a look at the next one.

    ``place`` gives the trajectory and the line a row is about. Trajectories are asked for in the
    order of ``heads``, and each is read to its end before the next one.
    """

    def __init__(self, rows: Iterable[T], place: Callable[[T], tuple[str, int]]) -> None:
        self._rows = iter(rows)
        self._place = place
        self._next = next(self._rows, None)

    def of(self, trajectory: str) -> Iterator[T]:
        """Yield what is left of a trajectory."""
        while self._next is not None and self._place(self._next)[0] == trajectory:
            yield self._take(self._next)

    def until(self, trajectory: str, seq: int) -> tuple[list[T], list[T]]:
        """Return the rows about lines before ``seq`` (they have none) and those about ``seq``."""
        strays: list[T] = []
        here: list[T] = []
        while self._next is not None:
            whose, line = self._place(self._next)
            if whose != trajectory or line > seq:
                break
            (here if line == seq else strays).append(self._take(self._next))
        return strays, here

    def _take(self, row: T) -> T:
        self._next = next(self._rows, None)
        return row


def heads(connection: sa.Connection) -> Iterator[Head]:
    """Yield every trajectory that any table knows, in the order of all streams."""
    known = sa.union(
        sa.select(t.trajectories.c.id.label("id")),
        sa.select(t.states.c.trajectory),
        sa.select(t.entries.c.trajectory).distinct(),
        sa.select(t.outbox.c.trajectory).distinct(),
        sa.select(t.parties.c.trajectory).distinct(),
        sa.select(t.places.c.trajectory).distinct(),
        sa.select(t.ALL_MESSAGE_IDS.c.trajectory).distinct(),
        sa.select(t.inbox.c.trajectory).distinct(),
        sa.select(t.blobs.c.trajectory).distinct(),
    ).subquery()
    row, kept = t.trajectories.c, t.states.c
    query = (
        sa.select(known.c.id, row.seq, row.head_hash, kept.state, row.closed, row.last_at)
        .select_from(
            known.outerjoin(t.trajectories, row.id == known.c.id).outerjoin(
                t.states, kept.trajectory == known.c.id
            )
        )
        .where(known.c.id != "")
        .order_by(known.c.id)
    )
    for values in streamed(connection, query):
        yield Head(*values)


def _entries() -> sa.Select[str, int, int, str, str, str, bytes, bytes | None, bytes, bytes]:
    c = t.entries.c
    return sa.select(
        c.trajectory,
        c.seq,
        c.at,
        c.kind,
        c.author,
        c.owner,
        c.envelope,
        c.sealed,
        c.prev_hash,
        c.hash,
    )


def _line(row: EntryRow) -> tuple[str, int]:
    return row.trajectory, row.seq


def lines(connection: sa.Connection) -> Stream[EntryRow]:
    """Return every line of every log."""
    query = _entries().order_by(t.entries.c.trajectory, t.entries.c.seq)
    rows = streamed(connection, query)
    return Stream((EntryRow(*row) for row in rows), _line)


def line(connection: sa.Connection, trajectory: str, seq: int) -> EntryRow | None:
    """Return one line."""
    c = t.entries.c
    row = connection.execute(_entries().where(c.trajectory == trajectory, c.seq == seq)).first()
    return None if row is None else EntryRow(*row)


def changes(connection: sa.Connection) -> Stream[EntryRow]:
    """Return only the lines that change people."""
    query = (
        _entries()
        .where(t.entries.c.kind.in_(CHANGING_KINDS))
        .order_by(t.entries.c.trajectory, t.entries.c.seq)
    )
    rows = streamed(connection, query)
    return Stream((EntryRow(*row) for row in rows), _line)


def reports(connection: sa.Connection) -> Stream[tuple[int, EntryRow]]:
    """Return the lines that tell what became of a message, next to the line they are about."""
    target = delivery_target(connection.dialect.name)
    query = (
        _entries()
        .add_columns(target)
        .where(t.entries.c.kind == "delivery_changed")
        .order_by(t.entries.c.trajectory, target, t.entries.c.seq)
    )
    rows = streamed(connection, query)
    paired = ((row[-1] or 0, EntryRow(*row[:-1])) for row in rows)
    return Stream(paired, lambda pair: (pair[1].trajectory, pair[0]))


def sendings(connection: sa.Connection) -> Stream[OutRow]:
    """Return the outbox rows of every log."""
    c = t.outbox.c
    query = (
        sa.select(
            c.id,
            c.trajectory,
            c.seq,
            c.party,
            c.lane,
            c.network,
            c.address,
            c.epoch,
            c.purpose,
            c.state,
            c.payload.is_not(None),
            c.lease_until,
            c.owner,
            c.created_at,
            c.key,
        )
        .where(c.trajectory != "")
        .order_by(c.trajectory, c.seq, c.party, c.id)
    )
    rows = streamed(connection, query)
    return Stream((built(OutRow, *row) for row in rows), lambda row: (row.trajectory, row.seq))


def parties(connection: sa.Connection) -> Stream[PartyRow]:
    """Return the projection of parties."""
    c = t.parties.c
    query = sa.select(c.trajectory, c.person, c.role, c.active).order_by(c.trajectory, c.person)
    rows = streamed(connection, query)
    return Stream((PartyRow(*row) for row in rows), lambda row: (row.trajectory, 0))


def places(connection: sa.Connection) -> Stream[PlaceRow]:
    """Return the projection of bound places."""
    c = t.places.c
    query = sa.select(c.trajectory, c.party, c.network, c.account, c.chat, c.thread).order_by(
        c.trajectory, c.party
    )
    rows = streamed(connection, query)
    return Stream((PlaceRow(*row) for row in rows), lambda row: (row.trajectory, 0))
