"""CALL: be connected by telephone, and pause what is recorded meanwhile.

1. People are called on the telephone they linked, never on a number that somebody writes: so no
   emergency, premium or service number can ever be rung.
2. A coach names the client, or the place does; a client has the coach of the trajectory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.calls import TELEPHONE
from bridge.core.effects import Act
from bridge.core.notices import NoticeKey
from bridge.runtime.words.concern import Concern, Offer
from bridge.runtime.words.hearing import answer, coached, opening
from bridge.runtime.words.naming import about, meant

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from storage.unit import Unit

_CALL = frozenset({"call", "bel"})
_ME = frozenset({"", "me", "mij", "me now", "me nu"})
_SWITCH = {
    "pause recording": Act.PAUSE,
    "pauzeer opname": Act.PAUSE,
    "resume recording": Act.RESUME,
    "hervat opname": Act.RESUME,
}
_NUMBER = re.compile(r"[+(]?[\d][\d\s().-]*")
_EMERGENCY = frozenset({"112", "911", "999", "113", "08000113", "000"})


def _on_word(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    if word in _SWITCH:
        return _switch(desk, person, _SWITCH[word])
    first, rest = opening(inbound)
    if first not in _CALL or "\n" in rest:
        return False
    whom = rest.strip(" .!").casefold()
    if _NUMBER.fullmatch(whom):
        digits = re.sub(r"\D", "", whom)
        emergency = digits in _EMERGENCY
        key = NoticeKey.CALL_EMERGENCY if emergency else NoticeKey.CALL_REFUSED_NUMBER
        answer(desk, person, inbound, key)
        desk.reason = "call_refused"
        return True
    return _call(desk, person, inbound, rest.strip(" .!"), alone=whom in _ME)


def _call(desk: Desk, person: str, inbound: MessageIn, name: str, *, alone: bool) -> bool:
    mine = coached(desk.unit, person)
    if alone:
        members = desk.unit.memberships(person)
        theirs = [one.trajectory for one in members if one.role in ("client", "coach")]
        if not theirs:
            return False
        trajectory = about(desk, person, inbound, theirs, NoticeKey.CALL_WHOM)
    elif mine and len(name.split()) <= MOST_WORDS:
        trajectory = meant(desk, person, inbound, name)
    else:
        return False  # "bel straks even mijn moeder" is a line like any other
    if trajectory and not desk.catalogue.lines:
        answer(desk, person, inbound, NoticeKey.CALL_NO_LINE)
        desk.reason = "no_line"
    elif trajectory:
        desk.handle(trajectory, c.CallRequested(person))
    return True


MOST_WORDS = 2
"""A name; more words are a sentence."""


def _switch(desk: Desk, person: str, act: Act) -> bool:
    for membership in desk.unit.memberships(person):
        state = desk.unit.state(membership.trajectory)
        if state is not None and any(
            person in (call.first, call.other) for call in state.calls.open.values()
        ):
            desk.handle(membership.trajectory, c.SwitchRecording(person, act.value))
            return True
    return False


def _has_telephone(unit: Unit, person: str) -> bool:
    known = unit.person(person)
    reach = known.reach if known is not None else ()
    return any(one.endpoint.network == TELEPHONE for one in reach)


CONCERN = Concern(
    _on_word,
    (Offer("CALL", "BEL", NoticeKey.WORD_CALL, only=_has_telephone),),
    _CALL.union(_SWITCH),
)
