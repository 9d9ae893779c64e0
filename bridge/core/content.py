"""What people say to each other: a closed union, with formatting as one small tree.

A body is a tuple of nodes; plain text is a ``str`` node. Markup strings never enter the core, so
nothing a person writes can be mistaken for formatting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import assert_never

import msgspec

from bridge.core.notices import NoticeKey


class Style(StrEnum):
    """What a styled run of text looks like."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKE = "strike"
    SPOILER = "spoiler"
    QUOTE = "quote"


class Styled(msgspec.Struct, frozen=True, tag="styled"):
    """A run of text in one style; styles nest."""

    style: Style
    children: tuple[Node, ...]


class Link(msgspec.Struct, frozen=True, tag="link"):
    """Words that point to a URL; a bare URL in the text stays text."""

    url: str
    children: tuple[Node, ...]


class Code(msgspec.Struct, frozen=True, tag="code"):
    """Verbatim text, inline or as a block, with the language where the writer named one."""

    text: str
    block: bool = False
    language: str = ""


Node = str | Styled | Link | Code
Body = tuple[Node, ...]


class MediaKind(StrEnum):
    """What a file is to the person who gets it."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    ANIMATION = "animation"
    STICKER = "sticker"
    VIDEO_NOTE = "video_note"


class Attachment(msgspec.Struct, frozen=True):
    """A file that belongs to an entry.

    ``id`` names the encrypted blob; it is empty in an Inbound, where ``ref`` tells the adapter how
    to fetch the bytes (a vendor's file id, never a URL that a person could see). Size in bytes,
    0 when the network did not say.
    """

    id: str = ""
    ref: str = ""
    mime: str = "application/octet-stream"
    name: str = ""
    size: int = 0
    seconds: int = 0
    width: int = 0
    height: int = 0


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A chat line."""

    body: Body


class Media(msgspec.Struct, frozen=True, tag="media"):
    """A file with an optional caption; items of one album share ``album``."""

    media: MediaKind
    file: Attachment
    caption: Body = ()
    album: str = ""
    emoji: str = ""  # what a sticker means


class VoiceNote(msgspec.Struct, frozen=True, tag="voice_note"):
    """Recorded speech: stays sound on every network that can carry sound."""

    file: Attachment
    caption: Body = ()


class Location(msgspec.Struct, frozen=True, tag="location"):
    """A point on the earth in degrees (WGS 84), named when it is a venue."""

    latitude: float
    longitude: float
    title: str = ""
    address: str = ""


class ContactCard(msgspec.Struct, frozen=True, tag="contact_card"):
    """Somebody's name and number, as the sender shared them."""

    name: str
    phone: str = ""
    vcard: str = ""


class Choice(msgspec.Struct, frozen=True):
    """One option: ``key`` comes back when it is chosen (1-8 characters), ``label`` is read."""

    key: str
    label: str


class Choices(msgspec.Struct, frozen=True, tag="choices", omit_defaults=True):
    """A question with options: buttons, or digits where there are none.

    ``ref`` (at most 52 ASCII characters) comes back with the answer and says which question was
    answered. ``first`` is the number of the first option in a list: see ``bridge.core.numbering``.
    """

    body: Body
    options: tuple[Choice, ...]
    ref: str = ""
    first: int = 1


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """A text of the bridge itself, by key; translated for the reader just before rendering."""

    key: NoticeKey
    params: Mapping[str, str] = {}
    options: tuple[Choice, ...] = ()  # labels are literal, or a NoticeKey value to translate
    ref: str = ""


class Erased(msgspec.Struct, frozen=True, tag="erased"):
    """What stands where the key of the words was destroyed."""


Content = Text | Media | VoiceNote | Location | ContactCard | Choices | Notice | Erased


def plain(body: Iterable[Node]) -> str:
    """Return the words of a body without formatting; a link keeps only its words."""
    if isinstance(body, tuple) and len(body) == 1 and isinstance(body[0], str):
        return body[0]  # nearly every message; the way below costs ten times as much
    return "".join(_plain(node) for node in body)


def _plain(node: Node) -> str:
    match node:
        case str():
            return node
        case Styled(children=children) | Link(children=children):
            return plain(children)
        case Code(text=text):
            return text
    assert_never(node)


def words(content: Content) -> str:
    """Return what a content says in plain words: text, caption, question or meaning; may be ''."""
    match content:
        case Text(body=body) | Choices(body=body):
            return plain(body)
        case Media(caption=caption, emoji=emoji):
            return plain(caption) or emoji
        case VoiceNote(caption=caption):
            return plain(caption)
        case Location():
            return ", ".join(part for part in (content.title, content.address) if part)
        case ContactCard():
            return " ".join(part for part in (content.name, content.phone) if part)
        case Notice(key=key):
            return key.value
        case Erased():
            return ""
    assert_never(content)


def skip(body: Body, count: int) -> Body:
    """Return a body without its first ``count`` characters; what is left keeps its formatting."""
    kept: list[Node] = []
    for node in body:
        length = len(_plain(node))
        if length <= count:
            count -= length
        else:
            kept.append(_skipped(node, count) if count else node)
            count = 0
    return tuple(kept)


def _skipped(node: Node, count: int) -> Node:
    match node:
        case str():
            return node[count:]
        case Styled() | Link():
            return msgspec.structs.replace(node, children=skip(node.children, count))
        case Code(text=text):
            return msgspec.structs.replace(node, text=text[count:])
    assert_never(node)


def attachment(content: Content) -> Attachment | None:
    """Return the file of a content, if it has one."""
    match content:
        case Media(file=file) | VoiceNote(file=file):
            return file
        case _:
            return None


def with_attachment(content: Content, file: Attachment) -> Content:
    """Return content with another file in it; content without a file comes back unchanged."""
    match content:
        case Media() | VoiceNote():
            return msgspec.structs.replace(content, file=file)
        case _:
            return content
