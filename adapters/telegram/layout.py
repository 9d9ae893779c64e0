"""How a content is laid out as messages of a Telegram chat. Pure.

Limits: https://core.telegram.org/bots/api#sendmessage and the send methods below it, files by
https://core.telegram.org/bots/api#sending-files
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import msgspec

from adapters.media import UNKNOWN_MIME, Loss, file_name, human_size
from adapters.text import Span, shorten, split, to_spans, utf16_length
from bridge.core.adapter import Upload
from bridge.core.content import (
    Attachment,
    Body,
    Choice,
    Choices,
    Code,
    ContactCard,
    Content,
    Erased,
    Link,
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

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK = 64  # bytes, https://core.telegram.org/bots/api#inlinekeyboardbutton
MAX_LABEL = 64  # what phones show in one line; the vendor documents no limit
MAX_BUTTONS = 100
MAX_UPLOAD = 50_000_000
MAX_PHOTO = 10_000_000
MAX_NAME = 64
MAX_HEADER = 100
MAX_VCARD = 2048  # bytes

EDIT_TEXT, EDIT_CAPTION = "editMessageText", "editMessageCaption"
CHOSEN = {
    EDIT_TEXT: ("text", "entities", "reply_markup"),
    EDIT_CAPTION: ("caption", "caption_entities"),
}
"""The parameters of a part that its edit takes over."""

_ENTITY = {
    Style.BOLD: "bold",
    Style.ITALIC: "italic",
    Style.UNDERLINE: "underline",
    Style.STRIKE: "strikethrough",
    Style.SPOILER: "spoiler",
    Style.QUOTE: "blockquote",
}
_FILE = (MediaKind.FILE, Loss.SENT_AS_FILE)
_FORMATS: dict[MediaKind, frozenset[str]] = {
    MediaKind.PHOTO: frozenset({"image/jpeg", "image/png", "image/webp"}),
    MediaKind.VIDEO: frozenset({"video/mp4"}),
    MediaKind.AUDIO: frozenset({"audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/m4a"}),
    MediaKind.ANIMATION: frozenset({"video/mp4", "image/gif"}),
    MediaKind.STICKER: frozenset({"image/webp", "video/webm", "application/x-tgsticker"}),
    MediaKind.VIDEO_NOTE: frozenset({"video/mp4"}),
}
_VOICE = frozenset({"audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/m4a"})
_DETAILS: dict[MediaKind, tuple[str, ...]] = {
    MediaKind.VIDEO: ("duration", "width", "height"),
    MediaKind.ANIMATION: ("duration", "width", "height"),
    MediaKind.AUDIO: ("duration",),
    MediaKind.VIDEO_NOTE: ("duration", "length"),
}


class Part(msgspec.Struct, frozen=True):
    """One message to be: its method and parameters, its file, and the method that edits it."""

    method: str
    params: Mapping[str, object]
    upload: Upload | None = None
    edit: str = ""


Layout = tuple[list[Part], tuple[str, ...]]


def lay_out(content: Content, header: str) -> Layout:
    """Return the parts of a content under its author's name, and what they cannot show."""
    match content:
        case Text(body=body):
            return words(header, body), ()
        case Media(media=kind, file=file, caption=caption):
            parts, losses = _media(content, kind, file, caption, header)
            return parts, (*losses, Loss.ALBUM_SPLIT) if content.album else losses
        case VoiceNote(file=file, caption=caption):
            return _voice(file, caption, header)
        case Location():
            return [*_lead(header), _point(content)], ()
        case ContactCard():
            return _contact(content, header)
        case Choices(body=body, options=options, ref=ref, first=first):
            return _choices(header, body, options, ref, first)
        case Notice(key=key, params=params, options=options, ref=ref):
            # Translated long before; this is only so that nothing a person should read is lost.
            body = (ENGLISH[key].format_map(_Gaps(params)),)
            return _choices(header, body, options, ref)
        case Erased():
            return [], (Loss.NOTHING_TO_SHOW,)
    assert_never(content)


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _headed(header: str, body: Body) -> Body:
    name = shorten(header, MAX_HEADER)
    return (Styled(Style.BOLD, (f"{name}:",)), " ", *body) if name else body


def words(header: str, body: Body) -> list[Part]:
    """Return the messages of a text; none when there is nothing to see."""
    parts = split(_headed(header, body), MAX_TEXT)
    return [
        Part("sendMessage", _marked("text", "entities", part), edit=EDIT_TEXT)
        for part in parts
        if plain(part).strip()
    ]


def _lead(header: str) -> list[Part]:
    """Return the author's name as a message of its own, above what can carry no words."""
    return words(header, ()) if header else []


def _marked(text_field: str, entities_field: str, body: Body) -> dict[str, object]:
    text, spans = to_spans(body)
    params: dict[str, object] = {text_field: text}
    if spans:
        params[entities_field] = [_entity(span) for span in spans]
    return params


def _entity(span: Span) -> dict[str, object]:
    where: dict[str, object] = {"offset": span.start, "length": span.end - span.start}
    match span.mark:
        case Style():
            return {"type": _ENTITY[span.mark], **where}
        case Link(url=url):
            return {"type": "text_link", **where, "url": url}
        case Code(block=False):
            return {"type": "code", **where}
        case Code(language=language):
            return {"type": "pre", **where, **({"language": language} if language else {})}
    assert_never(span.mark)


# -- files ---------------------------------------------------------------------------------------


