"""The front desk: finds out whose an inbound is, and answers what belongs to no trajectory.

1. Runs inside one transaction per payload; the payload's fate (handled, held, ignored) is settled
   in it.
2. A stranger is told one fixed sentence a day, is shown to the operator, and learns nothing about
   who exists. Five wrong codes close the door for a day.
3. Words of a client who has not agreed wait in the inbox; words of somebody who was asked "for
   whom?" wait too. Both go on, in order, once there is an answer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

import msgspec

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.content import Choice, Notice, Text, plain
from bridge.core.delivery import DeliveryState, may_become
from bridge.core.effects import (
    Acknowledge,
    Address,
    Priority,
    Purpose,
    SendMessage,
    ask_hold,
    consent_hold,
)
from bridge.core.inbound import (
    BlockedIn,
    ChatMovedIn,
    ChoiceIn,
    DeleteIn,
    EditIn,
    Inbound,
    MembersIn,
    MessageIn,
    ReactionIn,
    ReceiptIn,
    StartIn,
    TypingIn,
)
from bridge.core.notices import NoticeKey
from bridge.core.routing import (
    AskWhich,
    Standing,
    ToTrajectory,
    Unrouted,
    resolve,
)
from bridge.core.trajectory import Consent
from bridge.runtime import joining
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from storage.unit import Unit

    from bridge.core.endpoint import Endpoint, Place
    from bridge.runtime.texts import Catalogue

STRANGER_ANSWER_EVERY = timedelta(days=1)


class Desk:
    """One payload being received: the transaction, the row it came from, and what came of it."""

    def __init__(self, unit: Unit, row_id: int, catalogue: Catalogue, released: str = "") -> None:
        self.unit = unit
        self.row_id = row_id
        self.released = released  # the hold this payload waited on before
        self.catalogue = catalogue
        self.trajectory = ""
        self.seq = 0
        self.reason = ""
        self.hold = ""
        self._said = 0

    def handle(self, trajectory: str, command: c.Command) -> int:
        """Carry out a command; note the first entry as what the payload became; return its seq."""
        before = self.unit.state(trajectory)
        first = (before.seq if before else 0) + 1
        decision = handle(self.unit, trajectory, command, self.catalogue)
        if decision.entries and not self.seq:
            self.trajectory, self.seq = trajectory, first
        return first if decision.entries else 0

    def say(
        self,
        to: Address,
        key: NoticeKey,
        language: str,
        params: dict[str, str] | None = None,
        options: tuple[Choice, ...] = (),
        ref: str = "",
    ) -> None:
        """Say something outside any trajectory."""
        notice = Notice(key=key, params=params or {}, options=options, ref=ref)
        effect = SendMessage(
            seq=0,
            to=to,
            purpose=Purpose.DESK,
            content=self.catalogue.translate(notice, language),
        )
        self._said += 1
        self.unit.enqueue_desk(f"desk/{self.row_id}/{self._said}", effect)

    def acknowledge(self, to: Address, ack: str) -> None:
        """Stop the network's own wait after a choice."""
        if not ack:
            return
        self._said += 1
        effect = Acknowledge(seq=0, to=to, purpose=Purpose.DESK, priority=Priority.URGENT, ack=ack)
        self.unit.enqueue_desk(f"desk/{self.row_id}/{self._said}", effect)


def receive(desk: Desk, inbound: Inbound) -> None:
    """Settle one inbound inside the desk's transaction."""
    match inbound:
        case MessageIn() | EditIn() | DeleteIn() | ReactionIn() | ChoiceIn() | StartIn():
            _from_person(desk, inbound)
        case BlockedIn():
            _on_blocked(desk, inbound)
        case ReceiptIn():
            _on_receipt(desk, inbound)
        case ChatMovedIn(old=old, new=new):
            desk.unit.move_chat(old, new)
            desk.reason = "chat_moved"
        case MembersIn():
            _on_members(desk, inbound)
        case TypingIn():
            desk.reason = "typing"
        case _:
            assert_never(inbound)


_Act = MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn | StartIn


