"""The outbox's rows: what callers see of one, what the store keeps, and the statements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from bridge.core.delivery import DeliveryState
from bridge.core.effects import Effect, Priority, Purpose
from storage.codec import decode_texts, instant, maybe_instant
from storage.sql import Row, Sql, SqlIn
from storage.tables import HOLDS_LANE, OPEN

if TYPE_CHECKING:
    from storage.engine import Store

Stored = tuple[Any, ...]
"""A row as the driver gives it."""


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
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
    created_at: datetime

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
    looked_up: bool = True
    stored: bool = True
    effect: Effect | None = None

    def row(self) -> OutboxRow:
        """Return what callers see."""
        return OutboxRow(**self._seen())

    def claimed(self, effect: Effect) -> Claimed:
        """Return what the sender of a leased row sees."""
        return Claimed(**self._seen(), effect=effect)

    def _seen(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "key": self.key,
            "trajectory": self.trajectory,
            "seq": self.seq,
            "party": self.party,
            "target": self.target,
            "lane": self.lane,
            "network": self.network,
            "account": self.account,
            "purpose": Purpose(self.purpose),
            "priority": Priority(self.priority),
            "state": DeliveryState(self.state),
            "hold": self.hold,
            "attempts": self.attempts,
            "twice": bool(self.twice),
            "parts_done": self.parts_done,
            "parts_total": self.parts_total,
            "external_ids": decode_texts(self.external_ids),
            "losses": decode_texts(self.losses),
            "not_before": maybe_instant(self.not_before),
            "owner": self.owner,
            "lease_until": maybe_instant(self.lease_until),
            "reason": self.reason,
            "created_at": instant(self.created_at),
        }


_COLUMNS = (
    "o.id, o.key, o.trajectory, o.seq, o.party, o.target, o.lane, o.network, o.account, "
    "o.address, o.epoch, o.purpose, o.priority, o.state, o.hold, o.key_owner, o.payload, "
    "o.parts_done, o.parts_total, o.external_ids, o.losses, o.attempts, o.twice, o.not_before, "
    "o.owner, o.lease_until, o.reason, o.created_at, o.updated_at"
)
_BEFORE = f"FROM outbox b WHERE b.lane = o.lane AND b.id < o.id AND b.{HOLDS_LANE}"
_SELECT = (
    f"SELECT {_COLUMNS}, (SELECT MIN(b.id) {_BEFORE}), (SELECT MAX(b.id) {_BEFORE}) "  # noqa: S608
    "FROM outbox o WHERE "
)
ROWS = SqlIn(_SELECT + "o.id IN (*) ORDER BY o.id", postgresql="FOR UPDATE OF o")
CLAIMS = SqlIn(_SELECT + "o.id IN (*) ORDER BY o.id", postgresql="FOR UPDATE OF o SKIP LOCKED")
ROW_BY_KEY = Sql(_SELECT + "o.key = ?", postgresql="FOR UPDATE OF o")
TRAJECTORIES = SqlIn("SELECT DISTINCT trajectory FROM outbox WHERE id IN (*)")
ABANDONED = Sql(
    f"SELECT id FROM outbox WHERE {OPEN} "  # noqa: S608 - a constant
    "AND (state = 'sending' OR state = 'uncertain') "
    "AND (lease_until IS NULL OR lease_until <= ? OR (? AND owner <> ?)) ORDER BY id LIMIT ?",
    postgresql="FOR UPDATE SKIP LOCKED",
)
IN_CHAT = Sql(
    f"SELECT id FROM outbox WHERE {OPEN} "  # noqa: S608 - a constant
    "AND network = ? AND account = ? ORDER BY id"
)
HELD = Sql("SELECT id FROM outbox WHERE state = 'accepted' AND hold = ? ORDER BY id")

_NAMES = _COLUMNS.replace("o.", "")
NEW = Sql(
    f"INSERT INTO outbox ({_NAMES}) "  # noqa: S608 - a constant
    f"VALUES ({', '.join('?' * len(_NAMES.split(',')))})"
)
CHANGE = Sql(
    "UPDATE outbox SET lane = ?, state = ?, payload = ?, parts_done = ?, parts_total = ?, "
    "external_ids = ?, losses = ?, attempts = ?, twice = ?, not_before = ?, owner = ?, "
    "lease_until = ?, reason = ?, updated_at = ? WHERE id = ?"
)
_OPEN_ROWS = Sql(
    f"SELECT {_COLUMNS} FROM outbox o WHERE o.{OPEN} AND o.id > ? "  # noqa: S608 - a constant
    "ORDER BY o.id LIMIT ?"
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
        *(row.lane, row.state, row.payload, row.parts_done, row.parts_total, row.external_ids),
        *(row.losses, row.attempts, bool(row.twice), row.not_before, row.owner),
        *(row.lease_until, row.reason, row.updated_at, row.id),
    )


def open_rows(store: Store, after_id: int = 0, limit: int = 1_000) -> list[OutboxRow]:
    """Return rows that are not over, oldest first, beside the writer. Raises StoreError."""
    with store.reading() as connection:
        found = _OPEN_ROWS.rows(connection, after_id, limit)
    return [Record(*row).row() for row in found]
