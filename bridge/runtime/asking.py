"""Whom is this for? Who writes without saying so is asked, and nothing moves before.

1. One question stands per person and place; what comes meanwhile waits behind it, in order. It
   stands until it is answered, and is put again when more comes ``ASK_AGAIN`` after it was put.
2. The answer lets everything that waited go to the trajectory that was chosen.
3. A number means what it meant in the question it stood in: when other trajectories come into
   question, another question takes the place of the first, and what waits waits behind that.
   Where options are numbered its numbers need not begin at 1, and hold for a day: see ``_number``.
4. Words that were for one trajectory never go to another because it is the only one left: who
   takes no part any more in what they choose, or in all but one, is asked about the rest, and may
   say "for nobody".
5. Coaches are shown their clients' names, clients their coaches': never another client's, and no
   name on a network that its trajectory does not allow.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.content import Choice
from bridge.core.effects import ask_hold
from bridge.core.inbound import ChoiceIn, DeleteIn, EditIn, MessageIn, ReactionIn
from bridge.core.notices import NoticeKey
from bridge.core.trajectory import Consent
from bridge.runtime.desk import Desk, desk_address, language_of, text_of
from storage.questions import STANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.door import Ask
    from storage.unit import Unit

ASK_AGAIN = timedelta(minutes=10)
"""How long a question stands before another message repeats it."""

NOBODY = ""
"""Stands among an ask's trajectories for: it is for none of them."""


def ask_which(
    desk: Desk,
    person: str,
    inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn,
    trajectories: tuple[str, ...],
    key: NoticeKey = NoticeKey.WHICH_CLIENT,
) -> None:
    """Ask whom a message is for, or let it wait behind the question that stands."""
    if not isinstance(inbound, MessageIn | EditIn):
        desk.reason = "unknown_message"
        return
    unit = desk.unit
    standing = unit.open_ask(inbound.place, person)
    if standing is None:
        desk.hold = _ask(desk, person, inbound, trajectories, key)
        return
    number = _number(unit, inbound, standing)
    if number:
        _answered(desk, standing, number, inbound)
        return
    desk.hold = ask_hold(standing.id)
    if {*standing.trajectories} - {NOBODY} != {*trajectories}:
        # Words that waited may have been for one that is gone, so nobody must be a choice.
        desk.hold = _ask_instead(desk, standing, inbound, (*trajectories, NOBODY))
    elif unit.now - standing.asked >= ASK_AGAIN:
        unit.ask_again(standing.id)
        _put(desk, standing.id, person, inbound, standing.trajectories)


def on_asked(desk: Desk, person: str, inbound: ChoiceIn) -> None:
    """The sender chose whom the waiting messages are for."""
    unit = desk.unit
    ask = unit.ask(inbound.ref.partition("/")[2])
    to = desk_address(unit, person, inbound.sender.endpoint, inbound.place)
    desk.acknowledge(to, inbound.ack)
    desk.reason = "asked"
    if ask is None or ask.person != person or ask.answered:
        return
    if inbound.key.isdecimal() and 1 <= int(inbound.key) <= len(ask.trajectories):
        _answered(desk, ask, int(inbound.key), inbound)


def waits_for_an_answer(desk: Desk, person: str, inbound: MessageIn | EditIn) -> bool:
    """Tell whether a question stands where somebody writes who has but one trajectory left."""
    if desk.released or person not in desk.unit.asked_people():
        return False
    return desk.unit.open_ask(inbound.place, person) is not None


def chosen_before(desk: Desk) -> str:
    """Return the trajectory its author chose for a payload that waited for that, or ''."""
    ask = _ask_of(desk.unit, desk.released)
    return ask.chosen if ask is not None else ""


def asks_let_go(unit: Unit, person: str, trajectory: str) -> list[str]:
    """Return the holds whose payloads of a person are on their way to a trajectory just now."""
    found = [(hold, _ask_of(unit, hold)) for hold in unit.let_go()]
    return [
        hold
        for hold, ask in found
        if ask is not None and (ask.person, ask.chosen) == (person, trajectory)
    ]


def is_answered(unit: Unit, hold: str) -> bool:
    """Tell whether the question that a hold stands for was answered."""
    ask = _ask_of(unit, hold)
    return ask is not None and ask.answered is not None


def consent_meant(desk: Desk, person: str, inbound: MessageIn, among: Sequence[str]) -> str:
    """Return the trajectory whose consent question a bare yes or no answers, or ''.

    It must be the only such question that stands; a digit answers "for whom?" where that stands.
    """
    word = keywords.keyword(text_of(inbound))
    if word not in keywords.YES | keywords.NO:
        return ""
    if word.isdecimal() and desk.unit.open_ask(inbound.place, person) is not None:
        return ""
    states = ((name, desk.unit.state(name)) for name in among)
    open_questions = [
        name
        for name, state in states
        if state is not None
        and person in state.parties
        and state.parties[person].consent is Consent.ASKED
    ]
    return open_questions[0] if len(open_questions) == 1 else ""


