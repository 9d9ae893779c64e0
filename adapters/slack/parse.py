"""Slack's payloads as Inbound. Pure: nothing but the payload.

1. A private chat with us is named by its person (``U…``), never by its own id (``D…``): that is
   how endpoints are written, and it holds from before the first message.
2. Messages of bots, ours included, carry a ``bot_id`` and are not for us. Reactions and joins of
   ours are known by the user an event was authorised for.
3. What has no user, or a subtype nobody says anything with, is not for us.
4. A thread is a place, and its first message is what an answer in it answers.
5. Several files of one message become several messages, named ``<ts>#<n>`` after the first.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec

from adapters.slack import emoji
from adapters.slack import payloads as p
from adapters.slack.content import contents_of
from bridge.core import keywords
from bridge.core.content import Text
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError
from bridge.core.inbound import (
    ChoiceIn,
    DeleteIn,
    EditIn,
    Inbound,
    MembersIn,
    MessageIn,
    ReactionIn,
    Sender,
    StartIn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK = "slack"
_SAID = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Subtypes with which a person says something.
https://docs.slack.dev/reference/events/message#subtypes"""

_T = TypeVar("_T")
_KIND = msgspec.json.Decoder(p.Kind)
_ENVELOPE = msgspec.json.Decoder(p.Envelope)
_MESSAGE = msgspec.json.Decoder(p.Message)
_REACTION = msgspec.json.Decoder(p.Reaction)
_JOINED = msgspec.json.Decoder(p.Joined)
_ACTIONS = msgspec.json.Decoder(p.BlockActions)
_SLASH = msgspec.json.Decoder(p.Slash)
_HEAD = msgspec.json.Decoder(p.Head)
_HEAD_EVENT = msgspec.json.Decoder(p.HeadEvent)


# -- names ---------------------------------------------------------------------------------------


def keys(payload: bytes) -> tuple[str, ...]:
    """Return the names of a payload, most specific first.

    Slack may tell of one thing in several events; so a message is also known by its conversation
    and ``ts`` and by the id its client gave it, anything else by what, where, who and when.
    """
    try:
        head = _HEAD.decode(payload)
        names = _names(head)
    except (msgspec.DecodeError, RecursionError):
        names = ()
    return names or (f"x:{hashlib.sha256(payload).hexdigest()}",)


def _names(head: p.Head) -> tuple[str, ...]:
    if head.trigger_id:
        return (f"t:{head.trigger_id}",)
    names = [f"ev:{head.event_id}"] if head.event_id else []
    if bytes(head.event)[:1] == b"{":
        event = _HEAD_EVENT.decode(head.event)
        if event.type == "message" and event.subtype in _SAID and event.channel and event.ts:
            names.append(f"m:{event.channel}:{event.ts}")
            if event.client_msg_id:
                names.append(f"c:{event.client_msg_id}")
        elif event.event_ts:
            item = event.item
            what = (event.type, event.subtype, event.channel, event.user, event.reaction)
            names.append(":".join(("o", *what, item.channel, item.ts, event.event_ts)))
    return tuple(names)


def ends_the_account(payload: bytes) -> bool:
    """Tell whether a payload says that we may do nothing any more.

    https://docs.slack.dev/reference/events/tokens_revoked and .../app_uninstalled
    """
    try:
        kind = _KIND.decode(_ENVELOPE.decode(payload).event)
    except (msgspec.DecodeError, RecursionError):
        return False
    return kind.type == "app_uninstalled" or (
        kind.type == "tokens_revoked" and bool(kind.tokens.bot)
    )


# -- what happened -------------------------------------------------------------------------------


