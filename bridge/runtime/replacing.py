"""Going on from another number or messenger for good: the new one comes in place of the old.

1. Who still has the old one asks there, proves by a code that the new one is theirs too, and says
   yes on the old one: both sides, and nothing before that changes anything.
2. Who lost the old one is a stranger at the new one. A coach or the operator issues a code; a coach
   says whether it is they. The old one is never asked and never told.
3. The old one is revoked in the commit that links the new one: what waits for it is suppressed when
   it is claimed, nothing follows from there, and no other code of the person's is good any more.
4. Whether a number belongs to somebody already is told to nobody: such a one is not written to, and
   everything else looks the same.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.calls import TELEPHONE
from bridge.core.content import Choice
from bridge.core.effects import Address
from bridge.core.endpoint import Endpoint, Place
from bridge.core.notices import NoticeKey
from bridge.runtime import handover, invites
from bridge.runtime.codes import code_hash, new_typed_code
from bridge.runtime.desk import desk_address, language_of
from storage.registry import REPLACED

if TYPE_CHECKING:
    from bridge.core.facts import Person, Reach
    from bridge.core.inbound import ChoiceIn, MessageIn, StartIn
    from bridge.runtime.desk import Desk
    from storage.invites import Invite
    from storage.unit import Unit

Params = dict[str, str]

MOVE = "move"
KINDS = frozenset({MOVE, invites.REPLACE})
MOVE_MINUTES = 60
MOST_A_DAY = 5
"""How often somebody may ask for another number: each may write to a person who knows nothing."""

_WHOLE = re.compile(r"\+[1-9]\d{7,14}")
"""A telephone number anywhere in the world: ITU-T E.164, 6.2.1 (at most 15 digits)."""
_BETWEEN = re.compile(r"[\s().\-/\u00a0]")
_OPTIONS = (Choice("yes", NoticeKey.YES), Choice("no", NoticeKey.NO))


def whole_number(text: str) -> str:
    """Return a telephone number with its country code as it is dialled, '' where it is none."""
    bare = _BETWEEN.sub("", text.strip())
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    return bare if _WHOLE.fullmatch(bare) else ""


def ask_to_move(desk: Desk, person: str, inbound: MessageIn, number: str) -> None:
    """Give a person a code to go on with from another endpoint; write to a ``number`` they named.

    ``number`` is '' where none was named. Behind a STOP nothing happens.
    """
    unit, old = desk.unit, inbound.sender.endpoint
    row = unit.endpoint(old)
    desk.reason = "number"
    if row is None or row.opted_out:
        return
    if unit.count_invites(person, MOVE, unit.now - timedelta(days=1)) >= MOST_A_DAY:
        _answer(desk, person, inbound, NoticeKey.NUMBER_TOO_OFTEN)
        return
    new = Endpoint(old.network, old.account, whole_number(number)) if number else None
    if new is not None and (not old.masked or not new.address or new == old):
        _answer(desk, person, inbound, NoticeKey.NUMBER_NOT_ONE)
        return
    code, invite = new_typed_code(), f"move-{desk.row_id}"
    unit.put_invite(
        id=invite,
        kind=MOVE,
        trajectory="",
        person=person,
        role="",
        network=new.network if new else "",
        hashes=(code_hash(code),),
        expires_at=unit.now + timedelta(minutes=MOVE_MINUTES),
        address=new.address if new else "",
        replaces=old,
    )
    unit.end_invites(person, MOVE, invite)
    params = {"minutes": str(MOVE_MINUTES), "code": code}
    if new is None:
        _answer(desk, person, inbound, NoticeKey.NUMBER_CODE, params)
        return
    _answer(desk, person, inbound, NoticeKey.NUMBER_CODE_SENT, params | {"where": new.masked})
    held = unit.endpoint(new)
    if held is None or (held.person == person and not held.opted_out):
        place = Place(new.network, new.account, new.address)
        desk.say(Address("", new, 0, place), NoticeKey.NUMBER_QUESTION, language_of(unit, person))


def may_take(unit: Unit, invite: Invite, person: Person, endpoint: Endpoint) -> bool:
    """Tell whether an endpoint may take up a code now; what is refused looks like a wrong code."""
    if invite.pending not in (None, endpoint):
        return False
    if invite.kind == MOVE:
        return _old(unit, invite, person.id) is not None
    return True


def redeem(desk: Desk, invite: Invite, person: Person, inbound: MessageIn | StartIn) -> None:
    """Somebody sent the code from the new endpoint: ask on the old side, or ask a coach."""
    unit, new = desk.unit, inbound.sender.endpoint
    desk.reason = "link_waiting"
    to = Address("", new, 0, inbound.place)
    if invite.replaces == new:
        to = desk_address(unit, person.id, new, inbound.place)
        desk.say(to, NoticeKey.NUMBER_FROM_THERE, person.language)
        return
    mine = unit.memberships(person.id)
    if mine and not handover.may_be_at(unit, person.id, new.network):
        states = [unit.state(one.trajectory) for one in mine]
        allowed = dict.fromkeys(n for s in states if s for n in s.policy.allowed_networks)
        names = ", ".join(map(desk.catalogue.network, allowed))
        desk.say(to, NoticeKey.NETWORK_NOT_ALLOWED, person.language, {"networks": names})
        return
    asked = _whom_to_ask(unit, invite, person)
    if asked is None:
        carry_out(desk, invite, person, new, inbound.place.chat, "invite")
        return
    if invite.pending is None:
        unit.pend_invite(invite.id, new, inbound.place.chat)
        _ask(desk, invite, person, new, asked)
    lost = invite.kind == invites.REPLACE
    key = NoticeKey.NUMBER_LOST_WAITING if lost else NoticeKey.LINK_WAITING
    desk.say(to, key, person.language)


def _ask(desk: Desk, invite: Invite, person: Person, new: Endpoint, asked: Address) -> None:
    """Put the one question after whose yes everything changes."""
    lost = invite.kind == invites.REPLACE
    desk.say(
        asked,
        NoticeKey.NUMBER_LOST_CONFIRM if lost else NoticeKey.NUMBER_CONFIRM,
        language_of(desk.unit, asked.party),
        {"name": person.name, "where": where(desk, new)},
        options=_OPTIONS,
        ref=f"link/{invite.id}",
    )


def _whom_to_ask(unit: Unit, invite: Invite, person: Person) -> Address | None:
    """Return who has to say yes, and where; None where the operator's code is enough by itself."""
    if invite.kind == MOVE:
        old = _old(unit, invite, person.id)
        return Address(person.id, old.endpoint, old.epoch, old.place) if old else None
    state = unit.state(invite.trajectory)
    coaches = state.with_role("coach") if state is not None else ()
    for coach in coaches:
        known = unit.person(coach) if coach != person.id else None
        for reach in known.reach if known else ():
            allowed = state is not None and state.policy.allows(reach.endpoint.network)
            if allowed and not reach.opted_out and reach.endpoint.network != TELEPHONE:
                return Address(coach, reach.endpoint, reach.epoch, reach.place)
    return None


