"""Reception: finds out whose an inbound is, and gives it to its trajectory.

1. Runs inside one transaction per payload; the payload's fate is settled in it.
2. Words of a client who has not agreed wait in the inbox; words of somebody who was asked "for
   whom?" wait too. Both go on, in order, once there is an answer; and until the last of them has,
   what the same person says next waits behind them, so that a log has the order of speech.
3. The same message under another key of the network is a repeat, however it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import msgspec

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.content import Text
from bridge.core.decide import recaps
from bridge.core.delivery import DeliveryState, may_become
from bridge.core.effects import consent_hold, echo_hold
from bridge.core.inbound import (
    BlockedIn,
    CallIn,
    ChatMovedIn,
    ChoiceIn,
    DeleteIn,
    EditIn,
    MembersIn,
    MessageIn,
    ReactionIn,
    ReceiptIn,
    StartIn,
    TypingIn,
    UnprovenIn,
)
from bridge.core.notices import NoticeKey
from bridge.core.numbering import meant
from bridge.core.routing import AskWhich, Standing, ToTrajectory, Unrouted, resolve
from bridge.core.scale import HIGHEST
from bridge.core.trajectory import Consent
from bridge.runtime import asking, calls, door, handover, joining, words
from bridge.runtime.desk import Desk, desk_address, language_of, text_of
from bridge.runtime.handle import follow_chat
from bridge.runtime.sending import mark_unreachable
from bridge.runtime.words import budget, hearing, naming, parting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.inbound import Inbound
    from bridge.core.trajectory import Trajectory
    from storage.unit import Unit


_MOST_DIGITS = 2


def receive(desk: Desk, inbound: Inbound) -> None:
    """Settle one inbound inside the desk's transaction."""
    match inbound:
        case MessageIn() | EditIn() | DeleteIn() | ReactionIn() | ChoiceIn() | StartIn():
            _from_person(desk, inbound)
        case BlockedIn():
            door.on_blocked(desk, inbound)
        case ReceiptIn():
            _on_receipt(desk, inbound)
        case ChatMovedIn(old=old, new=new):
            follow_chat(desk.unit, old, new, desk.catalogue)
            desk.reason = "chat_moved"
        case MembersIn():
            door.on_members(desk, inbound)
        case TypingIn():
            desk.reason = "typing"
        case CallIn():
            calls.on_call(desk, inbound, receive)
        case UnprovenIn(inbound=unproven):
            door.on_unproven(desk, unproven)
        case _:
            assert_never(inbound)


_Act = MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn | StartIn


def _from_person(desk: Desk, inbound: _Act) -> None:
    unit = desk.unit
    sender = inbound.sender
    row = unit.endpoint(sender.endpoint)
    if row is None or row.revoked or not row.verified:
        door.on_stranger(desk, inbound)
        return
    if sender.direct and row.chat != inbound.place.chat:
        unit.set_chat(sender.endpoint, inbound.place.chat)
    person = row.person
    inbound = _answered_by_digit(unit, person, inbound)
    if row.opted_out in door.LIFTED and not isinstance(inbound, DeleteIn):
        # Whoever writes to us can be reached again, and has let us in.
        door.opt_in(desk, person, sender.endpoint, "wrote")
    if isinstance(inbound, ChoiceIn) and _answers_the_desk(desk, person, inbound):
        return
    word = _word(inbound)
    if isinstance(inbound, MessageIn) and words.on_word(desk, person, inbound, word):
        return
    if isinstance(inbound, StartIn):
        door.on_start(desk, person, inbound)
        return
    if isinstance(inbound, MessageIn) and hearing.is_private(unit, person, inbound):
        handover.follow(desk, person, inbound)
    _route(desk, person, inbound)


def _answers_the_desk(desk: Desk, person: str, inbound: ChoiceIn) -> bool:
    """Carry out a choice about what no trajectory's log asked; tell whether it was one."""
    asked, _, _ = inbound.ref.partition("/")
    if asked == "ask":
        asking.on_asked(desk, person, inbound)
    elif asked == "link":
        joining.on_confirmation(desk, person, inbound)
    elif asked == budget.QUESTION:
        budget.on_choice(desk, person, inbound)
    else:
        return parting.on_choice(desk, person, inbound)
    return True


