"""Who may do what in a room, and see what. https://spec.matrix.org/v1.16/rooms/v11/#authorization-rules

Only what one homeserver without federation needs; what it refuses it refuses with Synapse's codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.emulators.matrix.errors import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.emulators.matrix.world import Event, Room

_DEFAULTS = {"state_default": 50, "events_default": 0, "invite": 0, "redact": 50, "kick": 50}


def power_of(room: Room, user_id: str) -> int:
    """https://spec.matrix.org/v1.16/client-server-api/#mroompower_levels"""
    levels = room.of_state("m.room.power_levels")
    return int(levels.get("users", {}).get(user_id, levels.get("users_default", 0)))


def _needed(room: Room, name: str, kind: str = "") -> int:
    levels = room.of_state("m.room.power_levels")
    return int(levels.get("events", {}).get(kind, levels.get(name, _DEFAULTS[name])))


def check_member(room: Room, user_id: str) -> None:
    """Whoever is not in the room learns nothing of it."""
    if room.membership(user_id) != "join":
        raise forbidden(f"User {user_id} not in room {room.id}")


def check_send(room: Room, user_id: str, kind: str, *, is_state: bool) -> None:
    """Whether somebody may send an event of this type there."""
    check_member(room, user_id)
    if power_of(room, user_id) < _needed(
        room, "state_default" if is_state else "events_default", kind
    ):
        raise forbidden(f"You don't have permission to post {kind} to the room")


def check_invite(room: Room, user_id: str, invited: str) -> None:
    """Whether somebody may invite somebody."""
    check_member(room, user_id)
    if power_of(room, user_id) < _needed(room, "invite"):
        raise forbidden("You don't have permission to invite users")
    if room.membership(invited) == "join":
        raise forbidden(f"{invited} is already in the room.")


def check_join(room: Room, user_id: str) -> None:
    """Whether somebody may come in."""
    public = room.of_state("m.room.join_rules").get("join_rule") == "public"
    if not public and room.membership(user_id) not in {"invite", "join"}:
        raise forbidden("You are not invited to this room.")


def check_redact(room: Room, user_id: str, event: Event | None) -> None:
    """Everybody may withdraw what is their own; others need to be somebody there."""
    check_member(room, user_id)
    own = event is None or event.sender == user_id
    if not own and power_of(room, user_id) < _needed(room, "redact"):
        raise forbidden("You don't have permission to redact events")


def visible(room: Room, user_id: str, events: Iterable[Event]) -> list[Event]:
    """What somebody may read, by when they were in the room.

    https://spec.matrix.org/v1.16/client-server-api/#room-history-visibility; the setting is taken
    as it is now.
    """
    history = room.of_state("m.room.history_visibility").get("history_visibility", "shared")
    changes = [
        (event.position, str(event.content.get("membership", "")))
        for event in room.events
        if (event.kind, event.state_key) == ("m.room.member", user_id)
    ]
    joined = [position for position, membership in changes if membership == "join"]
    found = []
    for event in events:
        was = next((how for at, how in reversed(changes) if at <= event.position), "")
        later = any(position > event.position for position in joined)
        own = (event.kind, event.state_key) == ("m.room.member", user_id)
        shared = later and history in {"shared", "world_readable"}
        if own or was == "join" or shared or (was == "invite" and history == "invited"):
            found.append(event)
    return found