def _sent_as(kind: MediaKind, file: Attachment) -> tuple[MediaKind, Loss | None]:
    """Return what Telegram shows a file as: https://core.telegram.org/bots/api#sendvideo ff."""
    if kind is MediaKind.FILE:
        return kind, None
    if kind is MediaKind.PHOTO and file.size > MAX_PHOTO:
        return _FILE
    if file.mime in UNKNOWN_MIME or file.mime in _FORMATS[kind]:
        return kind, None
    if kind is MediaKind.STICKER and file.mime in _FORMATS[MediaKind.PHOTO]:
        return MediaKind.PHOTO, Loss.SENT_AS_PHOTO
    return _FILE


def _media(content: Media, kind: MediaKind, file: Attachment, caption: Body, header: str) -> Layout:
    shown, loss = _sent_as(kind, file)
    losses: tuple[str, ...] = (loss,) if loss else ()
    field = {MediaKind.FILE: "document"}.get(shown, shown.value)
    if unusable := _unusable(file):
        return _named(file, caption or (content.emoji,), header), unusable
    extra: dict[str, object] = {
        name: value
        for name, value in (
            ("duration", file.seconds),
            ("width", file.width),
            ("height", file.height),
            ("length", file.width),
        )
        if value and name in _DETAILS.get(shown, ())
    }
    if shown is MediaKind.STICKER and content.emoji:
        extra["emoji"] = content.emoji
    if shown in {MediaKind.STICKER, MediaKind.VIDEO_NOTE}:
        part = Part(_method(field), extra, _upload(field, file))
        above = [*words(header, caption), part]
        return above, (*losses, Loss.CAPTION_MOVED) if plain(caption).strip() else losses
    parts, moved = _captioned(field, file, extra, caption, header)
    return parts, (*losses, *moved)


def _voice(file: Attachment, caption: Body, header: str) -> Layout:
    if unusable := _unusable(file):
        return _named(file, caption, header), unusable
    extra: dict[str, object] = {"duration": file.seconds} if file.seconds else {}
    if file.mime in UNKNOWN_MIME or file.mime.partition(";")[0] in _VOICE:
        return _captioned("voice", file, extra, caption, header)
    parts, losses = _captioned("document", file, {}, caption, header)
    return parts, (Loss.SENT_AS_FILE, *losses)


def _captioned(
    field: str, file: Attachment, extra: dict[str, object], caption: Body, header: str
) -> Layout:
    """Return a file with its caption, or with only the name above and the caption below."""
    whole = _headed(header, caption)
    fits = utf16_length(plain(whole)) <= MAX_CAPTION
    shown = whole if fits else _headed(header, ())
    params = {**extra, **_marked("caption", "caption_entities", shown)}
    parts = [Part(_method(field), params, _upload(field, file), EDIT_CAPTION)]
    return (parts, ()) if fits else (parts + words("", caption), (Loss.CAPTION_MOVED,))


def _method(field: str) -> str:
    return "send" + "".join(word.capitalize() for word in field.split("_"))


def _upload(field: str, file: Attachment) -> Upload:
    name = file_name(file.name, file.mime, field)
    return Upload(field, file.id, name, file.mime or "application/octet-stream", file.size)


def _unusable(file: Attachment) -> tuple[str, ...]:
    if not file.id:
        return (Loss.FILE_MISSING,)
    return (Loss.FILE_TOO_BIG,) if file.size > MAX_UPLOAD else ()


def _named(file: Attachment, caption: Body, header: str) -> list[Part]:
    size = f" ({human_size(file.size)})" if file.size else ""
    name = f"📎 {file_name(file.name, file.mime, 'file')}{size}"
    rest = ("\n", *caption) if plain(caption).strip() else ()
    return words(header, (name, *rest))


# -- cards and questions -------------------------------------------------------------------------


def _point(content: Location) -> Part:
    where: dict[str, object] = {"latitude": content.latitude, "longitude": content.longitude}
    title = content.title or content.address
    if not title:
        return Part("sendLocation", where)
    return Part("sendVenue", {**where, "title": title, "address": content.address or title})


def _contact(card: ContactCard, header: str) -> Layout:
    if not card.phone or not card.name or utf16_length(card.name) > MAX_NAME:
        known = " ".join(part for part in (card.name, card.phone) if part)
        return words(header, (f"👤 {known}",)), (Loss.CONTACT_AS_TEXT,)
    params: dict[str, object] = {"phone_number": card.phone, "first_name": card.name}
    losses: tuple[str, ...] = ()
    if len(card.vcard.encode("utf-8", "replace")) > MAX_VCARD:
        losses = (Loss.VCARD_DROPPED,)
    elif card.vcard:
        params["vcard"] = card.vcard
    return [*_lead(header), Part("sendContact", params)], losses


def _choices(
    header: str, body: Body, options: tuple[Choice, ...], ref: str, first: int = 1
) -> Layout:
    data = [f"{ref}|{option.key}" for option in options]
    fits = all(len(item.encode("utf-8", "replace")) <= MAX_CALLBACK for item in data)
    if not fits or len(options) > MAX_BUTTONS:
        lines = "".join(f"\n{n}. {option.label}" for n, option in enumerate(options, first))
        return words(header, (*body, lines)), (Loss.BUTTONS_AS_TEXT,)
    parts = words(header, body)
    if not options:
        return parts, ()
    labels = [shorten(option.label.strip() or option.key, MAX_LABEL) for option in options]
    cut = any(utf16_length(option.label) > MAX_LABEL for option in options)
    rows = [
        [{"text": label, "callback_data": item}] for label, item in zip(labels, data, strict=True)
    ]
    *before, last = parts or words("", ("❓",))
    markup = {**last.params, "reply_markup": {"inline_keyboard": rows}}
    asked = Part(last.method, markup, edit=last.edit)
    return [*before, asked], (Loss.LABEL_CUT,) if cut else ()
