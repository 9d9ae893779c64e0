"""Effects on their way out: bound to their party, claimed by lane, settled once.

1. A row may be claimed when it is queued, due, and the oldest of its lane that is not over.
2. A change that ``delivery.TRANSITIONS`` does not allow is refused by returning False: somebody
   else settled the row first, and what they wrote stands.
3. The sealed effect goes when the row is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.delivery import TERMINAL, DeliveryState, may_become
from bridge.core.endpoint import Endpoint
from bridge.core.errors import StoreError
from storage import codec, crypto
from storage.outbox_records import Records
from storage.outbox_rows import (
    ABANDONED,
    BEHIND,
    HELD,
    HOLD,
    IN_CHAT,
    MOVE,
    NEARBY,
    STATES,
    Claimed,
    OutboxRow,
    Record,
    new,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bridge.core.effects import Effect
    from bridge.core.endpoint import Place
    from storage.transaction import Transaction

_S = DeliveryState

NEIGHBOURS = 20_000
"""How many ids on either side of a row's are looked at; on PostgreSQL most are never used."""


class Outbox:
    """What may be done with outbox rows in one transaction; ``records`` finds and writes them."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.records = self._records = Records(tx)
        self._erased: list[OutboxRow] = []

    # looking rows up

    def by_key(self, key: str) -> OutboxRow | None:
        """Return a row by its key, whatever its state."""
        record = self._records.by_key(key)
        return None if record is None else record.row()

    def row(self, number: int) -> OutboxRow | None:
        """Return a row by its id, whatever its state."""
        self._records.fetch((number,))
        record = self._records.get(number)
        return None if record is None else record.row()

    def goes_to(self, number: int) -> tuple[Endpoint, int] | None:
        """Return the endpoint a row is bound to, and under which epoch of its link."""
        self._records.fetch((number,))
        record = self._records.get(number)
        if record is None:
            return None
        return Endpoint(record.network, record.account, record.address), record.epoch

    def made_nearby(self, number: int) -> frozenset[str]:
        """Return the external ids of what rows of the same account made, around a row in time."""
        self._records.fetch((number,))
        record = self._records.need(number)
        self._records.flush()
        around = number - NEIGHBOURS, number + NEIGHBOURS
        tx = self._tx
        found = NEARBY.rows(tx.connection, *around, record.network, record.account)
        return frozenset(id for (ids,) in found for id in codec.decode_texts(ids))

    # new rows

    def enqueue(self, key: str, trajectory: str, owner: str, effect: Effect) -> OutboxRow:
        """Add a row, sealed under the key of (trajectory, owner)."""
        plain = codec.encode_effect(effect)
        sealer = self._tx.sealer(trajectory, owner)
        if sealer is None:
            raise StoreError(f"{key} cannot be sent: the key of its words was destroyed")
        payload = sealer.seal(plain, crypto.fields("outbox", key))
        number = self._tx.next_id("outbox")
        record = new(number, key, trajectory, owner, effect, payload, self._tx.at)
        self._records.add(record)
        return record.row()

    # claiming

    def behind(self, number: int, most: int) -> list[tuple[OutboxRow, Effect | None]]:
        """Return the next rows of a row's lane that are not over, in order; for albums only."""
        lane = self._records.need(number).lane
        self._records.flush()
        found = BEHIND.rows(self._tx.connection, lane, number, most)
        self._records.fetch_claims(row[0] for row in found)
        rows: list[tuple[OutboxRow, Effect | None]] = []
        for (next_number,) in found:
            record = self._records.get(next_number)
            if record is None:  # another process looks at it; what follows it must not overtake it
                break
            rows.append((record.row(), self._records.effect(record)))
        return rows

    def claim(
        self, ids: Sequence[int], owner: str, lease_until: datetime, *, behind: bool = False
    ) -> list[Claimed]:
        """Lease the rows that may be sent now; return those, in the order asked for.

        A row whose words were erased is suppressed instead: see ``take_erased``. Rows that go out
        together with one ``behind`` which they stand need not be the first of their lane.
        """
        self._records.fetch_claims(ids)
        claimed: list[Claimed] = []
        until = codec.micros(lease_until)
        for number in ids:
            record = self._records.get(number)
            if record is None or not self._may_send(record, behind=behind):
                continue
            record.state = _S.SENDING.value
            claimed.extend(self._lease(record, owner, until))
        return claimed

    def take_over(self, owner: str, lease_until: datetime, limit: int = 1_000) -> list[Claimed]:
        """Lease rows whose sender did not come back, as ``uncertain``; return them in order.

        Those are rows whose lease ran out. On SQLite one process sends, so there every row of
        another owner was left behind.
        """
        self._records.flush()
        tx = self._tx
        found = ABANDONED.rows(tx.connection, tx.at, tx.sqlite, owner, limit)
        numbers = [int(row[0]) for row in found]
        self._records.fetch(numbers)
        taken: list[Claimed] = []
        until = codec.micros(lease_until)
        for number in numbers:
            record = self._records.need(number)
            record.state = _S.UNCERTAIN.value
            taken.extend(self._lease(record, owner, until))
        return taken

    def _lease(self, record: Record, owner: str, until: int) -> tuple[Claimed, ...]:
        effect = self._records.effect(record)
        record.not_before = None
        if effect is None:
            self._records.touch(record)
            record.state, record.reason, record.payload = _S.SUPPRESSED.value, "erased", None
            record.owner, record.lease_until = "", None
            self._erased.append(record.row())
            return ()
        record.owner, record.lease_until = owner, until
        self._records.lease(record)
        return (record.claimed(effect),)

    def _may_send(self, record: Record, *, behind: bool) -> bool:
        if record.state != _S.QUEUED:
            return False
        if record.not_before is not None and record.not_before > self._tx.at:
            return False
        return behind or self._records.is_first(record) or self._leave(record)

    def _leave(self, record: Record) -> bool:
        """Leave a row to the process that has its lane: whoever made it says so, and once.

        What a row is to do is remembered where it was made, until here; so no two processes call
        each other again and again about one row.
        """
        effects = self._tx.caches.effects
        if record.id in effects:
            effects.pop(record.id)
            self._tx.call_others = True
        return False

    def take_erased(self) -> list[OutboxRow]:
        """Return the rows that were to be leased and had lost their words, since the last time.

        They are suppressed; whoever leases tells their logs so.
        """
        taken, self._erased = self._erased, []
        return taken

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
        record = self._records.need(number)
        record.parts_done, record.parts_total = parts_done, parts_total
        record.external_ids = codec.encode_texts(tuple(external_ids))
        record.lease_until = codec.micros(lease_until)
        self._records.touch(record)

    def renew(self, number: int, lease_until: datetime) -> bool:
        """Keep a leased row longer; False when it is nobody's to send or ask about any more."""
        record = self._records.need(number)
        if record.state not in (_S.SENDING, _S.UNCERTAIN):
            return False
        record.lease_until = codec.micros(lease_until)
        self._records.touch(record)
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
        record = self._records.need(number)
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
        record = self._records.need(number)
        record.not_before = codec.maybe_micros(not_before)
        if attempts is not None:
            record.attempts = attempts
        if twice is not None:
            record.twice = twice
        if reason is not None:
            record.reason = reason
        return True

    def put_on_hold(self, number: int, hold: str) -> None:
        """Let a row that was just claimed, and of which nothing went, wait until it is released."""
        record = self._records.need(number)
        if record.state != _S.SENDING or record.parts_done:
            raise StoreError(f"outbox row {number} cannot wait any more")
        record.state, record.hold = _S.ACCEPTED.value, hold
        record.owner, record.lease_until = "", None
        HOLD.run(self._tx.connection, hold, number)
        self._records.touch(record)

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
        record = self._records.need(number)
        record.reason = reason
        if owner is not None:
            record.owner = owner
        if lease_until is not None:
            record.lease_until = codec.micros(lease_until)
        return True

    def _become(self, number: int, state: DeliveryState) -> bool:
        record = self._records.need(number)
        if not may_become(STATES[record.state], state):
            return False
        record.state = state.value
        if state is not _S.UNCERTAIN:  # whoever found that out also asks the network
            record.owner, record.lease_until = "", None
        self._records.touch(record)
        return True

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
        self._records.flush()
        numbers = [int(row[0]) for row in HELD.rows(self._tx.connection, hold)]
        self._records.fetch(numbers)
        held = map(self._records.get, numbers)
        changed = [r for r in held if r is not None and r.state == _S.ACCEPTED]
        for record in changed:
            record.state = state.value
            record.looked_up = False
            self._records.join(record)
            self._records.touch(record)
        return changed

    def move_chat(self, old: Place, new: Place) -> list[OutboxRow]:
        """Let rows that are not over follow a chat to its new id; return them in order."""
        self._records.flush()
        found = IN_CHAT.rows(self._tx.connection, old.network, old.account)
        numbers = [int(row[0]) for row in found]
        self._records.fetch(numbers)
        records = map(self._records.get, numbers)
        return [row for record in records if record for row in self._move(record, old, new)]

    def _move(self, record: Record, old: Place, new: Place) -> list[OutboxRow]:
        effect = self._records.effect(record)
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
        self._records.join(record, moved=True)
        self._records.touch(record)
        return [record.row()]
