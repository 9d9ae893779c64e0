"""Effects as messages of Twilio's API. Pure and deterministic: the outbox resumes at part n.

1. People's words are not rewritten: formatting is left out, the address of a link is put behind its
   words, and Twilio is told not to replace quotes and dashes ("smart encoding"). Only what the
   bridge itself says is written with plainer signs where an SMS is half as long by that.
2. What neither network has is told in the words of the delivery: quotes before the text; edits,
   deletions and reactions as messages of their own; files as the bridge's link.
3. Options are numbered lines; the shell knows which number means what.
4. WhatsApp, and SMS where the operator switched MMS on, take a file by its link, one a message.
   https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

import msgspec

from adapters import phone
from adapters.media import UNKNOWN_MIME, Loss, file_name, human_size
from adapters.text import flat, is_formatted, shorten, split, utf16_length
from adapters.twilio.parse import CHANNEL, SMS, WHATSAPP
from bridge.core.adapter import Delivery, Rendered, Request
from bridge.core.content import (
    Attachment,
    Body,
    Choices,
    ContactCard,
    Content,
    Erased,
    Location,
    Media,
    Notice,
    Text,
    VoiceNote,
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
    from bridge.core.content import Choice
    from bridge.core.effects import Address

MAX_TEXT = (
    1600  # https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
)
MAX_HEADER = 100
MAX_MMS = 5_000_000
MAX_WHATSAPP = 16_000_000
MAX_PICTURE = 5_000_000

_PICTURES = frozenset({"image/jpeg", "image/png"})
_MMS = _PICTURES | {"image/gif"}
_WHATSAPP = _PICTURES | {
    *("audio/ogg", "audio/amr", "audio/3gpp", "audio/aac", "audio/mpeg", "video/mp4"),
    *("application/pdf", "application/msword", "text/vcard"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_OURS = frozenset({Purpose.NOTICE, Purpose.DESK})
"""What the bridge says by itself. A question of consent is shown to the letter."""
_LINK = re.compile(r"https?://\S+")


class Style(msgspec.Struct, frozen=True):
    """How one network of an account sends: from whom, how long, and whether files go along."""

    network: str
    sender: str
    numbers: frozenset[str]
    service: str = ""
    segments: int = 3
    files: bool = False
    plainer: bool = False
    """What is said is the bridge's own, and may do without signs that no old telephone has."""

    def ends(self, to: Address) -> dict[str, object]:
        """Return the parameters that say to whom and from whom.

        The number that was written to answers; else the messaging service chooses, or the first.
        """
        prefix = CHANNEL if self.network == WHATSAPP else ""
        where: dict[str, object] = {"to": f"{prefix}{_clean(to.place.chat)}"}
        if to.place.thread in self.numbers:
            return {**where, "from_": f"{prefix}{to.place.thread}"}
        if self.service:
            return {**where, "messaging_service_sid": self.service}
        return {**where, "from_": f"{prefix}{self.sender}"}


class _Part(msgspec.Struct, frozen=True):
    text: str = ""
    extra: dict[str, object] = {}


_Layout = tuple[list[_Part], tuple[str, ...]]


def render(delivery: Delivery, style: Style) -> Rendered:
    """Return the messages for an effect and what they cannot show."""
    effect = delivery.effect
    if style.network == SMS and effect.purpose in _OURS:
        style = msgspec.structs.replace(style, plainer=True)
    match effect:
        case SendMessage():
            lead = _lead(delivery.quote, effect.header)
            parts, losses = _content(effect.content, lead, delivery, style)
            if effect.reply_to is not None and not delivery.quote:
                losses = (*losses, Loss.REPLY_NOT_SHOWN)
        case EditMessage() | DeleteMessage() | SetReaction():
            if not delivery.targets:
                return Rendered((), (str(Loss.TARGET_MISSING),))
            parts, losses = _correction(delivery, effect, style)
        case Acknowledge() | OpenPlace() | UseTelephone():
            parts, losses = [], ()
        case _:
            assert_never(effect)
    if not parts:
        losses = (*losses, Loss.NOTHING_TO_SHOW)
    ends = style.ends(effect.to)
    requests = [Request("messages", {**ends, **_params(part)}) for part in parts]
    return Rendered(tuple(requests), tuple(dict.fromkeys(str(loss) for loss in losses)))


def _params(part: _Part) -> dict[str, object]:
    return {**({"body": part.text} if part.text else {}), **part.extra}


def _clean(text: str) -> str:
    """Return a text that UTF-8 can carry: halves of surrogate pairs become question marks."""
    return text.encode("utf-8", "replace").decode()


def _name(header: str) -> str:
    return f"{shorten(header, MAX_HEADER)}: " if header else ""


def _lead(quote: str, header: str) -> str:
    """Return what stands above the words; the cut of a quote costs no other alphabet."""
    if quote.endswith("…"):
        quote = f"{quote[:-1]}..."
    return (f"> {quote}\n" if quote else "") + _name(header)


def _correction(
    delivery: Delivery, effect: EditMessage | DeleteMessage | SetReaction, style: Style
) -> _Layout:
    if delivery.told:
        # A correction in words does not name its author; the others do.
        header = effect.header if isinstance(effect, EditMessage) else ""
        text = _lead(delivery.quote, header) + delivery.told
        return _words(text, style), (Loss.TOLD_IN_WORDS,)
    match effect:
        case EditMessage():
            lead = _name(effect.header)
            parts, losses = _content(effect.content, lead, delivery, style)
            return parts, (*losses, Loss.EDIT_NOT_SHOWN)
        case SetReaction(emoji=emoji) if emoji:
            return _words(f"{_name(effect.header)}{' '.join(emoji)}", style), (
                Loss.REACTION_AS_TEXT,
            )
        case _:
            return [], ()