def _old(unit: Unit, invite: Invite, person: str) -> Reach | None:
    """Return the endpoint that a person asked from, if it is theirs and did not stop us since."""
    known = unit.person(person)
    for reach in known.reach if known else ():
        if reach.endpoint == invite.replaces and not reach.opted_out:
            return reach
    return None


def may_answer(unit: Unit, invite: Invite, person: str, endpoint: Endpoint) -> bool:
    """Tell whether somebody may say yes: on the very endpoint that is given up, or as a coach."""
    if invite.kind == MOVE:
        old = _old(unit, invite, person) if invite.person == person else None
        return old is not None and old.endpoint == endpoint
    state = unit.state(invite.trajectory)
    return state is not None and person in state.with_role("coach") and person != invite.person


def on_answer(desk: Desk, invite: Invite, answerer: str, inbound: ChoiceIn) -> None:
    """Somebody who may said yes or no to a new endpoint that waits."""
    unit = desk.unit
    to = desk_address(unit, answerer, inbound.sender.endpoint, inbound.place)
    language = language_of(unit, answerer)
    person, new = unit.person(invite.person), invite.pending
    if new is None or person is None:
        return
    if invite.expires_at <= unit.now:
        desk.say(to, NoticeKey.INVITE_INVALID, language)
        return
    row = unit.endpoint(new)
    if inbound.key != "yes" or (row is not None and row.usable and row.person != person.id):
        unit.use_invite(invite.id, None)
        kept = NoticeKey.NUMBER_KEPT if invite.kind == MOVE else NoticeKey.LINK_REFUSED
        desk.say(to, kept, language)
        return
    how = "confirmed" if invite.kind == MOVE else "invite"
    carry_out(desk, invite, person, new, invite.pending_chat, how)