def _from_person(desk: Desk, inbound: _Act) -> None:
    unit = desk.unit
    sender = inbound.sender
    row = unit.endpoint(sender.endpoint)
    if row is None or row.revoked or not row.verified:
        _on_stranger(desk, inbound)
        return
    if sender.direct and row.chat != inbound.place.chat:
        unit.set_chat(sender.endpoint, inbound.place.chat)
    person = row.person
    if row.opted_out == "blocked" and not isinstance(inbound, DeleteIn):
        # Whoever writes to us has let us in again; a STOP needs its START.
        opt_in(desk, person, sender.endpoint, "wrote")
    if isinstance(inbound, ChoiceIn) and inbound.ref.startswith("ask/"):
        _on_asked(desk, person, inbound)
        return
    if isinstance(inbound, ChoiceIn) and inbound.ref.startswith("link/"):
        joining.on_confirmation(desk, person, inbound)
        return
    word = _word(inbound)
    if word and _on_keyword(desk, person, inbound, word):
        return
    if isinstance(inbound, StartIn):
        _on_start(desk, person, inbound)
        return
    _route(desk, person, inbound)


def _route(
    desk: Desk, person: str, inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn
) -> None:
    standing = standing_of(desk.unit, person, inbound)
    if chosen := _chosen(desk):
        standing = msgspec.structs.replace(standing, about=chosen)
    route = resolve(standing)
    match route:
        case ToTrajectory(trajectory=trajectory):
            _deliver(desk, person, trajectory, inbound)
        case AskWhich(trajectories=trajectories):
            _ask_which(desk, person, inbound, trajectories)
        case Unrouted(reason=reason):
            desk.reason = reason
            if reason == "no_trajectory" and isinstance(inbound, MessageIn):
                desk.say(
                    desk_address(desk.unit, person, inbound.sender.endpoint, inbound.place),
                    NoticeKey.TRAJECTORY_CLOSED,
                    language_of(desk.unit, person),
                )
        case _:
            assert_never(route)


def _chosen(desk: Desk) -> str:
    """Return the trajectory its author chose for a payload that waited for that, or ''."""
    kind, _, ask_id = desk.released.partition(":")
    ask = desk.unit.ask(ask_id) if kind == "ask" else None
    return ask.chosen if ask is not None else ""


def standing_of(
    unit: Unit, person: str, inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn
) -> Standing:
    """Gather what routing needs to know."""
    place = inbound.place
    about = ""
    if isinstance(inbound, ChoiceIn):
        about = inbound.ref.rpartition("/")[0]
    else:
        external = inbound.reply_to if isinstance(inbound, MessageIn) else inbound.external_id
        shown = unit.shown(place.network, place.account, place.chat, external) if external else None
        about = shown.trajectory if shown is not None else ""
    return Standing(
        person=person,
        memberships=unit.memberships(person),
        bound=unit.binding(place),
        about=about,
        direct=inbound.sender.direct,
    )


def _deliver(
    desk: Desk,
    person: str,
    trajectory: str,
    inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn,
) -> None:
    """Give an inbound to its trajectory, or keep it until the client has agreed."""
    state = desk.unit.state(trajectory)
    member = state.parties.get(person) if state else None
    if isinstance(inbound, MessageIn) and _is_repeat(desk, inbound):
        return
    if (
        member is not None
        and member.role == "client"
        and member.consent is not Consent.GIVEN
        and not isinstance(inbound, ChoiceIn)
    ):
        if member.consent is Consent.REFUSED:
            desk.reason = "no_consent"
            return
        answer = keywords.keyword(text_of(inbound)) if isinstance(inbound, MessageIn) else ""
        if member.consent is Consent.ASKED and answer in keywords.YES | keywords.NO:
            command = c.AnswerConsent(
                person, answer in keywords.YES, endpoint=inbound.sender.endpoint
            )
            desk.handle(trajectory, command)
            return
        desk.handle(trajectory, c.AskConsent(person))
        desk.trajectory, desk.seq = "", 0
        desk.hold = consent_hold(trajectory, person)
        return
    desk.handle(trajectory, c.Receive(person, inbound, desk.row_id))