def parse(payload: bytes, account: str) -> tuple[Inbound, ...]:
    """Return what a payload tells; () = not for us. Raises ParseError without the words in it."""
    try:
        return tuple(_told(payload, _Reader(account)))
    except msgspec.ValidationError as error:
        # Only where it is wrong: the rest of the text may quote what somebody wrote.
        raise ParseError(f"unexpected value at {str(error).rpartition(' - at ')[2]}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise ParseError("not JSON of a usable shape") from None


def _told(payload: bytes, reader: _Reader) -> Iterator[Inbound]:
    kind = _KIND.decode(payload)
    if kind.command:
        return reader.slash(_SLASH.decode(payload))
    if kind.type == "block_actions":
        return reader.choice(_ACTIONS.decode(payload))
    if kind.type == "event_callback":
        return reader.event(_ENVELOPE.decode(payload))
    if not kind.type:
        raise ParseError("neither an event nor an action nor a command")
    return iter(())


def moment(stamp: str) -> datetime:
    """Return the time of a ``ts``."""
    return datetime.fromtimestamp(float(stamp), UTC)


class _Reader:
    """Whose payload it is."""

    def __init__(self, account: str) -> None:
        self._account = account

    def _place(self, channel: str, user: str, thread: str = "") -> Place:
        chat = user if is_direct(channel) else channel
        return Place(NETWORK, self._account, chat, thread)

    def _sender(self, channel: str, user: str, name: str = "") -> Sender:
        endpoint = Endpoint(NETWORK, self._account, user)
        return Sender(endpoint=endpoint, name=name, direct=is_direct(channel))

    def event(self, envelope: p.Envelope) -> Iterator[Inbound]:
        ours = {one.user_id for one in envelope.authorizations}
        match _KIND.decode(envelope.event).type:
            case "message":
                return self._message(_MESSAGE.decode(envelope.event))
            case "reaction_added" | "reaction_removed" as kind:
                change = _REACTION.decode(envelope.event)
                return self._reaction(change, ours, added=kind == "reaction_added")
            case "member_joined_channel":
                return self._joined(_JOINED.decode(envelope.event), ours)
            case "":
                raise ParseError("an event without a type")
            case _:
                return iter(())

    def _message(self, event: p.Message) -> Iterator[Inbound]:
        if event.subtype == "message_changed" and event.message is not None:
            yield from self._changed(event, event.message)
        elif event.subtype == "message_deleted":
            yield from self._deleted(event)
        elif event.subtype in _SAID and not event.bot_id and event.user:
            yield from self._said(event, event.user)

    def _said(self, event: p.Message, user: str) -> Iterator[MessageIn]:
        place = self._place(event.channel, user, _thread(event))
        sender = self._sender(event.channel, user)
        for number, content in enumerate(contents_of(event)):
            external = f"{event.ts}#{number}" if number else event.ts
            answered = place.thread if not number else ""
            yield MessageIn(place, sender, external, content, moment(event.ts), answered)

    def _changed(self, event: p.Message, new: p.Said) -> Iterator[Inbound]:
        """An edit; a parent of answers that is deleted; or a link that got its preview."""
        user = new.user or (event.previous_message.user if event.previous_message else None)
        old = event.previous_message
        if new.bot_id or (old is not None and old.bot_id) or not user:
            return
        at = moment(event.event_ts or event.ts)
        if new.subtype == "tombstone":
            if old is None or old.user is None:
                return
            place = self._place(event.channel, old.user, _thread(old))
            yield DeleteIn(place, self._sender(event.channel, old.user), new.ts, at)
        elif new.edited is not None and (old is None or old.edited != new.edited):
            place = self._place(event.channel, user, _thread(new))
            content = next(contents_of(new))
            yield EditIn(place, self._sender(event.channel, user), new.ts, content, at)

    def _deleted(self, event: p.Message) -> Iterator[DeleteIn]:
        old = event.previous_message
        if old is None or old.bot_id or old.user is None or old.subtype not in _SAID:
            return
        place = self._place(event.channel, old.user, _thread(old))
        sender = self._sender(event.channel, old.user)
        at = moment(event.event_ts or event.ts)
        first = event.deleted_ts or old.ts
        for number in range(max(len(old.files), 1)):
            yield DeleteIn(place, sender, f"{first}#{number}" if number else first, at)

    def _reaction(
        self, change: p.Reaction, ours: set[str | None], *, added: bool
    ) -> Iterator[ReactionIn]:
        item = change.item
        if item.type != "message" or not item.channel or not item.ts or change.user in ours:
            return
        names = change.whole
        if names is None:
            names = (change.reaction,) if added else ()
        shown = tuple(dict.fromkeys(emoji.character(name) for name in names))
        yield ReactionIn(
            self._place(item.channel, change.user),
            self._sender(item.channel, change.user),
            item.ts,
            shown,
            moment(change.event_ts),
        )

    def _joined(self, event: p.Joined, ours: set[str | None]) -> Iterator[MembersIn]:
        if event.user not in ours:
            endpoint = Endpoint(NETWORK, self._account, event.user)
            place = Place(NETWORK, self._account, event.channel)
            yield MembersIn(place, (endpoint,), moment(event.event_ts))

    def choice(self, pressed: p.BlockActions) -> Iterator[ChoiceIn]:
        if pressed.channel is None or pressed.message is None:
            return
        for action in pressed.actions:
            ref, mark, key = action.value.rpartition("|")
            if mark:
                yield ChoiceIn(
                    self._place(pressed.channel.id, pressed.user.id, _thread(pressed.message)),
                    self._sender(pressed.channel.id, pressed.user.id),
                    pressed.message.ts,
                    ref,
                    key,
                    moment(action.action_ts),
                )

    def slash(self, command: p.Slash) -> Iterator[Inbound]:
        """Return a command as words said to us in private, wherever it was typed.

        Only the wish for places of their own is about the conversation it was typed in.
        """
        words = command.text.strip()
        here = keywords.keyword(words) in keywords.TOPICS
        place = self._place(command.channel_id if here else "D", command.user_id)
        endpoint = Endpoint(NETWORK, self._account, command.user_id)
        sender = Sender(endpoint, command.user_name, direct=not here)
        at = datetime.fromtimestamp(command.received_at, UTC)
        external = f"command-{command.trigger_id}"
        first, _, rest = words.partition(" ")
        if not words or (first.casefold() == "start" and rest.strip()):
            code = keywords.typed_code(rest) or rest.strip()
            yield StartIn(place, sender, external, at, code)
        else:
            yield MessageIn(place, sender, external, Text((words,)), at)


def is_direct(channel: str) -> bool:
    """Tell whether a conversation is a private chat. https://docs.slack.dev/apis/web-api (ids)"""
    return channel.startswith("D")


def _thread(message: p.Said | p.Pressed) -> str:
    """Return the thread a message stands in; the message that began it stands outside."""
    thread = message.thread_ts
    return thread if thread and thread != message.ts else ""
