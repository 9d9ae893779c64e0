"""Words on their way: messages, corrections, reactions and choices between the parties.

1. What a party says goes to every other active coach and client of the trajectory, to nobody else.
2. A correction (edit, deletion, reaction) is an entry of its own that refers to the original.
3. Only the author of a message may edit or delete it.
4. Words of a party who may not talk are never logged; the shell keeps them waiting or turns them
   away before they come here, and this module refuses them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import msgspec

from bridge.core import entries as e
from bridge.core.content import Content, attachment, with_attachment
from bridge.core.decide import (
    agenda,
    asides,
    closing,
    files,
    intake,
    nudges,
    parting,
    promises,
    recaps,
    steps,
)
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    Priority,
    Purpose,
    SendMessage,
    SetReaction,
    effect_key,
)
from bridge.core.inbound import ChoiceIn, DeleteIn, EditIn, MessageIn, ReactionIn
from bridge.core.notices import NoticeKey
from bridge.core.trajectory import Consent

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.commands import Receive
    from bridge.core.decide.draft import Draft
    from bridge.core.endpoint import Place
    from bridge.core.facts import Target


_ASKS = frozenset(
    {"notice_given", "message_posted", "nudge_given", "appointment_booked", asides.ASIDE}
)
"""The kinds of entry that can hold a question; a payload may name any number."""


_SAID = frozenset({"message_posted", asides.ASIDE})
"""The kinds of entry that are words of people."""


def on_receive(draft: Draft, command: Receive) -> None:
    """Decide what one party's act on a network means."""
    inbound = command.inbound
    if refusal := _refusal(draft, command):
        _refuse(draft, command, refusal)
        return
    match inbound:
        case MessageIn():
            _on_message(draft, command, inbound)
        case EditIn():
            _on_edit(draft, command, inbound)
        case DeleteIn():
            _on_delete(draft, command, inbound)
        case ReactionIn():
            _on_reaction(draft, command, inbound)
        case ChoiceIn():
            _on_choice(draft, command, inbound)
        case _:
            assert_never(inbound)


def _refusal(draft: Draft, command: Receive) -> str:
    """Return why an act of a party does not count at all, '' where it does."""
    party = draft.state.parties.get(command.party)
    if party is None or not party.active:
        return "not_a_party"
    if not draft.state.open:
        return "" if parting.is_answer(draft.state, draft.facts.target, command) else "closed"
    if asides.is_hidden(draft.facts.target, command.party):
        return "unknown_message"
    if not party.may_talk and not isinstance(command.inbound, ChoiceIn):
        return "no_consent"
    return "" if _may_come_from(draft, command.inbound) else "network_not_allowed"


def _may_come_from(
    draft: Draft, inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn
) -> bool:
    """Tell whether the policy lets an act in; a withdrawal or an answer of ours it always does."""
    if isinstance(inbound, DeleteIn | ChoiceIn):
        return True
    return draft.state.policy.takes_from(inbound.place.network)


def _refuse(draft: Draft, command: Receive, reason: str) -> None:
    seq = draft.add(
        e.InboundRefused(
            author=command.party,
            reason=reason,
            network=command.inbound.place.network,
            inbox=command.inbox,
        )
    )
    if isinstance(command.inbound, ChoiceIn):
        _acknowledge(draft, command.party, seq, command.inbound)
    party = draft.state.parties.get(command.party)
    if (
        reason == "closed"
        and isinstance(command.inbound, MessageIn)
        and party is not None
        and party.may_talk
    ):
        draft.notify(command.party, NoticeKey.TRAJECTORY_CLOSED)
    if reason in asides.REFUSALS:
        possible = [draft.name(one) for one in asides.partners(draft, command.party)]
        params = {"name": " / ".join(possible)} if reason == "aside_to_whom" else {}
        draft.notify(command.party, asides.REFUSALS[reason], params)


def _acknowledge(draft: Draft, party: str, seq: int, inbound: ChoiceIn) -> None:
    """Stop the network's own wait, on the endpoint that waits."""
    address = draft.address_at(party, inbound.sender.endpoint, inbound.place)
    if inbound.ack and address is not None:
        draft.effect(
            Acknowledge(
                seq=seq,
                to=address,
                purpose=Purpose.NOTICE,
                priority=Priority.URGENT,
                ack=inbound.ack,
            )
        )


