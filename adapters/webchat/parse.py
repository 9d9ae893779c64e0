"""What the page posted as Inbound. Pure: nothing but the payload.

1. Whose session it was is said by our server, never by the page.
2. A file is named by session and upload, so nobody can send what somebody else uploaded.
3. An id of the form that only we give is an echo, and not for us.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, assert_never

import msgspec

from adapters.webchat import payloads as p
from bridge.core.content import Attachment, Content, Media, MediaKind, Text, VoiceNote
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError
from bridge.core.inbound import (
    ChoiceIn,
    DeleteIn,
    EditIn,
    Inbound,
    MessageIn,
    ReactionIn,
    ReceiptIn,
    Sender,
    StartIn,
)

if TYPE_CHECKING:
    from bridge.core.content import Body

NETWORK = "web"
OURS = "b."
"""How ids begin that we give; a page draws UUIDs."""

SHOWN_AS_PICTURE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""What a photo may be; SVG and the like are files to save."""

_POSTED = msgspec.json.Decoder(p.Posted)
_HEAD = msgspec.json.Decoder(p.Head)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def external_id(chat: str, key: str) -> str:
    """Return the id of a message of ours: the same key is the same message."""
    digest = hashlib.sha256(f"{chat}\n{key}".encode()).digest()[:16]
    return OURS + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def keys(payload: bytes) -> tuple[str, ...]:
    """Return the names of a payload: the page's own id within the session's chat."""
    try:
        head = _HEAD.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return (f"x:{hashlib.sha256(payload).hexdigest()}",)
    return (f"{head.chat}:{head.act.id}",)


def parse(payload: bytes, account: str) -> tuple[Inbound, ...]:
    """Return what was done. Raises ParseError without the words in it."""
    try:
        posted = _POSTED.decode(payload)
    except msgspec.ValidationError as error:
        raise ParseError(f"unexpected value at {str(error).rpartition(' - at ')[2]}") from None
    except (msgspec.DecodeError, RecursionError):
        raise ParseError("not JSON of a usable shape") from None
    if posted.act.id.startswith(OURS):
        return ()
    return _Reader(posted, account).happened(posted.act)


class _Reader:
    """One payload: where, who and when."""

    def __init__(self, posted: p.Posted, account: str) -> None:
        self._chat = posted.chat
        self._place = Place(NETWORK, account, posted.chat)
        endpoint = Endpoint(NETWORK, account, posted.chat)
        self._sender = Sender(endpoint, language=posted.language)
        self._at = _EPOCH + timedelta(microseconds=posted.at)

    def happened(self, act: p.Act) -> tuple[Inbound, ...]:
        place, sender, at = self._place, self._sender, self._at
        match act:
            case p.Say():
                content = self._content(act)
                return (MessageIn(place, sender, act.id, content, at, act.reply_to),)
            case p.Edit():
                return (EditIn(place, sender, act.target, Text((act.text,)), at),)
            case p.Delete():
                return (DeleteIn(place, sender, act.target, at),)
            case p.React():
                return (ReactionIn(place, sender, act.target, act.emoji, at),)
            case p.Choose():
                return (ChoiceIn(place, sender, act.target, act.ref, act.key, at),)
            case p.Seen():
                return tuple(ReceiptIn(place, one, act.state, at) for one in act.targets)
            case p.Start():
                return (StartIn(place, sender, act.id, at, act.code),)
        assert_never(act)

    def _content(self, act: p.Say) -> Content:
        words: Body = (act.text,) if act.text else ()
        upload = act.file
        if upload is None:
            if not words:
                raise ParseError("a message without words or file")
            return Text(words)
        file = Attachment(
            ref=f"{self._chat}/{upload.id}",
            mime=upload.mime,
            name=upload.name,
            size=upload.size,
            seconds=upload.seconds,
            width=upload.width,
            height=upload.height,
        )
        if upload.kind == "voice":
            return VoiceNote(file, words)
        kind = MediaKind(upload.kind)
        if kind is MediaKind.PHOTO and upload.mime not in SHOWN_AS_PICTURE:
            kind = MediaKind.FILE
        return Media(kind, file, words)
