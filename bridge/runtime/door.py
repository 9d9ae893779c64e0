"""At the door: strangers, people who stop us or let us in again, words that are commands.

1. A stranger is told one fixed sentence a day, is shown to the operator, and learns nothing about
   who exists. An endpoint whose person went on from another one is not even told that.
2. STOP holds for the endpoint it came from, until START comes from the same one.
3. A command counts only as a whole message.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.effects import Purpose
from bridge.core.endpoint import Place
from bridge.core.inbound import BlockedIn, ChoiceIn, MembersIn, MessageIn, StartIn
from bridge.core.notices import NoticeKey
from bridge.core.trajectory import Consent
from bridge.runtime import joining
from bridge.runtime.codes import ALPHABET
from bridge.runtime.desk import Desk, desk_address, language_of, stranger_address, text_of

if TYPE_CHECKING:
    from bridge.core.endpoint import Endpoint
    from bridge.core.inbound import DeleteIn, EditIn, ReactionIn

LIFTED = frozenset({"blocked", "undeliverable"})
"""Why we do not write to an endpoint, until it writes to us. A STOP needs its START."""

STRANGER_ANSWER_EVERY = timedelta(days=1)


def on_keyword(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Carry out a word that is a command as a whole message; tell whether it was one."""
    endpoint = inbound.sender.endpoint
    if word in keywords.STOP and inbound.sender.direct:
        opt_out(desk, person, endpoint, "stop")
        desk.say(
            desk_address(desk.unit, person, endpoint, inbound.place),
            NoticeKey.OPTED_OUT,
            language_of(desk.unit, person),
            purpose=Purpose.FAREWELL,
        )
        return True
    if word in keywords.START and inbound.sender.direct and _start_again(desk, person, inbound):
        return True
    if word in keywords.LINK and inbound.sender.direct:
        joining.give_link_code(desk, person, inbound)
        return True
    if word in keywords.TOPICS and not inbound.sender.direct:
        _on_topics(desk, person, inbound)
        return True
    code = keywords.typed_code(text_of(inbound))
    if code and inbound.sender.direct and not inbound.reply_to:
        return joining.try_code(desk, person, inbound, code)
    return False


def _start_again(desk: Desk, person: str, inbound: MessageIn) -> bool:
    """Let somebody in again who stopped us, who said no, or both; False = START is but a word.

    First the endpoint, for a question to one that stopped us goes nowhere. A client who has not
    agreed gets the question as the answer, and nothing beside it.
    """
    unit = desk.unit
    endpoint = inbound.sender.endpoint
    row = unit.endpoint(endpoint)
    stopped = row is not None and bool(row.opted_out)
    if stopped:
        opt_in(desk, person, endpoint, "start")
    if _ask_again(desk, person, stopped=stopped):
        desk.reason = desk.reason or "start"
        return True
    if stopped:
        to = desk_address(unit, person, endpoint, inbound.place)
        desk.say(to, NoticeKey.OPTED_IN, language_of(unit, person))
    return stopped


def _ask_again(desk: Desk, person: str, *, stopped: bool) -> bool:
    """Ask a client who said no, or (``stopped``) who never answered; tell whether one was asked."""
    wanted = {Consent.REFUSED, Consent.ASKED, Consent.NONE} if stopped else {Consent.REFUSED}
    asked = False
    for membership in desk.unit.memberships(person):
        state = desk.unit.state(membership.trajectory)
        member = state.parties.get(person) if state is not None else None
        if member is not None and member.role == "client" and member.consent in wanted:
            desk.handle(membership.trajectory, c.AskConsent(person, again=True))
            asked = True
    return asked


def on_start(desk: Desk, person: str, inbound: StartIn) -> None:
    """A known person opened the chat: let them in again, take their code, ask for consent."""
    endpoint = inbound.sender.endpoint
    row = desk.unit.endpoint(endpoint)
    if row is not None and row.opted_out:
        opt_in(desk, person, endpoint, "start")
    desk.reason = desk.reason or "start"
    if inbound.code and joining.try_code(desk, person, inbound, inbound.code):
        return
    for membership in desk.unit.memberships(person):
        if membership.role == "client":
            desk.handle(membership.trajectory, c.AskConsent(person, again=True))


def _on_topics(desk: Desk, person: str, inbound: MessageIn) -> None:
    """A coach wants her trajectories to show as topics of this group."""
    group = msgspec.structs.replace(inbound.place, thread="")
    for membership in desk.unit.memberships(person):
        if membership.role == "coach":
            desk.handle(membership.trajectory, c.AskForPlace(person, group))
    desk.reason = desk.reason or "topics"


def on_open_group(desk: Desk, person: str, inbound: MessageIn) -> None:
    """Tell a coach once that what she writes in this group, or this topic of it, goes to nobody.

    It may be a topic of which the network never told us that it was made. Her words stay where
    she wrote them, in her own group, and nowhere else: the payload is let go as ``open_group``.
    She is told in private, for others may read the group. Clients know nothing of topics.
    """
    unit = desk.unit
    row = unit.endpoint(inbound.sender.endpoint)
    if row is None or not any(one.role == "coach" for one in unit.memberships(person)):
        return
    place = inbound.place
    hers = any(party == person for _, party in unit.bindings_in(place))
    where = place.lane if hers else msgspec.structs.replace(place, thread="").lane
    desk.say(
        desk_address(unit, person, row.endpoint, Place(place.network, place.account, row.chat)),
        NoticeKey.TOPICS_NOT_ONE,
        language_of(unit, person),
        once=f"open_group/{person}/{where}",
    )


