"""How a content is laid out as events of a Matrix room. Pure.

An event may have 65,536 bytes, encrypted and in JSON, and an edit holds the words twice:
https://spec.matrix.org/v1.16/client-server-api/#size-limits. So a text is counted as it is in HTML.
"""

from __future__ import annotations

from html import escape
from typing import Any, assert_never

import msgspec

from adapters.matrix.html import is_formatted, to_html
from adapters.media import UNKNOWN_MIME, Loss, file_name, human_size
from adapters.text import shorten, split
from bridge.core.adapter import Upload
from bridge.core.content import (
    Attachment,
    Body,
    Choice,
    Choices,
    ContactCard,
    Content,
    Erased,
    Location,
    Media,
    MediaKind,
    Notice,
    Style,
    Styled,
    Text,
    VoiceNote,
    plain,
)
from bridge.core.notices import ENGLISH

MAX_TEXT = 8000  # bytes of HTML without its tags
MAX_HTML = 20_000  # bytes with them
MAX_HEADER = 100
MAX_UPLOAD = 50_000_000  # what a homeserver takes unless it was told otherwise
_VOICE = "org.matrix.msc3245.voice"
FORMAT = "org.matrix.custom.html"

_TYPES = {
    MediaKind.PHOTO: "m.image",
    MediaKind.STICKER: "m.image",
    MediaKind.VIDEO: "m.video",
    MediaKind.VIDEO_NOTE: "m.video",
    MediaKind.ANIMATION: "m.video",
    MediaKind.AUDIO: "m.audio",
    MediaKind.FILE: "m.file",
}
_FAMILY = {"m.image": "image/", "m.video": "video/", "m.audio": "audio/"}


class Words(msgspec.Struct, frozen=True):
    """Words in the reader's language for what does not show: see ``Delivery``."""

    quote: str = ""
    file_link: str = ""
    choose: str = ""


class Part(msgspec.Struct, frozen=True):
    """One message to be: its content without where its file lies, and the file."""

    content: dict[str, Any]
    upload: Upload | None = None


Layout = tuple[list[Part], tuple[str, ...]]


def lay_out(content: Content, header: str, words: Words) -> Layout:
    """Return the parts of a content under its author's name, and what they cannot show."""
    match content:
        case Text(body=body):
            return said(header, body, words.quote)
        case Media(file=file, caption=caption):
            parts, losses = _media(content, file, caption, header, words)
            return parts, (*losses, Loss.ALBUM_SPLIT) if content.album else losses
        case VoiceNote(file=file, caption=caption):
            return _filed("m.audio", file, caption, header, words, {_VOICE: {}})
        case Location():
            return _point(content, header)
        case ContactCard(name=name, phone=phone):
            known = " ".join(part for part in (name, phone) if part)
            parts, losses = said(header, (f"👤 {known}",))
            return parts, (*losses, Loss.CONTACT_AS_TEXT)
        case Choices(body=body, options=options, first=first):
            return _choices(header, body, options, words.choose, first)
        case Notice(key=key, params=params, options=options):
            # Translated long before; this is only so that nothing a person should read is lost.
            return _choices(header, (ENGLISH[key].format_map(_Gaps(params)),), options, "")
        case Erased():
            return [], (Loss.NOTHING_TO_SHOW,)
    assert_never(content)


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _headed(header: str, body: Body) -> Body:
    name = shorten(header, MAX_HEADER)
    return (Styled(Style.BOLD, (f"{name}:",)), " ", *body) if name else body


def _size(text: str) -> int:
    """Return the bytes of a text as HTML; each character counts at least one."""
    return len(escape(text).replace("\n", "<br>").encode("utf-8", "replace"))


def said(header: str, body: Body, quote: str = "") -> Layout:
    """Return the messages of a text; none when there is nothing to see."""
    quoted: Body = (Styled(Style.QUOTE, (quote,)), "\n") if quote else ()
    parts, losses = [], []
    for piece in split((*quoted, *_headed(header, body)), MAX_TEXT, _size):
        if plain(piece).strip():
            content, lost = _formatted(piece)
            parts.append(Part({"msgtype": "m.text", **content}))
            losses += lost
    return parts, tuple(losses)


