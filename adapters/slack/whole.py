"""Makes payloads whole with what only the moment knows: reactions of before, and the time.

Slack tells which reaction came or went, the bridge speaks of all that somebody has. What this
process has seen is put into the payload before it is kept, so that ``parse`` stays pure. After a
restart the first change of a reaction tells only itself.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

import msgspec

Json = dict[str, Any]

_MOST = 5000
_KIND = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Item(msgspec.Struct, frozen=True):
    channel: str = ""
    ts: str = ""


class _Reaction(msgspec.Struct, frozen=True):
    type: str = ""
    user: str = ""
    reaction: str = ""
    event_ts: str = ""
    item: _Item = _Item()


_REACTION = msgspec.json.Decoder(_Reaction)
_EVENT = b'"reaction_'
_COMMAND = b'"command"'


class Whole:
    """What people have reacted with of late: name to the ``event_ts`` and whether it is there."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], dict[str, tuple[str, bool]]] = OrderedDict()

    def made(self, payload: bytes) -> bytes:
        """Return a payload as the inbox is to keep it; the same bytes where nothing is missing."""
        if _EVENT not in payload and _COMMAND not in payload:
            return payload
        try:
            outer = _KIND.decode(payload)
            if "command" in outer and "received_at" not in outer:
                return msgspec.json.encode({**outer, "received_at": int(time.time())})
            if "event" not in outer:
                return payload
            reaction = _REACTION.decode(outer["event"])
        except (msgspec.DecodeError, RecursionError):
            return payload
        if reaction.type not in {"reaction_added", "reaction_removed"}:
            return payload
        names = self._after(reaction)
        told = [reaction.reaction] if reaction.type == "reaction_added" else []
        if names == told:
            return payload
        event = {**_KIND.decode(outer["event"]), "whole": names}
        return msgspec.json.encode({**outer, "event": event})

    def _after(self, change: _Reaction) -> list[str]:
        """Return the names of all reactions there are after a change; late repeats change none."""
        key = (change.item.channel, change.item.ts, change.user)
        known = self._known.setdefault(key, {})
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        if known.get(change.reaction, ("", False))[0] <= change.event_ts:
            known[change.reaction] = (change.event_ts, change.type == "reaction_added")
        return [name for name, (_, there) in known.items() if there]
