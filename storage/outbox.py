"""Effects on their way out: bound to their party, claimed by lane, settled once.

1. A row may be claimed when it is queued, due, and the oldest of its lane that is not over.
2. On PostgreSQL a row is locked before it is looked at; one that somebody else has is not waited
   for.
3. A change that ``delivery.TRANSITIONS`` does not allow is refused by returning False: somebody
   else settled the row first, and what they wrote stands.
4. The sealed effect goes when the row is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.delivery import OPEN, TERMINAL, DeliveryState, may_become
from bridge.core.errors import StoreError
from storage import codec, crypto
from storage.outbox_rows import (
    ABANDONED,
    BEFORE,
    CHANGE,
    CLAIMS,
    HELD,
    IN_CHAT,
    LEASE,
    MOVE,
    NEW,
    ROW_BY_KEY,
    ROWS,
    TRAJECTORIES,
    Claimed,
    OutboxRow,
    Record,
    Stored,
    changes,
    lease,
    values,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bridge.core.effects import Effect
    from bridge.core.endpoint import Place
    from storage.sql import Row, SqlIn
    from storage.transaction import Transaction

_S = DeliveryState


class Outbox:
    """Outbox rows within one transaction; written in bulk by ``flush``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._records: dict[int, Record | None] = {}
        self._keys: dict[str, int] = {}
        self._changed: dict[int, Record] = {}
        self._leased: dict[int, Record] = {}

    # looking rows up

    def trajectories(self, ids: Iterable[int]) -> set[str]:
        """Return which logs rows belong to, without locking the rows."""
        known = (self._records.get(number) for number in ids)
        found = {record.trajectory for record in known if record is not None}
        missing: list[Row] = [(number,) for number in ids if number not in self._records]
        if missing:
            found |= {row[0] for row in TRAJECTORIES.rows(self._tx.connection, missing)}
        return found - {""}

    def fetch(self, ids: Iterable[int]) -> None:
        """Look many rows up at once (and wait for their locks on PostgreSQL)."""
        missing = [number for number in ids if number not in self._records]
        self._records.update(dict.fromkeys(missing))
        self._fetch(missing, ROWS)

    def fetch_claims(self, ids: Iterable[int]) -> None:
        """The same for rows to be claimed, without those that another writer has."""
        self._fetch([number for number in ids if number not in self._records], CLAIMS)

    def _fetch(self, missing: list[int], statement: SqlIn) -> None:
        if not missing:
            return
        asked: list[Row] = [(number,) for number in sorted(missing)]
        for row in statement.rows(self._tx.connection, asked):
            self._take(row, looked_up=statement is CLAIMS)

    def _take(self, row: Stored, *, looked_up: bool = False) -> Record:
        record = Record(*row)
        record.looked_up = looked_up
        self._records[record.id] = record
        self._keys[record.key] = record.id
        return record

    def _find(self, key: str) -> Record | None:
        number = self._keys.get(key)
        if number is not None:
            return self._records[number]
        rows = ROW_BY_KEY.rows(self._tx.connection, key)
        return self._take(rows[0]) if rows else None

    def by_key(self, key: str) -> OutboxRow | None:
        """Return a row by its key, whatever its state."""
        record = self._find(key)
        return None if record is None else record.row()

    def row(self, number: int) -> OutboxRow | None:
        """Return a row by its id, whatever its state."""
        self.fetch((number,))
        record = self._records[number]
        return None if record is None else record.row()

    # new rows

    def enqueue(self, key: str, trajectory: str, owner: str, effect: Effect) -> OutboxRow:
        """Add a row, sealed under the key of (trajectory, owner)."""
        plain = codec.encode_effect(effect)
        sealer = self._tx.sealer(trajectory, owner)
        if sealer is None:
            raise StoreError(f"{key} cannot be sent: the key of its words was destroyed")
        to = effect.to
        at = self._tx.at
        record = Record(
            id=self._tx.next_id("outbox"),
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
            state=(_S.ACCEPTED if effect.hold else _S.QUEUED).value,
            hold=effect.hold,
            key_owner=owner,
            payload=sealer.seal(plain, crypto.fields("outbox", key)),
            created_at=at,
            updated_at=at,
            stored=False,
            effect=effect,
        )
        self._records[record.id] = self._changed[record.id] = record
        self._keys[key] = record.id
        return record.row()

    # claiming

    def claim(self, ids: Sequence[int], owner: str, lease_until: datetime) -> list[Claimed]:
        """Lease the rows that may be sent now; return those, in the order asked for.

        A row whose words were erased is suppressed instead.
        """
        self.fetch_claims(ids)
        claimed: list[Claimed] = []
        until = codec.micros(lease_until)
        for number in ids:
            record = self._records.get(number)
            if record is None or not self._may_send(record):
                continue
            record.state = _S.SENDING.value
            claimed.extend(self._lease(record, owner, until))
        return claimed

    def take_over(self, owner: str, lease_until: datetime, limit: int = 1_000) -> list[Claimed]:
        """Lease rows whose sender did not come back, as ``uncertain``; return them in order.

        Those are rows whose lease ran out. On SQLite one process sends, so there every row of
        another owner was left behind.
        """
        self.flush()
        tx = self._tx
        found = ABANDONED.rows(tx.connection, tx.at, tx.sqlite, owner, limit)
        numbers = [int(row[0]) for row in found]
        self.fetch(numbers)
        taken: list[Claimed] = []
        until = codec.micros(lease_until)
        for number in numbers:
            record = self._need(number)
            record.state = _S.UNCERTAIN.value
            taken.extend(self._lease(record, owner, until))
        return taken

    def _lease(self, record: Record, owner: str, until: int) -> tuple[Claimed, ...]:
        effect = self.effect(record)
        record.not_before = None
        if effect is None:
            self._touch(record)
            record.state, record.reason, record.payload = _S.SUPPRESSED.value, "erased", None
            record.owner, record.lease_until = "", None
            return ()
        record.owner, record.lease_until = owner, until
        record.updated_at = self._tx.at
        self._leased[record.id] = record
        return (record.claimed(effect),)

    def _may_send(self, record: Record) -> bool:
        if record.state != _S.QUEUED:
            return False
        if record.not_before is not None and record.not_before > self._tx.at:
            return False
        if not record.looked_up:
            self.flush()
            before = BEFORE.rows(self._tx.connection, record.lane, record.id)[0]
            record.first_before, record.last_before = before
            record.looked_up = True
        if record.first_before is None:
            return True
        # The one row before it may be over since it was looked up: settled in this transaction.
        first = self._records.get(record.first_before)
        alone = record.first_before == record.last_before
        return alone and first is not None and first.state in TERMINAL

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

    # what became of them

    def part_sent(
        self,
        number: int,
        parts_done: int,
        parts_total: int,
        external_ids: Sequence[str],
        lease_until: datetime,
    ) -> None:
        """Note how far a group of parts got: a restart goes on behind it."""
        record = self._need(number)
        record.parts_done, record.parts_total = parts_done, parts_total
        record.external_ids = codec.encode_texts(tuple(external_ids))
        record.lease_until = codec.micros(lease_until)
        self._touch(record)

    def renew(self, number: int, lease_until: datetime) -> bool:
        """Keep a leased row longer; False when it is nobody's to send or ask about any more."""
        record = self._need(number)
        if record.state not in (_S.SENDING, _S.UNCERTAIN):
            return False
        record.lease_until = codec.micros(lease_until)
        self._touch(record)
        return True

    def settle(
        self,
        number: int,
        state: DeliveryState,
        reason: str = "",
        losses: Sequence[str] = (),
        *,
        external_ids: Sequence[str] | None = None,
        twice: bool | None = None,
    ) -> bool:
        """End a row, or move a sent one on; False when it may not become that any more.

        ``external_ids`` are those of all parts, None = as noted so far.
        """
        if state not in TERMINAL:
            raise ValueError(f"{state} does not end a delivery")
        if not self._become(number, state):
            return False
        record = self._need(number)
        record.reason = reason
        if external_ids is not None:
            record.external_ids = codec.encode_texts(tuple(external_ids))
        if losses:
            record.losses = codec.encode_texts(tuple(losses))
        if twice is not None:
            record.twice = twice
        record.payload = None
        return True

    def requeue(
        self,
        number: int,
        not_before: datetime | None = None,
        *,
        attempts: int | None = None,
        twice: bool | None = None,
        reason: str | None = None,
    ) -> bool:
        """Send a row again, at the earliest at that instant; False when it is over."""
        if not self._become(number, _S.QUEUED):
            return False
        record = self._need(number)
        record.not_before = codec.maybe_micros(not_before)
        if attempts is not None:
            record.attempts = attempts
        if twice is not None:
            record.twice = twice
        if reason is not None:
            record.reason = reason
        return True

    def uncertain(
        self,
        number: int,
        reason: str = "",
        owner: str | None = None,
        lease_until: datetime | None = None,
    ) -> bool:
        """Note that nobody knows whether a row was taken; False when it is over.

        Whoever had it finds out, or the ``owner`` given.
        """
        if not self._become(number, _S.UNCERTAIN):
            return False
        record = self._need(number)
        record.reason = reason
        if owner is not None:
            record.owner = owner
        if lease_until is not None:
            record.lease_until = codec.micros(lease_until)
        return True

    def _become(self, number: int, state: DeliveryState) -> bool:
        record = self._need(number)
        if not may_become(DeliveryState(record.state), state):
            return False
        record.state = state.value
        if state is not _S.UNCERTAIN:  # whoever found that out also asks the network
            record.owner, record.lease_until = "", None
        self._touch(record)
        return True

    def _need(self, number: int) -> Record:
        self.fetch((number,))
        record = self._records[number]
        if record is None:
            raise StoreError(f"there is no outbox row {number}")
        return record

    def _touch(self, record: Record) -> None:
        record.updated_at = self._tx.at
        self._changed[record.id] = record

    # holds

    def release(self, hold: str) -> list[OutboxRow]:
        """Queue what waits on a hold; return it in order."""
        return [record.row() for record in self._held(hold, _S.QUEUED)]

    def drop(self, hold: str, reason: str) -> list[OutboxRow]:
        """Suppress what waits on a hold; return it in order."""
        dropped = self._held(hold, _S.SUPPRESSED)
        for record in dropped:
            record.payload, record.reason = None, reason
        return [record.row() for record in dropped]

    def _held(self, hold: str, state: DeliveryState) -> list[Record]:
        self.flush()
        numbers = [int(row[0]) for row in HELD.rows(self._tx.connection, hold)]
        self.fetch(numbers)
        held = (self._records[number] for number in numbers)
        changed = [r for r in held if r is not None and r.state == _S.ACCEPTED]
        for record in changed:
            record.state = state.value
            record.looked_up = False
            self._touch(record)
        return changed

    def move_chat(self, old: Place, new: Place) -> list[OutboxRow]:
        """Let rows that are not over follow a chat to its new id; return them in order."""
        self.flush()
        found = IN_CHAT.rows(self._tx.connection, old.network, old.account)
        numbers = [int(row[0]) for row in found]
        self.fetch(numbers)
        records = (self._records[number] for number in numbers)
        return [row for record in records if record for row in self._move(record, old, new)]

    def _move(self, record: Record, old: Place, new: Place) -> list[OutboxRow]:
        effect = self.effect(record)
        sealer = self._tx.opener(record.trajectory, record.key_owner)
        if effect is None or sealer is None or effect.to.place.chat != old.chat:
            return []
        place = msgspec.structs.replace(effect.to.place, chat=new.chat)
        to = msgspec.structs.replace(effect.to, place=place)
        record.effect = msgspec.structs.replace(effect, to=to)
        record.lane = place.lane
        plain = codec.encode_effect(record.effect)
        record.payload = sealer.seal(plain, crypto.fields("outbox", record.key))
        record.looked_up = False
        MOVE.run(self._tx.connection, record.lane, record.id)
        self._touch(record)
        return [record.row()]

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
        """Keep the effects that wait, so that the claim need not open them again."""
        cache = self._tx.caches.effects
        for record in self._records.values():
            if record is None:
                continue
            if record.state not in OPEN:
                cache.pop(record.id)
            elif record.effect is not None:
                cache[record.id] = record.effect