def _answered_by_digit(unit: Unit, person: str, inbound: _Act) -> _Act:
    """Return the choice that a digit means, where a numbered question stands; else the inbound."""
    if not isinstance(inbound, MessageIn) or not isinstance(inbound.content, Text):
        return inbound
    word = text_of(inbound).strip().rstrip(".)")
    if not (word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS):
        return inbound
    question = meant(unit.questions(inbound.place), int(word))
    if question is None or question.person != person:
        return inbound
    if int(word) <= HIGHEST and _asked_for_a_number(unit, person, question.ref):
        return inbound
    unit.end_question(inbound.place, question.ref)
    return ChoiceIn(
        place=inbound.place,
        sender=inbound.sender,
        external_id=inbound.external_id,
        ref=question.ref,
        key=question.key_of(int(word)),
        at=inbound.at,
    )


def _asked_for_a_number(unit: Unit, person: str, ref: str) -> bool:
    """Tell whether a number from 0 to 10 was asked for after a numbered question stood."""
    trajectory, _, seq = ref.rpartition("/")
    state = unit.state(trajectory) if seq.isdecimal() else None
    asked = state.steps.asking(person) if state is not None else None
    return asked is not None and asked.seq > int(seq)


def _route(
    desk: Desk, person: str, inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn
) -> None:
    standing = standing_of(desk.unit, person, inbound)
    # A message that waited for the choice was for no one; one that waited behind it may be.
    chosen = "" if standing.about else asking.chosen_before(desk)
    if chosen:
        standing = msgspec.structs.replace(standing, about=chosen)
    route = resolve(standing)
    match route:
        case ToTrajectory(trajectory=trajectory):
            sure = standing.about or standing.bound is not None
            if (
                not sure
                and isinstance(inbound, MessageIn | EditIn)
                and asking.waits_for_an_answer(desk, person, inbound)
            ):
                asking.ask_which(desk, person, inbound, (trajectory,))
                return
            _deliver(desk, person, trajectory, inbound)
        case AskWhich(trajectories=trajectories):
            _ask_or_answer(desk, person, inbound, trajectories)
        case Unrouted(reason=reason):
            _turn_away(desk, person, inbound, "no_trajectory" if chosen else reason)
        case _:
            assert_never(route)


def _ask_or_answer(
    desk: Desk,
    person: str,
    inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn,
    trajectories: tuple[str, ...],
) -> None:
    """Ask whom a message is for, unless it answers the one consent question that stands."""
    if isinstance(inbound, MessageIn):
        meant = asking.consent_meant(desk, person, inbound, trajectories)
        if not meant and not desk.released:
            coached = _coached(desk.unit, person, trajectories)
            meant, inbound = naming.named(desk.unit, inbound, coached)
            meant = meant or _of_a_recap(desk.unit, person, inbound, coached)
        if meant:
            _deliver(desk, person, meant, inbound)
            return
    asking.ask_which(desk, person, inbound, trajectories)


def _of_a_recap(unit: Unit, person: str, inbound: MessageIn, coached: Sequence[str]) -> str:
    """Return the one trajectory whose recap a coach was just told to write, or ''.

    Her words are a draft there, which goes to nobody, so nothing is guessed.
    """
    if not isinstance(inbound.content, Text):
        return ""
    states = ((name, unit.state(name)) for name in coached)
    found = [
        name
        for name, state in states
        if state is not None and recaps.is_expected(state, person, unit.now)
    ]
    return found[0] if len(found) == 1 else ""


def _coached(unit: Unit, person: str, trajectories: Sequence[str]) -> list[str]:
    """Return the trajectories somebody coaches."""
    roles = {one.trajectory: one.role for one in unit.memberships(person)}
    return [one for one in trajectories if roles.get(one) == "coach"]


