"""The turns of an effect: the rows by which one entry is given to one party, one after the other.

1. Each turn but the last is over, and reached nobody or may be repeated because its author said so:
   the recipient gets the entry once (I6).
2. A row whose sending began is never taken back: another turn in its stead could be a second copy.
3. A turn has the key of the first with a number behind it, so that each key is used once for ever.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from bridge.core.delivery import OPEN, DeliveryState
from bridge.core.effects import turns
from storage.outbox_rows import WAITING_FOR, Claimed, OutboxRow

if TYPE_CHECKING:
    from bridge.core.effects import Effect
    from storage.outbox import Outbox
    from storage.transaction import Transaction

_S = DeliveryState
_WAITS = frozenset({_S.ACCEPTED, _S.QUEUED})
_LATER = re.compile(r"(.*/[0-9]+/[^/]+)/turn-[0-9]+", re.DOTALL)


class Turns:
    """What may be done with the turns of effects in one transaction."""

    def __init__(self, tx: Transaction, outbox: Outbox) -> None:
        self._tx = tx
        self._outbox = outbox
        self._records = outbox.records

    def of(self, key: str) -> list[OutboxRow]:
        """Return the rows of an effect in order, by the key of any of them."""
        found: list[OutboxRow] = []
        for one in turns(_first(key)):
            record = self._records.by_key(one)
            if record is None:
                break
            found.append(record.row())
        return found

    def again(self, key: str, trajectory: str, owner: str, effect: Effect) -> OutboxRow | None:
        """Let an effect have another turn though its last one came to an end; None after the last.

        One about which nobody knows ends here as not clear, and the next may be a second copy.
        """
        before = self.of(key)
        if len(before) >= len(turns(key)):
            return None
        last = before[-1] if before else None
        if last is not None and last.state is _S.UNCERTAIN:
            self._outbox.settle(last.id, _S.FAILED, "unclear")
        elif last is not None and last.state in OPEN:
            return None
        row = self._outbox.enqueue(turns(key)[len(before)], trajectory, owner, effect)
        doubt = last is not None and (last.state is _S.UNCERTAIN or last.reason == "unclear")
        self._records.need(row.id).twice = doubt
        return self._records.need(row.id).row()

    def waiting_for(self, party: str) -> list[Claimed]:
        """Return what was not begun to be sent to a party, in order, and lock it.

        What may have reached them in part, or once already, is no more to be had.
        """
        self._records.flush()
        numbers = [int(row[0]) for row in WAITING_FOR.rows(self._tx.connection, party)]
        self._records.fetch(numbers)
        found: list[Claimed] = []
        for record in map(self._records.get, numbers):
            if record is None or record.state not in _WAITS:
                continue
            effect = self._records.effect(record)
            if effect is not None and not record.parts_done and not record.twice:
                found.append(record.claimed(effect))
        return found

    def replace(self, number: int, effect: Effect, reason: str) -> OutboxRow | None:
        """End a row that waits, and let the next turn of its effect wait in its stead.

        None, and nothing changed, when its sending began, or when it has had all its turns.
        """
        record = self._records.need(number)
        taken = len(self.of(record.key))
        keys = turns(_first(record.key))
        if record.state not in _WAITS or taken >= len(keys):
            return None
        hold = effect.hold if record.state == _S.ACCEPTED else ""
        effect = msgspec.structs.replace(effect, hold=hold)
        row = self._outbox.enqueue(keys[taken], record.trajectory, record.key_owner, effect)
        # A time it was to wait for from the first; what its network made it wait stays behind.
        until = None if record.attempts else record.not_before
        self._outbox.settle(number, _S.SUPPRESSED, reason)
        self._records.need(row.id).not_before = until
        return self._records.need(row.id).row()


def _first(key: str) -> str:
    later = _LATER.fullmatch(key)
    return later.group(1) if later is not None else key
