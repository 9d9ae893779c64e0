"""What an event of Matrix says, as Content. Pure.

https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes; captions as in
#media-captions, voice messages as in MSC3245.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import msgspec

from adapters.matrix.html import from_html
from bridge.core.content import (
    Attachment,
    Body,
    Content,
    Location,
    Media,
    MediaKind,
    Text,
    VoiceNote,
)
from bridge.core.errors import ParseError

if TYPE_CHECKING:
    from adapters.matrix import payloads as mx

HTML = "org.matrix.custom.html"
_KINDS = {
    "m.image": (MediaKind.PHOTO, "image/jpeg"),
    "m.video": (MediaKind.VIDEO, "video/mp4"),
    "m.audio": (MediaKind.AUDIO, "audio/mpeg"),
    "m.file": (MediaKind.FILE, "application/octet-stream"),
}
_GEO = re.compile(r"geo:(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)(?:[,;].*)?")
_QUOTED = re.compile(r"(?:> ?[^\n]*(?:\n|$))+\n?")
_IGNORED = "m.key.verification."


def content_of(event: mx.Event) -> Content | None:
    """Return what was said; None when it is nothing (any more). Raises ParseError."""
    content = event.content
    if event.type == "m.sticker":
        return _sticker(content)
    if content.msgtype.startswith(_IGNORED):
        return None  # somebody's client wants to compare keys: no words of theirs
    if not content.msgtype and not content.body:
        return None  # withdrawn before we read it
    return _said(content)


def _said(content: mx.Content) -> Content:
    if content.msgtype in _KINDS:
        return _media(content)
    if content.msgtype == "m.location":
        return _location(content)
    body = body_of(content)
    if not body:
        raise ParseError("a message that says nothing")
    return Text(("* ", *body)) if content.msgtype == "m.emote" else Text(body)


def body_of(content: mx.Content) -> Body:
    """Return the words, formatted where they came so, without a copy of the answered message."""
    if content.format == HTML and content.formatted_body:
        try:
            formatted = from_html(content.formatted_body)
        except RecursionError:
            raise ParseError("formatting that nests too deep") from None
        if formatted:
            return formatted
    words = content.body
    if content.relates_to is not None and content.relates_to.in_reply_to is not None:
        words = _QUOTED.sub("", words, count=1) if words.startswith(">") else words
    return (words,) if words else ()


def _media(content: mx.Content) -> Content:
    kind, mime = _KINDS[content.msgtype]
    captioned = content.filename and content.filename != content.body
    file = _file(content, content.filename or content.body, mime)
    caption = body_of(content) if captioned else ()
    if content.voice is not None and kind is MediaKind.AUDIO:
        return VoiceNote(file, caption)
    if kind is MediaKind.PHOTO and file.mime == "image/gif":
        kind = MediaKind.ANIMATION
    return Media(kind, file, caption)


def _sticker(content: mx.Content) -> Content | None:
    if not content.url and content.file is None:
        return None
    file = _file(content, "", "image/webp")
    return Media(MediaKind.STICKER, file, emoji=content.body[:64])


def _file(content: mx.Content, name: str, mime: str) -> Attachment:
    """Return the file; its reference is the address, or all that is needed to decrypt it."""
    ref = content.url
    if content.file is not None:
        ref = msgspec.json.encode(content.file).decode()
    if not ref:
        raise ParseError("a file that lies nowhere")
    info = content.info
    return Attachment(
        ref=ref,
        mime=info.mimetype or mime,
        name=name,
        size=info.size,
        seconds=info.duration // 1000,
        width=info.w,
        height=info.h,
    )


def _location(content: mx.Content) -> Content:
    found = _GEO.fullmatch(content.geo_uri)
    if found is None:
        raise ParseError("a location that is no geo URI")
    latitude, longitude = float(found[1]), float(found[2])
    if not math.isfinite(latitude) or abs(latitude) > 90 or abs(longitude) > 180:
        raise ParseError("a location that is not on the earth")
    return Location(latitude, longitude, title=content.body)
