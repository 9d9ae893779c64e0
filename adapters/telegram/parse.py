"""Telegram's updates as Inbound. Pure: nothing but the payload and who we are.

1. Channel posts, bots (ourselves included), anonymous admins and service messages are not for us.
2. A message of a kind we cannot show is told in signs and words, never dropped.
3. Telegram gives no time for a pressed button: ``at`` is that of the question.
4. Reactions do not tell their topic: ``place.thread`` is empty there.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from adapters.telegram import payloads as tg
from adapters.telegram.content import body_of, content_of
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError
from bridge.core.inbound import (
    BlockedIn,
    ChatMovedIn,
    ChoiceIn,
    EditIn,
    Inbound,
    MembersIn,
    MessageIn,
    ReactionIn,
    Sender,
    StartIn,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.content import Body

NETWORK = "telegram"
PAID_REACTION = "⭐"
"""Shown for a paid reaction, and for a custom emoji, which only Telegram could draw."""

_UPDATE = msgspec.json.Decoder(tg.Update)
_HEAD = msgspec.json.Decoder(tg.Head)
_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")


# -- names ---------------------------------------------------------------------------------------


def head(payload: bytes) -> tuple[int | None, tuple[str, ...]]:
    """Return the update's number (None if it has no usable one) and its keys.

    The number may restart anywhere, so each key also says what the update is. A message and a
    pressed button have a name of their own, under which a repeat is known by any number.
    """
    try:
        update = _HEAD.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return None, (f"x:{hashlib.sha256(payload).hexdigest()}",)
    number = update.update_id
    name, alone = _name(update)
    return number, (f"{number}:{name}", name) if alone else (f"{number}:{name}",)


def _name(update: tg.Head) -> tuple[str, bool]:
    """Return what an update is, and whether that names it without its number."""
    if (it := update.message) and it.chat:
        return f"m:{it.chat.id}:{it.message_id}", True
    if (it := update.callback_query) and it.id:
        return f"c:{it.id}", True
    if (it := update.edited_message) and it.chat:
        return f"e:{it.chat.id}:{it.message_id}:{it.edit_date}", False
    if (it := update.message_reaction) and it.chat:
        return f"r:{it.chat.id}:{it.message_id}:{it.date}", False
    if (it := update.my_chat_member or update.chat_member) and it.chat:
        return f"b:{it.chat.id}:{it.date}", False
    return "u", False


# -- what happened -------------------------------------------------------------------------------


def parse(payload: bytes, account: str, own_id: int) -> tuple[Inbound, ...]:
    """Return what an update tells; () = not for us. Raises ParseError without the words in it."""
    try:
        update = _UPDATE.decode(payload)
    except msgspec.ValidationError as error:
        # Only where it is wrong: the rest of the text may quote what somebody wrote.
        raise ParseError(f"unexpected value at {str(error).rpartition(' - at ')[2]}") from None
    except (msgspec.DecodeError, RecursionError):
        raise ParseError("not JSON of a usable shape") from None
    reader = _Reader(payload, account, own_id)
    if update.message is not None:
        return reader.message(update.message)
    if update.edited_message is not None:
        return reader.edit(update.edited_message)
    if update.callback_query is not None:
        return reader.choice(update.callback_query)
    if update.message_reaction is not None:
        return reader.reaction(update.message_reaction)
    if update.my_chat_member is not None:
        return reader.block(update.my_chat_member)
    if update.chat_member is not None:
        return reader.membership(update.chat_member)
    return ()


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class _Reader:
    """One payload and whose it is."""

    def __init__(self, payload: bytes, account: str, own_id: int) -> None:
        self._payload = payload
        self._account = account
        self._own_id = own_id

    def _place(self, chat: tg.Chat, thread: int | None = None) -> Place:
        return Place(NETWORK, self._account, str(chat.id), str(thread) if thread else "")

    def _place_of(self, message: tg.Message | tg.Pressed) -> Place:
        thread = message.message_thread_id if message.is_topic_message else None
        return self._place(message.chat, thread)

    def _sender(self, user: tg.User, chat: tg.Chat) -> Sender:
        return Sender(
            endpoint=Endpoint(NETWORK, self._account, str(user.id)),
            name=f"{user.first_name} {user.last_name}".strip(),
            language=user.language_code,
            direct=chat.type == "private",
        )

    def message(self, message: tg.Message) -> tuple[Inbound, ...]:
        place = self._place_of(message)
        at = _at(message.date)
        if message.migrate_to_chat_id is not None:
            new = self._place(tg.Chat(message.migrate_to_chat_id, "supergroup"))
            return (ChatMovedIn(self._place(message.chat), new, at),)
        if message.new_chat_members:
            return self._joined(message.chat, message.new_chat_members, at)
        user = _person(message)
        if user is None:
            return ()
        sender = self._sender(user, message.chat)
        external_id = str(message.message_id)
        start = _START.fullmatch(message.text) if message.text else None
        if start is not None:
            return (StartIn(place, sender, external_id, at, start.group(1) or ""),)
        content = content_of(message, self._payload)
        if content is None:
            return ()
        reply_to, quote = _answered(message)
        return (MessageIn(place, sender, external_id, content, at, reply_to, quote),)

    def edit(self, message: tg.Message) -> tuple[Inbound, ...]:
        user = _person(message)
        if user is None or message.edit_date is None:
            return ()
        if message.location is not None and message.venue is None:
            return ()  # a live location moving on: the first point is in the log
        content = content_of(message, self._payload)
        if content is None:
            return ()
        return (
            EditIn(
                self._place_of(message),
                self._sender(user, message.chat),
                str(message.message_id),
                content,
                _at(message.edit_date),
            ),
        )

    def choice(self, query: tg.CallbackQuery) -> tuple[Inbound, ...]:
        ref, mark, key = query.data.rpartition("|")
        message = query.message
        if not mark or message is None or query.from_.is_bot:
            return ()
        return (
            ChoiceIn(
                self._place_of(message),
                self._sender(query.from_, message.chat),
                str(message.message_id),
                ref,
                key,
                _at(message.edit_date or message.date),
                ack=query.id,
            ),
        )

    def reaction(self, change: tg.MessageReaction) -> tuple[Inbound, ...]:
        if change.user is None or change.user.is_bot or change.chat.type == "channel":
            return ()
        shown = (r.emoji if r.type == "emoji" else PAID_REACTION for r in change.new_reaction)
        return (
            ReactionIn(
                self._place(change.chat),
                self._sender(change.user, change.chat),
                str(change.message_id),
                tuple(dict.fromkeys(emoji for emoji in shown if emoji)),
                _at(change.date),
            ),
        )

    def block(self, change: tg.MemberChange) -> tuple[Inbound, ...]:
        if change.chat.type != "private" or change.from_.is_bot:
            return ()
        blocked = not change.new_chat_member.inside
        if blocked != change.old_chat_member.inside:
            return ()
        sender = self._sender(change.from_, change.chat)
        return (BlockedIn(sender, blocked, _at(change.date)),)

    def membership(self, change: tg.MemberChange) -> tuple[Inbound, ...]:
        if change.chat.type == "channel":
            return ()
        if change.old_chat_member.inside or not change.new_chat_member.inside:
            return ()
        return self._joined(change.chat, (change.new_chat_member.user,), _at(change.date))

    def _joined(self, chat: tg.Chat, users: Sequence[tg.User], at: datetime) -> tuple[Inbound, ...]:
        joined = tuple(
            Endpoint(NETWORK, self._account, str(user.id))
            for user in users
            if user.id != self._own_id
        )
        return (MembersIn(self._place(chat), joined, at),) if joined else ()


def _person(message: tg.Message) -> tg.User | None:
    """Return who wrote it if that is a person who shows it."""
    user = message.from_
    if message.chat.type == "channel" or message.sender_chat is not None:
        return None
    return None if user is None or user.is_bot else user


def _answered(message: tg.Message) -> tuple[str, Body]:
    """Return the answered message and what was quoted of it by hand.

    In a topic everything answers the message that opened it, which is no answer.
    """
    answered = message.reply_to_message
    opened = message.message_thread_id if message.is_topic_message else None
    quote = message.quote
    quoted = body_of(quote.text, quote.entities) if quote and quote.is_manual else ()
    if answered is None or answered.message_id == opened:
        return "", quoted
    return str(answered.message_id), quoted