def _is_repeat(desk: Desk, inbound: MessageIn) -> bool:
    """The same message under another update id is a repeat, however it came."""
    place = inbound.place
    if desk.unit.shown(place.network, place.account, place.chat, inbound.external_id) is None:
        return False
    desk.reason = "repeat"
    return True


def _ask_which(
    desk: Desk,
    person: str,
    inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn,
    trajectories: tuple[str, ...],
) -> None:
    if not isinstance(inbound, MessageIn | EditIn):
        desk.reason = "unknown_message"
        return
    unit = desk.unit
    open_ask = unit.open_ask(inbound.place, person)
    if open_ask is None:
        ask = str(desk.row_id)
        unit.put_ask(ask, inbound.place, person, trajectories)
        options = tuple(
            Choice(str(number), clients_of(unit, trajectory))
            for number, trajectory in enumerate(trajectories, start=1)
        )
        desk.say(
            desk_address(unit, person, inbound.sender.endpoint, inbound.place),
            NoticeKey.WHICH_CLIENT,
            language_of(unit, person),
            options=options,
            ref=f"ask/{ask}",
        )
        desk.hold = ask_hold(ask)
        return
    answer = text_of(inbound) if isinstance(inbound, MessageIn) else ""
    number = keywords.keyword(answer)
    if number.isdecimal() and 1 <= int(number) <= len(open_ask.trajectories):
        _answered(desk, open_ask.id, int(number))
        return
    desk.hold = ask_hold(open_ask.id)


def _on_asked(desk: Desk, person: str, inbound: ChoiceIn) -> None:
    """The sender chose whom the waiting messages are for."""
    unit = desk.unit
    ask_id = inbound.ref.partition("/")[2]
    ask = unit.ask(ask_id)
    to = desk_address(unit, person, inbound.sender.endpoint, inbound.place)
    desk.acknowledge(to, inbound.ack)
    desk.reason = "asked"
    if ask is None or ask.person != person or ask.answered:
        return
    if inbound.key.isdecimal() and 1 <= int(inbound.key) <= len(ask.trajectories):
        _answered(desk, ask_id, int(inbound.key))


def _answered(desk: Desk, ask_id: str, number: int) -> None:
    """Hand the waiting payloads on, as if each had said which trajectory it is for."""
    unit = desk.unit
    ask = unit.ask(ask_id)
    desk.reason = "asked"
    if ask is None:
        return
    chosen = ask.trajectories[number - 1]
    unit.answer_ask(ask_id, chosen)
    unit.release(ask_hold(ask_id))


def clients_of(unit: Unit, trajectory: str) -> str:
    """Return the names of the clients of a trajectory, for its coaches' eyes."""
    state = unit.state(trajectory)
    if state is None:
        return trajectory
    names = []
    for client in state.with_role("client"):
        person = unit.person(client)
        names.append(person.name if person else client)
    return ", ".join(names) or state.title or trajectory


