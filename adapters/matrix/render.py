"""Effects as requests. Pure and deterministic: the outbox resumes at part n.

1. A content becomes parts: words, files with a caption. An edit goes through the same layout and
   changes part by part; parts too few are sent, parts too many withdrawn.
2. Only the first part shows the answered message.
3. ``params`` hold the room and the content; where a file lies is filled in when it was uploaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from adapters.matrix.layout import Part, Words, lay_out, said
from adapters.media import Loss
from adapters.text import shorten
from bridge.core.adapter import Delivery, Rendered, Request
from bridge.core.effects import (
    Acknowledge,
    Address,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    SendMessage,
    SetReaction,
    UseTelephone,
)

if TYPE_CHECKING:
    from bridge.core.endpoint import Place

SEND, REDACT, REACT, OPEN = "send", "redact", "react", "open"
MAX_NAME = 200
MAX_REACTION = 64

_Params = dict[str, Any]


def render(delivery: Delivery) -> Rendered:
    """Return the requests for an effect and what they cannot show."""
    effect = delivery.effect
    match effect:
        case SendMessage():
            return _send(effect, delivery)
        case EditMessage():
            return _edit(effect, delivery)
        case DeleteMessage():
            losses = () if delivery.targets else _losses(Loss.TARGET_MISSING)
            return Rendered(tuple(_gone(effect.to, target) for target in delivery.targets), losses)
        case SetReaction():
            return _react(effect, delivery)
        case Acknowledge() | UseTelephone():
            return Rendered((), _losses(Loss.NOTHING_TO_SHOW))
        case OpenPlace():
            params: _Params = {
                "name": shorten(effect.title, MAX_NAME) or effect.to.party,
                "invite": effect.to.endpoint.address,
            }
            return Rendered((Request(OPEN, params, shows=False),))
    assert_never(effect)


def _losses(*found: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(loss) for loss in found))


def _words(delivery: Delivery) -> Words:
    return Words(file_link=delivery.file_link, choose=delivery.choose)


def _to(address: Address) -> _Params:
    """Return where it goes, and who alone may be there."""
    return {"room": address.place.chat, "person": address.endpoint.address}


def _new(part: Part, address: Address, reply_to: str = "") -> Request:
    content = dict(part.content)
    relation = _related(address.place, reply_to)
    if relation:
        content["m.relates_to"] = relation
    uploads = (part.upload,) if part.upload is not None else ()
    return Request(SEND, {**_to(address), "content": content}, uploads)


def _related(place: Place, reply_to: str) -> _Params:
    """https://spec.matrix.org/v1.16/client-server-api/#threading: what answers nothing in a thread
    points to its first message, for clients that know no threads.
    """
    answer: _Params = {"m.in_reply_to": {"event_id": reply_to or place.thread}}
    if place.thread:
        thread = {"rel_type": "m.thread", "event_id": place.thread}
        return {**thread, **answer, "is_falling_back": not reply_to}
    return answer if reply_to else {}


def _send(effect: SendMessage, delivery: Delivery) -> Rendered:
    words = _words(delivery)
    losses: tuple[str, ...] = ()
    if effect.reply_to is not None and not delivery.reply_to:
        words = Words(delivery.quote, words.file_link, words.choose)
        losses = () if delivery.quote else (Loss.REPLY_NOT_SHOWN,)
    parts, lost = lay_out(effect.content, effect.header, words)
    if not parts:
        return Rendered((), _losses(*lost, Loss.NOTHING_TO_SHOW))
    first = _new(parts[0], effect.to, delivery.reply_to)
    rest = (_new(part, effect.to) for part in parts[1:])
    return Rendered((first, *rest), _losses(*losses, *lost))


def _edit(effect: EditMessage, delivery: Delivery) -> Rendered:
    if not delivery.targets:
        return Rendered((), _losses(Loss.TARGET_MISSING))
    parts, losses = lay_out(effect.content, effect.header, _words(delivery))
    if not parts:
        return Rendered((), _losses(*losses, Loss.NOTHING_TO_SHOW))
    to, targets = effect.to, delivery.targets
    pairs = zip(parts, targets, strict=False)
    requests = [_changed(part, to, target) for part, target in pairs]
    requests += [_new(part, to) for part in parts[len(targets) :]]
    requests += [_gone(to, target) for target in targets[len(parts) :]]
    return Rendered(tuple(requests), _losses(*losses))


def _changed(part: Part, address: Address, target: str) -> Request:
    """https://spec.matrix.org/v1.16/client-server-api/#event-replacements"""
    content: _Params = {
        "msgtype": part.content["msgtype"],
        "body": f"* {part.content['body']}",
        "m.new_content": part.content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }
    uploads = (part.upload,) if part.upload is not None else ()
    return Request(SEND, {**_to(address), "content": content}, uploads, shows=False)


def _gone(address: Address, target: str) -> Request:
    return Request(REDACT, {**_to(address), "event": target}, shows=False)


def _react(effect: SetReaction, delivery: Delivery) -> Rendered:
    if not delivery.targets:
        return Rendered((), _losses(Loss.TARGET_MISSING))
    target = delivery.targets[0]
    fitting = [emoji for emoji in effect.emoji if 0 < len(emoji.encode()) <= MAX_REACTION]
    params: _Params = {**_to(effect.to), "event": target, "emoji": fitting}
    request = Request(REACT, params, shows=False)
    if len(fitting) == len(effect.emoji):
        return Rendered((request,))
    words = delivery.told or " ".join(e for e in effect.emoji if e not in fitting)
    told = said("" if delivery.told else effect.header, (words,))[0]
    answers = [_new(part, effect.to, target) for part in told]
    return Rendered((request, *answers), _losses(Loss.REACTION_AS_TEXT))
