"""What a phone shows of a chat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from adapters.emulators.telegram.chats import Chat, Message, User, World


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it is on the screen now."""

    message_id: int
    at: datetime
    sender: str
    sender_id: int
    mine: bool
    kind: str
    text: str
    thread: int | None = None
    reply_to: int | None = None
    quote: str | None = None
    edited: bool = False
    album: str | None = None
    buttons: list[list[str]] = []
    keyboard: list[list[str]] = []
    """Buttons of a reply keyboard, which send their label as a text."""
    reactions: dict[str, list[str]] = {}
    """Emoji to the names of those who chose it."""

    def __str__(self) -> str:
        parts = [f"{self.sender}:"]
        if self.reply_to is not None:
            parts.append(f"(re {self.reply_to})")
        if self.kind != "text":
            parts.append(f"[{self.kind}]")
        parts.append(self.text)
        if self.edited:
            parts.append("(edited)")
        parts += [f"[{label}]" for row in self.buttons for label in row]
        parts += list(self.reactions)
        return " ".join(part for part in parts if part)


def _labels(rows: list[list[object]]) -> list[list[str]]:
    return [[str(b["text"] if isinstance(b, dict) else b) for b in row] for row in rows]


def _line(world: World, message: Message, viewer: User | None) -> Line:
    markup = message.markup or {}
    reactions: dict[str, list[str]] = {}
    for user_id, emojis in message.reactions.items():
        user = world.user(user_id)
        for emoji in emojis:
            reactions.setdefault(emoji, []).append(user.first_name if user else str(user_id))
    return Line(
        message_id=message.message_id,
        at=datetime.fromtimestamp(message.date, UTC),
        sender=message.sender.first_name,
        sender_id=message.sender.id,
        mine=viewer is not None and viewer.id == message.sender.id,
        kind=message.kind,
        text=message.text,
        thread=message.thread_id,
        reply_to=message.reply_to,
        quote=message.quote["text"] if message.quote else None,
        edited=message.edit_date is not None,
        album=message.media_group_id,
        buttons=_labels(markup.get("inline_keyboard", [])),
        keyboard=_labels(markup.get("keyboard", [])),
        reactions=reactions,
    )


def screen_of(
    world: World, chat: Chat, viewer: User | None = None, thread: int | None = None
) -> list[Line]:
    """All lines of a chat or of one topic, oldest first, deleted ones gone."""
    return [_line(world, message, viewer) for message in chat.shown(thread)]
