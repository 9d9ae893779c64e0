"""Effects as calls of the Web API. Pure and deterministic: the outbox resumes at part n.

1. A content becomes parts: words, files under a caption. An edit goes through the same layout and
   changes part by part; parts too few are posted, parts too many deleted.
2. An answer quotes what it answers where we have the words; else it goes into the thread of what
   it answers and shows in the conversation too. In a thread of its own it only quotes: a thread
   within a thread does not exist.
3. A file's words cannot be changed once it is shared; an edit of them is told anew.
4. Names of methods are the vendor's; ``reactions.set`` and ``thread.open`` stand for the few
   calls that ``client`` makes of them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, assert_never

from adapters.media import Loss
from adapters.slack import emoji
from adapters.slack.layout import POST, SHARE, Part, headed, lay_out, shown, words
from adapters.text import shorten
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

Json = dict[str, Any]

MAX_CHANNEL = 70  # of 80, with room for a suffix; https://docs.slack.dev/reference/methods/conversations.create
MAX_TITLE = 250
MAX_REACTIONS = 20
_CHANNEL = re.compile(r"[^\w]+")


def render(delivery: Delivery) -> Rendered:
    """Return the calls for an effect and what they cannot show."""
    effect = delivery.effect
    match effect:
        case SendMessage():
            return _send(effect, delivery)
        case EditMessage():
            return _edit(effect, delivery)
        case DeleteMessage():
            return _delete(effect, delivery)
        case SetReaction():
            return _react(effect, delivery)
        case Acknowledge():
            # Slack's wait ends with the response to the call itself.
            return Rendered((), (Loss.NOTHING_TO_SHOW,))
        case OpenPlace():
            return Rendered((_open(effect),))
        case UseTelephone():
            return Rendered((), (Loss.NOTHING_TO_SHOW,))
    assert_never(effect)


def bare(external_id: str) -> str:
    """Return the ``ts`` of an external id; see rule 5 of ``parse``."""
    return external_id.partition("#")[0]


def _new(part: Part, place: Place, answered: str = "") -> Request:
    field = "channel_id" if part.method == SHARE else "channel"
    params: Json = {field: place.chat, **part.params}
    if part.method == POST:
        params |= {"unfurl_links": False, "unfurl_media": False}
    if place.thread:
        params["thread_ts"] = place.thread
    elif answered:
        params["thread_ts"] = answered
        if part.method == POST:
            params["reply_broadcast"] = True
    return Request(part.method, params, (part.upload,) if part.upload else ())


def _losses(*found: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(loss) for loss in found))


def _send(effect: SendMessage, delivery: Delivery) -> Rendered:
    parts, losses = lay_out(effect.content, effect.header, delivery, delivery.quote)
    if not parts:
        return Rendered((), _losses(*losses, Loss.NOTHING_TO_SHOW))
    place = effect.to.place
    answered = bare(delivery.reply_to) if delivery.reply_to and not delivery.quote else ""
    if effect.reply_to is not None and not delivery.quote and (not answered or place.thread):
        losses = (*losses, Loss.REPLY_NOT_SHOWN)
    requests = tuple(_new(part, place, "" if n else answered) for n, part in enumerate(parts))
    return Rendered(requests, _losses(*losses))


def _edit(effect: EditMessage, delivery: Delivery) -> Rendered:
    targets = tuple(dict.fromkeys(bare(target) for target in delivery.targets))
    if not targets:
        return Rendered((), _losses(Loss.TARGET_MISSING))
    parts, losses = lay_out(effect.content, effect.header, delivery)
    if not parts:
        return Rendered((), _losses(*losses, Loss.NOTHING_TO_SHOW))
    place = effect.to.place
    requests = []
    for part, target in zip(parts, targets, strict=False):
        if part.method == SHARE:
            losses = (*losses, Loss.EDIT_NOT_SHOWN)
            continue
        params = {"channel": place.chat, "ts": target, **part.params}
        requests.append(Request("chat.update", params, shows=False))
    if Loss.EDIT_NOT_SHOWN in losses and delivery.told:
        told = words(headed("", (delivery.told,)))
        requests += [_new(part, place, targets[0]) for part in told]
    requests += [_new(part, place) for part in parts[len(targets) :]]
    requests += [_gone(place, target) for target in targets[len(parts) :]]
    return Rendered(tuple(requests), _losses(*losses))


def _gone(place: Place, target: str) -> Request:
    return Request("chat.delete", {"channel": place.chat, "ts": target}, shows=False)


def _delete(effect: DeleteMessage, delivery: Delivery) -> Rendered:
    targets = dict.fromkeys(bare(target) for target in delivery.targets)
    losses = () if targets else _losses(Loss.TARGET_MISSING)
    return Rendered(tuple(_gone(effect.to.place, target) for target in targets), losses)


def _react(effect: SetReaction, delivery: Delivery) -> Rendered:
    """Set all reactions of ours on a message; one bot stands for everybody else."""
    if not delivery.targets:
        return Rendered((), _losses(Loss.TARGET_MISSING))
    place, target = effect.to.place, bare(delivery.targets[0])
    names = list(dict.fromkeys(name for one in effect.emoji if (name := emoji.name_of(one))))
    unknown = [one for one in effect.emoji if not emoji.name_of(one)]
    params: Json = {"channel": place.chat, "timestamp": target, "names": names[:MAX_REACTIONS]}
    # Also when nothing can be set: what was there before would not be true any more.
    requests = [Request("reactions.set", params, shows=False)]
    losses: list[str] = [Loss.REACTION_REDUCED] if len(names) > MAX_REACTIONS else []
    if unknown:
        told = (delivery.told,) if delivery.told else headed(effect.header, (" ".join(unknown),))
        requests += [_new(part, place, target) for part in words(told)]
        losses.append(Loss.REACTION_AS_TEXT)
    return Rendered(tuple(requests), _losses(*losses))


def _open(effect: OpenPlace) -> Request:
    """Return the call for a thread in a conversation, or for a channel of their own."""
    place = effect.to.place
    title = " ".join(effect.title.split()) or effect.to.party
    if place.chat == effect.to.endpoint.address:
        params: Json = {"name": _channel_name(title), "users": effect.to.endpoint.address}
        return Request("conversations.create", params, shows=False)
    heading = shown(headed("", (shorten(title, MAX_TITLE),)))
    return Request("thread.open", {"channel": place.chat, **heading}, shows=False)


def _channel_name(title: str) -> str:
    """Return a title as the name of a channel: lower case, no spaces, no signs."""
    folded = unicodedata.normalize("NFC", title).lower()
    return _CHANNEL.sub("-", folded).strip("-_")[:MAX_CHANNEL].strip("-_") or "client"
