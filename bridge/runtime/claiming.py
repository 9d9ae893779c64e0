"""Claims of the outbox, with their last checks: what really goes out now.

1. Each function here runs inside one transaction and may run twice: it changes nothing but the
   unit it is given.
2. The claim is where "the right people" is decided for the last time: link epoch, opt-out,
   membership and consent are read in the transaction that marks the row as being sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.calls import TELEPHONE
from bridge.core.decide import rest
from bridge.core.delivery import DeliveryState
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    Priority,
    Purpose,
    SendMessage,
    SetReaction,
    rest_hold,
)
from bridge.runtime import nudging, postponing
from bridge.runtime.handle import handle
from bridge.runtime.preparing import Item, Nothing, Waits, prepare
from bridge.runtime.sending import is_told, report, settle
from storage.keys import BRIDGE_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import Claimed
    from storage.unit import Unit

TALK = frozenset({Purpose.CHAT, Purpose.CORRECTION, Purpose.NUDGE, Purpose.CALL})
"""What goes only to parties who may talk."""

INTERRUPTED = "interrupted"
"""Why a row is uncertain whose sender ended in the middle."""


def claim(
    unit: Unit,
    ids: Sequence[int],
    owner: str,
    lease: timedelta,
    give_up: timedelta,
    catalogue: Catalogue,
    *,
    behind: bool = False,
) -> list[Item | Waits]:
    """Mark rows as being sent and return those that really may be; settle the others.

    ``behind``: they go out together with the row before them, which was claimed just now.
    """
    ready: list[Item | Waits] = []
    for row in unit.claim(ids, owner, unit.now + lease, behind=behind):
        why = refusal(unit, row)
        if not why and row.purpose is Purpose.NUDGE and _is_over(unit, row, catalogue):
            continue
        if not why and row.purpose is Purpose.NOTICE and _is_early(unit, row, catalogue):
            continue
        if why:
            settle(unit, row, DeliveryState.SUPPRESSED, catalogue, reason=why)
        elif row.attempts and unit.now - row.created_at > give_up:
            settle(unit, row, DeliveryState.EXPIRED, catalogue, reason="too_late")
        elif not _has_to_rest(unit, row, catalogue):
            prepared = _prepare(unit, row, catalogue)
            if prepared is not None:
                ready.append(prepared)
    _tell_erased(unit, catalogue)
    return ready


def _is_over(unit: Unit, row: Claimed, catalogue: Catalogue) -> bool:
    """Settle a nudge whose moment has passed, or that has to wait; tell whether it was settled.

    What waits leaves the lane and is planned again, so that it holds up no answer.
    """
    why, again = nudging.at_claim(unit, row)
    if not why:
        return False
    state = DeliveryState.EXPIRED if why == "too_late" else DeliveryState.SUPPRESSED
    settle(unit, row, state, catalogue, reason=why)
    if again:
        handle(unit, row.trajectory, c.GiveLater(row.seq, why), catalogue)
    return True


def _is_early(unit: Unit, row: Claimed, catalogue: Catalogue) -> bool:
    """Settle a notice that may not disturb its client now; tell whether it was settled."""
    why, timer = postponing.at_claim(unit, row)
    if not why:
        return False
    settle(unit, row, DeliveryState.SUPPRESSED, catalogue, reason=why)
    if timer:
        handle(unit, row.trajectory, c.TimerFired(timer, unit.now), catalogue)
    return True


def _has_to_rest(unit: Unit, row: Claimed, catalogue: Catalogue) -> bool:
    """Let a row wait that was queued before its coach's stop moment; tell whether it has to.

    Of which a part went already goes on: half a message helps nobody.
    """
    can_wait = isinstance(row.effect, SendMessage | EditMessage | DeleteMessage | SetReaction)
    if not can_wait or row.parts_done or row.priority is Priority.URGENT or not row.trajectory:
        return False
    state = unit.state(row.trajectory)
    if state is None or not rest.may_not_ring(
        state, row.party, row.created_at, unit.now, waited=bool(row.hold)
    ):
        return False
    logged = unit.entry(row.trajectory, row.seq)
    if logged is not None and rest.rings_at_any_hour(logged.entry):
        return False
    unit.put_on_hold(row.id, rest_hold(row.trajectory, row.party))
    handle(unit, row.trajectory, c.KeepRest(row.party), catalogue)
    return True


def _tell_erased(unit: Unit, catalogue: Catalogue) -> None:
    """The words of some rows were destroyed before they could be sent: their logs say so."""
    for row in unit.take_erased():
        if row.trajectory:
            report(unit, row, DeliveryState.SUPPRESSED, catalogue, reason="erased")


def _prepare(unit: Unit, row: Claimed, catalogue: Catalogue) -> Item | Waits | None:
    prepared = prepare(unit, row, catalogue)
    if isinstance(prepared, Nothing):
        settle(unit, row, DeliveryState.SUPPRESSED, catalogue, reason="not_shown")
        return None
    if isinstance(prepared, Item):
        _keep_for_reading(unit, prepared)
    return prepared


def _keep_for_reading(unit: Unit, item: Item) -> None:
    """Keep words for somebody who is called to hear them: the call comes before the words."""
    row, effect = item.row, item.effect
    if row.network != TELEPHONE or not isinstance(effect, SendMessage):
        return
    logged = unit.entry(row.trajectory, row.seq) if row.trajectory else None
    owner = (row.trajectory, logged.entry.owner) if logged is not None else BRIDGE_KEY
    unit.calls.keep_words(row.key, *owner, effect)


def take_over(unit: Unit, owner: str, lease: timedelta, catalogue: Catalogue) -> list[Item]:
    """Take rows in hand whose sender is gone: each of them is uncertain from here on."""
    items: list[Item] = []
    for row in unit.take_over(owner, unit.now + lease):
        if is_told(row):
            report(unit, row, DeliveryState.UNCERTAIN, catalogue, reason=INTERRUPTED)
        prepared = _prepare(unit, row, catalogue)
        if isinstance(prepared, Item):
            items.append(prepared)
    _tell_erased(unit, catalogue)
    return items


def refusal(unit: Unit, row: Claimed) -> str:
    """Return why a row may not go to its party now, '' if it may (I3, I9)."""
    to = row.effect.to
    if not to.party:  # somebody we do not know, answered where they wrote
        return ""
    endpoint = unit.endpoint(to.endpoint)
    if endpoint is None or not endpoint.usable or endpoint.person != to.party:
        return "endpoint_revoked"
    if endpoint.epoch != to.epoch:
        return "endpoint_relinked"
    if endpoint.opted_out and row.purpose is not Purpose.FAREWELL:
        return "undeliverable" if endpoint.opted_out == "undeliverable" else "opted_out"
    if not row.trajectory:
        return ""
    state = unit.state(row.trajectory)
    member = state.parties.get(to.party) if state else None
    if member is None or not member.active:
        return "not_a_party"
    if row.purpose in TALK and not member.may_talk:
        return "no_consent"
    if not _is_allowed(state, row):
        return "network_not_allowed"
    if isinstance(row.effect, OpenPlace) and member.place is not None:
        return "has_place"  # asked for twice, and the first one was made meanwhile
    return ""


def _is_allowed(state: Trajectory | None, row: Claimed) -> bool:
    """Tell whether the trajectory's policy of this moment lets a row go over its network."""
    if state is None or isinstance(row.effect, Acknowledge):
        return True  # it only stops the network's own wait
    return state.policy.allows(row.network)