def _formatted(body: Body) -> tuple[dict[str, Any], list[Loss]]:
    """Return the words twice: plain, and as HTML where that says more and is not too long."""
    content: dict[str, Any] = {"body": plain(body)}
    if not is_formatted(body):
        return content, []
    html = to_html(body)
    if len(html.encode("utf-8", "replace")) > MAX_HTML:
        return content, [Loss.FORMATTING_DROPPED]
    return {**content, "format": FORMAT, "formatted_body": html}, []


# -- files ---------------------------------------------------------------------------------------


def _media(content: Media, file: Attachment, caption: Body, header: str, words: Words) -> Layout:
    kind = _TYPES[content.media]
    if content.media is MediaKind.ANIMATION and file.mime == "image/gif":
        kind = "m.image"
    meaning: Body = caption or ((content.emoji,) if content.emoji else ())
    parts, losses = _filed(kind, file, meaning, header, words)
    if content.media is MediaKind.STICKER and not losses:
        losses = (Loss.SENT_AS_PHOTO,)
    return parts, losses


def _filed(
    kind: str,
    file: Attachment,
    caption: Body,
    header: str,
    words: Words,
    more: dict[str, Any] | None = None,
) -> Layout:
    """Return a file with its caption, or with only the name above and the caption below."""
    if unusable := _unusable(file):
        return _named(file, caption, header, words), unusable
    losses: tuple[str, ...] = ()
    if kind != "m.file" and not _shows_as(kind, file.mime):
        kind, more, losses = "m.file", None, (Loss.SENT_AS_FILE,)
    name = file_name(file.name, file.mime, kind.removeprefix("m."))
    whole = _headed(header, caption)
    fits = _size(plain(whole)) <= MAX_TEXT
    shown = whole if fits else _headed(header, ())
    content: dict[str, Any] = {"msgtype": kind, "info": _info(file), **(more or {})}
    if plain(shown).strip():
        captioned, lost = _formatted(shown)
        content |= {"filename": name, **captioned}
        losses = (*losses, *lost)
    else:
        content["body"] = name
    mime = file.mime or "application/octet-stream"
    parts = [Part(content, Upload("file", file.id, name, mime, file.size))]
    if fits:
        return parts, losses
    below, lost_below = said("", caption)
    return parts + below, (*losses, *lost_below, Loss.CAPTION_MOVED)


def _shows_as(kind: str, mime: str) -> bool:
    return mime in UNKNOWN_MIME or mime.startswith(_FAMILY[kind])


def _info(file: Attachment) -> dict[str, Any]:
    known = {
        "mimetype": file.mime,
        "size": file.size,
        "duration": file.seconds * 1000,
        "w": file.width,
        "h": file.height,
    }
    return {name: value for name, value in known.items() if value}


def _unusable(file: Attachment) -> tuple[str, ...]:
    if not file.id:
        return (Loss.FILE_MISSING,)
    return (Loss.FILE_TOO_BIG,) if file.size > MAX_UPLOAD else ()


def _named(file: Attachment, caption: Body, header: str, words: Words) -> list[Part]:
    size = f" ({human_size(file.size)})" if file.size else ""
    name = words.file_link or f"📎 {file_name(file.name, file.mime, 'file')}{size}"
    rest = ("\n", *caption) if plain(caption).strip() else ()
    return said(header, (name, *rest))[0]


# -- cards and questions -------------------------------------------------------------------------


def _point(content: Location, header: str) -> Layout:
    geo = f"{content.latitude:.6f},{content.longitude:.6f}"
    named = ", ".join(part for part in (content.title, content.address) if part)
    body = shorten(named, MAX_TEXT // 10) or f"📍 {geo}"
    above = said(header, ())[0] if header else []
    return [*above, Part({"msgtype": "m.location", "body": body, "geo_uri": f"geo:{geo}"})], ()


def _choices(
    header: str, body: Body, options: tuple[Choice, ...], choose: str, first: int = 1
) -> Layout:
    if not options:
        return said(header, body)
    lines = "".join(f"\n{n}. {option.label}" for n, option in enumerate(options, first))
    asked = f"\n{choose}" if choose else ""
    parts, losses = said(header, (*body, lines + asked))
    return parts, (*losses, Loss.BUTTONS_AS_TEXT)
