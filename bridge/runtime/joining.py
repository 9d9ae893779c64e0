"""Joining by code: an invitation redeemed, a further endpoint linked, both only with certainty.

1. A code works once, until it expires, for one person in one trajectory and role.
2. A person who has an endpoint already confirms a new one on the old one first.
3. A wrong code tells nothing but that it does not work; five of them close the door for a day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.content import Choice
from bridge.core.effects import Address
from bridge.core.endpoint import Place
from bridge.core.notices import NoticeKey
from bridge.runtime.codes import code_hash, new_typed_code

if TYPE_CHECKING:
    from storage.invites import Invite
    from storage.unit import Unit

    from bridge.core.endpoint import Endpoint
    from bridge.core.inbound import ChoiceIn, MessageIn, StartIn
    from bridge.runtime.desk import Desk

TRIES = 5
CLOSED_FOR = timedelta(days=1)
LINK_MINUTES = 15


def redeem(desk: Desk, inbound: MessageIn | StartIn, code: str) -> None:
    """Let a stranger in with a code, or tell them that it does not work."""
    unit = desk.unit
    sender = inbound.sender
    to = Address("", sender.endpoint, 0, inbound.place)
    language = desk.catalogue.language_of(sender.language)
    stranger = unit.stranger(sender.endpoint)
    if stranger is not None and stranger.blocked_until and unit.now < stranger.blocked_until:
        desk.reason = "too_many_codes"
        return
    invite = _valid(unit, code)
    if invite is None:
        tries = unit.stranger_failed(sender.endpoint, TRIES, unit.now + CLOSED_FOR)
        desk.reason = "wrong_code"
        key = NoticeKey.INVITE_TOO_MANY if tries >= TRIES else NoticeKey.INVITE_INVALID
        desk.say(to, key, language)
        return
    person = unit.person(invite.person)
    if person is not None and person.reach:
        _ask_on_the_old_side(desk, invite, inbound)
        desk.say(to, NoticeKey.LINK_WAITING, person.language)
        return
    _link(desk, invite, sender.endpoint, inbound.place.chat, "invite")


def try_code(desk: Desk, person: str, inbound: MessageIn | StartIn, code: str) -> bool:
    """Take a code from somebody we know; tell whether it was a code at all."""
    unit = desk.unit
    invite = _valid(unit, code)
    from_link = not hasattr(inbound, "content")
    if invite is None and not from_link:
        return False
    if invite is None or invite.person != person:
        desk.reason = "wrong_code"
        known = unit.person(person)
        to = Address(person, inbound.sender.endpoint, _epoch(unit, inbound), inbound.place)
        desk.say(to, NoticeKey.INVITE_INVALID, known.language if known else "en")
        return True
    unit.use_invite(invite.id, inbound.sender.endpoint)
    desk.reason = "invite"
    _welcome(desk, invite, inbound.sender.endpoint, inbound.place)
    return True


def give_link_code(desk: Desk, person: str, inbound: MessageIn) -> None:
    """Give a person a code to send from another messenger."""
    unit = desk.unit
    known = unit.person(person)
    code = new_typed_code()
    unit.put_invite(
        id=f"link-{desk.row_id}",
        kind="link",
        trajectory="",
        person=person,
        role="",
        network="",
        hashes=(code_hash(code),),
        expires_at=unit.now + timedelta(minutes=LINK_MINUTES),
    )
    desk.reason = "link_code"
    to = Address(person, inbound.sender.endpoint, _epoch(unit, inbound), inbound.place)
    desk.say(
        to,
        NoticeKey.LINK_CODE,
        known.language if known else "en",
        {"minutes": str(LINK_MINUTES), "code": code},
    )


def on_confirmation(desk: Desk, person: str, inbound: ChoiceIn) -> None:
    """The person answered on the old side whether the new endpoint is theirs."""
    unit = desk.unit
    desk.reason = "link_confirmation"
    to = Address(person, inbound.sender.endpoint, _epoch(unit, inbound), inbound.place)
    desk.acknowledge(to, inbound.ack)
    invite = unit.invite(inbound.ref.partition("/")[2])
    if invite is None or invite.person != person or invite.used or invite.pending is None:
        return
    known = unit.person(person)
    language = known.language if known else "en"
    if inbound.key != "yes":
        unit.use_invite(invite.id, None)
        desk.say(to, NoticeKey.LINK_REFUSED, language)
        return
    _link(desk, invite, invite.pending, invite.pending_chat, "confirmed")
    desk.say(to, NoticeKey.LINK_DONE, language)


def _valid(unit: Unit, code: str) -> Invite | None:
    invite = unit.invite_by_hash(code_hash(code))
    if invite is None or invite.used or invite.expires_at <= unit.now:
        return None
    return invite


def _ask_on_the_old_side(desk: Desk, invite: Invite, inbound: MessageIn | StartIn) -> None:
    unit = desk.unit
    sender = inbound.sender
    known = unit.person(invite.person)
    if known is None or not known.reach:
        return
    unit.pend_invite(invite.id, sender.endpoint, inbound.place.chat)
    old = known.reach[0]
    desk.reason = "link_waiting"
    desk.say(
        Address(known.id, old.endpoint, old.epoch, old.place),
        NoticeKey.LINK_CONFIRM,
        known.language,
        {"name": sender.name or "?", "network": sender.endpoint.network.capitalize()},
        options=(Choice("yes", NoticeKey.YES), Choice("no", NoticeKey.NO)),
        ref=f"link/{invite.id}",
    )


def _link(desk: Desk, invite: Invite, endpoint: Endpoint, chat: str, how: str) -> None:
    unit = desk.unit
    unit.put_endpoint(endpoint, invite.person, chat=chat)
    unit.use_invite(invite.id, endpoint)
    unit.forget_stranger(endpoint)
    for membership in unit.memberships(invite.person):
        desk.handle(membership.trajectory, c.LinkEndpoint(invite.person, endpoint, how))
    _welcome(desk, invite, endpoint, Place(endpoint.network, endpoint.account, chat))


def _welcome(desk: Desk, invite: Invite, endpoint: Endpoint, place: Place) -> None:
    """A client is asked for consent and told nothing else; a coach is told where messages come."""
    unit = desk.unit
    person = unit.person(invite.person)
    if person is None:
        return
    for membership in unit.memberships(person.id):
        if membership.role == "client":
            desk.handle(membership.trajectory, c.AskConsent(person.id))
    if invite.role == "coach":
        row = unit.endpoint(endpoint)
        to = Address(person.id, endpoint, row.epoch if row else 0, place)
        desk.say(to, NoticeKey.INVITE_WELCOME_COACH, person.language, {"name": person.name})


def _epoch(unit: Unit, inbound: MessageIn | StartIn | ChoiceIn) -> int:
    row = unit.endpoint(inbound.sender.endpoint)
    return row.epoch if row else 0
