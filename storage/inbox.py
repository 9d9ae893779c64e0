"""Payloads as they came: kept before they are acknowledged, handled once, remembered for ever.

1. A payload whose keys were all unknown is new; any known key makes it a repeat.
2. It is sealed under the bridge's own key, and emptied once it was handled or ignored.
3. ``held`` waits for an answer of a person, ``parked`` for the operator; both keep the payload.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from bridge.core.errors import StoreError
from storage import crypto
from storage.codec import instant
from storage.sql import Row, Sql, SqlIn, insert, update
from storage.tables import inbox, inbox_keys
from storage.young import YoungRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bridge.core.adapter import Raw
    from storage.cursors import Cursors
    from storage.transaction import Transaction

InboxKey = tuple[str, str, str]


class InboxState(StrEnum):
    """What became of a payload."""

    NEW = "new"
    HELD = "held"
    PARKED = "parked"
    HANDLED = "handled"
    IGNORED = "ignored"


OVER = frozenset({InboxState.HANDLED, InboxState.IGNORED})


class InboxRow(msgspec.Struct, frozen=True):
    """A payload that was not handled yet; ``hold`` is what it waits for or waited for last."""

    id: int
    network: str
    account: str
    key: str
    payload: bytes
    state: InboxState
    hold: str
    attempts: int
    received_at: datetime


_TIME_OF_OTHERS = 30_000_000  # microseconds


class _Record(msgspec.Struct):
    id: int
    network: str
    account: str
    key: str
    sealed: bytes | None
    state: str
    hold: str
    attempts: int
    reason: str
    received_at: int
    handled_at: int | None = None
    trajectory: str = ""
    seq: int = 0
    payload: bytes | None = None
    stored: bool = True


_KNOWN = SqlIn(
    "WITH k(network, account, key) AS (*) SELECT i.network, i.account, i.key "
    "FROM k CROSS JOIN inbox_keys i "
    "WHERE i.network = k.network AND i.account = k.account AND i.key = k.key",
    width=3,
)
_NEW_KEY = insert(inbox_keys)
_NEW = insert(inbox)
_ROWS = SqlIn(
    "SELECT id, network, account, key, payload, state, hold, attempts, reason, received_at, "
    "handled_at, trajectory, seq FROM inbox WHERE id IN (*) ORDER BY id",
    postgresql="FOR UPDATE",
)
_CHANGE = update(
    inbox,
    *("payload", "state", "hold", "attempts", "reason", "handled_at", "trajectory", "seq", "id"),
)
_WAITING = Sql("SELECT id FROM inbox WHERE state = 'held' AND hold = ? ORDER BY id")
_UNHANDLED = Sql(
    "SELECT id FROM inbox WHERE state IN ('new', 'held', 'parked') AND state = 'new' "
    "AND received_at <= ? ORDER BY id LIMIT ?"
)
_LET_GO = Sql("SELECT DISTINCT hold FROM inbox WHERE state = 'new' AND hold <> ''")
_LIKE_HOLD = Sql(
    "SELECT DISTINCT hold FROM inbox WHERE state = 'held' AND hold >= ? AND hold < ? ORDER BY hold"
)
_NOT_YET = Sql("SELECT id FROM inbox WHERE state = 'new' AND hold <> '' AND hold = ? LIMIT 1")


class Inbox:
    """Payloads within one transaction; written in bulk by ``flush``."""

    def __init__(self, tx: Transaction, cursors: Cursors) -> None:
        self._tx = tx
        self._known: dict[InboxKey, bool] = {}
        self._records: dict[int, _Record | None] = {}
        self._changed: dict[int, _Record] = {}
        self._new_keys: list[Row] = []
        self._let_go: set[str] | None = None
        self._cursors = cursors
        self._young = YoungRows(tx.connection, tx.caches.young_keys) if tx.sqlite else None

    def fetch_keys(self, keys: Iterable[InboxKey]) -> None:
        """Find out for many keys at once whether they were seen before."""
        missing = [key for key in keys if key not in self._known]
        if not missing:
            return
        young = self._young
        found = {key: young is not None and young.get(key) is not None for key in missing}
        self._known.update(found)
        asked: list[Row] = [key for key in missing if not found[key]]
        for network, account, key in _KNOWN.rows(self._tx.connection, asked):
            self._known[network, account, key] = True

    def fetch(self, ids: Iterable[int]) -> None:
        """Look many rows up at once (and lock them on PostgreSQL)."""
        missing = [number for number in ids if number not in self._records]
        if not missing:
            return
        self._records.update(dict.fromkeys(missing))
        asked: list[Row] = [(number,) for number in sorted(missing)]
        for row in _ROWS.rows(self._tx.connection, asked):
            self._records[row[0]] = _Record(*row)

    def accept(
        self, network: str, account: str, raws: Sequence[Raw], cursor: str | None
    ) -> list[InboxRow]:
        """Keep payloads and move the cursor; return the new ones."""
        self.fetch_keys((network, account, key) for raw in raws for key in raw.keys)
        accepted: list[InboxRow] = []
        for raw in raws:
            keys = list(dict.fromkeys((network, account, key) for key in raw.keys))
            if not any(self._known[key] for key in keys):
                accepted.append(self._keep(keys, raw.payload))
        if cursor is not None:
            self._cursors.move(network, account, cursor)
        return accepted

    def _keep(self, keys: list[InboxKey], payload: bytes) -> InboxRow:
        number = self._tx.next_id("inbox")
        network, account, first = keys[0]
        record = _Record(
            number,
            network,
            account,
            first,
            None,  # sealed when it is written, if it still waits then
            InboxState.NEW.value,
            "",
            0,
            "",
            self._tx.at,
            payload=payload,
            stored=False,
        )
        for key in keys:
            self._known[key] = True
            self._new_keys.append((*key, number))
        self._records[number] = self._changed[number] = record
        at = self._tx.now
        return InboxRow(number, network, account, first, payload, InboxState.NEW, "", 0, at)

    def row(self, number: int) -> InboxRow | None:
        """Return a payload that waits: new, held or parked."""
        self.fetch((number,))
        record = self._records[number]
        return None if record is None or record.state in OVER else self._row(record)

    def _row(self, record: _Record) -> InboxRow:
        if record.payload is None:
            binding = _binding(record.id, record.network, record.account)
            record.payload = self._tx.bridge_sealer.open(record.sealed or b"", binding)
        return InboxRow(
            record.id,
            record.network,
            record.account,
            record.key,
            record.payload,
            InboxState(record.state),
            record.hold,
            record.attempts,
            instant(record.received_at),
        )

    def finish(
        self, number: int, state: str, trajectory: str = "", seq: int = 0, reason: str = ""
    ) -> None:
        """Settle what became of a payload. ``parked`` keeps it; handled and ignored empty it."""
        record = self._change(number)
        record.state = InboxState(state).value
        record.trajectory, record.seq, record.reason = trajectory, seq, reason
        if state in OVER:
            record.sealed = record.payload = None
            record.handled_at = self._tx.at
        elif state == InboxState.PARKED:
            record.attempts += 1

    def hold(self, number: int, hold: str) -> None:
        """Let a payload wait until ``hold`` is released or dropped."""
        record = self._change(number)
        record.state, record.hold = InboxState.HELD.value, hold

    def retry(self, number: int) -> bool:
        """Handle a parked payload again; False when there is none with this id."""
        self.fetch((number,))
        record = self._records[number]
        if record is None or record.state != InboxState.PARKED:
            return False
        record = self._change(number)
        record.state = InboxState.NEW.value
        self.let_go().add(record.hold)
        self._tx.call_others = True
        return True

    def waiting(self, hold: str) -> tuple[int, ...]:
        """Return the ids of what waits on a hold, in the order it came."""
        self.flush()
        return tuple(row[0] for row in _WAITING.rows(self._tx.connection, hold))

    def unhandled(self, limit: int = 1_000, *, everything: bool = False) -> list[int]:
        """Return ids of new rows, oldest first.

        On PostgreSQL other processes handle rows too, so there only those of half a minute ago,
        but for ``everything``: at the start, so that what a crash left is not overtaken. A row
        that two processes try is handled by one of them.
        """
        self.flush()
        mine = everything or self._tx.sqlite
        until = self._tx.at - (0 if mine else _TIME_OF_OTHERS)
        return [int(row[0]) for row in _UNHANDLED.rows(self._tx.connection, until, limit)]

    def release(self, hold: str) -> tuple[int, ...]:
        """Make what waits on a hold new again; return the ids in order."""
        numbers = self.waiting(hold)
        self.fetch(numbers)
        for number in numbers:
            self._change(number).state = InboxState.NEW.value
        if numbers:
            self.let_go().add(hold)
        return numbers

    def let_go(self) -> set[str]:
        """Return the holds with payloads that were let go and not handled; perhaps some more."""
        if self._let_go is None:
            self._let_go = {str(row[0]) for row in _LET_GO.rows(self._tx.connection)}
        return self._let_go

    def is_working_off(self, hold: str) -> bool:
        """Tell whether payloads that were let go from a hold are still to be handled."""
        if hold not in self.let_go():
            return False
        self.flush()
        return bool(_NOT_YET.rows(self._tx.connection, hold))

    def holds_like(self, prefix: str) -> list[str]:
        """Return the holds of waiting payloads whose names begin so (with ASCII)."""
        self.flush()
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        return [str(row[0]) for row in _LIKE_HOLD.rows(self._tx.connection, prefix, end)]

    def drop(self, hold: str, reason: str) -> None:
        """Forget what waits on a hold."""
        numbers = self.waiting(hold)
        self.fetch(numbers)
        for number in numbers:
            self.finish(number, InboxState.IGNORED, reason=reason)

    def _change(self, number: int) -> _Record:
        self.fetch((number,))
        record = self._records[number]
        if record is None or record.state in OVER:
            raise StoreError(f"inbox row {number} is not there any more or was settled before")
        self._changed[number] = record
        return record

    def flush(self) -> None:
        """Write what was accepted and changed."""
        connection = self._tx.connection
        changed = self._changed.values()
        for record in changed:
            if record.sealed is None and record.payload is not None:
                binding = _binding(record.id, record.network, record.account)
                record.sealed = self._tx.bridge_sealer.seal(record.payload, binding)
        _NEW.run_many(connection, [_values(row) for row in changed if not row.stored])
        if self._young is not None:
            self._young.add(self._new_keys)
        else:
            _NEW_KEY.run_many(connection, self._new_keys)
        _CHANGE.run_many(connection, [_changes(row) for row in changed if row.stored])
        for record in changed:
            record.stored = True
        self._changed, self._new_keys = {}, []

    def committed(self) -> None:
        """Keep what is worth keeping for the next transaction."""
        if self._young is not None:
            self._young.committed()


def _binding(number: int, network: str, account: str) -> bytes:
    return crypto.fields("inbox", str(number), network, account)


def _values(row: _Record) -> Row:
    return (
        *(row.id, row.network, row.account, row.key, row.sealed, row.state, row.hold),
        *(row.attempts, row.reason, row.received_at, row.handled_at, row.trajectory, row.seq),
    )


def _changes(row: _Record) -> Row:
    return (
        *(row.sealed, row.state, row.hold, row.attempts, row.reason),
        *(row.handled_at, row.trajectory, row.seq, row.id),
    )
