"""Joining by code: an invitation redeemed, a further endpoint linked, both only with certainty.

1. A code works once, until it expires, for one person in one trajectory and role, and on one
   network if it was made for one.
2. A person who has an endpoint already confirms a new one on an old one first. One new endpoint
   waits per code: while its question stands, the code is no good to anybody else.
3. A wrong code tells nothing but that it does not work; five of them close the door for a day, for
   somebody known as for a stranger. Behind a closed door no code is looked at.
4. What somebody we know types is a code only with the dash in it, or if it is theirs: every other
   word goes where their words go, so that a code of somebody else tells them nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.calls import TELEPHONE
from bridge.core.content import Choice
from bridge.core.effects import Address
from bridge.core.endpoint import Place
from bridge.core.inbound import MessageIn
from bridge.core.notices import NoticeKey
from bridge.runtime import replacing
from bridge.runtime.codes import code_hash, new_keypad_code, new_typed_code
from bridge.runtime.desk import desk_address, language_of, text_of

if TYPE_CHECKING:
    from bridge.core.endpoint import Endpoint
    from bridge.core.facts import Person, Reach
    from bridge.core.inbound import ChoiceIn, StartIn
    from bridge.runtime.desk import Desk
    from storage.invites import Invite
    from storage.unit import Unit

TRIES = 5
CLOSED_FOR = timedelta(days=1)
LINK_MINUTES = 15


def redeem(desk: Desk, inbound: MessageIn | StartIn, code: str, *, meant: bool = True) -> bool:
    """Let a stranger in with a code, or tell them that it does not work.

    A wrong one that was not ``meant`` as a code (a word of eight letters may be one) is counted
    all the same, or guesses would be free; False = it is to be answered like any other word.
    """
    unit = desk.unit
    sender = inbound.sender
    to = Address("", sender.endpoint, 0, inbound.place)
    if _closed(unit, sender.endpoint):
        desk.reason = "too_many_codes"
        return True
    invite = _valid(unit, code, sender.endpoint)
    person = unit.person(invite.person) if invite is not None else None
    if invite is None or person is None or not _may_take(unit, invite, person, sender.endpoint):
        _wrong(desk, to, desk.catalogue.language_of(sender.language), aloud=meant)
        return meant
    if invite.kind in replacing.KINDS:
        replacing.redeem(desk, invite, person, inbound)
        return True
    if _needs_no_confirmation(invite, person):
        _link(desk, invite, sender.endpoint, inbound.place.chat, "invite")
        return True
    if invite.pending is None:
        _ask_on_the_old_side(desk, invite, person, inbound)
    desk.reason = "link_waiting"
    desk.say(to, NoticeKey.LINK_WAITING, person.language)
    return True


def try_code(desk: Desk, person: str, inbound: MessageIn | StartIn, code: str) -> bool:
    """Take a code from somebody we know; tell whether it was one. See rule 4."""
    unit = desk.unit
    endpoint = inbound.sender.endpoint
    text = text_of(inbound) if isinstance(inbound, MessageIn) else None
    if _closed(unit, endpoint):
        desk.reason = desk.reason or "too_many_codes"
        return text is None
    invite = _valid(unit, code, endpoint)
    if invite is None or invite.person != person:
        if text is not None and "-" not in text:
            return False
        to = desk_address(unit, person, endpoint, inbound.place)
        _wrong(desk, to, language_of(unit, person))
        return True
    known = unit.person(person)
    if invite.kind in replacing.KINDS and known is not None:
        if replacing.may_take(unit, invite, known, endpoint):
            replacing.redeem(desk, invite, known, inbound)
        else:
            _wrong(desk, desk_address(unit, person, endpoint, inbound.place), known.language)
        return True
    unit.use_invite(invite.id, endpoint)
    desk.reason = "invite"
    _welcome(desk, invite, endpoint, inbound.place)
    return True


def _closed(unit: Unit, endpoint: Endpoint) -> bool:
    known = unit.stranger(endpoint)
    return known is not None and known.blocked_until is not None and unit.now < known.blocked_until


def _wrong(desk: Desk, to: Address, language: str, *, aloud: bool = True) -> None:
    """Count a wrong code, and (``aloud``) say that it does not work."""
    tries = desk.unit.stranger_failed(to.endpoint, TRIES, desk.unit.now + CLOSED_FOR)
    desk.reason = "wrong_code"
    if aloud:
        key = NoticeKey.INVITE_TOO_MANY if tries >= TRIES else NoticeKey.INVITE_INVALID
        desk.say(to, key, language)


def _may_take(unit: Unit, invite: Invite, person: Person, endpoint: Endpoint) -> bool:
    """Tell whether an endpoint may take up a code now; what is refused looks like a wrong code."""
    if invite.kind in replacing.KINDS:
        return replacing.may_take(unit, invite, person, endpoint)
    if _needs_no_confirmation(invite, person):
        return True
    return invite.pending == endpoint or (invite.pending is None and _usable(person) is not None)


def _usable(person: Person) -> Reach | None:
    return next((reach for reach in person.reach if not reach.opted_out), None)


def _needs_no_confirmation(invite: Invite, person: Person) -> bool:
    """Tell whether a code is enough by itself: there is nowhere to ask.

    Somebody who stopped or blocked us still has that endpoint, and a code in wrong hands must not
    get round them: they write there again, or the operator revokes it. But where nobody can be any
    more (the network says so), an invitation of the operator's is as good as a first one; a code
    that was asked for there is not.
    """
    gone = all(reach.opted_out == "undeliverable" for reach in person.reach)
    return not person.reach or (gone and invite.kind == "party")


def give_link_code(desk: Desk, person: str, inbound: MessageIn) -> None:
    """Give a person a code to send from another messenger, and one to key in on a telephone."""
    unit = desk.unit
    code, keypad = new_typed_code(), new_keypad_code()
    line = _line_for(desk, person)
    unit.put_invite(
        id=f"link-{desk.row_id}",
        kind="link",
        trajectory="",
        person=person,
        role="",
        network="",
        hashes=(code_hash(code), code_hash(keypad)) if line else (code_hash(code),),
        expires_at=unit.now + timedelta(minutes=LINK_MINUTES),
    )
    desk.reason = "link_code"
    params = {"minutes": str(LINK_MINUTES), "code": code}
    desk.say(
        desk_address(unit, person, inbound.sender.endpoint, inbound.place),
        NoticeKey.LINK_CODE_PHONE if line else NoticeKey.LINK_CODE,
        language_of(unit, person),
        params | {"line": line, "keypad": keypad} if line else params,
    )


def _line_for(desk: Desk, person: str) -> str:
    """Return the number a person may call to link a telephone, '' where none would be of use."""
    states = [desk.unit.state(one.trajectory) for one in desk.unit.memberships(person)]
    useful = any(state is not None and state.policy.allows(TELEPHONE) for state in states)
    return desk.catalogue.lines[0] if desk.catalogue.lines and useful else ""


def on_confirmation(desk: Desk, person: str, inbound: ChoiceIn) -> None:
    """The person answered on the old side whether the new endpoint is theirs.

    Much may have happened since the question: the code may have run out, and the endpoint may
    have become somebody else's.
    """
    unit = desk.unit
    desk.reason = "link_confirmation"
    to = desk_address(unit, person, inbound.sender.endpoint, inbound.place)
    desk.acknowledge(to, inbound.ack)
    invite = unit.invite(inbound.ref.partition("/")[2])
    if invite is None or invite.used or invite.pending is None:
        return
    if invite.kind in replacing.KINDS:
        if replacing.may_answer(unit, invite, person, inbound.sender.endpoint):
            replacing.on_answer(desk, invite, person, inbound)
        return
    if invite.person != person:
        return
    language = language_of(unit, person)
    if invite.expires_at <= unit.now:
        desk.say(to, NoticeKey.INVITE_INVALID, language)
        return
    row = unit.endpoint(invite.pending)
    taken = row is not None and row.usable and row.person != person
    if inbound.key != "yes" or taken:
        unit.use_invite(invite.id, None)
        desk.say(to, NoticeKey.LINK_REFUSED, language)
        return
    _link(desk, invite, invite.pending, invite.pending_chat, "confirmed")
    desk.say(to, NoticeKey.LINK_DONE, language)


def _valid(unit: Unit, code: str, endpoint: Endpoint) -> Invite | None:
    invite = unit.invite_by_hash(code_hash(code))
    if invite is None or invite.used or invite.expires_at <= unit.now:
        return None
    fits = invite.network in ("", endpoint.network) and invite.address in ("", endpoint.address)
    return invite if fits else None


def _ask_on_the_old_side(
    desk: Desk, invite: Invite, person: Person, inbound: MessageIn | StartIn
) -> None:
    """Ask on the first old endpoint that can be asked; ``_may_take`` saw that there is one."""
    old = _usable(person)
    if old is None:
        return
    sender = inbound.sender
    desk.unit.pend_invite(invite.id, sender.endpoint, inbound.place.chat)
    desk.say(
        Address(person.id, old.endpoint, old.epoch, old.place),
        NoticeKey.LINK_CONFIRM,
        person.language,
        {"name": sender.name or "?", "network": sender.endpoint.network},
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
    if _tell_where_to(desk, person, endpoint, place):
        return
    if invite.role == "coach":
        to = desk_address(unit, person.id, endpoint, place)
        desk.say(to, NoticeKey.INVITE_WELCOME_COACH, person.language, {"name": person.name})


def _tell_where_to(desk: Desk, person: Person, endpoint: Endpoint, place: Place) -> bool:
    """Say which messengers may be used, where none of somebody's trajectories allows this one."""
    unit = desk.unit
    states = [unit.state(one.trajectory) for one in unit.memberships(person.id)]
    policies = [state.policy for state in states if state is not None]
    if not policies or any(policy.allows(endpoint.network) for policy in policies):
        return False
    allowed = dict.fromkeys(one for policy in policies for one in policy.allowed_networks)
    desk.say(
        desk_address(unit, person.id, endpoint, place),
        NoticeKey.NETWORK_NOT_ALLOWED,
        person.language,
        {"networks": ", ".join(map(desk.catalogue.network, allowed))},
    )
    return True