def _words(text: str, style: Style) -> list[_Part]:
    """Return a text as messages; none when there is nothing to see."""
    text = _clean(text).rstrip()
    if not text.strip():
        return []
    cut: tuple[Body, ...]
    if style.network == SMS:
        text = phone.in_gsm(text) if style.plainer else text
        cut = phone.parts((text,), style.segments)
    else:
        cut = split((text,), MAX_TEXT, utf16_length, numbered=True)
    return [_Part(flat(body)) for body in cut]


# -- contents ------------------------------------------------------------------------------------


def _content(content: Content, lead: str, delivery: Delivery, style: Style) -> _Layout:
    match content:
        case Text(body=body):
            return _words(lead + flat(body), style) if flat(body).strip() else [], _plainer(body)
        case Media(file=file, caption=caption):
            losses = (*_plainer(caption), *((Loss.ALBUM_SPLIT,) if content.album else ()))
            parts, more = _file(file, flat(caption) or content.emoji, lead, delivery, style)
            return parts, (*losses, *more)
        case VoiceNote(file=file, caption=caption):
            parts, more = _file(file, flat(caption), lead, delivery, style)
            return parts, (*_plainer(caption), *more)
        case Location():
            return _point(content, lead, style)
        case ContactCard():
            known = " ".join(part for part in (content.name, content.phone) if part)
            return _words(f"{lead}{known}", style), (Loss.CONTACT_AS_TEXT,)
        case Choices(body=body, options=options, first=first):
            text, losses = _asked(flat(body), options, delivery.choose, first)
            return _words(lead + text, style), (*_plainer(body), *losses)
        case Notice(key=key, params=params, options=options):
            # Translated long before; this is only so that nothing a person should read is lost.
            said = ENGLISH[key].format_map(_Gaps(params))
            text, losses = _asked(said, options, delivery.choose)
            return _words(lead + text, style), losses
        case Erased():
            return [], ()
    assert_never(content)


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _plainer(body: Body) -> tuple[str, ...]:
    return (Loss.FORMATTING_DROPPED,) if is_formatted(body) else ()


def _asked(
    body: str, options: tuple[Choice, ...], choose: str, first: int = 1
) -> tuple[str, tuple[str, ...]]:
    if not options:
        return body, ()
    lines = [f"{n}. {option.label}" for n, option in enumerate(options, first)]
    text = "\n".join([body, *lines, *([choose] if choose else [])])
    return text, (Loss.BUTTONS_AS_TEXT,)


def _point(point: Location, lead: str, style: Style) -> _Layout:
    """Return a point: on WhatsApp as one, else in words with a link to a map.

    https://www.twilio.com/docs/whatsapp/api#location-messages
    """
    named = ", ".join(part for part in (point.title, point.address) if part)
    where = f"{point.latitude:.6f},{point.longitude:.6f}"
    if style.network == WHATSAPP:
        title = re.sub(r"[|\r\n]+", " ", named)[:100]
        text = _clean(lead + (named or where))
        action = f"geo:{where}|{_clean(title)}" if title else f"geo:{where}"
        parts = _words(text, style)
        return [*parts[:-1], _Part(parts[-1].text, {"persistent_action": [action]})], ()
    link = f"https://www.openstreetmap.org/?mlat={point.latitude:.6f}&mlon={point.longitude:.6f}"
    text = "\n".join(part for part in (named, where, link) if part)
    return _words(lead + text, style), (Loss.LOCATION_AS_TEXT,)


# -- files ---------------------------------------------------------------------------------------


def _file(file: Attachment, caption: str, lead: str, delivery: Delivery, style: Style) -> _Layout:
    link = _LINK.search(delivery.file_link)
    if not file.id:
        return _words(_named(file, caption, lead), style), (Loss.FILE_MISSING,)
    mime = file.mime.partition(";")[0].strip().lower()
    if link is None or not _goes_along(mime, file.size, style):
        known = delivery.file_link
        text = f"{lead}{caption}\n{known}" if caption else f"{lead}{known}"
        return _words(text if known else _named(file, caption, lead), style), (Loss.FILE_AS_LINK,)
    part: dict[str, object] = {"media_url": [link.group()]}
    words = _words(f"{lead}{caption}", style) if lead or caption else []
    if mime in _PICTURES | _MMS and len(words) <= 1:
        return [_Part(words[0].text if words else "", part)], ()
    # Words that go with other files than pictures are not shown by WhatsApp.
    return [*words, _Part("", part)], (Loss.CAPTION_MOVED,) if words else ()


def _goes_along(mime: str, size: int, style: Style) -> bool:
    if not style.files or mime in UNKNOWN_MIME:
        return False
    if style.network == SMS:
        return mime in _MMS and size <= MAX_MMS
    return mime in _WHATSAPP and size <= (MAX_PICTURE if mime in _PICTURES else MAX_WHATSAPP)


def _named(file: Attachment, caption: str, lead: str) -> str:
    size = f" ({human_size(file.size)})" if file.size else ""
    name = f"[{file_name(file.name, file.mime, 'file')}{size}]"
    return f"{lead}{caption}\n{name}" if caption else f"{lead}{name}"