def on_stranger(
    desk: Desk, inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn | StartIn
) -> None:
    unit = desk.unit
    sender = inbound.sender
    desk.reason = "stranger"
    if not sender.direct:
        return
    stranger = unit.stranger_seen(sender.endpoint, sender.name, sender.language)
    if isinstance(inbound, StartIn) and inbound.code:
        joining.redeem(desk, inbound, inbound.code)
        return
    if isinstance(inbound, MessageIn) and _tries_a_code(desk, inbound):
        return
    if isinstance(inbound, ChoiceIn):
        desk.acknowledge(stranger_address(sender.endpoint, inbound.place), inbound.ack)
        return
    if not isinstance(inbound, MessageIn | StartIn) or unit.was_replaced(sender.endpoint):
        return
    answered = stranger.answered_at
    if answered is None or unit.now - answered >= STRANGER_ANSWER_EVERY:
        unit.stranger_answered(sender.endpoint)
        desk.say(
            stranger_address(sender.endpoint, inbound.place),
            NoticeKey.UNKNOWN_SENDER,
            desk.catalogue.language_of(sender.language),
        )


def on_unproven(desk: Desk, inbound: MessageIn | StartIn) -> None:
    """Somebody wrote under an endpoint that may not be theirs.

    They are a stranger, whoever it belongs to. Where it belongs to somebody, they are told how to
    reach us, at most once a day and never after a STOP; no code is looked at, for it would move an
    endpoint on the word of anybody.
    """
    unit = desk.unit
    sender = inbound.sender
    row = unit.endpoint(sender.endpoint)
    if row is None or row.revoked or not row.verified:
        on_stranger(desk, inbound)
        return
    desk.reason = "unproven"
    answered = unit.stranger_seen(sender.endpoint, sender.name, sender.language).answered_at
    due = answered is None or unit.now - answered >= STRANGER_ANSWER_EVERY
    if row.opted_out or not due:
        return
    unit.stranger_answered(sender.endpoint)
    to = stranger_address(sender.endpoint, inbound.place)
    desk.say(to, NoticeKey.SENDER_UNPROVEN, language_of(unit, row.person))


def _tries_a_code(desk: Desk, inbound: MessageIn) -> bool:
    """Take a stranger's text as a code if it can be one; tell whether it was answered as one.

    What has the form of a code and a dash or a digit was meant as one, letters we never use
    included: they misread it. A bare word is one only if all of its letters can be in a code.
    """
    text = text_of(inbound)
    code = keywords.typed_code(text)
    meant = keywords.meant_as_code(text)
    if not code or not (meant or set(code) <= set(ALPHABET)):
        return False
    return joining.redeem(desk, inbound, code, meant=meant)


def on_blocked(desk: Desk, inbound: BlockedIn) -> None:
    row = desk.unit.endpoint(inbound.sender.endpoint)
    desk.reason = "blocked" if inbound.blocked else "unblocked"
    if row is None:
        return
    if row.revoked:
        # Nobody's any more: their STOP holds for the endpoint, and is no news of who had it.
        if inbound.stop or not inbound.blocked:
            desk.unit.set_opted_out(inbound.sender.endpoint, "stop" if inbound.blocked else "")
        return
    if inbound.blocked:
        how = "stop" if inbound.stop else "blocked"
        if not row.opted_out or (inbound.stop and row.opted_out in LIFTED):
            opt_out(desk, row.person, inbound.sender.endpoint, how)
    elif row.opted_out in LIFTED or (inbound.stop and row.opted_out):
        opt_in(desk, row.person, inbound.sender.endpoint, "start" if inbound.stop else "unblocked")


def opt_out(desk: Desk, person: str, endpoint: Endpoint, how: str) -> None:
    """Stop everything to an endpoint, and say so in each of the person's trajectories."""
    desk.unit.set_opted_out(endpoint, how)
    for membership in desk.unit.memberships(person):
        desk.handle(membership.trajectory, c.OptOut(person, endpoint, how))
    desk.reason = desk.reason or "opted_out"


def opt_in(desk: Desk, person: str, endpoint: Endpoint, how: str) -> None:
    """Let an endpoint be written to again."""
    desk.unit.set_opted_out(endpoint, "")
    for membership in desk.unit.memberships(person):
        desk.handle(membership.trajectory, c.OptIn(person, endpoint, how))
    desk.reason = desk.reason or "opted_in"


def on_members(desk: Desk, inbound: MembersIn) -> None:
    """Somebody came into a group: what shows there may not be read by them."""
    desk.reason = "members"
    for trajectory, party in desk.unit.bindings_in(inbound.place):
        person = desk.unit.person(party)
        known = {reach.endpoint for reach in person.reach} if person else set()
        if any(endpoint not in known for endpoint in inbound.joined):
            desk.handle(trajectory, c.UnbindPlace(party, "exposed"))
