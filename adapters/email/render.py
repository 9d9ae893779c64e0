"""Effects as mails. Pure and deterministic: the outbox resumes at part n.

1. A part is words in two forms, text and HTML, and at most one file. What depends on the key (ids,
   the address we write from) is added when it is sent: see ``compose``.
2. An edit, a deletion and a reaction are mails of their own that answer the first one.
3. Whom a mail goes to is the endpoint that was checked at the claim, never the place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

import msgspec

from adapters.email.markup import to_html, to_text
from adapters.media import UNKNOWN_MIME, Loss, file_name, human_size
from adapters.text import shorten, split
from bridge.core.adapter import Delivery, Rendered, Request, Upload
from bridge.core.content import (
    Body,
    Choices,
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
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    Purpose,
    SendMessage,
    SetReaction,
    UseTelephone,
)
from bridge.core.notices import ENGLISH

if TYPE_CHECKING:
    from bridge.core.content import Attachment
    from bridge.core.effects import Effect

MAX_TEXT = 50_000
"""Characters; a mail could hold more, but no mail program shows it well."""
MAX_UPLOAD = 15_000_000
"""Base64 makes it a third more, and most servers take 25 MB."""
MAX_HEADER = 100
MAX_LABEL = 500
MAX_OPTIONS = 1000
MAIL, OPEN = "mail", "open"

_MIME = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,80}")

Layout = tuple[Body, tuple[Upload, ...], tuple[str, ...]]


def render(delivery: Delivery) -> Rendered:
    """Return the mails for an effect and what they cannot show."""
    effect = delivery.effect
    match effect:
        case SendMessage(content=content, header=header):
            return _send(delivery, content, header)
        case EditMessage() | DeleteMessage() | SetReaction():
            return _tell(delivery, effect)
        case Acknowledge() | UseTelephone():
            return Rendered((), (Loss.NOTHING_TO_SHOW,))
        case OpenPlace():
            return Rendered((Request(OPEN, _where(effect), shows=False),))
    assert_never(effect)


def _where(effect: Effect) -> dict[str, object]:
    place = effect.to.place
    return {"to": effect.to.endpoint.address, "thread": place.thread, "chat": place.chat}


def _send(delivery: Delivery, content: Content, header: str) -> Rendered:
    body, uploads, losses = _lay_out(content, delivery)
    effect = delivery.effect
    answers = isinstance(effect, SendMessage) and effect.reply_to is not None
    if answers and not delivery.reply_to and not delivery.quote:
        losses = (*losses, Loss.REPLY_NOT_SHOWN)
    requests = _mails(delivery, _headed(header, body), uploads)
    if not requests:
        losses = (*losses, Loss.NOTHING_TO_SHOW)
    return Rendered(requests, tuple(dict.fromkeys(str(loss) for loss in losses)))


def _headed(header: str, body: Body) -> Body:
    name = shorten(header, MAX_HEADER)
    return (Styled(Style.BOLD, (f"{name}:",)), " ", *body) if name else body


def _mails(
    delivery: Delivery, body: Body, uploads: tuple[Upload, ...], answering: str = ""
) -> tuple[Request, ...]:
    """Return the mails of a text, a file with the first; none when there is nothing at all."""
    if delivery.quote:
        body = (Styled(Style.QUOTE, (f"> {delivery.quote}\n",)), "\n", *body)
    parts = [part for part in split(body, MAX_TEXT, len) if plain(part).strip()]
    if uploads and not parts:
        parts = [()]
    answered = (answering or delivery.reply_to).partition("#")[0]
    effect = delivery.effect
    params: dict[str, object] = {
        **_where(effect),
        "automatic": effect.purpose not in (Purpose.CHAT, Purpose.CORRECTION),
        "answers": answered,
    }
    event = effect.calendar if isinstance(effect, SendMessage) else None
    if event is not None:
        params["calendar"] = msgspec.to_builtins(event)
    return tuple(
        Request(
            MAIL,
            {**params, "text": _sound(to_text(part)), "html": _sound(to_html(part))},
            uploads if not number else (),
        )
        for number, part in enumerate(parts)
    )


def _sound(text: str) -> str:
    """Replace halves of characters, which no mail can hold."""
    return text.encode("utf-8", "replace").decode()


# -- corrections ---------------------------------------------------------------------------------


def _tell(delivery: Delivery, effect: EditMessage | DeleteMessage | SetReaction) -> Rendered:
    """Tell a correction in a mail that answers the first one, in signs if we got no words."""
    if not delivery.targets:
        return Rendered((), (Loss.TARGET_MISSING,))
    loss, signs = _signs(effect)
    body: Body = (delivery.told,) if delivery.told else signs
    uploads: tuple[Upload, ...] = ()
    losses: tuple[str, ...] = (loss,)
    if isinstance(effect, EditMessage) and not delivery.told:
        body, uploads, more = _lay_out(effect.content, delivery)
        body, losses = ("✏️ ", *_headed(effect.header, body)), (loss, *more)
    requests = _mails(delivery, body, uploads, delivery.targets[0])
    if not requests:
        losses = (Loss.NOTHING_TO_SHOW,)
    return Rendered(requests, tuple(dict.fromkeys(str(loss) for loss in losses)))


def _signs(effect: EditMessage | DeleteMessage | SetReaction) -> tuple[Loss, Body]:
    match effect:
        case EditMessage():
            return Loss.TOLD_IN_WORDS, ()
        case DeleteMessage(header=header):
            return Loss.TOLD_IN_WORDS, _headed(header, ("🗑",))
        case SetReaction(header=header, emoji=emoji):
            shown = " ".join(emoji)
            return Loss.REACTION_AS_TEXT, _headed(header, (shown,)) if shown else ()
    assert_never(effect)


# -- contents ------------------------------------------------------------------------------------


def _lay_out(content: Content, delivery: Delivery) -> Layout:
    match content:
        case Text(body=body):
            return body, (), ()
        case Media(media=kind, file=file, caption=caption, emoji=emoji):
            losses = (Loss.ALBUM_SPLIT,) if content.album else ()
            if kind is MediaKind.STICKER and not plain(caption):
                caption = (emoji,) if emoji else caption
            return _with_file(file, caption, delivery, losses)
        case VoiceNote(file=file, caption=caption):
            return _with_file(file, caption, delivery, ())
        case Location():
            return _point(content), (), (Loss.LOCATION_AS_TEXT,)
        case ContactCard():
            known = " ".join(part for part in (content.name, content.phone) if part)
            dropped = (Loss.VCARD_DROPPED,) if content.vcard else ()
            return (f"👤 {known}",), (), (Loss.CONTACT_AS_TEXT, *dropped)
        case Choices():
            return _choices(content, delivery)
        case Notice(key=key, params=params, options=options, ref=ref):
            # Translated long before; this is only so that nothing a person should read is lost.
            body = (ENGLISH[key].format_map(_Gaps(params)),)
            return _choices(Choices(body, options, ref), delivery)
        case Erased():
            return (), (), (Loss.NOTHING_TO_SHOW,)
    assert_never(content)


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _with_file(
    file: Attachment, caption: Body, delivery: Delivery, losses: tuple[str, ...]
) -> Layout:
    if file.id and file.size <= MAX_UPLOAD:
        known = _MIME.fullmatch(file.mime) and file.mime not in UNKNOWN_MIME
        mime = file.mime if known else "application/octet-stream"
        name = file_name(file.name, mime, "file")
        upload = Upload("attachment", file.id, name, mime, file.size)
        return caption, (upload,), losses
    size = f" ({human_size(file.size)})" if file.size else ""
    named = delivery.file_link or f"📎 {file_name(file.name, file.mime, 'file')}{size}"
    rest = ("\n", *caption) if plain(caption).strip() else ()
    loss = Loss.FILE_TOO_BIG if file.id else Loss.FILE_MISSING
    if delivery.file_link:
        loss = Loss.FILE_AS_LINK
    return (named, *rest), (), (*losses, loss)


def _point(content: Location) -> Body:
    where = f"{content.latitude:.6f},{content.longitude:.6f}"
    named = ", ".join(part for part in (content.title, content.address) if part)
    latitude, _, longitude = where.partition(",")
    url = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"
    return (f"📍 {named}\n" if named else "📍 ", Link(url, (where,)))


def _choices(content: Choices, delivery: Delivery) -> Layout:
    if not content.options:
        return content.body, (), ()
    labels = [
        shorten(" ".join(option.label.split()) or option.key, MAX_LABEL)
        for option in content.options
    ]
    lines = "".join(f"\n{n}. {label}" for n, label in enumerate(labels, content.first))
    cut = any(len(option.label) > MAX_LABEL for option in content.options)
    asked = f"\n\n{delivery.choose}" if delivery.choose else ""
    losses = (Loss.BUTTONS_AS_TEXT, *((Loss.LABEL_CUT,) if cut else ()))
    return (*content.body, f"\n{lines}{asked}"), (), losses
