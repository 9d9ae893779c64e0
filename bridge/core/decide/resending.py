"""Sent again on purpose: the author of words that did not arrive lets them go once more.

1. Only their author may, and only to those who take part now; the entry is the author's own.
2. It is the same entry for the same party: the outbox gives it another turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.delivery import AGAIN, DeliveryState
from bridge.core.effects import SendMessage

if TYPE_CHECKING:
    from bridge.core.commands import Resend
    from bridge.core.decide.draft import Draft


def on_resend(draft: Draft, command: Resend) -> None:
    """Log that it goes again, and let it."""
    target, author = draft.facts.target, command.party
    party = draft.state.parties.get(author)
    if party is None or not party.may_talk or not draft.state.open:
        draft.add(e.InboundRefused(author=author, reason="closed"))
        return
    if target is None or target.kind != "message_posted" or target.author != author:
        draft.add(e.InboundRefused(author=author, reason="not_yours"))
        return
    for one in draft.state.others(author):
        if one not in command.to:
            continue
        draft.add(
            e.DeliveryChanged(
                author=author,
                target=target.seq,
                party=one,
                state=DeliveryState.QUEUED,
                reason=AGAIN,
            )
        )
        if way := draft.way_to(one, target.seq, author):
            address, hold = way
            draft.effect(
                SendMessage(
                    seq=target.seq,
                    to=address,
                    hold=hold,
                    content=command.content,
                    header=draft.header(one, author, address.place),
                    reply_to=command.reply_to,
                )
            )
