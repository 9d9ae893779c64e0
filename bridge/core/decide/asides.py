"""Asides: what a party of a group says to one other alone, a coach on at least one side.

1. A message that begins with "aside:" (or "apart:"), perhaps with a name before the colon, is an
   aside; so is every answer to one. It never becomes anything else: where it is not clear whom it
   is for, it goes to nobody, and its author is told.
2. Whatever is done to an aside (answer, edit, withdrawal, reaction) goes between the same two, and
   nobody else may do anything to it, nor learn that it exists.
3. What everybody has read cannot become an aside afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core import keywords
from bridge.core.content import Content, Media, Text, VoiceNote, plain, skip
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.decide.draft import Draft
    from bridge.core.facts import Target

ASIDE = "aside_posted"

REFUSALS = {
    "aside_to_whom": NoticeKey.ASIDE_TO_WHOM,
    "aside_gone": NoticeKey.ASIDE_GONE,
    "aside_edit": NoticeKey.ASIDE_EDIT,
}
"""Why an aside goes to nobody, and what its author is told."""


class Spoken(msgspec.Struct, frozen=True):
    """To whom something is said, without the words that only say so; or why to nobody."""

    content: Content
    to: tuple[str, ...] = ()
    aside: bool = False
    refused: str = ""


def insiders(target: Target | None) -> tuple[str, ...] | None:
    """Return the two between whom an aside was said, None for anything else."""
    return (target.author, *target.to) if target is not None and target.kind == ASIDE else None


def is_hidden(target: Target | None, party: str) -> bool:
    """Tell whether something is an aside between others."""
    among = insiders(target)
    return among is not None and party not in among


def audience(draft: Draft, author: str, target: Target | None) -> tuple[str, ...]:
    """Return to whom goes what ``author`` does about something said."""
    others, among = draft.state.others(author), insiders(target)
    return others if among is None else tuple(one for one in others if one in among)


def spoken(draft: Draft, author: str, content: Content, target: Target | None) -> Spoken:
    """Find out whom a new message is for."""
    said = _said(content)
    meant = keywords.aside(said)
    if meant is None:
        to = audience(draft, author, target)
        if insiders(target) is None:
            return Spoken(content, to)
        to = tuple(one for one in to if one in partners(draft, author))  # roles may have changed
        return Spoken(content, to, aside=True, refused="" if to else "aside_gone")
    name, begins = meant
    other = _other(draft, author, name, target)
    if not other or not said[begins:].strip():
        return Spoken(content, aside=True, refused="aside_to_whom")
    return Spoken(_without(content, begins), (other,), aside=True)


def edited(draft: Draft, author: str, content: Content, target: Target) -> Spoken:
    """Find out whom an edit is for: whoever the message was for."""
    meant = keywords.aside(_said(content))
    to = audience(draft, author, target)
    if target.kind != ASIDE:
        return Spoken(content, to, refused="aside_edit" if meant is not None else "")
    kept = content if meant is None else _without(content, meant[1])
    return Spoken(kept, to, aside=True)


def partners(draft: Draft, author: str) -> tuple[str, ...]:
    """Return those to whom a party may say an aside: to a coach, or as one."""
    others = draft.state.others(author)
    if draft.state.parties[author].role == "coach":
        return others
    return tuple(one for one in others if draft.state.parties[one].role == "coach")


def _other(draft: Draft, author: str, name: str, target: Target | None) -> str:
    """Return the one an aside is said to, '' where that is not certain."""
    possible = partners(draft, author)
    if name:
        possible = tuple(one for one in possible if name in _names(draft, one))
    elif target is not None:
        among = insiders(target) or (target.author,)
        possible = tuple(one for one in possible if one in among) or possible
    return possible[0] if len(possible) == 1 else ""


def _names(draft: Draft, party: str) -> set[str]:
    full = draft.name(party)
    return {keywords.keyword(one) for one in (party, full, full.partition(" ")[0])} - {""}


def _said(content: Content) -> str:
    match content:
        case Text(body=body) | Media(caption=body) | VoiceNote(caption=body):
            return plain(body)
        case _:
            return ""


def _without(content: Content, begins: int) -> Content:
    match content:
        case Text(body=body):
            return msgspec.structs.replace(content, body=skip(body, begins))
        case Media(caption=body) | VoiceNote(caption=body):
            return msgspec.structs.replace(content, caption=skip(body, begins))
        case _:
            return content
