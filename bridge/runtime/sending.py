"""What a send came to, in transactions of the outbox; see ``claiming`` for what comes before it.

1. Each function here runs inside one transaction and may run twice: it changes nothing but the
   unit it is given.
2. A network that may or may not have taken a message makes the row ``uncertain``. What happens
   then depends on whether the network can be asked; where it cannot, a chat line is sent once
   more and marked, unless the operator chose otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import commands as c
from bridge.core.adapter import NUMBERED
from bridge.core.content import Choices
from bridge.core.delivery import DeliveryState
from bridge.core.effects import (
    ECHO,
    Acknowledge,
    Act,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    Purpose,
    SendMessage,
    SetReaction,
    UseTelephone,
)
from bridge.core.errors import OptedOut, SendError, Undeliverable
from bridge.runtime import questions
from bridge.runtime.handle import follow_chat, handle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from bridge.core.adapter import Sent
    from bridge.core.effects import Effect
    from bridge.core.endpoint import Endpoint
    from bridge.runtime.preparing import Item
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import Claimed, OutboxRow
    from storage.unit import Unit

REPEATABLE = (EditMessage, DeleteMessage, SetReaction, Acknowledge)
"""Doing these twice shows nothing twice, so an ambiguous one is simply done again."""

FILE_WAIT = 2.0
"""Seconds after which a row looks again for its file, where nobody told it: another process may
have fetched it."""

RESENT = "resent"
"""The reason of a row that is sent a second time because the network gave no answer."""


def part_taken(
    unit: Unit, item: Item, done: int, total: int, ids: Sequence[str], new: int, lease: timedelta
) -> None:
    """Note that one more part was taken (its ids are the last ``new``); a restart goes on there."""
    unit.part_sent(item.row.id, done, total, ids, unit.now + lease)
    _remember(unit, item, ids, new)


def sent(
    unit: Unit,
    item: Item,
    ids: tuple[str, ...],
    losses: tuple[str, ...],
    last: Sent,
    catalogue: Catalogue,
) -> None:
    """The whole effect was taken."""
    row, effect = item.row, item.effect
    if not unit.settle(row.id, DeliveryState.SENT, losses=losses, external_ids=ids):
        return
    _stand(unit, effect, losses)
    if not row.trajectory or isinstance(effect, Acknowledge):
        return
    _remember(unit, item, ids, len(last.external_ids))
    report(
        unit,
        row,
        DeliveryState.SENT,
        catalogue,
        external_ids=ids,
        losses=losses,
        twice=row.twice,
    )
    if isinstance(effect, UseTelephone) and effect.act is Act.DELETE_RECORDING:
        gone = c.RecordingGone(effect.call, effect.recording, proof="204 No Content")
        handle(unit, row.trajectory, gone, catalogue)
    if last.opened is not None:
        handle(unit, row.trajectory, c.BindPlace(effect.to.party, last.opened), catalogue)


def hear_echoes(unit: Unit, key: str) -> None:
    """Let go the receipts that came before the row of this key was known to be taken."""
    for hold in unit.holds_like(f"{ECHO}{key}/"):
        unit.release(hold)


def echoed(unit: Unit, key: str) -> str:
    """Return the external id of a part that the network gave back to us with our key, or ''."""
    for hold in unit.holds_like(f"{ECHO}{key}="):
        return hold.rpartition("=")[2]
    return ""


def nobodys(unit: Unit, row: Claimed, made: Sequence[str]) -> str:
    """Return the oldest of these external ids that no row of ours is known by, or ''.

    A lane sends one row after the other, and each notes its ids before the next begins: what the
    network made in the meantime and nobody claims is what the row in doubt made.
    """
    if not made:
        return ""
    known, place = unit.made_nearby(row.id), row.effect.to.place
    for id in made:
        shown = unit.shown(place.network, place.account, place.chat, id)
        if shown is None and id not in known:
            return id
    return ""


def _stand(unit: Unit, effect: Effect, losses: tuple[str, ...]) -> None:
    """Let a question stand that went out as a numbered list: a digit is its answer."""
    if not isinstance(effect, SendMessage) or not isinstance(effect.content, Choices):
        return
    if NUMBERED in losses:
        unit.put_question(effect.to.place, questions.standing(unit, effect, effect.content))


def _remember(unit: Unit, item: Item, ids: Sequence[str], new: int) -> None:
    """Note where the last ``new`` parts show, so that replies and corrections find them."""
    row, effect = item.row, item.effect
    if not new or not row.trajectory or not isinstance(effect, SendMessage | EditMessage):
        return
    seq = effect.target if isinstance(effect, EditMessage) else effect.seq
    first = len(ids) - new
    unit.remember(effect.to.place, ids[first:], row.trajectory, seq, effect.to.party, first)


def settle(
    unit: Unit,
    row: Claimed,
    state: DeliveryState,
    catalogue: Catalogue,
    *,
    reason: str = "",
    detail: str = "",
) -> None:
    """End a row without it having been taken, and say so in the log."""
    if unit.settle(row.id, state, reason=reason) and _is_logged(row):
        report(unit, row, state, catalogue, reason=reason, detail=detail)


def uncertain(
    unit: Unit, row: Claimed, reason: str, lease: timedelta, catalogue: Catalogue
) -> None:
    """The network may or may not have taken it: a state of its own, and an entry."""
    if unit.uncertain(row.id, row.reason, lease_until=unit.now + lease) and is_told(row):
        report(unit, row, DeliveryState.UNCERTAIN, catalogue, reason=reason)


def decide_ambiguous(
    unit: Unit, item: Item, *, resend: bool, interrupted: bool, catalogue: Catalogue
) -> bool:
    """Settle or requeue a row about which the network cannot tell; True = it is sent again.

    A row interrupted by a crash of our own may go again each time that happens; one to which the
    network gave no answer goes again once.
    """
    row = item.row
    if isinstance(row.effect, OpenPlace | UseTelephone) or row.purpose is Purpose.NUDGE:
        # A second topic, or a second ring, would be in the way, and a second nudge nags; people are
        # told, and may ask again.
        resend = False
    if isinstance(item.row.effect, REPEATABLE):
        return unit.requeue(row.id, not_before=unit.now, attempts=row.attempts + 1)
    if resend and (interrupted or row.reason != RESENT):
        reason = row.reason if interrupted else RESENT
        return unit.requeue(row.id, not_before=unit.now, twice=True, reason=reason)
    settle(unit, row, DeliveryState.FAILED, catalogue, reason="unclear")
    return False


def broken(unit: Unit, number: int, catalogue: Catalogue) -> None:
    """End a row that cannot even be claimed because of a fault of ours; its lane goes on."""
    row = unit.outbox_row_by_id(number)
    if row is None or row.state is not DeliveryState.QUEUED:
        return
    if unit.settle(number, DeliveryState.FAILED, reason="render") and row.trajectory:
        report(unit, row, DeliveryState.FAILED, catalogue, reason="render")


def given_up(unit: Unit, item: Item, error: SendError, catalogue: Catalogue) -> None:
    """The network refuses for good: say so, and mark an endpoint that cannot be reached."""
    settle(
        unit,
        item.row,
        DeliveryState.FAILED,
        catalogue,
        reason=error.code,
        detail=error.detail,
    )
    if not isinstance(error, Undeliverable):
        return
    how = "blocked" if isinstance(error, OptedOut) else "undeliverable"
    to = item.effect.to
    mark_unreachable(unit, to.endpoint, to.epoch, how, catalogue)


def mark_unreachable(
    unit: Unit, endpoint: Endpoint, epoch: int, how: str, catalogue: Catalogue
) -> None:
    """Send no more to an endpoint, unless it is somebody else's by now; their logs say so."""
    row = unit.endpoint(endpoint)
    if row is None or not row.usable or row.opted_out or row.epoch != epoch:
        return
    unit.set_opted_out(endpoint, how)
    for membership in unit.memberships(row.person):
        handle(unit, membership.trajectory, c.OptOut(row.person, endpoint, how), catalogue)


