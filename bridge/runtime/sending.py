"""The transactions of the outbox: claim with its last checks, and what a send came to.

1. Each function here runs inside one transaction and may run twice: it changes nothing but the
   unit it is given.
2. The claim is where "the right people" is decided for the last time: link epoch, opt-out,
   membership and consent are read in the transaction that marks the row as being sent.
3. A network that may or may not have taken a message makes the row ``uncertain``. What happens
   then depends on whether the network can be asked; where it cannot, a chat line is sent once
   more and marked, unless the operator chose otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core.adapter import Delivery, Sent
from bridge.core.content import Notice, Text, attachment, with_attachment, words
from bridge.core.delivery import DeliveryState
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    Effect,
    OpenPlace,
    Purpose,
    SendMessage,
    SetReaction,
)
from bridge.core.errors import OptedOut, SendError, Undeliverable
from bridge.core.notices import NoticeKey
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.outbox import OutboxRow
    from storage.unit import Claimed, Unit

    from bridge.runtime.texts import Catalogue

REPEATABLE = (EditMessage, DeleteMessage, SetReaction, Acknowledge)
"""Doing these twice shows nothing twice, so an ambiguous one is simply done again."""

RESENT = "resent"
"""The reason of a row that is sent a second time because the network gave no answer."""


@dataclass(slots=True, frozen=True)
class Item:
    """A claimed row, ready to be rendered and sent."""

    row: Claimed
    delivery: Delivery


@dataclass(slots=True, frozen=True)
class Waits:
    """A claimed row whose file is still on its way; it was put back."""

    row: int
    blob: str


def claim(
    unit: Unit,
    ids: Sequence[int],
    owner: str,
    lease: timedelta,
    give_up: timedelta,
    catalogue: Catalogue,
) -> list[Item | Waits]:
    """Mark rows as being sent and return those that really may be; settle the others."""
    ready: list[Item | Waits] = []
    for row in unit.claim(ids, owner, unit.now + lease):
        effect = row.effect
        why = refusal(unit, row)
        if why:
            settle(unit, row, DeliveryState.SUPPRESSED, catalogue, reason=why)
        elif unit.now - row.created_at > give_up:
            settle(unit, row, DeliveryState.EXPIRED, catalogue, reason="too_late")
        else:
            prepared = _prepare(unit, row, effect, catalogue)
            if prepared is not None:
                ready.append(prepared)
    return ready


def refusal(unit: Unit, row: Claimed) -> str:
    """Return why a row may not go to its party now, '' if it may (I3, I9)."""
    to = row.effect.to
    if row.purpose is Purpose.DESK:
        return ""
    endpoint = unit.endpoint(to.endpoint)
    if endpoint is None or endpoint.revoked or endpoint.person != to.party:
        return "endpoint_revoked"
    if endpoint.epoch != to.epoch:
        return "endpoint_relinked"
    if endpoint.opted_out:
        return "opted_out"
    state = unit.state(row.trajectory)
    member = state.parties.get(to.party) if state else None
    if member is None or not member.active:
        return "not_a_party"
    if row.purpose in (Purpose.CHAT, Purpose.CORRECTION) and not member.may_talk:
        return "no_consent"
    if not isinstance(row.effect, OpenPlace):
        bound = unit.binding(to.place)
        if bound is not None and bound != (row.trajectory, to.party):
            return "place_moved"
        if bound is None and to.place.chat != endpoint.chat:
            return "place_moved"
    return ""


def _prepare(unit: Unit, row: Claimed, effect: Effect, catalogue: Catalogue) -> Item | Waits | None:
    """Find the ids an effect needs; put back what waits for a file; settle what has no target."""
    reply_to = ""
    targets: tuple[str, ...] = ()
    if isinstance(effect, SendMessage) and effect.reply_to is not None:
        shown = _externals(unit, row, effect.reply_to)
        reply_to = shown[0] if shown else ""
    elif isinstance(effect, EditMessage | DeleteMessage | SetReaction):
        targets = _externals(unit, row, effect.target)
        if not targets:
            settle(unit, row, DeliveryState.SUPPRESSED, catalogue, reason="not_shown")
            return None
    if isinstance(effect, SendMessage | EditMessage):
        file = attachment(effect.content)
        if file is not None and file.id:
            blob = unit.blob(file.id)
            if blob is not None and blob.state == "pending":
                unit.requeue(row.id, not_before=unit.now + timedelta(seconds=30))
                return Waits(row.id, file.id)
            if blob is None or blob.state != "stored":
                effect = _without_file(unit, effect, blob.reason if blob else "gone", catalogue)
            else:
                known = msgspec.structs.replace(file, size=blob.size)
                content = with_attachment(effect.content, known)
                effect = msgspec.structs.replace(effect, content=content)
    return Item(row, Delivery(effect, reply_to, targets))


def _without_file(
    unit: Unit, effect: SendMessage | EditMessage, why: str, catalogue: Catalogue
) -> Effect:
    """Say in words that a file could not be passed on; its caption goes on all the same."""
    file = attachment(effect.content)
    person = unit.person(effect.to.party)
    language = person.language if person else "en"
    note = catalogue.translate(
        Notice(
            key=NoticeKey.MEDIA_LOST,
            params={"name": (file.name or file.mime) if file else "", "reason": why},
        ),
        language,
    )
    caption = words(effect.content)
    body = (f"{words(note)}\n{caption}" if caption else words(note),)
    return msgspec.structs.replace(effect, content=Text(body))


def _externals(unit: Unit, row: Claimed, seq: int) -> tuple[str, ...]:
    to = row.effect.to
    return tuple(
        external
        for place, external in unit.externals(row.trajectory, seq, to.party)
        if (place.network, place.account, place.chat)
        == (to.place.network, to.place.account, to.place.chat)
    )


def part_taken(unit: Unit, item: Item, done: int, sent: Sent, lease: timedelta) -> None:
    """Note that one more part was taken, so that a restart goes on with the next."""
    row = item.row
    unit.part_sent(row.id, done, sent.external_ids, unit.now + lease)
    if row.trajectory:
        _remember(unit, item, sent.external_ids, done - len(sent.external_ids))


def sent(
    unit: Unit,
    item: Item,
    external_ids: tuple[str, ...],
    losses: tuple[str, ...],
    last: Sent,
    catalogue: Catalogue,
) -> None:
    """The whole effect was taken."""
    row = item.row
    unit.settle(row.id, DeliveryState.SENT, losses=losses, external_ids=external_ids)
    if not row.trajectory or isinstance(row.effect, Acknowledge):
        return
    _remember(unit, item, last.external_ids, len(external_ids) - len(last.external_ids))
    _report(
        unit,
        row,
        DeliveryState.SENT,
        catalogue,
        external_ids=external_ids,
        losses=losses,
        twice=row.twice,
    )
    if last.opened is not None:
        handle(unit, row.trajectory, c.BindPlace(row.effect.to.party, last.opened), catalogue)


def _remember(unit: Unit, item: Item, external_ids: Sequence[str], first_part: int) -> None:
    row = item.row
    if not external_ids:
        return
    effect = row.effect
    seq = effect.target if isinstance(effect, EditMessage) else effect.seq
    if isinstance(effect, SendMessage | EditMessage):
        unit.remember(
            effect.to.place, external_ids, row.trajectory, seq, effect.to.party, first_part
        )


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
    unit.settle(row.id, state, reason=reason)
    if row.trajectory and not isinstance(row.effect, Acknowledge):
        _report(unit, row, state, catalogue, reason=reason, detail=detail)


def uncertain(unit: Unit, row: Claimed, reason: str, catalogue: Catalogue) -> None:
    """The network may or may not have taken it: a state of its own, and an entry."""
    unit.uncertain(row.id, reason)
    if row.trajectory and not isinstance(row.effect, REPEATABLE):
        _report(unit, row, DeliveryState.UNCERTAIN, catalogue, reason=reason)


def decide_ambiguous(
    unit: Unit, row: Claimed, *, resend: bool, interrupted: bool, catalogue: Catalogue
) -> bool:
    """Settle or requeue a row about which the network cannot tell; True = it is sent again.

    A row interrupted by a crash of our own may go again each time that happens; one to which the
    network gave no answer goes again once.
    """
    if isinstance(row.effect, REPEATABLE):
        unit.requeue(row.id, not_before=unit.now, reason=row.reason)
        return True
    if resend and (interrupted or row.reason != RESENT):
        reason = row.reason if interrupted else RESENT
        unit.requeue(row.id, not_before=unit.now, reason=reason, twice=True)
        return True
    settle(unit, row, DeliveryState.FAILED, catalogue, reason="unclear")
    return False


def given_up(unit: Unit, row: Claimed, error: SendError, catalogue: Catalogue) -> None:
    """The network refuses for good: say so, and mark an endpoint that cannot be reached."""
    settle(unit, row, DeliveryState.FAILED, catalogue, reason=error.code, detail=error.detail)
    if not isinstance(error, Undeliverable):
        return
    to = row.effect.to
    endpoint = unit.endpoint(to.endpoint)
    if endpoint is None or endpoint.opted_out or endpoint.epoch != to.epoch:
        return
    how = "blocked" if isinstance(error, OptedOut) else "undeliverable"
    unit.set_opted_out(to.endpoint, how)
    for membership in unit.memberships(endpoint.person):
        handle(unit, membership.trajectory, c.OptOut(endpoint.person, to.endpoint, how), catalogue)


def moved(unit: Unit, row: Claimed, to: str) -> list[OutboxRow]:
    """The chat has another id: places and rows there follow it; return the rows of the new lane."""
    old = row.effect.to.place
    unit.requeue(row.id, not_before=unit.now)
    return unit.move_chat(old, msgspec.structs.replace(old, chat=to))


def _report(
    unit: Unit,
    row: Claimed,
    state: DeliveryState,
    catalogue: Catalogue,
    *,
    reason: str = "",
    detail: str = "",
    external_ids: tuple[str, ...] = (),
    losses: tuple[str, ...] = (),
    twice: bool = False,
) -> None:
    report = c.Report(
        target=row.effect.seq,
        party=row.effect.to.party,
        state=state,
        purpose=row.purpose,
        network=row.effect.to.endpoint.network,
        external_ids=external_ids,
        reason=reason,
        detail=detail,
        losses=losses,
        twice=twice,
    )
    handle(unit, row.trajectory, report, catalogue)


def backoff(attempts: int, chance: float, most: float = 60.0) -> float:
    """Return how many seconds to wait before try ``attempts + 1``; ``chance`` in [0, 1) spreads."""
    return float(min(most, 0.5 * 2 ** min(attempts, 10))) * (0.5 + chance / 2)
