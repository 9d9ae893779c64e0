"""A homeserver's memory: accounts, rooms with their events and state, files. No HTTP in here.

1. Everything that happens takes the next position of one stream; a token of /sync is a position.
   https://spec.matrix.org/v1.16/client-server-api/#syncing
2. The state of a room is the newest event of each type and key: with one homeserver there is never
   more than one opinion on it.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json

SERVER = "home.example"
ROOM_VERSION = "11"


@dataclass(slots=True)
class Account:
    """Somebody on this homeserver; `devices` are their logins, token to device.

    `program` is whether the journal watches what it was handed; `transactions` what was done
    already, by device and path. https://spec.matrix.org/v1.16/client-server-api/#transaction-identifiers
    """

    user_id: str
    name: str
    password: str = ""
    program: bool = False
    devices: dict[str, str] = field(default_factory=dict)
    transactions: dict[tuple[str, str], str] = field(default_factory=dict)
    filters: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Event:
    """One event of a room; `before` is what this state was until then."""

    id: str
    room: Room
    kind: str
    sender: str
    content: Json
    position: int
    at: int
    state_key: str | None = None
    before: Json | None = None
    device: str = ""
    transaction: str = ""
    redacts: str = ""
    redacted: Event | None = None

    @property
    def relation(self) -> Json:
        """https://spec.matrix.org/v1.16/client-server-api/#forming-relationships-between-events"""
        found = self.content.get("m.relates_to")
        return found if isinstance(found, dict) else {}

    def json(self, device: str = "", *, with_room: bool = True) -> Json:
        """The event as clients get it; only the device that sent it sees its transaction id.

        https://spec.matrix.org/v1.16/client-server-api/#room-event-format
        """
        body: Json = {
            "type": self.kind,
            "event_id": self.id,
            "sender": self.sender,
            "origin_server_ts": self.at,
            "content": self.content,
        }
        if with_room:
            body["room_id"] = self.room.id
        if self.state_key is not None:
            body["state_key"] = self.state_key
        if self.redacts:
            body["redacts"] = self.redacts  # where clients of older room versions look
        unsigned: Json = {"age": max(0, now() - self.at)}
        if self.before is not None:
            unsigned["prev_content"] = self.before
        if self.transaction and device == self.device:
            unsigned["transaction_id"] = self.transaction
        if self.redacted is not None:
            unsigned["redacted_because"] = self.redacted.json()
        return {**body, "unsigned": unsigned}


@dataclass(slots=True)
class Receipt:
    """How far somebody has read."""

    event_id: str
    at: int
    position: int


@dataclass(slots=True)
class Room:
    """A room; `typing` is who writes, until when on the monotonic clock."""

    id: str
    events: list[Event] = field(default_factory=list)
    state: dict[tuple[str, str], Event] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    typing: dict[str, float] = field(default_factory=dict)
    typing_at: int = 0

    def event(self, event_id: str) -> Event | None:
        """An event by its id."""
        return next((event for event in self.events if event.id == event_id), None)

    def of_state(self, kind: str, key: str = "") -> Json:
        """The content of a piece of state, {} where there is none."""
        found = self.state.get((kind, key))
        return found.content if found is not None else {}

    @property
    def name(self) -> str:
        """How the room is called, '' for none."""
        return str(self.of_state("m.room.name").get("name", ""))

    def membership(self, user_id: str) -> str:
        """`join`, `invite`, `leave`, or '' of who was never there."""
        return str(self.of_state("m.room.member", user_id).get("membership", ""))

    def members(self, *memberships: str) -> list[str]:
        """Who is in the room, in the order in which they came."""
        wanted = memberships or ("join",)
        return [
            key
            for (kind, key), event in self.state.items()
            if kind == "m.room.member" and event.content.get("membership") in wanted
        ]

    def state_before(self, position: int) -> dict[tuple[str, str], Event]:
        """The state as it was before an event at this position."""
        found: dict[tuple[str, str], Event] = {}
        for event in self.events:
            if event.position < position and event.state_key is not None:
                found[event.kind, event.state_key] = event
        return found

    def relations(self, event_id: str, rel_type: str = "") -> list[Event]:
        """The events that say something of another and were not withdrawn, oldest first."""
        return [
            event
            for event in self.events
            if event.redacted is None
            and event.relation.get("event_id") == event_id
            and rel_type in ("", event.relation.get("rel_type"))
        ]


@dataclass(slots=True)
class Stored:
    """A file. https://spec.matrix.org/v1.16/client-server-api/#content-repository"""

    id: str
    data: bytes
    mime: str
    name: str = ""

    @property
    def uri(self) -> str:
        """How events name it."""
        return f"mxc://{SERVER}/{self.id}"


class World:
    """Everything there is, and the stream that numbers it."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.rooms: dict[str, Room] = {}
        self.files: dict[str, Stored] = {}
        self.position = 0

    def next_position(self) -> int:
        """Take the next place in the stream."""
        self.position += 1
        return self.position

    def new_room(self) -> Room:
        """A room with nothing in it."""
        room = Room(f"!{secrets.token_urlsafe(12)}:{SERVER}")
        self.rooms[room.id] = room
        return room

    def store(self, data: bytes, mime: str, name: str = "") -> Stored:
        """Keep a file."""
        file = Stored(secrets.token_hex(12), data, mime, name)
        self.files[file.id] = file
        return file

    def file_of(self, uri: object) -> Stored | None:
        """The file behind an `mxc://` address."""
        return self.files.get(str(uri).removeprefix(f"mxc://{SERVER}/"))

    def rooms_of(self, user_id: str, *memberships: str) -> list[Room]:
        """The rooms in which somebody is."""
        wanted = memberships or ("join",)
        return [room for room in self.rooms.values() if room.membership(user_id) in wanted]


def new_event_id() -> str:
    """https://spec.matrix.org/v1.16/appendices/#event-ids"""
    return f"${secrets.token_urlsafe(32)}"


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000
