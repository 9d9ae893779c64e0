"""How a content is laid out as messages of a conversation on Slack. Pure.

Limits: https://docs.slack.dev/reference/methods/chat.postMessage (Slack may cut or split texts
over 4,000 characters), https://docs.slack.dev/reference/block-kit/block-elements/button-element
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from adapters.media import UNKNOWN_MIME, Loss, file_name, human_size
from adapters.slack import mrkdwn, richtext
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

if TYPE_CHECKING:
    from bridge.core.adapter import Delivery

Json = dict[str, Any]

MAX_TEXT = 3900
MAX_LABEL = 75
MAX_BUTTONS = 25
MAX_HEADER = 100
MAX_UPLOAD = 1_000_000_000  # https://slack.com/help/articles/201330736
POST, SHARE = "chat.postMessage", "files.completeUploadExternal"

_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


class Part(msgspec.Struct, frozen=True):
    """One message to be: its method, parameters and file."""

    method: str
    params: Mapping[str, object]
    upload: Upload | None = None


Layout = tuple[list[Part], tuple[str, ...]]


def lay_out(content: Content, header: str, delivery: Delivery, quote: str = "") -> Layout:
    """Return the parts of a content under its author's name, and what they cannot show.

    ``quote`` is what it answers, shown above it.
    """
    match content:
        case Text(body=body):
            return words(headed(header, body, quote)), ()
        case Media():
            return _media(content, headed(header, content.caption, quote), delivery)
        case VoiceNote(file=file, caption=caption):
            return _file(file, headed(header, caption, quote), "voice", delivery)
        case Location():
            return words(headed(header, _point(content), quote)), (Loss.LOCATION_AS_TEXT,)
        case ContactCard(name=name, phone=phone):
            known = " ".join(part for part in (name, phone) if part)
            return words(headed(header, (f"👤 {known}",), quote)), (Loss.CONTACT_AS_TEXT,)
        case Choices(body=body, options=options, ref=ref, first=first):
            return _choices(headed(header, body, quote), options, ref, delivery.choose, first)
        case Notice(key=key, params=params, options=options, ref=ref):
            # Translated long before; this is only so that nothing a person should read is lost.
            body = (ENGLISH[key].format_map(_Gaps(params)),)
            return _choices(headed(header, body, quote), options, ref, delivery.choose)
        case Erased():
            return [], (Loss.NOTHING_TO_SHOW,)
    assert_never(content)


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def headed(header: str, body: Body, quote: str = "") -> Body:
    """Return a body under its author's name and what it answers."""
    name = shorten(header, MAX_HEADER)
    above: Body = (Styled(Style.QUOTE, (quote,)),) if quote else ()
    return (*above, Styled(Style.BOLD, (f"{name}:",)), " ", *body) if name else (*above, *body)


def words(body: Body) -> list[Part]:
    """Return the messages of a text; none when there is nothing to see."""
    return [Part(POST, shown(part)) for part in split(body, MAX_TEXT, len) if plain(part).strip()]


def shown(body: Body) -> Json:
    """Return the parameters that show a body: rich text, and its words for notifications."""
    return {"text": mrkdwn.fallback(body), "blocks": [richtext.block(body)]}


# -- files ---------------------------------------------------------------------------------------


def _media(content: Media, caption: Body, delivery: Delivery) -> Layout:
    losses: tuple[str, ...] = (Loss.ALBUM_SPLIT,) if content.album else ()
    if content.media is MediaKind.STICKER:
        picture = content.file.mime in _PICTURES
        losses = (*losses, Loss.SENT_AS_PHOTO if picture else Loss.SENT_AS_FILE)
        if content.emoji:
            caption = (*caption, " " if plain(caption) else "", content.emoji)
    elif content.media is MediaKind.PHOTO and not (
        content.file.mime in UNKNOWN_MIME or content.file.mime in _PICTURES
    ):
        losses = (*losses, Loss.SENT_AS_FILE)
    parts, more = _file(content.file, caption, content.media.value, delivery)
    return parts, (*losses, *more)


def _file(file: Attachment, caption: Body, kind: str, delivery: Delivery) -> Layout:
    """Return a file under its caption; a caption that is too long follows it."""
    if not file.id or file.size > MAX_UPLOAD:
        loss = Loss.FILE_TOO_BIG if file.id else Loss.FILE_MISSING
        return words((*caption, "\n" if plain(caption) else "", _named(file, delivery))), (loss,)
    name = file_name(file.name, file.mime, kind)
    upload = Upload("file", file.id, name, file.mime or "application/octet-stream", file.size)
    fits = len(plain(caption)) <= MAX_TEXT
    params: Json = {}
    if fits and plain(caption).strip():
        params = {"blocks": [richtext.block(caption)]}
    part = Part(SHARE, params, upload)
    return ([part], ()) if fits else ([part, *words(caption)], (Loss.CAPTION_MOVED,))


def _named(file: Attachment, delivery: Delivery) -> str:
    size = f" ({human_size(file.size)})" if file.size else ""
    return delivery.file_link or f"📎 {file_name(file.name, file.mime, 'file')}{size}"


# -- cards and questions -------------------------------------------------------------------------


def _point(content: Location) -> Body:
    name = ", ".join(part for part in (content.title, content.address) if part)
    where = f"{content.latitude:.6f},{content.longitude:.6f}"
    return (f"📍 {name}\n" if name else "📍 ", f"https://www.openstreetmap.org/?query={where}")


def _choices(
    body: Body, options: tuple[Choice, ...], ref: str, choose: str, first: int = 1
) -> Layout:
    if not options:
        return words(body), ()
    if len(options) > MAX_BUTTONS:
        lines = "".join(f"\n{n}. {option.label}" for n, option in enumerate(options, first))
        asked = f"\n{choose}" if choose else ""
        return words((*body, lines, asked)), (Loss.BUTTONS_AS_TEXT,)
    *before, last = words(body) or words(("❓",))
    cut = any(len(option.label) > MAX_LABEL for option in options)
    blocks = [*_blocks(last), {"type": "actions", "elements": _buttons(options, ref)}]
    asked_last = Part(last.method, {**last.params, "blocks": blocks})
    return [*before, asked_last], (Loss.LABEL_CUT,) if cut else ()


def _blocks(part: Part) -> list[Json]:
    blocks = part.params["blocks"]
    assert isinstance(blocks, list)  # noqa: S101 - for the type checker; made by shown() above
    return blocks


def _buttons(options: tuple[Choice, ...], ref: str) -> list[Json]:
    return [
        {
            "type": "button",
            "action_id": f"choice-{number}",
            "text": {"type": "plain_text", "text": _label(option), "emoji": False},
            "value": f"{ref}|{option.key}",
        }
        for number, option in enumerate(options)
    ]


def _label(option: Choice) -> str:
    return shorten(option.label.strip() or option.key or "·", MAX_LABEL)
