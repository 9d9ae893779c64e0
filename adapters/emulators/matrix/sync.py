"""What is new for somebody: /sync, and reading backwards.

https://spec.matrix.org/v1.16/client-server-api/#syncing. A token is `s` and a position: everything
up to it was told. The state of a room stands as it was before the first event of the timeline.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.emulators.matrix import rules
from adapters.emulators.matrix.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.emulators.matrix.service import Service
    from adapters.emulators.matrix.world import Account, Event, Room
    from adapters.emulators.misuse import Json

_TIMELINE = 10
"""Events of a room in one answer, where no filter says otherwise."""
_STRIPPED = frozenset(
    {
        "m.room.create",
        "m.room.name",
        "m.room.join_rules",
        "m.room.canonical_alias",
        "m.room.encryption",
        "m.room.avatar",
    }
)
"""https://spec.matrix.org/v1.16/client-server-api/#stripped-state"""


def token_of(position: int) -> str:
    """How a position goes over the wire."""
    return f"s{position}"


def position_of(token: str) -> int:
    """What a token stands for. Raises MatrixError."""
    if not token.startswith("s") or not token[1:].isdecimal():
        raise invalid(f"{token} is no token of this server")
    return int(token[1:])


class Sync:
    """One question for news."""

    def __init__(self, service: Service, account: Account, device: str, wanted: Json) -> None:
        self._service = service
        self._account = account
        self._device = device
        self._since = position_of(str(wanted["since"])) if wanted.get("since") else 0
        self._first = not wanted.get("since")
        self._full = self._first or str(wanted.get("full_state")) == "true"
        self._within = int(wanted.get("timeout", 0)) / 1000
        timeline = ((wanted.get("filter") or {}).get("room") or {}).get("timeline") or {}
        self._limit = int(timeline.get("limit", _TIMELINE))
        self._confirm()

    def _confirm(self) -> None:
        """Whoever asks for what comes after a token has what came before it."""
        for handed in self._service.journal.unconfirmed(self._account.user_id):
            if handed.position <= self._since:
                handed.confirmed = time.monotonic()

    async def answer(self) -> Json:
        """Answer at once where there is something to tell, else when there is, or in time."""
        rooms = self._rooms()
        if not rooms and not self._full and self._within > 0:
            try:
                rooms = await self._service.until(lambda: self._rooms() or None, self._within)
            except TimeoutError:
                rooms = self._rooms()  # something may have happened in the very last moment
        position = self._service.world.position
        self._note(rooms)
        return {
            "next_batch": token_of(position),
            "rooms": rooms,
            "device_one_time_keys_count": {"signed_curve25519": 0},
            "device_unused_fallback_key_types": [],
        }

    def _note(self, rooms: Json) -> None:
        """Write down what is handed out."""
        out = {
            event["event_id"]
            for room in rooms.get("join", {}).values()
            for event in room["timeline"]["events"]
        }
        for handed in self._service.journal.unconfirmed(self._account.user_id):
            if handed.event_id in out:
                handed.times += 1
                handed.first_handed = handed.first_handed or time.monotonic()

    # -- rooms ------------------------------------------------------------------------------

    def _rooms(self) -> Json:
        """Return what is new in all rooms, {} when there is nothing."""
        found: Json = {}
        for room in self._service.world.rooms.values():
            how = room.membership(self._account.user_id)
            said = None
            if how == "join":
                said = self._joined(room)
            elif how == "invite":
                said = self._invited(room)
            elif how == "leave" and not self._first:
                said = self._left(room)
            if said is not None:
                found.setdefault(how, {})[room.id] = said
        return found

    def _joined(self, room: Room) -> Json | None:
        was = room.state_before(self._since + 1).get(("m.room.member", self._account.user_id))
        came = was is None or was.content.get("membership") != "join"
        since, whole = 0 if self._first or came else self._since, self._full or came
        ephemeral = list(self._ephemeral(room, since))
        events = rules.visible(
            room, self._account.user_id, (e for e in room.events if e.position > since)
        )
        if not events and not ephemeral and not whole:
            return None
        return {
            **self._timeline(room, events, since, whole=whole),
            "ephemeral": {"events": ephemeral},
            "account_data": {"events": []},
            "unread_notifications": {"notification_count": 0, "highlight_count": 0},
            "summary": {},
        }

    def _timeline(self, room: Room, events: list[Event], since: int, *, whole: bool) -> Json:
        shown = events[-self._limit :] if self._limit else []
        start = shown[0].position if shown else self._service.world.position + 1
        inside = {event.id for event in shown}
        before = room.state_before(start).values()
        state = [e for e in before if (whole or e.position > since) and e.id not in inside]
        return {
            "timeline": {
                "events": self._plain(shown),
                "limited": len(shown) < len(events),
                "prev_batch": token_of(start - 1),
            },
            "state": {"events": self._plain(state)},
        }

    def _ephemeral(self, room: Room, since: int) -> Iterable[Json]:
        fresh = {user: r for user, r in room.receipts.items() if r.position > since}
        if fresh:
            content: Json = {}
            for user, receipt in fresh.items():
                readers = content.setdefault(receipt.event_id, {}).setdefault("m.read", {})
                readers[user] = {"ts": receipt.at}
            yield {"type": "m.receipt", "content": content}
        if room.typing_at > since:
            yield {"type": "m.typing", "content": {"user_ids": self._service.typists(room)}}

    def _invited(self, room: Room) -> Json | None:
        own = room.state["m.room.member", self._account.user_id]
        if own.position <= self._since and not self._full:
            return None
        stripped = [
            _stripped(event)
            for (kind, key), event in room.state.items()
            if kind in _STRIPPED
            or (kind == "m.room.member" and key in (own.sender, self._account.user_id))
        ]
        return {"invite_state": {"events": stripped}}

    def _left(self, room: Room) -> Json | None:
        own = room.state["m.room.member", self._account.user_id]
        if own.position <= self._since:
            return None
        new = (e for e in room.events if self._since < e.position <= own.position)
        events = rules.visible(room, self._account.user_id, new)
        return self._timeline(room, events, self._since, whole=False)

    def _plain(self, events: Iterable[Event]) -> list[Json]:
        return [event.json(self._device, with_room=False) for event in events]


def _stripped(event: Event) -> Json:
    return {
        "type": event.kind,
        "state_key": event.state_key,
        "sender": event.sender,
        "content": event.content,
    }


def page(room: Room, user_id: str, device: str, wanted: Json) -> Json:
    """https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidmessages"""
    backwards = wanted.get("dir") == "b"
    limit = int(wanted.get("limit", _TIMELINE))
    newest = room.events[-1].position
    start = position_of(str(wanted["from"])) if wanted.get("from") else newest * backwards
    until = position_of(str(wanted["to"])) if wanted.get("to") else newest * (not backwards)
    low, high = (until, start) if backwards else (start, until)
    there = (event for event in room.events if low < event.position <= high)
    found = rules.visible(room, user_id, there)
    ordered = found[::-1] if backwards else found
    shown = ordered[:limit]
    answer: Json = {
        "chunk": [event.json(device) for event in shown],
        "start": token_of(start),
        "state": [],
    }
    if len(ordered) > len(shown):
        last = shown[-1].position
        answer["end"] = token_of(last - 1 if backwards else last)
    return answer