def labels(desk: Desk, person: str, trajectories: Sequence[str]) -> list[str]:
    """Return what to call trajectories to one of their parties, each by another name."""
    unit = desk.unit
    shown = [one == NOBODY or desk.may_name(one) for one in trajectories]
    elsewhere = desk.catalogue.say(NoticeKey.WHICH_ELSEWHERE, language_of(unit, person))
    names = [
        _label(unit, person, trajectory) if may_be else elsewhere
        for trajectory, may_be in zip(trajectories, shown, strict=True)
    ]
    told = []
    for number, (name, one) in enumerate(zip(names, trajectories, strict=True), start=1):
        apart = _title(unit, one) if shown[number - 1] else str(number)
        told.append(f"{name} ({apart})" if names.count(name) > 1 else name)
    return told


def _label(unit: Unit, person: str, trajectory: str) -> str:
    if trajectory == NOBODY:
        return NoticeKey.WHICH_NOBODY
    state = unit.state(trajectory)
    if state is None or person not in state.parties:
        return _title(unit, trajectory)
    role = "client" if state.parties[person].role == "coach" else "coach"
    known = [(one, unit.person(one)) for one in state.with_role(role)]
    names = [found.name if found else one for one, found in known]
    return ", ".join(names) or _title(unit, trajectory)


def _title(unit: Unit, trajectory: str) -> str:
    state = unit.state(trajectory)
    return (state.title if state is not None else "") or trajectory


def _number(unit: Unit, inbound: MessageIn | EditIn, ask: Ask) -> int:
    """Return the number of an option that a message consists of, or 0.

    A number that was shown was understood before this, where options are numbered: one that comes
    here was not shown, or its day is over, and counting from 1 would take it for somebody else.
    """
    if unit.now - ask.asked > STANDS or unit.questions(inbound.place):
        return 0
    word = keywords.keyword(text_of(inbound)) if isinstance(inbound, MessageIn) else ""
    number = int(word) if word.isdecimal() else 0
    return number if number <= len(ask.trajectories) else 0


def _answered(desk: Desk, ask: Ask, number: int, inbound: MessageIn | EditIn | ChoiceIn) -> None:
    """Hand the waiting payloads on, as if each had said which trajectory it is for."""
    unit = desk.unit
    desk.reason = "asked"
    chosen = ask.trajectories[number - 1]
    mine = tuple(membership.trajectory for membership in unit.memberships(ask.person))
    if chosen in mine:
        unit.answer_ask(ask.id, chosen)
        unit.release(ask_hold(ask.id))
    elif chosen != NOBODY and mine:
        _ask_instead(desk, ask, inbound, (*mine, NOBODY), NoticeKey.WHICH_GONE)
    else:
        unit.answer_ask(ask.id, NOBODY)
        unit.drop(ask_hold(ask.id), "withdrawn" if chosen == NOBODY else "closed")
        desk.say(
            desk_address(unit, ask.person, inbound.sender.endpoint, inbound.place),
            NoticeKey.WHICH_FORGOTTEN if chosen == NOBODY else NoticeKey.TRAJECTORY_CLOSED,
            language_of(unit, ask.person),
        )


def _ask_instead(
    desk: Desk,
    ask: Ask,
    inbound: MessageIn | EditIn | ChoiceIn,
    trajectories: tuple[str, ...],
    key: NoticeKey = NoticeKey.WHICH_CLIENT,
) -> str:
    """Put another question in the place of one, and let wait behind it what waits; see rule 3."""
    unit = desk.unit
    waiting = unit.waiting(ask_hold(ask.id))
    unit.answer_ask(ask.id, NOBODY)
    hold = _ask(desk, ask.person, inbound, trajectories, key)
    for row in waiting:
        unit.hold(row, hold)
    return hold


def _ask(
    desk: Desk,
    person: str,
    inbound: MessageIn | EditIn | ChoiceIn,
    trajectories: tuple[str, ...],
    key: NoticeKey = NoticeKey.WHICH_CLIENT,
) -> str:
    ask = str(desk.row_id)
    desk.unit.put_ask(ask, inbound.place, person, trajectories)
    _put(desk, ask, person, inbound, trajectories, key)
    return ask_hold(ask)


def _put(
    desk: Desk,
    ask: str,
    person: str,
    inbound: MessageIn | EditIn | ChoiceIn,
    trajectories: tuple[str, ...],
    key: NoticeKey = NoticeKey.WHICH_CLIENT,
) -> None:
    unit = desk.unit
    named = enumerate(labels(desk, person, trajectories), start=1)
    desk.say(
        desk_address(unit, person, inbound.sender.endpoint, inbound.place),
        key,
        language_of(unit, person),
        options=tuple(Choice(str(number), name) for number, name in named),
        ref=f"ask/{ask}",
    )


def _ask_of(unit: Unit, hold: str) -> Ask | None:
    kind, _, ask_id = hold.partition(":")
    return unit.ask(ask_id) if kind == "ask" else None
