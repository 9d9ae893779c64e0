"""HELP tells of asides to whoever is in a group; what an aside is, the engine decides.

"aside: …" is no word for the bridge but the beginning of what is said, so it is read where every
message is, whichever way it came in: see ``bridge.core.decide.asides``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.notices import NoticeKey
from bridge.runtime.words.concern import Concern, Offer

if TYPE_CHECKING:
    from storage.unit import Unit


def _is_in_a_group(unit: Unit, person: str) -> bool:
    states = (unit.state(one.trajectory) for one in unit.memberships(person))
    return any(len(state.others(person)) > 1 for state in states if state is not None)


CONCERN = Concern(
    None,
    (Offer("aside: …", "apart: …", NoticeKey.WORD_ASIDE, only=_is_in_a_group),),
)
