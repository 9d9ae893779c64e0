"""CLOSE anna, and afterwards KEEP, TAKE and DESTROY: how a trajectory ends, in one word.

1. "close anna" asks the coach whether she means it. It counts alone, with the name of a client of
   hers, or with one word behind it: a name that is mistyped is no word for a client to read.
2. KEEP, TAKE and DESTROY count only from a client whose trajectory has ended. Where several have,
   the coach's name behind the word tells which; nothing is done on a guess.
3. A digit answers our question for as long as it may be answered, also when it no longer stands as
   a numbered one; but only where nothing else could be meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core import keywords
from bridge.core.content import Text
from bridge.core.decide.parting import may_decide
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import text_of
from bridge.runtime.words import naming
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached, is_private, opening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.inbound import ChoiceIn, MessageIn
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk
    from storage.unit import Unit

CLIENTS = frozenset({"client"})
_CHOICES = {
    **dict.fromkeys(keywords.KEEP, "keep"),
    **dict.fromkeys(keywords.TAKE, "take"),
    **dict.fromkeys(keywords.DESTROY, "destroy"),
    **dict.fromkeys(keywords.DESTROY_ALL, "sure"),
}


def on_close(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Ask a coach whether she wants to end a trajectory; tell whether the line was one."""
    first, name = opening(inbound)
    mine = coached(desk.unit, person) if first in keywords.CLOSE else ()
    if not mine:
        return False
    if word in keywords.CLOSE:
        trajectory = naming.about(desk, person, inbound, mine)
    elif " " not in name or naming.called(desk.unit, name, mine):
        trajectory = naming.meant(desk, person, inbound, name)
    else:
        return False
    if trajectory:
        desk.handle(trajectory, c.AskToClose(person))
    return True


def on_word(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Carry out what a client says about a trajectory that has ended; tell whether they did."""
    choice, name = _CHOICES.get(word, ""), ""
    if not choice:
        first, name = opening(inbound)
        choice = _CHOICES.get(first, "") if name and word else ""
    if not choice:
        return False
    ended = partings(desk.unit, person)
    meant = [one for one in ended if _is_with(desk.unit, one, name)] if name else ended
    if not meant:
        return False
    if choice == "sure":  # it answers the one question that stands
        meant = [one for one in meant if one.ending.of(person).sure is not None] or meant
    desk.reason = "parting"
    if len(meant) == 1:
        desk.handle(meant[0].id, c.ChooseParting(person, choice))
    else:
        _ask_which(desk, person, inbound, meant)
    return True


def on_choice(desk: Desk, person: str, inbound: ChoiceIn) -> bool:
    """Take the answer to a question about a trajectory that has ended; False for any other."""
    trajectory = inbound.ref.rpartition("/")[0]
    state = desk.unit.state(trajectory) if trajectory else None
    if state is None or not may_decide(state, person):
        return False
    desk.handle(trajectory, c.Receive(person, inbound, desk.row_id))
    return True


def on_late_digit(desk: Desk, person: str, inbound: MessageIn) -> bool:
    """Take a digit of somebody who has nothing but one parting; False where it says nothing."""
    word = keywords.keyword(text_of(inbound)) if isinstance(inbound.content, Text) else ""
    if not (word.isascii() and word.isdecimal()) or not is_private(desk.unit, person, inbound):
        return False
    ended = partings(desk.unit, person)
    parting = ended[0].ending.of(person) if len(ended) == 1 else None
    if parting is None or parting.choice or not parting.question:
        return False
    logged = desk.unit.entry(ended[0].id, parting.question)
    asked = logged.entry if logged is not None else None
    options = asked.options if isinstance(asked, e.NoticeGiven) else ()
    if not 1 <= int(word) <= len(options):
        return False
    desk.handle(ended[0].id, c.ChooseParting(person, options[int(word) - 1].key))
    return True


def partings(unit: Unit, person: str) -> list[Trajectory]:
    """Return the ended trajectories in which somebody has a say over what was written."""
    states = (unit.state(one) for one in unit.ended(person))
    return [one for one in states if one is not None and may_decide(one, person)]


def _is_with(unit: Unit, state: Trajectory, name: str) -> bool:
    return any(naming.is_called(unit, coach, name) for coach in state.with_role("coach"))


def _ask_which(desk: Desk, person: str, inbound: MessageIn, ended: Sequence[Trajectory]) -> None:
    coaches = [
        one for state in ended for one in state.with_role("coach") if desk.may_name(state.id)
    ]
    known = [desk.unit.person(one) for one in dict.fromkeys(coaches)]
    names = [one.name for one in known if one is not None]
    word = text_of(inbound).strip().partition(" ")[0].upper()
    params = {
        "people": ", ".join(names),
        "example": f"{word} {names[0].partition(' ')[0]}" if names else word,
    }
    answer(desk, person, inbound, NoticeKey.PARTING_WHICH, params)


def _has_parting(unit: Unit, person: str) -> bool:
    return bool(partings(unit, person))


CLOSE = Concern(
    on_close,
    (Offer("close anna", "afsluiten anna", NoticeKey.WORD_CLOSE, COACHES),),
    keywords.CLOSE,
)
CONCERN = Concern(
    on_word,
    (
        Offer(
            "KEEP, TAKE, DESTROY",
            "BEWAAR, NEEM MEE, VERNIETIG",
            NoticeKey.WORD_PARTING,
            CLIENTS,
            _has_parting,
        ),
    ),
    frozenset(_CHOICES),
    answers=True,
)
