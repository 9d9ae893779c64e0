"""Words that ask the bridge something: HELP, PEOPLE; and a coach's "anna: ...".

1. A word counts only as a whole message, in a private chat or in a place of one's own; inside a
   sentence it is what people say to each other.
2. The answer tells only what the asker may know: who takes part in their own trajectories (I4).
3. A name before a colon says whom words are for when exactly one of the coach's trajectories has a
   client of that name; otherwise it is part of the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import keywords
from bridge.core.content import Text
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import desk_address, language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.inbound import MessageIn
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk
    from storage.unit import Unit

_PROTECTION = {
    "end_to_end": NoticeKey.PROTECTION_END_TO_END,
    "to_vendor": NoticeKey.PROTECTION_TO_VENDOR,
    "plain": NoticeKey.PROTECTION_PLAIN,
}


def on_question(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Answer a word that asks the bridge something; tell whether it was one."""
    if inbound.reply_to or not _is_private(desk.unit, person, inbound):
        return False
    if word in keywords.HELP:
        _say(desk, person, inbound, NoticeKey.HELP, {"protection": protection(desk, inbound)})
        desk.reason = "help"
        return True
    if word in keywords.PEOPLE:
        lines = [_who(desk.unit, person, one.trajectory) for one in desk.unit.memberships(person)]
        text = "\n".join(line for line in lines if line)
        if text:
            _say(desk, person, inbound, NoticeKey.PEOPLE, {"people": text})
            desk.reason = "people"
            return True
    return False


def protection(desk: Desk, inbound: MessageIn) -> str:
    """Return who can read along on the network of a message, in its author's language."""
    row = desk.unit.endpoint(inbound.sender.endpoint)
    language = language_of(desk.unit, row.person) if row else "en"
    level = desk.catalogue.protection_of(inbound.place.network)
    return desk.catalogue.say(_PROTECTION[level], language) if level in _PROTECTION else ""


def named(unit: Unit, inbound: MessageIn, trajectories: Sequence[str]) -> tuple[str, MessageIn]:
    """Return the trajectory whose client a message names before a colon, and what follows it.

    ('', the message as it is) where none is named, or more than one could be meant.
    """
    content = inbound.content
    first = content.body[0] if isinstance(content, Text) and content.body else None
    if not isinstance(first, str):
        return "", inbound
    name, colon, rest = first.partition(":")
    meant = keywords.keyword(name)
    if not colon or not meant or not rest[:1].isspace() or not isinstance(content, Text):
        return "", inbound
    found = [one for one in trajectories if meant in _names(unit, one)]
    if len(found) != 1:
        return "", inbound
    body = (rest.lstrip(), *content.body[1:])
    return found[0], replace(inbound, content=Text(tuple(node for node in body if node)))


def _names(unit: Unit, trajectory: str) -> set[str]:
    """Return what the clients of a trajectory are called: id, name, first name."""
    state = unit.state(trajectory)
    names: set[str] = set()
    for client in state.with_role("client") if state is not None else ():
        known = unit.person(client)
        full = known.name if known is not None else ""
        names |= {keywords.keyword(one) for one in (client, full, full.partition(" ")[0]) if one}
    return names - {""}


def _is_private(unit: Unit, person: str, inbound: MessageIn) -> bool:
    bound = unit.binding(inbound.place)
    return inbound.sender.direct or (bound is not None and bound[1] == person)


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


def _say(
    desk: Desk, person: str, inbound: MessageIn, key: NoticeKey, params: dict[str, str]
) -> None:
    to = desk_address(desk.unit, person, inbound.sender.endpoint, inbound.place)
    desk.say(to, key, language_of(desk.unit, person), params)
