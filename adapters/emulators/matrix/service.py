"""The homeserver behind the routes: what can happen in rooms, and who hears of it. No HTTP in here.

Programs come here by `methods`, people by `person`; the same rules hold for both.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from adapters.emulators.changes import Changes
from adapters.emulators.faults import FaultPlan
from adapters.emulators.matrix import rules
from adapters.emulators.matrix.errors import MatrixError, forbidden, not_found
from adapters.emulators.matrix.journal import Handed, Journal
from adapters.emulators.matrix.world import (
    ROOM_VERSION,
    Account,
    Event,
    Receipt,
    Room,
    World,
    new_event_id,
    now,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.emulators.misuse import Json

MAX_EVENT = 65_536
"""Bytes. https://spec.matrix.org/v1.16/client-server-api/#size-limits"""
_ALL_POWER = 100


class Service(Changes):
    """One homeserver without federation."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.journal = Journal()
        self.faults = FaultPlan()

    def account(self, user_id: str) -> Account:
        """An account of this homeserver. Raises MatrixError."""
        found = self.world.accounts.get(user_id)
        if found is None:
            raise not_found(f"{user_id} is not here")
        return found

    def room(self, room_id: str, user_id: str) -> Room:
        """A room that somebody is in. Raises MatrixError."""
        room = self.world.rooms.get(room_id)
        if room is None:
            raise forbidden(f"User {user_id} not in room {room_id}")
        rules.check_member(room, user_id)
        return room

    # -- events -----------------------------------------------------------------------------

    def add(
        self,
        room: Room,
        sender: str,
        kind: str,
        content: Json,
        state_key: str | None = None,
        *,
        device: str = "",
        transaction: str = "",
    ) -> Event:
        """Let something happen in a room, allowed or not, and tell whoever is there."""
        if len(msgspec.json.encode(content)) > MAX_EVENT:
            raise MatrixError("M_TOO_LARGE", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "event too large")
        known = room.state.get((kind, state_key)) if state_key is not None else None
        event = Event(
            id=new_event_id(),
            room=room,
            kind=kind,
            sender=sender,
            content=content,
            position=self.world.next_position(),
            at=now(),
            state_key=state_key,
            before=known.content if known is not None else None,
            device=device,
            transaction=transaction,
        )
        room.events.append(event)
        if state_key is not None:
            room.state[kind, state_key] = event
        room.typing.pop(sender, None)
        self._hand_out(event)
        self.touch()
        return event

    def _hand_out(self, event: Event) -> None:
        """Note for each program in the room that this waits for it."""
        for user_id in event.room.members("join"):
            account = self.world.accounts[user_id]
            if account.program and user_id != event.sender:
                handed = Handed(
                    **self.journal.stamp(),
                    user=user_id,
                    chat=event.room.id,
                    event_id=event.id,
                    kind=event.kind,
                    position=event.position,
                )
                self.journal.handed.append(handed)

    def send(
        self,
        room: Room,
        sender: str,
        kind: str,
        content: Json,
        *,
        device: str = "",
        transaction: str = "",
    ) -> Event:
        """Send what is no state. Raises MatrixError."""
        rules.check_send(room, sender, kind, is_state=False)
        if kind == "m.reaction":
            self._check_reaction(room, sender, content)
        return self.add(room, sender, kind, content, device=device, transaction=transaction)

    def _check_reaction(self, room: Room, sender: str, content: Json) -> None:
        """https://spec.matrix.org/v1.16/client-server-api/#avoiding-duplicate-annotations"""
        relation = content.get("m.relates_to") or {}
        for event in room.relations(str(relation.get("event_id")), "m.annotation"):
            if (event.sender, event.relation.get("key")) == (sender, relation.get("key")):
                words = "Can't send same reaction twice"
                raise MatrixError("M_DUPLICATE_ANNOTATION", HTTPStatus.BAD_REQUEST, words)

    def set_state(self, room: Room, sender: str, kind: str, key: str, content: Json) -> Event:
        """Change the state of a room; what is so already is no event. Raises MatrixError."""
        rules.check_send(room, sender, kind, is_state=True)
        known = room.state.get((kind, key))
        if known is not None and known.content == content:
            return known
        return self.add(room, sender, kind, content, key)

    def redact(
        self, room: Room, sender: str, event_id: str, *, device: str = "", transaction: str = ""
    ) -> Event:
        """Withdraw an event: nothing of its content stays. Raises MatrixError."""
        target = room.event(event_id)
        rules.check_redact(room, sender, target)
        content: Json = {"redacts": event_id}
        event = self.add(
            room, sender, "m.room.redaction", content, device=device, transaction=transaction
        )
        event.redacts = event_id
        if target is not None:
            target.content, target.redacted = {}, event
        return event

    # -- rooms and people -------------------------------------------------------------------

    def create_room(self, creator: str, wanted: Json) -> Room:
        """https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3createroom"""
        invited = [str(user) for user in wanted.get("invite", ())]
        for user_id in invited:
            self.account(user_id)
        room = self.world.new_room()
        for kind, key, content in _first_state(creator, wanted, invited):
            self.add(room, creator, kind, content, key)
        for given in wanted.get("initial_state", ()):
            self.add(room, creator, given["type"], given["content"], given.get("state_key", ""))
        if wanted.get("name"):
            self.add(room, creator, "m.room.name", {"name": wanted["name"]}, "")
        for user_id in invited:
            self.invite(room, creator, user_id, is_direct=bool(wanted.get("is_direct")))
        return room

    def invite(self, room: Room, sender: str, user_id: str, *, is_direct: bool = False) -> Event:
        """Raises MatrixError."""
        rules.check_invite(room, sender, user_id)
        account = self.account(user_id)
        content: Json = {"membership": "invite", "displayname": account.name}
        if is_direct:
            content["is_direct"] = True
        return self.add(room, sender, "m.room.member", content, user_id)

    def join(self, room_id: str, user_id: str) -> Room:
        """Come into a room. Raises MatrixError."""
        room = self.world.rooms.get(room_id)
        if room is None:
            raise not_found("Can't join remote room because no servers that are in the room")
        rules.check_join(room, user_id)
        if room.membership(user_id) != "join":
            content = {"membership": "join", "displayname": self.account(user_id).name}
            self.add(room, user_id, "m.room.member", content, user_id)
        return room

    def leave(self, room_id: str, user_id: str) -> None:
        """Leave a room, or say no to an invitation. Raises MatrixError."""
        room = self.world.rooms.get(room_id)
        if room is None or room.membership(user_id) not in {"join", "invite"}:
            raise forbidden(f"User {user_id} not in room {room_id}")
        self.add(room, user_id, "m.room.member", {"membership": "leave"}, user_id)

    # -- what passes ------------------------------------------------------------------------

    def read(self, room: Room, user_id: str, event_id: str) -> None:
        """https://spec.matrix.org/v1.16/client-server-api/#receipts"""
        room.receipts[user_id] = Receipt(event_id, now(), self.world.next_position())
        self.touch()

    def types(self, room: Room, user_id: str, seconds: float) -> None:
        """https://spec.matrix.org/v1.16/client-server-api/#typing-notifications; 0 stops it."""
        if seconds:
            room.typing[user_id] = time.monotonic() + seconds
        else:
            room.typing.pop(user_id, None)
        room.typing_at = self.world.next_position()
        self.touch()

    def typists(self, room: Room) -> list[str]:
        """Who writes now."""
        return [user for user, until in room.typing.items() if until > time.monotonic()]


def _first_state(creator: str, wanted: Json, invited: Sequence[str]) -> list[tuple[str, str, Json]]:
    """What a room begins with, in this order: type, key and content of its first state."""
    preset = wanted.get("preset", "private_chat")
    trusted = invited if preset == "trusted_private_chat" else ()
    powers = dict.fromkeys((creator, *trusted), _ALL_POWER)
    levels: Json = {
        "users": powers,
        "users_default": 0,
        "events": {"m.room.name": 50, "m.room.power_levels": 100, "m.room.tombstone": 100},
        "events_default": 0,
        "state_default": 50,
        "redact": 50,
        "kick": 50,
        "ban": 50,
        "invite": 0,
    }
    rule = "public" if preset == "public_chat" else "invite"
    return [
        ("m.room.create", "", {"room_version": ROOM_VERSION}),
        ("m.room.member", creator, {"membership": "join"}),
        ("m.room.power_levels", "", levels),
        ("m.room.join_rules", "", {"join_rule": rule}),
        ("m.room.history_visibility", "", {"history_visibility": "shared"}),
        ("m.room.guest_access", "", {"guest_access": "can_join"}),
    ]
