"""A workspace: people, conversations, messages and files. No HTTP in here."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Literal

from adapters.emulators.slack.errors import ApiError
from adapters.emulators.slack.words import words_of

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json

TEAM = "T0EMULATED"
APP = "A0EMULATED"
BOT_USER = "U0BRIDGE"
BOT = "B0BRIDGE"


@dataclass(slots=True)
class User:
    """Somebody in the workspace."""

    id: str
    name: str
    is_bot: bool = False
    deleted: bool = False

    def json(self) -> Json:
        """https://docs.slack.dev/reference/objects/user-object"""
        return {
            "id": self.id,
            "team_id": TEAM,
            "name": self.name.lower(),
            "deleted": self.deleted,
            "real_name": self.name,
            "profile": {"real_name": self.name, "display_name": self.name},
            "is_bot": self.is_bot,
        }


@dataclass(slots=True)
class Message:
    """One message; `content` holds the fields that were said, as JSON."""

    ts: str
    user: str
    channel: Channel
    content: Json
    thread_ts: str = ""
    broadcast: bool = False
    edited: str = ""
    deleted: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What a reader sees, without formatting."""
        return words_of(self.content)

    @property
    def in_thread(self) -> bool:
        """Whether it stands in a thread and not in the conversation itself."""
        return bool(self.thread_ts) and self.thread_ts != self.ts and not self.broadcast

    def json(self, *, metadata: bool = True) -> Json:
        """https://docs.slack.dev/reference/events/message"""
        body: Json = {"type": "message", "ts": self.ts, "user": self.user, "team": TEAM}
        body |= {k: v for k, v in self.content.items() if metadata or k != "metadata"}
        replies = self.channel.replies(self.ts)
        if self.thread_ts or replies:
            body["thread_ts"] = self.thread_ts or self.ts
        if self.thread_ts and self.thread_ts != self.ts:
            parent = self.channel.message(self.thread_ts)
            body["parent_user_id"] = parent.user if parent else ""
        if replies:
            body |= {"reply_count": len(replies), "latest_reply": replies[-1].ts}
        if self.broadcast:
            body["subtype"] = "thread_broadcast"
        if self.edited:
            body["edited"] = {"user": self.user, "ts": self.edited}
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": users, "count": len(users)}
                for name, users in self.reactions.items()
            ]
        return body


@dataclass(slots=True)
class Channel:
    """A conversation. https://docs.slack.dev/reference/objects/conversation-object"""

    id: str
    kind: Literal["im", "mpim", "group", "channel"]
    name: str = ""
    members: list[str] = field(default_factory=list)
    archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)

    def message(self, ts: str | None) -> Message | None:
        """A message that was not deleted."""
        found = self.messages.get(ts or "")
        return found if found is not None and not found.deleted else None

    def replies(self, ts: str) -> list[Message]:
        """The answers in a thread, oldest first."""
        return [m for m in self.messages.values() if m.thread_ts == ts != m.ts and not m.deleted]

    def shown(self) -> list[Message]:
        """All messages, oldest first."""
        return [m for m in self.messages.values() if not m.deleted]

    def json(self) -> Json:
        """The conversation as methods return it."""
        body: Json = {"id": self.id, "is_archived": self.archived, f"is_{self.kind}": True}
        if self.kind == "im":
            other = next((m for m in self.members if m != BOT_USER), BOT_USER)
            return {**body, "user": other}
        return {**body, "name": self.name, "is_private": self.kind != "channel"}


@dataclass(slots=True)
class StoredFile:
    """A file, on its way until `data` is there; `shares` is conversation to `ts`."""

    id: str
    user: str
    name: str
    mime: str
    size: int
    data: bytes | None = None
    subtype: str = ""
    duration_ms: int = 0
    shares: dict[str, str] = field(default_factory=dict)
    complete: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        return hashlib.sha256(self.data or b"").hexdigest()

    def json(self, base: str) -> Json:
        """https://docs.slack.dev/reference/objects/file-object"""
        url = f"{base}/files-pri/{TEAM}-{self.id}/download/{self.id.lower()}"
        body: Json = {
            "id": self.id,
            "user": self.user,
            "name": self.name,
            "title": self.name,
            "mimetype": self.mime,
            "size": self.size,
            "mode": "hosted",
            "url_private": url,
            "url_private_download": url,
            "shares": {"private": {c: [{"ts": ts}] for c, ts in self.shares.items()}},
        }
        if self.subtype:
            body |= {"subtype": self.subtype, "duration_ms": self.duration_ms}
        return body


class World:
    """Everything there is, and the clock that gives each message its `ts`."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {BOT_USER: User(BOT_USER, "Bridge", is_bot=True)}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, StoredFile] = {}
        self._numbers = count(1)
        self._last = 0

    def next_id(self, prefix: str) -> str:
        """A new id, such as `D0000001`."""
        return f"{prefix}{next(self._numbers):07d}"

    def next_ts(self) -> str:
        """The time, in microseconds, never the same twice."""
        self._last = max(time.time_ns() // 1000, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def direct(self, user: str) -> Channel:
        """The private chat of a person with the bot, made when new."""
        for channel in self.channels.values():
            if channel.kind == "im" and user in channel.members:
                return channel
        made = Channel(self.next_id("D"), "im", members=[user, BOT_USER])
        self.channels[made.id] = made
        return made

    def channel(self, given: str) -> Channel:
        """The conversation with this id, or the private chat with a user of this id."""
        user = self.users.get(given)
        if user is not None and not user.is_bot:
            if user.deleted:
                raise ApiError("channel_not_found")
            return self.direct(given)
        found = self.channels.get(given)
        if found is None or (found.kind != "channel" and BOT_USER not in found.members):
            raise ApiError("channel_not_found")
        return found

    def name_of(self, channel: Channel) -> str:
        """How the journal calls a conversation: a private chat by its person."""
        others = [member for member in channel.members if member != BOT_USER]
        return others[0] if channel.kind == "im" and others else channel.id