def _on_message(draft: Draft, command: Receive, inbound: MessageIn | EditIn) -> None:
    author = command.party
    if isinstance(inbound, MessageIn) and recaps.took_draft(draft, author, inbound):
        return
    target = draft.facts.target
    spoken = asides.spoken(draft, author, inbound.content, target)
    if spoken.refused:
        _refuse(draft, command, spoken.refused)
        return
    to = spoken.to
    for party in to:
        draft.label(party)
    content = own_file(draft, author, spoken.content, inbound.place)
    answers = target is not None and target.kind in _ASKS and isinstance(inbound, MessageIn)
    reply_to = target.seq if target is not None and answers else None
    kind = e.AsidePosted if spoken.aside else e.MessagePosted
    seq = draft.add(
        kind(
            author=author,
            network=inbound.place.network,
            to=to,
            reply_to=reply_to,
            inbox=command.inbox,
            content=content,
            quote=inbound.quote if isinstance(inbound, MessageIn) else (),
            external_id=inbound.external_id,
            place=inbound.place,
        )
    )
    nudges.answered(draft, author, seq, target if answers else None)
    waiting = []
    for party in to:
        way = draft.way_to(party, seq, author)
        if way is None:
            continue
        address, hold = way
        if hold:
            waiting.append(party)
        draft.effect(
            SendMessage(
                seq=seq,
                to=address,
                hold=hold,
                priority=promises.priority_of(draft, author, content),
                content=content,
                header=_header(draft, party, author, address.place, aside=spoken.aside),
                reply_to=reply_to,
                not_before=_not_before(draft, author),
                aside=spoken.aside,
            )
        )
    for party in waiting:
        _tell_that_it_waits(draft, party, author)
    if not to and not draft.state.parties[author].alone:
        draft.notify(author, NoticeKey.NOBODY_YET)


def _not_before(draft: Draft, author: str) -> datetime | None:
    """Return when words may go at the earliest: a coach's may wait, so that she can undo them."""
    delay = draft.facts.send_delay
    coach = draft.state.parties[author].role == "coach"
    return draft.facts.now + delay if delay and coach else None


def _header(draft: Draft, party: str, author: str, place: Place, *, aside: bool) -> str:
    """Return the name above words; above an aside it always stands, for it is marked there."""
    return draft.name(author) if aside else draft.header(party, author, place)


def _tell_that_it_waits(draft: Draft, client: str, author: str) -> None:
    """Put the question if it never was; tell the author once for as long as it stands.

    Somebody else's words do not repeat a question that stands: only the client's own do.
    """
    if draft.state.parties[client].consent is Consent.NONE:
        intake.ask_consent(draft, client)
    member = draft.state.parties[client]
    if member.consent is Consent.ASKED and author not in member.told:
        params = {"name": draft.name(client)}
        draft.notify(author, NoticeKey.WAITING_FOR_CONSENT, params, about=client)


def own_file(draft: Draft, author: str, content: Content, place: Place) -> Content:
    """Give the content's file an id of ours and ask for its bytes; the vendor's ref goes.

    What came in through a page of ours is kept already, under its id.
    """
    file = attachment(content)
    if file is None or file.id:
        return content
    own = effect_key(draft.state.id, draft.state.seq + 1, "file")
    draft.want(msgspec.structs.replace(file, id=own), author, place.network, place.account)
    return with_attachment(content, msgspec.structs.replace(file, id=own, ref=""))


def _on_edit(draft: Draft, command: Receive, inbound: EditIn) -> None:
    target = draft.facts.target
    if target is None:
        # The original never reached us (it was written before we were there): its words are new.
        _on_message(draft, command, inbound)
        return
    if not _is_own_message(target, command.party):
        _refuse(draft, command, "not_yours")
        return
    author = command.party
    spoken = asides.edited(draft, author, inbound.content, target)
    if spoken.refused:
        _refuse(draft, command, spoken.refused)
        return
    to = spoken.to
    content = own_file(draft, author, spoken.content, inbound.place)
    seq = draft.add(
        e.MessageEdited(
            author=author,
            target=target.seq,
            to=to,
            network=inbound.place.network,
            inbox=command.inbox,
            content=content,
            aside=spoken.aside,
        )
    )
    for party in to:
        if way := draft.way_to(party, seq, author):
            draft.effect(
                EditMessage(
                    seq=seq,
                    to=way[0],
                    hold=way[1],
                    purpose=Purpose.CORRECTION,
                    target=target.seq,
                    content=content,
                    header=_header(draft, party, author, way[0].place, aside=spoken.aside),
                    aside=spoken.aside,
                )
            )


