"""Whom a coach means: by a name before a colon, by a name within a word, by the place, or asked.

1. A name is a client's id, name or first name; it counts when exactly one of the coach's
   trajectories has a client who is called so.
2. No guess: where several could be meant, or none, the coach is told or asked.
3. A coach is told of her own clients only (I4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.content import Text
from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.words.hearing import answer, coached, with_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from storage.unit import Unit


def named(unit: Unit, inbound: MessageIn, trajectories: Sequence[str]) -> tuple[str, MessageIn]:
    """Return the trajectory whose client a message names before a colon, and what follows it.

    ('', the message as it is) where none is named, or more than one could be meant.
    """
    content = inbound.content
    first = content.body[0] if isinstance(content, Text) and content.body else None
    if not isinstance(first, str):
        return "", inbound
    name, colon, rest = first.partition(":")
    if not colon or not rest[:1].isspace() or not isinstance(content, Text):
        return "", inbound
    found = called(unit, name, trajectories)
    if len(found) != 1:
        return "", inbound
    body = (rest.lstrip(), *content.body[1:])
    return found[0], with_body(inbound, tuple(node for node in body if node))


def called(unit: Unit, name: str, trajectories: Sequence[str]) -> list[str]:
    """Return those of the trajectories that have a client who is called so."""
    meant = keywords.keyword(name)
    return [one for one in trajectories if meant in _names(unit, one)] if meant else []


def meant(desk: Desk, coach: str, inbound: MessageIn, name: str) -> str:
    """Return the one trajectory of a coach whose client is called so.

    '' where there is not exactly one: then she has been told who could be meant.
    """
    mine = coached(desk.unit, coach)
    found = called(desk.unit, name, mine)
    if len(found) == 1:
        return found[0]
    people = ", ".join(asking.labels(desk, coach, found or mine))
    key = NoticeKey.NAME_SEVERAL if found else NoticeKey.NAME_NOBODY
    answer(desk, coach, inbound, key, {"name": name, "people": people})
    desk.reason = "named_nobody"
    return ""


def certain(desk: Desk, person: str, inbound: MessageIn, among: Sequence[str]) -> str:
    """Return the one of a person's trajectories that a message is about without a name, or ''.

    What they chose when asked, then the place, then the message that is answered, then the only
    one there is.
    """
    unit, place = desk.unit, inbound.place
    bound = unit.binding_around(place)
    about = ""
    if inbound.reply_to:
        shown = unit.shown(place.network, place.account, place.chat, inbound.reply_to)
        about = shown.trajectory if shown is not None else ""
    at = bound[0] if bound is not None and bound[1] == person else ""
    only = among[0] if len(among) == 1 else ""
    found = asking.chosen_before(desk) or at or about or only
    return found if found in among else ""


def about(
    desk: Desk,
    person: str,
    inbound: MessageIn,
    among: Sequence[str],
    question: NoticeKey = NoticeKey.WHICH_CLIENT,
) -> str:
    """Return the trajectory as ``certain``; else put the question which is meant, and return ''.

    The message then waits for the answer, and its handler is called again with that.
    """
    found = certain(desk, person, inbound, among)
    if not found and among:
        asking.ask_which(desk, person, inbound, tuple(among), question)
    return found


def client_called(unit: Unit, trajectory: str, name: str) -> str:
    """Return the client of a trajectory who is called so, '' where nobody is."""
    state = unit.state(trajectory)
    clients = state.with_role("client") if state is not None else ()
    return next((client for client in clients if is_called(unit, client, name)), "")


def is_called(unit: Unit, person: str, name: str) -> bool:
    """Tell whether somebody is called so: by their id, name or first name."""
    return keywords.keyword(name) in _called(unit, person)


def _names(unit: Unit, trajectory: str) -> set[str]:
    """Return what the clients of a trajectory are called."""
    state = unit.state(trajectory)
    clients = state.with_role("client") if state is not None else ()
    return {name for client in clients for name in _called(unit, client)}


def _called(unit: Unit, person: str) -> set[str]:
    known = unit.person(person)
    full = known.name if known is not None else ""
    names = {keywords.keyword(one) for one in (person, full, full.partition(" ")[0]) if one}
    return names - {""}
