"""Matrix's events as Inbound. Pure: nothing but the payload and who we are.

1. What we sent ourselves, state that says nothing to people and what could not be decrypted (yet)
   is not for us; the decrypted event comes later under a name of its own.
2. A thread is a conversation about the message that began it: what is written there answers that
   message, and stays in the place of the room. So it goes where that message came from.
3. Reactions come as the whole set, which the listener put together.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec

from adapters.matrix import payloads as mx
from adapters.matrix.content import content_of
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError
from bridge.core.inbound import (
    ChatMovedIn,
    DeleteIn,
    EditIn,
    Inbound,
    MembersIn,
    MessageIn,
    ReactionIn,
    ReceiptIn,
    Sender,
)

NETWORK = "matrix"
MESSAGES = frozenset({"m.room.message", "m.sticker"})

_KEPT = msgspec.json.Decoder(mx.Kept)
_HEAD = msgspec.json.Decoder(mx.Head)


def keys(payload: bytes) -> tuple[str, ...]:
    """Return the name of a payload; what is still encrypted has another than what it says."""
    try:
        head = _HEAD.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return (f"x:{hashlib.sha256(payload).hexdigest()}",)
    if head.event is not None:
        kind = "c" if head.event.type == "m.room.encrypted" else "e"
        return (f"{kind}:{head.event.event_id}",)
    if head.receipt is not None and head.receipt.events:
        return (f"r:{head.receipt.user_id}:{head.receipt.events[-1]}",)
    return (f"x:{hashlib.sha256(payload).hexdigest()}",)


def parse(payload: bytes, account: str, own_id: str) -> tuple[Inbound, ...]:
    """Return what a payload tells; () = not for us. Raises ParseError without the words in it."""
    try:
        kept = _KEPT.decode(payload)
    except msgspec.ValidationError as error:
        # Only where it is wrong: the rest of the text may quote what somebody wrote.
        raise ParseError(f"unexpected value at {str(error).rpartition(' - at ')[2]}") from None
    except (msgspec.DecodeError, RecursionError):
        raise ParseError("not JSON of a usable shape") from None
    reader = _Reader(kept, account, own_id)
    if kept.event is not None:
        return () if kept.event.sender == own_id else reader.event(kept.event)
    if kept.receipt is not None:
        return reader.receipt(kept.receipt)
    raise ParseError("neither an event nor a receipt")


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class _Reader:
    """One payload and whose it is."""

    def __init__(self, kept: mx.Kept, account: str, own_id: str) -> None:
        self._kept = kept
        self._account = account
        self._own_id = own_id
        self._place = self._room(kept.room_id)

    def _room(self, room_id: str) -> Place:
        return Place(NETWORK, self._account, room_id)

    def _endpoint(self, user_id: str) -> Endpoint:
        return Endpoint(NETWORK, self._account, user_id)

    def _sender(self, event: mx.Event) -> Sender:
        return Sender(self._endpoint(event.sender), name=self._kept.name, direct=self._kept.direct)

    def event(self, event: mx.Event) -> tuple[Inbound, ...]:
        match event.type:
            case "m.room.message" | "m.sticker":
                return self._message(event)
            case "m.reaction" if event.content.relates_to is not None:
                return self._reaction(event, event.content.relates_to.event_id)
            case "m.room.redaction":
                return self._redaction(event)
            case "m.room.member":
                return self._member(event)
            case "m.room.tombstone":
                return self._moved(event)
            case _:
                return ()

    def _message(self, event: mx.Event) -> tuple[Inbound, ...]:
        relation = event.content.relates_to
        if relation is not None and relation.rel_type == "m.replace":
            return self._edit(event, relation.event_id)
        content = content_of(event)
        if content is None:
            return ()
        return (
            MessageIn(
                self._place,
                self._sender(event),
                event.event_id,
                content,
                _at(event.origin_server_ts),
                reply_to=_answered(relation),
            ),
        )

    def _edit(self, event: mx.Event, target: str | None) -> tuple[Inbound, ...]:
        new = event.content.new_content
        if target is None or new is None:
            raise ParseError("a correction of nothing")
        content = content_of(msgspec.structs.replace(event, content=new))
        if content is None:
            return ()
        at = _at(event.origin_server_ts)
        return (EditIn(self._place, self._sender(event), target, content, at),)

    def _reaction(self, event: mx.Event, target: str | None) -> tuple[Inbound, ...]:
        if target is None:
            return ()
        at = _at(event.origin_server_ts)
        emoji = tuple(dict.fromkeys(self._kept.emoji))
        return (ReactionIn(self._place, self._sender(event), target, emoji, at),)

    def _redaction(self, event: mx.Event) -> tuple[Inbound, ...]:
        if self._kept.about is not None:  # what was withdrawn is a reaction
            return self._reaction(event, self._kept.about)
        target = event.redacts or event.content.redacts  # room version 11 moved it
        if target is None:
            raise ParseError("a withdrawal of nothing")
        at = _at(event.origin_server_ts)
        return (DeleteIn(self._place, self._sender(event), target, at),)

    def _member(self, event: mx.Event) -> tuple[Inbound, ...]:
        who = event.state_key or ""
        if event.content.membership != "join" or self._kept.direct or who == self._own_id:
            return ()
        if not who.startswith("@"):
            raise ParseError("a member without an address")
        return (MembersIn(self._place, (self._endpoint(who),), _at(event.origin_server_ts)),)

    def _moved(self, event: mx.Event) -> tuple[Inbound, ...]:
        new = event.content.replacement_room
        if new is None:
            return ()
        return (ChatMovedIn(self._place, self._room(new), _at(event.origin_server_ts)),)

    def receipt(self, receipt: mx.Receipt) -> tuple[Inbound, ...]:
        at = _at(receipt.ts)
        return tuple(ReceiptIn(self._place, event, "read", at) for event in receipt.events)


def _answered(relation: mx.Relation | None) -> str:
    """Return the answered message; in a thread, where nothing is answered, its first."""
    if relation is None:
        return ""
    falls_back = relation.in_reply_to is None or relation.is_falling_back
    if relation.rel_type == "m.thread" and relation.event_id is not None and falls_back:
        return relation.event_id
    return relation.in_reply_to.event_id if relation.in_reply_to is not None else ""
