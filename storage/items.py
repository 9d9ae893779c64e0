"""One thing on a trajectory's timeline, with everything later entries tell about it. Pure.

1. An item shows the words as they are now; earlier versions stay beside them, oldest first.
2. What was withdrawn is marked. The coaches still read it, for the log keeps it; to a viewer its
   words are gone, as they are on the networks.
3. Erased words are None. A viewer reads neither the ids of messages on other people's networks nor
   a network's own sentence about them (I4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from bridge.core import entries as e
from bridge.core.content import (
    Attachment,
    Body,
    Choice,
    Choices,
    Content,
    Location,
    Media,
    Text,
    VoiceNote,
)
from bridge.core.entries import BRIDGE
from storage.logview import (
    DeliveryLine,
    Stored,
    delivery_line,
    folded,
)
from storage.saying import MediaLine, media_of, tag_of, text_of

ABOUT = (
    "delivery_changed",
    "message_edited",
    "message_deleted",
    "reaction_set",
    "choice_made",
)
"""Kinds of entry that are told within the item they are about; each has a ``target``."""

BENEATH = ("call_advanced",)
"""Kinds that are no items: the steps of a call, which its beginning and its end sum up."""


class ReactionLine(msgspec.Struct, frozen=True):
    """The reactions one person has on an item now."""

    party: str
    name: str
    emoji: tuple[str, ...]


class ChoiceLine(msgspec.Struct, frozen=True):
    """An option of a question, and who chose it."""

    key: str
    label: str
    chosen_by: tuple[str, ...] = ()


class Item(msgspec.Struct, frozen=True):
    """One thing said or done; the last fields are set for kinds other than words of people.

    ``notice`` and ``params`` name a text of the bridge, which is translated where it is shown;
    ``party`` is whom the entry is about, ``what`` the kind of content, ``reason`` the code of why
    or how it was; ``start`` is when something is to begin.
    """

    seq: int
    at: datetime
    kind: str
    author: str
    author_name: str
    role: str
    network: str
    text: str | None
    body: Body
    media: MediaLine | None
    choices: tuple[ChoiceLine, ...]
    reply_to: int | None
    edited: tuple[str | None, ...]
    deleted: bool
    reactions: tuple[ReactionLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    what: str = ""
    party: str = ""
    party_name: str = ""
    party_role: str = ""
    reason: str = ""
    notice: str = ""
    params: Mapping[str, str] = {}
    minutes: int = 0
    start: datetime | None = None
    erased: bool = False
    damaged: bool = False


class Cast(msgspec.Struct, frozen=True):
    """The people of a trajectory: names and roles by id."""

    names: Mapping[str, str]
    roles: Mapping[str, str]


class _Words(msgspec.Struct, frozen=True):
    """What an item says at present."""

    text: str | None
    body: Body
    media: MediaLine | None
    what: str


def build(
    stored: Stored,
    about: Sequence[Stored],
    under_way: Sequence[DeliveryLine],
    cast: Cast,
    viewer: str | None,
) -> Item:
    """Return an item; ``about`` in the order of the log, without what the viewer may not know."""
    entry = stored.entry
    versions = [_words(stored), *(_words(o) for o in about if isinstance(o.entry, e.MessageEdited))]
    deleted = any(isinstance(other.entry, e.MessageDeleted) for other in about)
    if deleted and viewer is not None:
        versions = [_WITHDRAWN]
    now = versions[-1]
    party = getattr(entry, "party", "")
    return Item(
        seq=stored.seq,
        at=stored.at,
        kind=stored.kind,
        author=stored.author,
        author_name=cast.names.get(stored.author, ""),
        role=BRIDGE if stored.author == BRIDGE else cast.roles.get(stored.author, ""),
        network=getattr(entry, "network", ""),
        text=now.text,
        body=now.body,
        media=now.media,
        choices=() if deleted and viewer is not None else _choices(entry, about, viewer),
        reply_to=getattr(entry, "reply_to", None),
        edited=tuple(version.text for version in versions[:-1]),
        deleted=deleted,
        reactions=_reactions(about, cast),
        deliveries=_deliveries(stored, about, under_way, viewer),
        what=now.what,
        party=party,
        party_name=cast.names.get(party, ""),
        party_role=getattr(entry, "role", ""),
        reason=_how(entry),
        notice=getattr(entry, "notice", ""),
        params=getattr(entry, "params", {}),
        minutes=getattr(entry, "minutes", 0) or -(-getattr(entry, "seconds", 0) // 60),
        start=getattr(entry, "start", None),
        erased=stored.erased,
        damaged=stored.damaged,
    )


def _how(entry: e.Entry | None) -> str:
    """Return the code of why an entry is there, or of how what it tells went."""
    names = ("reason", "outcome", "act", "where", "what", "choice")
    return next((code for name in names if (code := getattr(entry, name, ""))), "")


_WITHDRAWN = _Words(None, (), None, "")


def _words(stored: Stored) -> _Words:
    content: Content | None = getattr(stored.entry, "content", None)
    what = "" if content is None else tag_of(content)
    if stored.entry is None or stored.erased or stored.damaged:
        return _Words(None, (), None, what)
    text = text_of(stored.entry)
    body: Body = getattr(stored.entry, "body", ())
    match content:
        case Text(body=body) | Choices(body=body) | Media(caption=body) | VoiceNote(caption=body):
            pass
        case Location() if not text:
            text = f"{content.latitude:.5f}, {content.longitude:.5f}"
        case _:
            pass
    sound = getattr(stored.entry, "file", None)
    if isinstance(sound, Attachment):
        content = VoiceNote(sound)
    media = None if content is None else media_of(content)
    return _Words(text, body or ((text,) if text else ()), media, what)


def _choices(
    entry: e.Entry | None, about: Sequence[Stored], viewer: str | None
) -> tuple[ChoiceLine, ...]:
    options: tuple[Choice, ...] = getattr(entry, "options", ())
    content = getattr(entry, "content", None)
    if isinstance(content, Choices):
        options = content.options
    chosen: dict[str, str] = {}
    for other in about:
        made = other.entry
        if isinstance(made, e.ChoiceMade) and viewer in (None, made.author):
            chosen[made.author] = made.key
    return tuple(
        ChoiceLine(o.key, o.label, tuple(who for who, key in chosen.items() if key == o.key))
        for o in options
    )


def _reactions(about: Sequence[Stored], cast: Cast) -> tuple[ReactionLine, ...]:
    """Return the last word of each person; nothing for those who took theirs back."""
    now = {o.author: o.entry.emoji for o in about if isinstance(o.entry, e.ReactionSet)}
    return tuple(
        ReactionLine(party, cast.names.get(party, ""), emoji)
        for party, emoji in now.items()
        if emoji
    )


def _deliveries(
    stored: Stored, about: Sequence[Stored], under_way: Sequence[DeliveryLine], viewer: str | None
) -> tuple[DeliveryLine, ...]:
    told = [delivery_line(o.entry, o.at) for o in about if isinstance(o.entry, e.DeliveryChanged)]
    lines = folded([*told, *under_way])
    if viewer is None:
        return lines
    return tuple(
        msgspec.structs.replace(line, external_ids=(), detail="")
        for line in lines
        if viewer in (stored.author, line.party)
    )