def moved(unit: Unit, item: Item, to: str, catalogue: Catalogue) -> None:
    """The chat has another id: places and waiting rows there follow it, this one among them."""
    old = item.effect.to.place
    unit.requeue(item.row.id, not_before=unit.now)
    follow_chat(unit, old, replace(old, chat=to), catalogue)


def report(
    unit: Unit,
    row: OutboxRow,
    state: DeliveryState,
    catalogue: Catalogue,
    *,
    reason: str = "",
    detail: str = "",
    external_ids: tuple[str, ...] = (),
    losses: tuple[str, ...] = (),
    twice: bool = False,
) -> None:
    """Log what became of a row."""
    command = c.Report(
        target=row.seq,
        party=row.party,
        state=state,
        purpose=row.purpose,
        network=row.network,
        external_ids=external_ids,
        reason=reason,
        detail=detail,
        losses=losses,
        twice=twice,
    )
    handle(unit, row.trajectory, command, catalogue)


def _is_logged(row: Claimed) -> bool:
    return bool(row.trajectory) and not isinstance(row.effect, Acknowledge)


def is_told(row: Claimed) -> bool:
    """An uncertain correction is simply made again; only an uncertain message is news."""
    return _is_logged(row) and not isinstance(row.effect, REPEATABLE)


def backoff(attempts: int, chance: float, most: float = 60.0) -> float:
    """Return how many seconds to wait before try ``attempts + 1``; ``chance`` in [0, 1) spreads."""
    return float(min(most, 0.5 * 2 ** min(attempts, 10))) * (0.5 + chance / 2)
