"""What the page in a client's browser posts, as strict structs: wrong types never get through.

The server wraps what came (``act``) with what only it may say: whose session it was and when.
Ids are drawn by the page, so that a repeat over a slow line is known as one.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MAX_TEXT = 10_000
"""Characters in one message."""

MAX_SEEN = 200
"""Messages one receipt may speak of."""

_YEAR_2100 = 4_102_444_800_000_000

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
Chat = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,64}\Z")]
Words = Annotated[str, Meta(max_length=MAX_TEXT)]
Small = Annotated[int, Meta(ge=0, le=100_000)]


class Upload(msgspec.Struct, frozen=True):
    """A file that was uploaded before, by the same session; ``id`` is the upload's."""

    id: Id
    kind: Literal["photo", "video", "audio", "file", "voice"]
    mime: Annotated[str, Meta(pattern=r"^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}\Z")]
    name: Annotated[str, Meta(max_length=200)] = ""
    size: Annotated[int, Meta(ge=0, le=2**50)] = 0
    seconds: Small = 0
    width: Small = 0
    height: Small = 0


class _Act(msgspec.Struct, frozen=True, tag_field="type", kw_only=True):
    id: Id


class Say(_Act, frozen=True, kw_only=True, tag="message"):
    """Somebody wrote, or sent a file."""

    text: Words = ""
    reply_to: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,64}\Z")] = ""
    file: Upload | None = None


class Edit(_Act, frozen=True, kw_only=True, tag="edit"):
    """Somebody changed a text of their own."""

    target: Id
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


class Delete(_Act, frozen=True, kw_only=True, tag="delete"):
    """Somebody withdrew a message of their own."""

    target: Id


class React(_Act, frozen=True, kw_only=True, tag="reaction"):
    """All reactions somebody has on a message now."""

    target: Id
    emoji: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=32)], ...], Meta(max_length=8)
    ]


class Choose(_Act, frozen=True, kw_only=True, tag="choice"):
    """Somebody pressed a button of a question."""

    target: Id
    ref: Annotated[str, Meta(min_length=1, max_length=64)]
    key: Annotated[str, Meta(min_length=1, max_length=64)]


class Seen(_Act, frozen=True, kw_only=True, tag="seen"):
    """Messages of ours that reached the page, or were before somebody's eyes."""

    state: Literal["delivered", "read"]
    targets: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MAX_SEEN)]


class Start(_Act, frozen=True, kw_only=True, tag="start"):
    """Somebody came by an invitation."""

    code: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_ -]{0,64}\Z")] = ""


Act = Say | Edit | Delete | React | Choose | Seen | Start


class Posted(msgspec.Struct, frozen=True):
    """One act, by whose session, when (microseconds since 1970), in which language they read."""

    chat: Chat
    at: Annotated[int, Meta(ge=0, le=_YEAR_2100)]
    act: Act
    language: Annotated[str, Meta(pattern=r"^[A-Za-z-]{0,35}\Z")] = ""


class HeadAct(msgspec.Struct, frozen=True):
    """The name of an act."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]


class Head(msgspec.Struct, frozen=True):
    """Just what names a payload."""

    chat: Annotated[str, Meta(min_length=1, max_length=64)]
    act: HeadAct
