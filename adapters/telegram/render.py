"""Effects as calls of the Bot API. Pure and deterministic: the outbox resumes at part n.

1. People's words go out with entities, never with ``parse_mode``; lengths are UTF-16 units.
2. A content becomes parts: words, files with a caption, cards. An edit goes through the same
   layout and changes part by part; parts too few are sent, parts too many deleted.
3. Only the first part shows the answered message; only the last carries the buttons.
4. Link previews stay as Telegram makes them by default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from adapters.media import Loss
from adapters.telegram.layout import CHOSEN, Part, lay_out, words
from adapters.telegram.vocabulary import REACTIONS
from adapters.text import shorten, utf16_length
from bridge.core.adapter import Delivery, Rendered, Request
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
    from bridge.core.endpoint import Place

MAX_TOPIC = 128  # https://core.telegram.org/bots/api#createforumtopic
MAX_ANSWER = 200  # https://core.telegram.org/bots/api#answercallbackquery

_SKIN = dict.fromkeys(range(0x1F3FB, 0x1F400))
_VARIATION = "\ufe0f"


def render(delivery: Delivery) -> Rendered:
    """Return the calls for an effect and what they cannot show."""
    effect = delivery.effect
    match effect:
        case SendMessage():
            return _send(effect, delivery.reply_to)
        case EditMessage():
            return _edit(effect, delivery.targets)
        case DeleteMessage():
            return _delete(effect, delivery.targets)
        case SetReaction():
            return _react(effect, delivery.targets)
        case Acknowledge():
            return _acknowledge(effect)
        case OpenPlace():
            chat = in_chat(effect.to.place)
            name = shorten(effect.title, MAX_TOPIC, utf16_length) or effect.to.party
            return Rendered((Request("createForumTopic", {**chat, "name": name}, shows=False),))
        case UseTelephone():
            return Rendered((), (str(Loss.NOTHING_TO_SHOW),))
    assert_never(effect)


def _number(text: str) -> int | str:
    """Return an id as Telegram writes it; another network's id stays what it is."""
    return int(text) if text.removeprefix("-").isdecimal() else text


def in_chat(place: Place) -> dict[str, object]:
    """Return the parameters that say where a message goes."""
    where: dict[str, object] = {"chat_id": _number(place.chat)}
    if place.thread:
        where["message_thread_id"] = _number(place.thread)
    return where


def answering(message: str) -> dict[str, object]:
    """Return the parameter that shows an answer; a vanished message does not stop ours."""
    parameters = {"message_id": _number(message), "allow_sending_without_reply": True}
    return {"reply_parameters": parameters}


def _new(part: Part, where: dict[str, object], extra: dict[str, object] | None = None) -> Request:
    uploads = (part.upload,) if part.upload is not None else ()
    return Request(part.method, {**where, **part.params, **(extra or {})}, uploads)


def _losses(*found: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(loss) for loss in found))


def _send(effect: SendMessage, reply_to: str) -> Rendered:
    parts, losses = lay_out(effect.content, effect.header)
    if not parts:
        return Rendered((), _losses(*losses, Loss.NOTHING_TO_SHOW))
    where = in_chat(effect.to.place)
    answer = answering(reply_to) if reply_to else {}
    if effect.reply_to is not None and not reply_to:
        losses = (*losses, Loss.REPLY_NOT_SHOWN)
    first = _new(parts[0], where, answer)
    return Rendered((first, *(_new(part, where) for part in parts[1:])), _losses(*losses))


def _edit(effect: EditMessage, targets: tuple[str, ...]) -> Rendered:
    if not targets:
        return Rendered((), _losses(Loss.TARGET_MISSING))
    parts, losses = lay_out(effect.content, effect.header)
    if not parts:
        return Rendered((), _losses(*losses, Loss.NOTHING_TO_SHOW))
    where = in_chat(effect.to.place)
    requests = []
    for part, target in zip(parts, targets, strict=False):
        if not part.edit:
            losses = (*losses, Loss.EDIT_NOT_SHOWN)
            continue
        kept = {name: part.params[name] for name in CHOSEN[part.edit] if name in part.params}
        params = {"chat_id": where["chat_id"], "message_id": _number(target), **kept}
        requests.append(Request(part.edit, params, shows=False))
    requests += [_new(part, where) for part in parts[len(targets) :]]
    requests += [_gone(where, target) for target in targets[len(parts) :]]
    return Rendered(tuple(requests), _losses(*losses))


def _gone(where: dict[str, object], target: str) -> Request:
    params = {"chat_id": where["chat_id"], "message_id": _number(target)}
    return Request("deleteMessage", params, shows=False)


def _delete(effect: DeleteMessage, targets: tuple[str, ...]) -> Rendered:
    where = in_chat(effect.to.place)
    losses = () if targets else _losses(Loss.TARGET_MISSING)
    return Rendered(tuple(_gone(where, target) for target in targets), losses)


def _react(effect: SetReaction, targets: tuple[str, ...]) -> Rendered:
    if not targets:
        return Rendered((), _losses(Loss.TARGET_MISSING))
    where = in_chat(effect.to.place)
    allowed = [known for emoji in effect.emoji if (known := _allowed(emoji))]
    shown = [{"type": "emoji", "emoji": emoji} for emoji in allowed[:1]]
    params = {
        "chat_id": where["chat_id"],
        "message_id": _number(targets[0]),
        "reaction": shown,
    }
    # Also when nothing may be set: what was there before would not be true any more.
    request = Request("setMessageReaction", params, shows=False)
    if effect.emoji and not allowed:
        told = words(effect.header, (" ".join(effect.emoji),))
        answer = [_new(part, where, answering(targets[0])) for part in told]
        return Rendered((request, *answer), _losses(Loss.REACTION_AS_TEXT))
    exact = [emoji.replace(_VARIATION, "") for emoji in effect.emoji] == allowed[:1]
    return Rendered((request,), () if exact else _losses(Loss.REACTION_REDUCED))


def _allowed(emoji: str) -> str:
    """Return the reaction as Telegram writes it, without skin tone if need be, or ''."""
    bare = emoji.replace(_VARIATION, "")
    if bare in REACTIONS:
        return bare
    toneless = bare.translate(_SKIN)
    return toneless if toneless in REACTIONS else ""


def _acknowledge(effect: Acknowledge) -> Rendered:
    if not effect.ack:
        return Rendered((), _losses(Loss.NOTHING_TO_SHOW))
    params: dict[str, object] = {"callback_query_id": effect.ack}
    if effect.text:
        params["text"] = shorten(effect.text, MAX_ANSWER, utf16_length)
    return Rendered((Request("answerCallbackQuery", params, shows=False),))
