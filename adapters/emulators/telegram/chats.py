"""What Telegram's servers remember: users, bots, chats, topics, messages. State only, no I/O.

A private chat belongs to one person and one bot. Message ids count per bot over all its private
chats (each account has one message box) and per group for groups, so ids of one private chat have
holes, and the same id in two supergroups is two messages:
https://core.telegram.org/constructor/message and https://core.telegram.org/bots/api#message.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.emulators.misuse import Json

ChatType = Literal["private", "group", "supergroup"]
GENERAL_TOPIC = 1


@dataclass(slots=True)
class User:
    """An account: a person or a bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False


@dataclass(slots=True)
class Topic:
    """A topic of a forum; its id is the id of the service message that created it."""

    thread_id: int
    name: str
    icon_color: int = 7322096
    closed: bool = False


@dataclass(slots=True, eq=False)
class Message:
    """One message as the server keeps it; `content` has the fields of its kind (text, photo, …)."""

    chat: Chat
    message_id: int
    date: int
    sender: User
    content: Json
    thread_id: int | None = None
    reply_to: int | None = None
    quote: Json | None = None
    markup: Json | None = None
    media_group_id: str | None = None
    edit_date: int | None = None
    reactions: dict[int, list[str]] = field(default_factory=dict)
    deleted: bool = False

    @property
    def text(self) -> str:
        """Its words: text or caption."""
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def kind(self) -> str:
        """`text`, `photo`, … or the name of the service message."""
        return kind_of(self.content)


_KINDS = (
    "text",
    "animation",  # before document: an animation carries both fields
    "photo",
    "document",
    "video",
    "audio",
    "voice",
    "video_note",
    "sticker",
    "venue",  # before location: a venue carries both fields
    "location",
    "contact",
)


def kind_of(content: Json) -> str:
    """The kind of message that a content is."""
    return next((kind for kind in _KINDS if kind in content), next(iter(content), "empty"))


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat with one bot, a basic group or a supergroup."""

    id: int
    type: ChatType
    title: str | None = None
    is_forum: bool = False
    person: User | None = None
    bot: Bot | None = None
    started: bool = False
    blocked: bool = False
    members: dict[int, str] = field(default_factory=dict)
    """User id to status (`creator`, `administrator`, `member`, `left`, `kicked`)."""
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    migrated_to: int | None = None
    instance: str = ""
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def message(self, message_id: int | None) -> Message | None:
        """A message that is still there."""
        found = self.messages.get(message_id) if message_id is not None else None
        return None if found is None or found.deleted else found

    def shown(self, thread: int | None = None) -> list[Message]:
        """What the chat shows, oldest first; `thread` limits it to one topic."""
        return [
            m
            for m in self.messages.values()
            if not m.deleted and (thread is None or m.thread_id == thread)
        ]

    def is_member(self, user_id: int) -> bool:
        """Whether somebody is in the group now."""
        return self.members.get(user_id, "left") not in {"left", "kicked"}


@dataclass(slots=True, eq=False)
class Bot:
    """A bot account; the queue of its updates lives in `updates.py`."""

    user: User
    token: str
    reads_all_group_messages: bool = False
    commands: list[Json] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(1))


@dataclass(slots=True, eq=False)
class Callback:
    """A pressed inline button that waits for its answer."""

    id: str
    bot: Bot
    person: User
    message: Message
    data: str
    at: float
    answer: Json | None = None


class World:
    """Everything there is on this Telegram, and the questions asked of it."""

    def __init__(self) -> None:
        self.bots: dict[str, Bot] = {}
        self.people: dict[int, User] = {}
        self.groups: dict[int, Chat] = {}
        self.private: dict[tuple[int, int], Chat] = {}
        self.callbacks: dict[str, Callback] = {}
        self._instances = count(4_000_000_000_000_000_001)
        self._callback_ids = count(7_000_000_000_000_001)
        self._album_ids = count(13_000_000_000_000_001)

    def next_callback_id(self) -> str:
        """A fresh callback query id."""
        return str(next(self._callback_ids))

    def next_album_id(self) -> str:
        """A fresh media group id."""
        return str(next(self._album_ids))

    def user(self, user_id: int) -> User | None:
        """A person or bot by id."""
        bots = {bot.user.id: bot.user for bot in self.bots.values()}
        return self.people.get(user_id) or bots.get(user_id)

    def bots_in(self, chat: Chat) -> list[Bot]:
        """The bots that see a chat."""
        if chat.bot is not None:
            return [chat.bot]
        return [bot for bot in self.bots.values() if chat.is_member(bot.user.id)]

    def private_chat(self, bot: Bot, person: User) -> Chat:
        """The private chat of a person with a bot, made when first asked for."""
        key = (bot.user.id, person.id)
        if key not in self.private:
            self.private[key] = Chat(
                person.id,
                "private",
                person=person,
                bot=bot,
                instance=self.next_instance(),
                ids=bot.ids,
            )
        return self.private[key]

    def next_instance(self) -> str:
        """A fresh `chat_instance`."""
        return str(next(self._instances))

    def chats(self) -> list[Chat]:
        """All chats there are."""
        return [*self.private.values(), *self.groups.values()]

    def add_message(
        self,
        chat: Chat,
        sender: User,
        content: Json,
        *,
        thread_id: int | None = None,
        reply_to: int | None = None,
        quote: Json | None = None,
        markup: Json | None = None,
        media_group_id: str | None = None,
    ) -> Message:
        """Store a message; who hears of it is decided elsewhere."""
        message = Message(
            chat,
            next(chat.ids),
            int(time.time()),
            sender,
            content,
            thread_id=thread_id,
            reply_to=reply_to,
            quote=quote,
            markup=markup,
            media_group_id=media_group_id,
        )
        chat.messages[message.message_id] = message
        return message

    def open_topic(self, chat: Chat, creator: User, name: str, icon_color: int = 0) -> Topic:
        """A new topic in a forum, with the service message that gives it its id."""
        color = icon_color or 7322096
        created: Json = {"forum_topic_created": {"name": name, "icon_color": color}}
        message = self.add_message(chat, creator, created)
        message.thread_id = message.message_id
        topic = Topic(message.message_id, name, color)
        chat.topics[topic.thread_id] = topic
        return topic
