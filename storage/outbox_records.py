"""The outbox rows one transaction looks at: found once, changed in memory, written in bulk.

1. A row that is made and changed in one transaction costs one INSERT, with its last values.
2. On SQLite rows that are not over stay in memory between transactions, and so does which of them
   hold a lane: a claim or the end of a row reads nothing then. All of it is forgotten after another
   connection wrote.
3. On PostgreSQL a row is locked before it is looked at; one that somebody else has is not waited
   for when it is to be claimed.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from bridge.core.delivery import OPEN, DeliveryState
from bridge.core.errors import StoreError
from storage import codec, crypto
from storage.outbox_rows import (
    BEFORE,
    CHANGE,
    CLAIMS,
    HOLDING,
    LEASE,
    NEW,
    ROW_BY_KEY,
    ROWS,
    TRAJECTORIES,
    Record,
    Stored,
    changes,
    lease,
    values,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.core.effects import Effect
    from storage.caches import Caches
    from storage.sql import Row, SqlIn
    from storage.transaction import Transaction

_HOLDS = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNCERTAIN})


class Records:
    """Outbox rows under change."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._known: dict[int, Record | None] = {}
        self._keys: dict[str, int] = {}
        self._changed: dict[int, Record] = {}
        self._leased: dict[int, Record] = {}
        self._joined: dict[str, list[Record]] = {}
        self._moved = False
        self._held: dict[str, set[int]] | None = None

    # finding

    def trajectories(self, ids: Iterable[int]) -> set[str]:
        """Return which logs rows belong to, without locking the rows."""
        known = (self._known.get(number) for number in ids)
        found = {record.trajectory for record in known if record is not None}
        missing: list[Row] = [(number,) for number in ids if number not in self._known]
        if missing:
            found |= {row[0] for row in TRAJECTORIES.rows(self._tx.connection, missing)}
        return found - {""}

    def fetch(self, ids: Iterable[int]) -> None:
        """Look many rows up at once (and wait for their locks on PostgreSQL)."""
        missing = self._missing(ids)
        self._known.update(dict.fromkeys(missing))
        self._fetch(missing, ROWS)

    def fetch_claims(self, ids: Iterable[int]) -> None:
        """The same for rows to be claimed, without those that another writer has."""
        self._fetch(self._missing(ids), ROWS if self._tx.sqlite else CLAIMS)

    def _missing(self, ids: Iterable[int]) -> list[int]:
        cache = self._tx.caches.records
        missing: list[int] = []
        for number in ids:
            if number in self._known:
                continue
            remembered = cache.get(number)
            if remembered is None:
                missing.append(number)
            else:
                # A copy: what is shared changes only by a commit.
                self._add(copy(remembered))
        return missing

    def _fetch(self, missing: list[int], statement: SqlIn) -> None:
        if not missing:
            return
        asked: list[Row] = [(number,) for number in sorted(missing)]
        for row in statement.rows(self._tx.connection, asked):
            self._take(row, looked_up=statement is CLAIMS)

    def _take(self, row: Stored, *, looked_up: bool = False) -> Record:
        record = Record(*row)
        record.looked_up = looked_up
        return self._add(record)

    def _add(self, record: Record) -> Record:
        self._known[record.id] = record
        self._keys[record.key] = record.id
        return record

    def by_key(self, key: str) -> Record | None:
        """Return a row by its key."""
        number = self._keys.get(key)
        if number is not None:
            return self._known[number]
        rows = ROW_BY_KEY.rows(self._tx.connection, key)
        if not rows:
            return None
        known = self._known.get(rows[0][0])
        return known or self._take(rows[0])

    def get(self, number: int) -> Record | None:
        """Return a row that was looked up before."""
        return self._known.get(number)

    def need(self, number: int) -> Record:
        """Return a row. Raises StoreError when there is none."""
        self.fetch((number,))
        record = self._known[number]
        if record is None:
            raise StoreError(f"there is no outbox row {number}")
        return record

    def effect(self, record: Record) -> Effect | None:
        """Return what a row is to send; None when the key of its words was destroyed."""
        if record.effect is None:
            record.effect = self._tx.caches.effects.get(record.id)
        if record.effect is None and record.payload is not None:
            opener = self._tx.opener(record.trajectory, record.key_owner)
            if opener is not None:
                plain = opener.open(record.payload, crypto.fields("outbox", record.key))
                record.effect = codec.decode_effect(plain)
        return record.effect

    # changing

    def add(self, record: Record) -> None:
        """Take a row that is not stored yet."""
        self._changed[record.id] = self._add(record)
        self.join(record)

    def touch(self, record: Record) -> None:
        """Write a row's changes at the end."""
        record.updated_at = self._tx.at
        self._changed[record.id] = record

    def lease(self, record: Record) -> None:
        """Write a row's lease at the end, which changes little of it."""
        record.updated_at = self._tx.at
        self._leased[record.id] = record

    def join(self, record: Record, *, moved: bool = False) -> None:
        """Note that a row is new in its lane, so far only in this transaction."""
        self._joined.setdefault(record.lane, []).append(record)
        self._moved |= moved

    def is_first(self, record: Record) -> bool:
        """Tell whether no row before this one holds its lane."""
        for joined in self._joined.get(record.lane, ()):
            if joined.id < record.id and joined.state in _HOLDS:
                return False
        if self._tx.sqlite:
            holding = self._holding().get(record.lane)
            if not holding or min(holding) >= record.id:
                return True
            before = (number for number in holding if number < record.id)
            return all(self._let_go(number, record.lane) for number in before)
        if not record.looked_up:
            found = BEFORE.rows(self._tx.connection, record.lane, record.id)[0]
            record.first_before, record.last_before = found
            record.looked_up = True
        # The one row before it may be over since it was looked up: settled in this transaction.
        first = record.first_before
        alone = first == record.last_before
        return first is None or (alone and self._let_go(first, record.lane))

    def _let_go(self, number: int, lane: str) -> bool:
        record = self._known.get(number)
        return record is not None and (record.lane != lane or record.state not in _HOLDS)

    def _holding(self) -> dict[str, set[int]]:
        """Return which rows hold each lane, as stored; what changed here is asked for first."""
        if self._held is None:
            self._held = self._tx.caches.holding
        if self._held is None:
            self._held = {}
            for lane, number in HOLDING.rows(self._tx.connection):
                self._held.setdefault(lane, set()).add(number)
        return self._held

    # the end

    def flush(self) -> None:
        """Write what was added and changed."""
        connection = self._tx.connection
        changed = self._changed.values()
        NEW.run_many(connection, [values(row) for row in changed if not row.stored])
        CHANGE.run_many(connection, [changes(row) for row in changed if row.stored])
        leased = (row for row in self._leased.values() if row.id not in self._changed)
        LEASE.run_many(connection, [lease(row) for row in leased])
        for record in changed:
            record.stored = True
        self._changed, self._leased = {}, {}

    def committed(self) -> None:
        """Keep what waits, so that its claim and its end need not read it again."""
        caches = self._tx.caches
        if self._moved or self._tx.keys_destroyed:
            caches.forget_rows()
            return
        records = [record for record in self._known.values() if record is not None]
        if self._tx.sqlite:
            if self._held is not None:  # it may be empty, and known to be
                caches.holding = self._held
            _keep(caches, records)
            return
        for record in records:
            if record.state not in OPEN:
                caches.effects.pop(record.id)
            elif record.effect is not None:
                caches.effects[record.id] = record.effect


def _keep(caches: Caches, records: Iterable[Record]) -> None:
    holding = caches.holding
    for record in records:
        number = record.id
        if record.state in OPEN:
            caches.records[number] = record
        else:
            caches.records.pop(number)
        if holding is None:
            continue
        if record.state in _HOLDS:
            holding.setdefault(record.lane, set()).add(number)
        elif (lane := holding.get(record.lane)) is not None:
            lane.discard(number)
            if not lane:
                del holding[record.lane]
