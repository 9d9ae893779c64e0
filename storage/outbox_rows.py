"""The outbox's rows: what callers see of one, what the store keeps, and the statements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from bridge.core.delivery import DeliveryState
from bridge.core.effects import Effect, Priority, Purpose
from storage.codec import decode_texts, instant, maybe_instant, maybe_micros
from storage.sql import Row, Sql, SqlIn, insert, update
from storage.tables import HOLDS_LANE, OPEN, outbox

if TYPE_CHECKING:
    from storage.engine import Store

_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_PRIORITIES = {priority.value: priority for priority in Priority}
STATES = {state.value: state for state in DeliveryState}

Stored = tuple[Any, ...]
"""A row as the driver gives it."""


class OutboxRow(msgspec.Struct, frozen=True):
    """One row as it is now, without its words."""

    id: int
    key: str
    trajectory: str
    seq: int
    party: str
    target: int
    lane: str
    network: str
    account: str
    purpose: Purpose
    priority: Priority
    state: DeliveryState
    hold: str
    attempts: int
    twice: bool
    parts_done: int
    parts_total: int
    external_ids: tuple[str, ...]
    losses: tuple[str, ...]
    not_before: datetime | None
    owner: str
    lease_until: datetime | None
    reason: str
    created: int  # microseconds since the epoch

    @property
    def created_at(self) -> datetime:
        """When the row was made."""
        return instant(self.created)

    @property
    def scope(self) -> str:
        """The account it goes through, as the waits name it."""
        return f"{self.network}:{self.account}"


class Claimed(OutboxRow, frozen=True, kw_only=True):
    """A leased row and what it is to do."""

    effect: Effect

    @property
    def row(self) -> OutboxRow:
        """The row itself, without what it is to do."""
        return self


class Record(msgspec.Struct):
    """A row under change: the columns in the table's order, then what is only known in memory."""

    id: int
    key: str
    trajectory: str
    seq: int
    party: str
    target: int
    lane: str
    network: str
    account: str
    address: str
    epoch: int
    purpose: str
    priority: int
    state: str
    hold: str
    key_owner: str
    payload: bytes | None
    parts_done: int = 0
    parts_total: int = 0
    external_ids: str = "[]"
    losses: str = "[]"
    attempts: int = 0
    twice: bool = False
    not_before: int | None = None
    owner: str = ""
    lease_until: int | None = None
    reason: str = ""
    created_at: int = 0
    updated_at: int = 0
    first_before: int | None = None  # the oldest and the youngest row its lane has before it
    last_before: int | None = None
    looked_up: bool = False  # whether those two are known
    stored: bool = True
    effect: Effect | None = None

    def row(self) -> OutboxRow:
        """Return what callers see."""
        return OutboxRow(*self._seen())

    def claimed(self, effect: Effect) -> Claimed:
        """Return what the sender of a leased row sees."""
        return Claimed(*self._seen(), effect=effect)

    def _seen(self) -> tuple[Any, ...]:
        return (
            *(self.id, self.key, self.trajectory, self.seq, self.party, self.target, self.lane),
            *(self.network, self.account, _PURPOSES[self.purpose], _PRIORITIES[self.priority]),
            *(STATES[self.state], self.hold, self.attempts, bool(self.twice), self.parts_done),
            *(self.parts_total, decode_texts(self.external_ids), decode_texts(self.losses)),
            *(maybe_instant(self.not_before), self.owner, maybe_instant(self.lease_until)),
            *(self.reason, self.created_at),
        )