def carry_out(
    desk: Desk, invite: Invite, person: Person, new: Endpoint, chat: str, how: str
) -> None:
    """Link the new endpoint, revoke the old ones, and tell everybody who is to know."""
    unit = desk.unit
    gone, also = _changes(unit, invite, person, new)
    row = unit.put_endpoint(new, person.id, chat=chat)
    for endpoint in also:
        unit.put_endpoint(endpoint, person.id)
    for endpoint in gone:
        unit.revoke_endpoint(endpoint, REPLACED)
    unit.touch(new)
    unit.use_invite(invite.id, new)
    for kind in (*KINDS, "link"):
        unit.end_invites(person.id, kind)
    unit.forget_stranger(new)
    command = c.ReplaceEndpoints(person.id, gone, new, how, where(desk, new), also)
    for membership in unit.memberships(person.id):
        unit.agendas.revoke_links(membership.trajectory, person.id)
        desk.handle(membership.trajectory, command)
        if membership.role == "client":
            desk.handle(membership.trajectory, c.AskConsent(person.id))
    place = Place(new.network, new.account, row.chat)
    done = Address(person.id, new, row.epoch, place)
    desk.say(done, NoticeKey.NUMBER_DONE, person.language)
    _tell_elsewhere(desk, person.id, new, gone)


def _changes(
    unit: Unit, invite: Invite, person: Person, new: Endpoint
) -> tuple[tuple[Endpoint, ...], tuple[Endpoint, ...]]:
    """Return which endpoints count no more, and which come with the new one.

    A telephone number is one telephone, whether it is written to or called.
    """
    mine = [reach.endpoint for reach in person.reach if reach.endpoint != new]
    gone = mine
    if invite.kind == MOVE:
        old = invite.replaces
        gone = [
            one
            for one in mine
            if old is not None and (one == old or (old.masked and one.address == old.address))
        ]
    called = [one for one in gone if one.network == TELEPHONE and one.address != new.address]
    also: list[Endpoint] = []
    for one in called[:1] if new.masked and new.network != TELEPHONE else ():
        line = Endpoint(one.network, one.account, new.address)
        row = unit.endpoint(line)
        if row is None or row.person == person.id or not row.usable:
            also.append(line)
    same = {*also, new}
    return tuple(one for one in gone if one not in same), tuple(also)


def _tell_elsewhere(desk: Desk, person: str, new: Endpoint, gone: tuple[Endpoint, ...]) -> None:
    """Tell a person in their other messengers, for they may not be the one who asked."""
    known = desk.unit.person(person)
    if known is None or not gone:
        return
    params = {"where": where(desk, new), "old": where(desk, gone[0])}
    for reach in known.reach:
        if reach.endpoint != new and reach.endpoint.network != TELEPHONE:
            to = Address(person, reach.endpoint, reach.epoch, reach.place)
            desk.say(to, NoticeKey.NUMBER_CHANGED_ELSEWHERE, known.language, params)


def where(desk: Desk, endpoint: Endpoint) -> str:
    """Return what people are told of an endpoint: its network, and the end of its number."""
    return f"{desk.catalogue.network(endpoint.network)} {endpoint.masked}".strip()


def _answer(
    desk: Desk, person: str, inbound: MessageIn, key: NoticeKey, params: Params | None = None
) -> None:
    to = desk_address(desk.unit, person, inbound.sender.endpoint, inbound.place)
    desk.say(to, key, language_of(desk.unit, person), params or {})
