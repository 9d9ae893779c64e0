"""Effects as requests to our own page. Pure and deterministic.

The page shows the log itself, whole, to the party it may be shown to; a request makes an entry
visible there. What is outside any log (the desk's questions) is kept as the request says it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from adapters.media import Loss, file_name
from adapters.text import split
from adapters.webchat.payloads import MAX_TEXT
from bridge.core.adapter import Delivery, Rendered, Request, Upload
from bridge.core.content import (
    Body,
    Choice,
    Choices,
    ContactCard,
    Content,
    Erased,
    Location,
    Media,
    Notice,
    Text,
    VoiceNote,
    plain,
    words,
)
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    SendMessage,
    SetReaction,
    UseTelephone,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.content import Attachment

SHOW, CHANGE, REMOVE, REACT = "show", "change", "remove", "react"
MAX_UPLOAD = 100_000_000
MAX_OPTIONS = 1000
MAX_LABEL = 1000

_Part = tuple[dict[str, object], tuple[Upload, ...]]


def render(delivery: Delivery) -> Rendered:
    """Return the requests for an effect and what the page cannot show."""
    effect = delivery.effect
    match effect:
        case SendMessage():
            return _send(effect, delivery)
        case EditMessage():
            return _edit(effect, delivery)
        case DeleteMessage():
            gone = tuple(_at(effect, REMOVE, target, {}) for target in delivery.targets)
            return Rendered(gone, () if gone else (Loss.TARGET_MISSING,))
        case SetReaction():
            said: dict[str, object] = {"emoji": list(effect.emoji), "header": effect.header}
            reacted = tuple(_at(effect, REACT, target, said) for target in delivery.targets[:1])
            return Rendered(reacted, () if reacted else (Loss.TARGET_MISSING,))
        case Acknowledge() | OpenPlace() | UseTelephone():
            return Rendered((), (Loss.NOTHING_TO_SHOW,))
    assert_never(effect)


def _send(effect: SendMessage, delivery: Delivery) -> Rendered:
    parts, losses = _lay_out(effect.content, delivery.file_link)
    if not parts:
        return Rendered((), (*losses, Loss.NOTHING_TO_SHOW))
    where: dict[str, object] = {"chat": effect.to.place.chat}
    first = {**where, "header": effect.header}
    if delivery.reply_to:
        first["reply_to"] = delivery.reply_to
    elif effect.reply_to is not None:
        losses = (*losses, Loss.REPLY_NOT_SHOWN)
    requests = [
        Request(SHOW, {**(where if number else first), **said}, uploads)
        for number, (said, uploads) in enumerate(parts)
    ]
    return Rendered(tuple(requests), losses)


def _edit(effect: EditMessage, delivery: Delivery) -> Rendered:
    targets = delivery.targets
    if not targets:
        return Rendered((), (Loss.TARGET_MISSING,))
    parts, losses = _lay_out(effect.content, delivery.file_link)
    if not parts:
        return Rendered((), (*losses, Loss.NOTHING_TO_SHOW))
    requests = [
        _at(effect, CHANGE, target, said, uploads)
        for target, (said, uploads) in zip(targets, parts, strict=False)
    ]
    where = {"chat": effect.to.place.chat}
    requests += [
        Request(SHOW, {**where, **said}, uploads) for said, uploads in parts[len(targets) :]
    ]
    requests += [_at(effect, REMOVE, target, {}) for target in targets[len(parts) :]]
    return Rendered(tuple(requests), losses)


def _at(
    effect: EditMessage | DeleteMessage | SetReaction,
    method: str,
    target: str,
    said: dict[str, object],
    uploads: tuple[Upload, ...] = (),
) -> Request:
    params = {"chat": effect.to.place.chat, "target": target, **said}
    return Request(method, params, uploads, shows=False)


def _lay_out(content: Content, link: str) -> tuple[list[_Part], tuple[str, ...]]:
    match content:
        case Text(body=body):
            return _words(body), ()
        case Choices(body=body, options=options, ref=ref):
            return _question(body, options, ref)
        case Media(file=file, caption=caption) | VoiceNote(file=file, caption=caption):
            return _with_file(file, caption or ((words(content),) if words(content) else ()), link)
        case Location():
            at = f"{content.latitude:.6f}, {content.longitude:.6f}"
            said = words(content)
            return _words((f"{said}\n{at}" if said else at,)), ()
        case ContactCard(vcard=vcard):
            return _words((words(content),)), (Loss.VCARD_DROPPED,) if vcard else ()
        case Notice(options=options, ref=ref):
            return _question((words(content),), options, ref)
        case Erased():
            return [], ()
    assert_never(content)


def _words(body: Body) -> list[_Part]:
    if not plain(body):
        return []
    return [({"text": plain(part)}, ()) for part in split(body, MAX_TEXT, len)]


def _question(
    body: Body, options: Sequence[Choice], ref: str
) -> tuple[list[_Part], tuple[str, ...]]:
    parts = _words(body) or [({"text": ""}, ())]
    if options:
        shown = [{"key": one.key, "label": one.label[:MAX_LABEL]} for one in options[:MAX_OPTIONS]]
        parts[-1] = ({**parts[-1][0], "options": shown, "ref": ref}, ())
    return parts, ()


def _with_file(file: Attachment, caption: Body, link: str) -> tuple[list[_Part], tuple[str, ...]]:
    name = file_name(file.name, file.mime, "file")
    if not file.id or file.size > MAX_UPLOAD:
        loss = Loss.FILE_TOO_BIG if file.id else Loss.FILE_MISSING
        return [({"text": link or f"[{name}]"}, ()), *_words(caption)], (loss,)
    upload = Upload("file", file.id, name, file.mime, file.size)
    captions = _words(caption)
    if len(captions) > 1:
        return [({"text": ""}, (upload,)), *captions], (Loss.CAPTION_MOVED,)
    return [({"text": plain(caption)}, (upload,))], ()
