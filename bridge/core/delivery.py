"""What may become of one message for one recipient: the only file that owns these states.

1. A row begins as ``queued``, or as ``accepted`` while it waits for a consent, or for a rest to
   end; one that was queued when a rest began waits for its end too.
2. ``sending`` is committed before the request goes out; nothing is ``sent`` before the network
   took it.
3. An answer that never came, or a lease that ran out, makes it ``uncertain``; only reconciling or
   the policy for ambiguous sends leads on from there.
4. ``sent``, ``delivered``, ``read`` only move forward: a late or doubled receipt changes nothing.
5. ``failed``, ``suppressed`` and ``expired`` are final; a vendor may still turn ``sent`` into
   ``failed``.
"""

from __future__ import annotations

from enum import StrEnum


class DeliveryState(StrEnum):
    """Where a message stands for one recipient."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


_S = DeliveryState
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.ACCEPTED: frozenset({_S.QUEUED, _S.SUPPRESSED, _S.EXPIRED}),
    _S.QUEUED: frozenset({_S.ACCEPTED, _S.SENDING, _S.SUPPRESSED, _S.EXPIRED, _S.FAILED}),
    _S.SENDING: frozenset({_S.SENT, _S.UNCERTAIN, _S.QUEUED, _S.FAILED, _S.SUPPRESSED, _S.EXPIRED}),
    _S.UNCERTAIN: frozenset(
        {_S.QUEUED, _S.SENT, _S.DELIVERED, _S.READ, _S.FAILED, _S.SUPPRESSED, _S.EXPIRED}
    ),
    _S.SENT: frozenset({_S.DELIVERED, _S.READ, _S.FAILED}),
    _S.DELIVERED: frozenset({_S.READ}),
    _S.READ: frozenset(),
    _S.FAILED: frozenset(),
    _S.SUPPRESSED: frozenset(),
    _S.EXPIRED: frozenset(),
}

TERMINAL = frozenset({_S.SENT, _S.DELIVERED, _S.READ, _S.FAILED, _S.SUPPRESSED, _S.EXPIRED})
"""States in which the outbox has nothing more to do (I6)."""

POSTPONED = frozenset({"quiet_hours", "later", "paused"})
"""Why something of the bridge's own was held back that is said later, if it still makes sense."""

NOT_ARRIVED = frozenset({_S.FAILED, _S.SUPPRESSED, _S.EXPIRED})
"""How a message can end without having reached anybody."""

AGAIN = "sent_again"
"""Why something is queued again that had come to an end: its author wanted that."""

OPEN = frozenset(set(DeliveryState) - TERMINAL)
"""States in which the outbox still has something to do, or waits for a consent."""


def may_become(now: DeliveryState, then: DeliveryState) -> bool:
    """Tell whether a delivery in state ``now`` may go to ``then``."""
    return then in TRANSITIONS[now]