def _on_delete(draft: Draft, command: Receive, inbound: DeleteIn) -> None:
    target = draft.facts.target
    if target is None or not _is_own_message(target, command.party):
        _refuse(draft, command, "not_yours" if target else "unknown_message")
        return
    author = command.party
    to = asides.audience(draft, author, target)
    seq = draft.add(
        e.MessageDeleted(
            author=author,
            target=target.seq,
            to=to,
            network=inbound.place.network,
            inbox=command.inbox,
        )
    )
    for party in to:
        if way := draft.way_to(party, seq, author):
            draft.effect(
                DeleteMessage(
                    seq=seq,
                    to=way[0],
                    hold=way[1],
                    purpose=Purpose.CORRECTION,
                    target=target.seq,
                    header=draft.name(author),
                )
            )


def _on_reaction(draft: Draft, command: Receive, inbound: ReactionIn) -> None:
    target = draft.facts.target
    if target is None:
        _refuse(draft, command, "unknown_message")
        return
    author = command.party
    # A reaction to a text of the bridge itself is logged, and concerns nobody else.
    to = asides.audience(draft, author, target) if target.kind in _SAID else ()
    seq = draft.add(
        e.ReactionSet(
            author=author,
            target=target.seq,
            to=to,
            network=inbound.place.network,
            inbox=command.inbox,
            emoji=inbound.emoji,
        )
    )
    for party in to:
        if way := draft.way_to(party, seq, author):
            draft.effect(
                SetReaction(
                    seq=seq,
                    to=way[0],
                    hold=way[1],
                    purpose=Purpose.CORRECTION,
                    target=target.seq,
                    emoji=inbound.emoji,
                    header=draft.name(author),
                )
            )


def _on_choice(draft: Draft, command: Receive, inbound: ChoiceIn) -> None:
    """A choice is acknowledged always; it counts when the question was put to this party."""
    target = draft.facts.target
    author = command.party
    if target is None or target.kind not in _ASKS or target.party not in ("", author):
        _refuse(draft, command, "unknown_question")
        return
    seq = draft.add(
        e.ChoiceMade(
            author=author,
            target=target.seq,
            key=inbound.key,
            network=inbound.place.network,
            inbox=command.inbox,
        )
    )
    _acknowledge(draft, author, seq, inbound)
    if agenda.on_chosen(draft, author, target, inbound):
        return
    if target.kind == "nudge_given" or target.notice in nudges.ASKED:
        nudges.on_choice(draft, author, seq, target, inbound.key)
        return
    if files.on_choice(draft, author, target, inbound.key):
        return
    if target.notice in steps.QUESTIONS:
        steps.on_choice(draft, author, target.seq, inbound.key)
    elif target.notice in parting.QUESTIONS:
        parting.on_choose(draft, author, inbound.key)
    elif target.notice == NoticeKey.CLOSE_SURE:
        closing.on_choice(draft, author, inbound.key)
    elif target.notice == NoticeKey.CONSENT_QUESTION:
        _on_consent(draft, author, target, inbound)


def _on_consent(draft: Draft, author: str, target: Target, inbound: ChoiceIn) -> None:
    member = draft.state.parties[author]
    yes = inbound.key == "yes"
    withdrawn = member.consent is Consent.GIVEN and not yes
    if member.consent is not Consent.ASKED and not withdrawn:
        return
    if yes and target.seq < member.asked_seq:
        # The buttons stand under an older text than the one that counts now.
        intake.put_question(draft, author)
        return
    intake.answer_consent(draft, author, yes=yes, endpoint=inbound.sender.endpoint)


def _is_own_message(target: Target, party: str) -> bool:
    return target.author == party and target.kind in _SAID
