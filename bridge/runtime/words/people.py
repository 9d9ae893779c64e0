"""PEOPLE: who takes part in one's own trajectories, and in no others (I4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime.words.concern import Concern, Offer
from bridge.runtime.words.hearing import answer

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk
    from storage.unit import Unit


def on_people(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Tell who takes part; False where there is nobody to tell of."""
    if word not in keywords.PEOPLE:
        return False
    lines = [_who(desk.unit, person, one.trajectory) for one in desk.unit.memberships(person)]
    text = "\n".join(line for line in lines if line)
    if not text:
        return False
    answer(desk, person, inbound, NoticeKey.PEOPLE, {"people": text})
    desk.reason = "people"
    return True


def _who(unit: Unit, person: str, trajectory: str) -> str:
    """Return the people of a trajectory in one line, the asker left out."""
    state = unit.state(trajectory)
    if state is None:
        return ""
    others = [_named(unit, state, one) for one in state.parties if one != person]
    return "• " + ", ".join(one for one in others if one) if any(others) else ""


def _named(unit: Unit, state: Trajectory, party: str) -> str:
    member = state.parties[party]
    if not member.active:
        return ""
    known = unit.person(party)
    return known.name if known is not None else party


CONCERN = Concern(on_people, (Offer("PEOPLE", "WIE", NoticeKey.WORD_PEOPLE),), keywords.PEOPLE)