def _on_keyword(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Carry out a word that is a command as a whole message; tell whether it was one."""
    endpoint = inbound.sender.endpoint
    if word in keywords.STOP and inbound.sender.direct:
        opt_out(desk, person, endpoint, "stop")
        desk.say(
            desk_address(desk.unit, person, endpoint, inbound.place),
            NoticeKey.OPTED_OUT,
            language_of(desk.unit, person),
        )
        return True
    row = desk.unit.endpoint(endpoint)
    if word in keywords.START and _said_no(desk.unit, person):
        for membership in desk.unit.memberships(person):
            desk.handle(membership.trajectory, c.AskConsent(person, again=True))
        return True
    if word in keywords.START and row is not None and row.opted_out:
        opt_in(desk, person, endpoint, "start")
        desk.say(
            desk_address(desk.unit, person, endpoint, inbound.place),
            NoticeKey.OPTED_IN,
            language_of(desk.unit, person),
        )
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


def _said_no(unit: Unit, person: str) -> bool:
    states = (unit.state(membership.trajectory) for membership in unit.memberships(person))
    return any(
        person in state.parties and state.parties[person].consent is Consent.REFUSED
        for state in states
        if state is not None
    )


def _on_start(desk: Desk, person: str, inbound: StartIn) -> None:
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


def _on_stranger(desk: Desk, inbound: _Act) -> None:
    unit = desk.unit
    sender = inbound.sender
    desk.reason = "stranger"
    if not sender.direct:
        return
    stranger = unit.stranger_seen(sender.endpoint, sender.name, sender.language)
    code = inbound.code if isinstance(inbound, StartIn) else ""
    if isinstance(inbound, MessageIn):
        code = keywords.typed_code(text_of(inbound))
    if code:
        joining.redeem(desk, inbound, code)
        return
    if isinstance(inbound, ChoiceIn):
        desk.acknowledge(stranger_address(sender.endpoint, inbound.place), inbound.ack)
        return
    if not isinstance(inbound, MessageIn | StartIn):
        return
    answered = stranger.answered_at
    if answered is None or unit.now - answered >= STRANGER_ANSWER_EVERY:
        unit.stranger_answered(sender.endpoint)
        desk.say(
            stranger_address(sender.endpoint, inbound.place),
            NoticeKey.UNKNOWN_SENDER,
            desk.catalogue.language_of(sender.language),
        )


def _on_blocked(desk: Desk, inbound: BlockedIn) -> None:
    row = desk.unit.endpoint(inbound.sender.endpoint)
    desk.reason = "blocked" if inbound.blocked else "unblocked"
    if row is None:
        return
    if inbound.blocked and not row.opted_out:
        opt_out(desk, row.person, inbound.sender.endpoint, "blocked")
    elif not inbound.blocked and row.opted_out == "blocked":
        opt_in(desk, row.person, inbound.sender.endpoint, "unblocked")


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


def _on_receipt(desk: Desk, inbound: ReceiptIn) -> None:
    """A network tells what became of a message of ours; late and doubled ones change nothing."""
    unit = desk.unit
    place = inbound.place
    desk.reason = "receipt"
    shown = unit.shown(place.network, place.account, place.chat, inbound.external_id)
    if shown is None:
        return
    row = unit.outbox_row(shown.trajectory, shown.seq, shown.party)
    if row is None or not may_become(row.state, DeliveryState(inbound.state)):
        return
    unit.settle(row.id, DeliveryState(inbound.state), reason=inbound.reason)
    desk.handle(
        shown.trajectory,
        c.Report(
            target=shown.seq,
            party=shown.party,
            state=DeliveryState(inbound.state),
            purpose=row.purpose,
            network=place.network,
            reason=inbound.reason,
        ),
    )


def _on_members(desk: Desk, inbound: MembersIn) -> None:
    """Somebody came into a group: what shows there may not be read by them."""
    desk.reason = "members"
    for trajectory, party in desk.unit.bindings_in(inbound.place):
        known = {r.endpoint for r in _reach(desk.unit, party)}
        if any(endpoint not in known for endpoint in inbound.joined):
            desk.handle(trajectory, c.UnbindPlace(party, "exposed"))


def _reach(unit: Unit, person: str) -> tuple[object, ...]:
    known = unit.person(person)
    return known.reach if known else ()


def desk_address(unit: Unit, person: str, endpoint: Endpoint, place: Place) -> Address:
    """Return how to answer a known person right where they wrote."""
    row = unit.endpoint(endpoint)
    return Address(person, endpoint, row.epoch if row else 0, place)


def stranger_address(endpoint: Endpoint, place: Place) -> Address:
    """Return how to answer somebody we do not know."""
    return Address("", endpoint, 0, place)


def language_of(unit: Unit, person: str) -> str:
    """Return the language a person reads."""
    known = unit.person(person)
    return known.language if known else "en"


def text_of(inbound: MessageIn | EditIn) -> str:
    """Return the plain words of a text message, '' for anything else."""
    return plain(inbound.content.body) if isinstance(inbound.content, Text) else ""


def _word(inbound: Inbound) -> str:
    if isinstance(inbound, MessageIn) and isinstance(inbound.content, Text):
        return keywords.keyword(text_of(inbound))
    return ""