def _turn_away(
    desk: Desk,
    person: str,
    inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn,
    reason: str,
) -> None:
    """Say that a message goes nowhere, to those who may know."""
    desk.reason = reason
    if not isinstance(inbound, MessageIn):
        return
    if reason == "open_group":
        door.on_open_group(desk, person, inbound)
    elif reason == "no_trajectory" and not parting.on_late_digit(desk, person, inbound):
        desk.say(
            desk_address(desk.unit, person, inbound.sender.endpoint, inbound.place),
            NoticeKey.TRAJECTORY_CLOSED,
            language_of(desk.unit, person),
        )


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
    bound = unit.binding_around(place)
    if bound is None and isinstance(inbound, ReactionIn) and about:
        # Networks do not tell in which thread somebody reacted; the message does.
        bound = next((one for one in unit.bindings_in(place) if one == (about, person)), None)
    return Standing(
        person=person,
        memberships=unit.memberships(person),
        bound=bound,
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
    if state is not None and _is_kept_out(desk, person, state, inbound):
        return
    if not isinstance(inbound, ChoiceIn) and (hold := _before(desk, person, trajectory)):
        desk.hold = hold
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


def _is_kept_out(
    desk: Desk,
    person: str,
    state: Trajectory,
    inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn,
) -> bool:
    """Turn away what comes from a network the trajectory does not allow; tell its author where to.

    The answer to a consent question and a withdrawal count from anywhere.
    """
    network = inbound.place.network
    if isinstance(inbound, DeleteIn | ChoiceIn) or state.policy.takes_from(network):
        return False
    member = state.parties.get(person)
    answer = keywords.keyword(text_of(inbound)) if isinstance(inbound, MessageIn) else ""
    asked = member is not None and member.consent is Consent.ASKED
    if asked and answer in keywords.YES | keywords.NO:
        return False
    if member is not None and member.may_talk:
        desk.handle(state.id, c.Receive(person, inbound, desk.row_id))  # the log says that it came
    desk.reason = "network_not_allowed"
    if isinstance(inbound, MessageIn | EditIn):
        names = ", ".join(desk.catalogue.network(one) for one in state.policy.allowed_networks)
        desk.say(
            desk_address(desk.unit, person, inbound.sender.endpoint, inbound.place),
            NoticeKey.NETWORK_NOT_ALLOWED,
            language_of(desk.unit, person),
            {"networks": names},
        )
    return True


def _before(desk: Desk, person: str, trajectory: str) -> str:
    """Return a hold from which earlier words of a person are on their way to a trajectory, or ''.

    What was let go itself has its turn.
    """
    unit = desk.unit
    if desk.released or not unit.let_go():
        return ""
    holds = [consent_hold(trajectory, person), *asking.asks_let_go(unit, person, trajectory)]
    return next((hold for hold in holds if unit.is_working_off(hold)), "")


def let_follow(unit: Unit, hold: str) -> None:
    """Let go what waits behind payloads that were let go from a hold, once none of them is left.

    To be called whenever such a payload was settled, whatever became of it. A hold that stands
    again (a consent withdrawn and asked anew) keeps what it has.
    """
    if not hold or unit.is_working_off(hold):
        return
    kind, _, rest = hold.partition(":")
    if kind == "consent":
        trajectory, _, party = rest.partition(":")
        state = unit.state(trajectory)
        member = state.parties.get(party) if state is not None else None
        over = member is not None and member.may_talk
    else:
        over = asking.is_answered(unit, hold)
    if over:
        unit.release(hold)


def _is_repeat(desk: Desk, inbound: MessageIn) -> bool:
    """The same message under another update id is a repeat, however it came."""
    place = inbound.place
    if desk.unit.shown(place.network, place.account, place.chat, inbound.external_id) is None:
        return False
    desk.reason = "repeat"
    return True


def _on_receipt(desk: Desk, inbound: ReceiptIn) -> None:
    """A network tells what became of a message of ours; late and doubled ones change nothing."""
    unit = desk.unit
    place = inbound.place
    desk.reason = "receipt"
    if inbound.key and _is_under_way(unit, inbound.key):
        # It tells more than we know: kept until the answer to our request is committed, and proof
        # for a request that never got one.
        desk.hold = echo_hold(inbound.key, inbound.external_id)
        return
    shown = unit.shown(place.network, place.account, place.chat, inbound.external_id)
    if shown is None:
        return
    row = unit.outbox_row(shown.trajectory, shown.seq, shown.party)
    state = DeliveryState(inbound.state)
    if row is None or not may_become(row.state, state):
        return
    # Any of several parts says that the whole failed, only the last that it arrived; what became of
    # a correction that was told as a message of its own says nothing of the original.
    parts = row.external_ids if state is DeliveryState.FAILED else row.external_ids[-1:]
    if inbound.external_id not in parts:
        return
    unit.settle(row.id, state, reason=inbound.reason)
    desk.handle(
        shown.trajectory,
        c.Report(
            target=shown.seq,
            party=shown.party,
            state=state,
            purpose=row.purpose,
            network=place.network,
            reason=inbound.reason,
        ),
    )
    if inbound.gone and state is DeliveryState.FAILED and (bound := unit.goes_to(row.id)):
        mark_unreachable(unit, *bound, "undeliverable", desk.catalogue)


def _is_under_way(unit: Unit, key: str) -> bool:
    row = unit.outbox_row_by_key(key.rpartition("/")[0])
    return row is not None and row.state in (DeliveryState.SENDING, DeliveryState.UNCERTAIN)


def _word(inbound: Inbound) -> str:
    if isinstance(inbound, MessageIn) and isinstance(inbound.content, Text):
        return keywords.keyword(text_of(inbound))
    return ""
