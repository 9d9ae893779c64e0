"""PEOPLE: who takes part in one's own trajectories, and in no others (I4).

Of a trajectory that does not allow the network nobody is named there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime.words.concern import Concern, Offer
from bridge.runtime.words.hearing import answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.inbound import MessageIn
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk
    from storage.unit import Unit


def on_people(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Tell who takes part; False where there is nobody to tell of."""
    if word not in keywords.PEOPLE:
        return False
    mine = [one.trajectory for one in desk.unit.memberships(person)]
    lines = [_who(desk.unit, person, one) for one in mine if desk.may_name(one)]
    text = "\n".join(line for line in lines if line)
    if text:
        answer(desk, person, inbound, NoticeKey.PEOPLE, {"people": text})
    elif all(map(desk.may_name, mine)):
        return False
    else:
        networks = ", ".join(map(desk.catalogue.network, _agreed(desk.unit, mine)))
        answer(desk, person, inbound, NoticeKey.NETWORK_NOT_ALLOWED, {"networks": networks})
    desk.reason = "people"
    return True


def _agreed(unit: Unit, trajectories: Sequence[str]) -> list[str]:
    """Return the networks that are allowed for any of these."""
    states = (unit.state(one) for one in trajectories)
    allowed = (one for state in states if state for one in state.policy.allowed_networks)
    return list(dict.fromkeys(allowed))


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