_COLUMNS = (
    "o.id, o.key, o.trajectory, o.seq, o.party, o.target, o.lane, o.network, o.account, "
    "o.address, o.epoch, o.purpose, o.priority, o.state, o.hold, o.key_owner, o.payload, "
    "o.parts_done, o.parts_total, o.external_ids, o.losses, o.attempts, o.twice, o.not_before, "
    "o.owner, o.lease_until, o.reason, o.created_at, o.updated_at"
)
_BEFORE = f"FROM outbox b WHERE b.lane = o.lane AND b.id < o.id AND b.{HOLDS_LANE}"
_PLAIN = f"SELECT {_COLUMNS} FROM outbox o WHERE "  # noqa: S608 - a constant
_SELECT = (
    f"SELECT {_COLUMNS}, (SELECT MIN(b.id) {_BEFORE}), (SELECT MAX(b.id) {_BEFORE}) "  # noqa: S608
    "FROM outbox o WHERE "
)
ROWS = SqlIn(_PLAIN + "o.id IN (*) ORDER BY o.id", postgresql="FOR UPDATE OF o")
CLAIMS = SqlIn(_SELECT + "o.id IN (*) ORDER BY o.id", postgresql="FOR UPDATE OF o SKIP LOCKED")
ROW_BY_KEY = Sql(_PLAIN + "o.key = ?", postgresql="FOR UPDATE OF o")
BEFORE = Sql(
    "SELECT MIN(id), MAX(id) FROM outbox "  # noqa: S608 - a constant
    f"WHERE lane = ? AND id < ? AND {HOLDS_LANE}"
)
BEHIND = Sql(
    "SELECT id FROM outbox "  # noqa: S608 - a constant
    f"WHERE lane = ? AND id > ? AND {HOLDS_LANE} ORDER BY id LIMIT ?"
)
TRAJECTORIES = SqlIn("SELECT DISTINCT trajectory FROM outbox WHERE id IN (*)")
ABANDONED = Sql(
    f"SELECT id FROM outbox WHERE {OPEN} "  # noqa: S608 - a constant
    "AND (state = 'sending' OR state = 'uncertain') "
    "AND (lease_until IS NULL OR lease_until <= ? OR (? AND owner <> ?)) ORDER BY id LIMIT ?",
    postgresql="FOR UPDATE SKIP LOCKED",
)
NEARBY = Sql(
    "SELECT external_ids FROM outbox WHERE id BETWEEN ? AND ? AND network = ? AND account = ? "
    "AND external_ids <> '[]'"
)
IN_CHAT = Sql(
    f"SELECT id FROM outbox WHERE {OPEN} "  # noqa: S608 - a constant
    "AND network = ? AND account = ? ORDER BY id"
)
WAITING_FOR = Sql(
    f"SELECT id FROM outbox WHERE {OPEN} "  # noqa: S608 - a constant
    "AND party = ? AND trajectory <> '' AND (state = 'queued' OR state = 'accepted') ORDER BY id"
)
HELD = Sql("SELECT id FROM outbox WHERE state = 'accepted' AND hold = ? ORDER BY id")

NEW = insert(outbox)
LEASE = update(outbox, "state", "not_before", "owner", "lease_until", "updated_at", "id")
HOLD = Sql("UPDATE outbox SET hold = ? WHERE id = ?")
MOVE = Sql("UPDATE outbox SET lane = ? WHERE id = ?")
CHANGE = update(
    outbox,
    *("state", "payload", "parts_done", "parts_total", "external_ids", "losses", "attempts"),
    *("twice", "not_before", "owner", "lease_until", "reason", "updated_at", "id"),
)
HOLDING = Sql(f"SELECT lane, id FROM outbox WHERE {HOLDS_LANE}")  # noqa: S608 - a constant
_OPEN_ROWS = Sql(f"{_PLAIN}o.{OPEN} AND o.id > ? ORDER BY o.id LIMIT ?")


def new(
    number: int, key: str, trajectory: str, owner: str, effect: Effect, payload: bytes, at: int
) -> Record:
    """Return the row of a new effect, sealed under the key of (trajectory, owner)."""
    to = effect.to
    return Record(
        id=number,
        key=key,
        trajectory=trajectory,
        seq=effect.seq,
        party=to.party,
        target=getattr(effect, "target", effect.seq),
        lane=to.place.lane,
        network=to.endpoint.network,
        account=to.endpoint.account,
        address=to.endpoint.address,
        epoch=to.epoch,
        purpose=effect.purpose.value,
        priority=int(effect.priority),
        state=(DeliveryState.ACCEPTED if effect.hold else DeliveryState.QUEUED).value,
        hold=effect.hold,
        key_owner=owner,
        payload=payload,
        not_before=maybe_micros(effect.not_before),
        created_at=at,
        updated_at=at,
        stored=False,
        effect=effect,
    )


def values(row: Record) -> Row:
    """Return a row's columns for its INSERT."""
    return (
        *(row.id, row.key, row.trajectory, row.seq, row.party, row.target, row.lane),
        *(row.network, row.account, row.address, row.epoch, row.purpose, row.priority),
        *(row.state, row.hold, row.key_owner, row.payload, row.parts_done, row.parts_total),
        *(row.external_ids, row.losses, row.attempts, row.twice, row.not_before, row.owner),
        *(row.lease_until, row.reason, row.created_at, row.updated_at),
    )


def changes(row: Record) -> Row:
    """Return the columns that change, for the UPDATE."""
    return (
        *(row.state, row.payload, row.parts_done, row.parts_total, row.external_ids),
        *(row.losses, row.attempts, bool(row.twice), row.not_before, row.owner),
        *(row.lease_until, row.reason, row.updated_at, row.id),
    )


def lease(row: Record) -> Row:
    """Return the columns a lease changes, for its UPDATE."""
    return (row.state, row.not_before, row.owner, row.lease_until, row.updated_at, row.id)


def open_rows(store: Store, after_id: int = 0, limit: int = 1_000) -> list[OutboxRow]:
    """Return rows that are not over, oldest first, beside the writer. Raises StoreError."""
    with store.reading() as connection:
        found = _OPEN_ROWS.rows(connection, after_id, limit)
    return [Record(*row).row() for row in found]
