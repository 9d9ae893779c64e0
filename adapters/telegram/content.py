"""What a message of Telegram says, as Content. Pure."""

from __future__ import annotations

import msgspec

from adapters.telegram import payloads as tg
from adapters.telegram.vocabulary import ABOUT, SERVICE
from adapters.text import Mark, Span, from_spans
from bridge.core.content import (
    Attachment,
    Body,
    Code,
    ContactCard,
    Content,
    Link,
    Location,
    Media,
    MediaKind,
    Style,
    Text,
    VoiceNote,
)
from bridge.core.errors import ParseError

_STYLES: dict[str, Style] = {
    "bold": Style.BOLD,
    "italic": Style.ITALIC,
    "underline": Style.UNDERLINE,
    "strikethrough": Style.STRIKE,
    "spoiler": Style.SPOILER,
    "blockquote": Style.QUOTE,
    "expandable_blockquote": Style.QUOTE,
}
_MEDIA: tuple[tuple[str, MediaKind, str], ...] = (
    ("animation", MediaKind.ANIMATION, "video/mp4"),  # comes with a document for old clients
    ("video", MediaKind.VIDEO, "video/mp4"),
    ("video_note", MediaKind.VIDEO_NOTE, "video/mp4"),
    ("audio", MediaKind.AUDIO, "audio/mpeg"),
    ("document", MediaKind.FILE, "application/octet-stream"),
)


def content_of(message: tg.Message, payload: bytes) -> Content | None:
    """Return what was said; None for a service message. Raises ParseError when it says nothing.

    The payload is looked at again only for messages of a kind that ``payloads`` does not name.
    """
    if message.text:
        return Text(body_of(message.text, message.entities))
    return _media(message) or _card(message) or _told(message) or _other(payload)


def _other(payload: bytes) -> Content | None:
    update = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    raw = update.get("message") or update["edited_message"]
    names = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).keys() - ABOUT
    if names & SERVICE:
        return None
    unknown = sorted(names - set(tg.Message.__struct_fields__))
    if not unknown:
        raise ParseError("a message that says nothing")
    return Text((f"[{unknown[0].replace('_', ' ')}]",))


def body_of(text: str, entities: tg.Entities) -> Body:
    """Return a text as a tree; entities outside of it are cut off."""
    spans = [
        Span(entity.offset, entity.offset + entity.length, mark)
        for entity in entities
        if (mark := _mark(entity)) is not None
    ]
    return from_spans(text, spans)


def _mark(entity: tg.Entity) -> Mark | None:
    """Return what an entity does; bare links, mentions, custom emoji and new kinds stay words."""
    match entity.type:
        case "text_link":
            return Link(entity.url, ()) if entity.url else None
        case "code":
            return Code("")
        case "pre":
            return Code("", block=True, language=entity.language)
        case kind:
            return _STYLES.get(kind)


def _media(message: tg.Message) -> Content | None:
    caption = body_of(message.caption, message.caption_entities)
    album = message.media_group_id
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Media(MediaKind.PHOTO, _file(largest, "image/jpeg"), caption, album)
    if message.voice is not None:
        return VoiceNote(_file(message.voice, "audio/ogg"), caption)
    if message.sticker is not None:
        return _sticker(message.sticker)
    for field, kind, mime in _MEDIA:
        file: tg.File | None = getattr(message, field)
        if file is not None:
            return Media(kind, _file(file, mime), caption, album)
    return None


def _file(file: tg.File, mime: str) -> Attachment:
    return Attachment(
        ref=file.file_id,
        mime=file.mime_type or mime,
        name=file.file_name,
        size=file.file_size,
        seconds=file.duration,
        width=file.width or file.length,
        height=file.height or file.length,
    )


def _sticker(sticker: tg.Sticker) -> Media:
    mime = "video/webm" if sticker.is_video else "image/webp"
    file = Attachment(
        ref=sticker.file_id,
        mime="application/x-tgsticker" if sticker.is_animated else mime,
        size=sticker.file_size,
        width=sticker.width,
        height=sticker.height,
    )
    return Media(MediaKind.STICKER, file, emoji=sticker.emoji)


def _card(message: tg.Message) -> Content | None:
    if (venue := message.venue) is not None:
        point = venue.location
        return Location(point.latitude, point.longitude, venue.title, venue.address)
    if message.location is not None:
        return Location(message.location.latitude, message.location.longitude)
    if (contact := message.contact) is not None:
        name = f"{contact.first_name} {contact.last_name}".strip()
        return ContactCard(name, contact.phone_number, contact.vcard)
    return None


def _told(message: tg.Message) -> Content | None:
    """Tell in signs what has no form of its own; words would have to be in somebody's language."""
    if (poll := message.poll) is not None:
        return Text(("\n".join([f"📊 {poll.question}", *(f"• {o.text}" for o in poll.options)]),))
    if (dice := message.dice) is not None:
        return Text((f"{dice.emoji} {dice.value}",))
    signs = (("🎮", message.game), ("🧾", message.invoice), ("☑️", message.checklist))
    return next((Text((f"{sign} {it.title}",)) for sign, it in signs if it is not None), None)
