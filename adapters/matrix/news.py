"""What of a room's events is kept, and how: the way from a sync to payloads.

1. Kept are words, files, reactions, withdrawals, people who came and rooms that moved, by others
   than us; and every encrypted event we cannot open, under a name of its own, besides what waits
   in memory for its key.
2. A payload is the event as it came, or as it was decrypted, and what only the moment knows.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.matrix.parse import keys
from adapters.matrix.vault import Reaction, add_reaction, add_sealed, forget, without
from bridge.core.adapter import Raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adapters.matrix.machine import Machine
    from adapters.matrix.vault import Memory
    from adapters.matrix.wire import Json

_log = logging.getLogger(__name__)

KINDS = frozenset(
    {"m.room.message", "m.sticker", "m.reaction", "m.room.redaction", "m.room.encrypted"}
)
_READ = ("m.read", "m.read.private")


class Gatherer:
    """Turns the events of rooms into payloads; its memory is the caller's to keep."""

    def __init__(self, own_id: str, machine: Machine, memory: Memory) -> None:
        self._own_id = own_id
        self._machine = machine
        self._memory = memory
        self._unread: dict[str, list[str]] = {}
        self._gone: set[str] = set()
        self.changed = False

    def committed(self) -> None:
        """What was taken out of memory is kept elsewhere by now."""
        if self._gone:
            forget(self._memory, self._gone)
            for waiting in self._unread.values():
                waiting[:] = [event for event in waiting if event not in self._gone]
            self._gone.clear()
            self.changed = True

    def failed(self) -> None:
        """Nothing was kept: the same comes again."""
        self._gone.clear()

    def timeline(self, room_id: str, events: Iterable[Any], *, begun: bool) -> Iterator[Raw]:
        """Yield the payloads of a room's new events; ``begun`` = this is no first look at it."""
        for event in events:
            if not isinstance(event, dict) or not isinstance(event.get("event_id"), str):
                continue
            if event.get("sender") == self._own_id:
                self._ours(room_id, event)
            elif "state_key" in event:
                if begun and self._matters(room_id, event):
                    yield self._kept(room_id, event)
            elif event.get("type") in KINDS:
                yield from self._told(room_id, event)

    def _matters(self, room_id: str, event: Json) -> bool:
        """Tell whether a change of a room is news: it moved, or somebody came into a group."""
        if event.get("type") == "m.room.tombstone":
            return True
        before = _object(_object(event, "unsigned"), "prev_content").get("membership")
        came = _object(event, "content").get("membership") == "join" and before != "join"
        is_member = event.get("type") == "m.room.member"
        return is_member and came and not self._machine.is_direct(room_id)

    def unsealed(self) -> Iterator[Raw]:
        """Yield the payloads of earlier events whose keys have come."""
        for event_id, waiting in list(self._memory.sealed.items()):
            opened = self._machine.opened(waiting.room_id, waiting.event)
            if opened is not None:
                self._gone.add(event_id)
                yield from self._told(waiting.room_id, opened)

    def _told(self, room_id: str, event: Json) -> Iterator[Raw]:
        if event.get("type") == "m.room.encrypted":
            opened = self._machine.opened(room_id, event)
            if opened is None:
                self._seal(room_id, event)
                yield self._kept(room_id, event)
                return
            event = opened
        match event.get("type"):
            case "m.reaction":
                yield self._reaction(room_id, event)
            case "m.room.redaction":
                yield self._redaction(room_id, event)
            case _:
                yield self._kept(room_id, event)

    def _seal(self, room_id: str, event: Json) -> None:
        if "algorithm" not in _object(event, "content"):
            return  # withdrawn: nothing is left in it
        _log.warning("matrix: an event in %s cannot be decrypted (yet); it is kept", room_id)
        add_sealed(self._memory, room_id, event)
        self.changed = True

    def _kept(self, room_id: str, event: Json, **more: object) -> Raw:
        payload = msgspec.json.encode(
            {
                "room_id": room_id,
                "direct": self._machine.is_direct(room_id),
                "name": self._machine.name_of(room_id, str(event.get("sender"))),
                "event": event,
                **more,
            }
        )
        return Raw(keys(payload), payload)

    def _reaction(self, room_id: str, event: Json) -> Raw:
        relation = _object(_object(event, "content"), "m.relates_to")
        about, key = relation.get("event_id"), relation.get("key")
        if not isinstance(about, str) or not isinstance(key, str):
            return self._kept(room_id, event)
        reaction = Reaction(room_id, str(event.get("sender")), about, key)
        self.changed = True
        whole = add_reaction(self._memory, event["event_id"], reaction, self._gone)
        return self._kept(room_id, event, emoji=whole)

    def _redaction(self, room_id: str, event: Json) -> Raw:
        target = event.get("redacts") or _object(event, "content").get("redacts")
        taken = without(self._memory, str(target), self._gone)
        if taken is None:
            return self._kept(room_id, event)
        self._gone.add(str(target))
        reaction, left = taken
        return self._kept(room_id, event, about=reaction.about, emoji=left)

    # -- who has read what -----------------------------------------------------------------

    def _ours(self, room_id: str, event: Json) -> None:
        """Remember what others have still to read; a restart forgets, which costs a mark."""
        if event.get("type") in KINDS and "state_key" not in event:
            waiting = self._unread.setdefault(room_id, [])
            if event["event_id"] not in waiting:
                waiting.append(event["event_id"])
            del waiting[:-200]

    def receipts(self, room_id: str, events: Iterable[Any]) -> Iterator[Raw]:
        """Yield a payload for each reader of ours; a receipt covers all that came before it."""
        for event in events:
            if not isinstance(event, dict) or event.get("type") != "m.receipt":
                continue
            for event_id, kinds in _object(event, "content").items():
                for kind in _READ:
                    for user_id, data in _object(kinds, kind).items():
                        read = self._read(room_id, event_id)
                        if user_id != self._own_id and read:
                            receipt = {
                                "user_id": user_id,
                                "ts": _object({"data": data}, "data").get("ts", 0),
                                "events": read,
                            }
                            payload = msgspec.json.encode({"room_id": room_id, "receipt": receipt})
                            yield Raw(keys(payload), payload)

    def _read(self, room_id: str, event_id: str) -> list[str]:
        waiting = self._unread.get(room_id, [])
        if event_id not in waiting:
            return []
        read = waiting[: waiting.index(event_id) + 1]
        self._gone.update(read)
        return read

    def typists(self, events: Iterable[Any]) -> list[str]:
        """Return who is writing."""
        return [
            user_id
            for event in events
            if isinstance(event, dict) and event.get("type") == "m.typing"
            for user_id in _object(event, "content").get("user_ids", [])
            if isinstance(user_id, str) and user_id != self._own_id
        ]


def _object(tree: object, name: str) -> dict[str, Any]:
    found = tree.get(name) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else {}
