"""How a message is heard as words for the bridge, and how they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import keywords
from bridge.core.content import Body, Text
from bridge.runtime.desk import desk_address, language_of, text_of

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.core.notices import NoticeKey
    from bridge.runtime.desk import Desk
    from storage.unit import Unit


def is_private(unit: Unit, person: str, inbound: MessageIn) -> bool:
    """Tell whether only this person and the bridge read along where a message was written."""
    bound = unit.binding_around(inbound.place)
    return inbound.sender.direct or (bound is not None and bound[1] == person)


def opening(inbound: MessageIn) -> tuple[str, str]:
    """Return the first word of a text message, folded and without a colon, and what follows it.

    ('', '') for anything but text. "Note: call back" gives ('note', 'call back').
    """
    first, _, rest = text_of(inbound).strip().partition(" ")
    if "\n" in first:
        first, _, more = first.partition("\n")
        rest = f"{more} {rest}"
    return keywords.keyword(first).rstrip(":"), rest.strip()


def body_after(inbound: MessageIn, opened: str) -> Body:
    """Return a text message's body, its formatting kept, behind the words it opens with.

    ``opened`` is those words as ``text_of`` has them; where they are styled themselves, what
    follows comes back plain.
    """
    content = inbound.content
    if not isinstance(content, Text):
        return ()
    first = content.body[0] if content.body else ""
    if isinstance(first, str) and first.lstrip().startswith(opened):
        left = first.lstrip()[len(opened) :].lstrip()
        return tuple(node for node in (left, *content.body[1:]) if node)
    rest = text_of(inbound).lstrip()[len(opened) :].strip()
    return (rest,) if rest else ()


def with_body(inbound: MessageIn, body: Body) -> MessageIn:
    """Return a message with other words."""
    return replace(inbound, content=Text(body))


def roles_of(unit: Unit, person: str) -> frozenset[str]:
    """Return the roles somebody has in their open trajectories."""
    return frozenset(one.role for one in unit.memberships(person))


def coached(unit: Unit, person: str) -> tuple[str, ...]:
    """Return the open trajectories somebody coaches."""
    return tuple(one.trajectory for one in unit.memberships(person) if one.role == "coach")


def answer(
    desk: Desk,
    person: str,
    inbound: MessageIn,
    key: NoticeKey,
    params: dict[str, str] | None = None,
) -> None:
    """Answer a known person right where they wrote, in their language, outside any log."""
    to = desk_address(desk.unit, person, inbound.sender.endpoint, inbound.place)
    desk.say(to, key, language_of(desk.unit, person), params or {})
