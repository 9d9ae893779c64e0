"""Whom is this for? A coach who writes without saying so is asked, and nothing moves before.

1. One question stands per person and place; what comes meanwhile waits behind it, in order.
2. The answer lets everything that waited go to the trajectory that was chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.content import Choice
from bridge.core.effects import ask_hold
from bridge.core.inbound import ChoiceIn, DeleteIn, EditIn, MessageIn, ReactionIn
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import Desk, desk_address, language_of, text_of

if TYPE_CHECKING:
    from storage.unit import Unit


def ask_which(
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


def on_asked(desk: Desk, person: str, inbound: ChoiceIn) -> None:
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


def chosen_before(desk: Desk) -> str:
    """Return the trajectory its author chose for a payload that waited for that, or ''."""
    kind, _, ask_id = desk.released.partition(":")
    ask = desk.unit.ask(ask_id) if kind == "ask" else None
    return ask.chosen if ask is not None else ""


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
