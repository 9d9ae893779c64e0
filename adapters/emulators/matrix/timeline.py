"""What a person's client makes of a room's events: the conversation as it stands now.

1. A correction changes the message it names, a reaction hangs below it, a withdrawal takes either
   away. https://spec.matrix.org/v1.16/client-server-api/#event-replacements
2. Only the author of a message can correct it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from adapters.emulators.misuse import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.emulators.matrix.world import Event, Room

MESSAGES = frozenset({"m.room.message", "m.sticker"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One message, or one thing that happened to the room, as it is on the screen now.

    `kind` is the `msgtype`, or the membership of somebody who came or went; `content` what the
    message says now, `reactions` who set which.
    """

    message_id: str
    at: datetime
    sender: str
    mine: bool
    kind: str
    text: str
    content: Json = {}
    reply_to: str = ""
    edited: bool = False
    reactions: dict[str, list[str]] = {}

    def __str__(self) -> str:
        kind = "" if self.kind == "m.text" else f"[{self.kind}]"
        parts = [f"{self.sender}:", kind, self.text, *self.reactions]
        return " ".join(part for part in parts if part)


def lines_of(room: Room, events: list[Event], own_id: str) -> Iterator[Line]:
    """Yield what somebody sees of a room, oldest first; `events` are those they may read."""
    for event in events:
        if event.kind in MESSAGES and event.redacted is None:
            if event.relation.get("rel_type") != "m.replace":
                yield _message(room, event, own_id)
        elif event.kind == "m.room.member" and _is_news(event):
            yield Line(
                message_id=event.id,
                at=_at(event),
                sender=event.state_key or "",
                mine=event.state_key == own_id,
                kind=str(event.content.get("membership")),
                text="",
            )


def _is_news(event: Event) -> bool:
    before = (event.before or {}).get("membership")
    return before != event.content.get("membership")


def _message(room: Room, event: Event, own_id: str) -> Line:
    content, edited = event.content, False
    reactions: dict[str, list[str]] = {}
    for about in room.relations(event.id):
        relation = about.relation
        if relation.get("rel_type") == "m.annotation":
            reactions.setdefault(str(relation.get("key")), []).append(about.sender)
        elif relation.get("rel_type") == "m.replace" and about.sender == event.sender:
            content, edited = about.content.get("m.new_content", {}), True
    answered = event.relation.get("m.in_reply_to") or {}
    return Line(
        message_id=event.id,
        at=_at(event),
        sender=event.sender,
        mine=event.sender == own_id,
        kind=str(content.get("msgtype", "m.text")),
        text=str(content.get("body", "")),
        content=content,
        reply_to=str(answered.get("event_id", "")),
        edited=edited,
        reactions=reactions,
    )


def _at(event: Event) -> datetime:
    return datetime.fromtimestamp(event.at / 1000, UTC)
