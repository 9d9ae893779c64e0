"""What we keep of Matrix's events, only the fields we read. https://spec.matrix.org/v1.16/

An event is kept with what only the listener can know of its room: ``Kept`` is our own wrapping
around the event as it came (decrypted, where it was encrypted). Ranges are as narrow as the
specification allows, so that a damaged value is refused here and nowhere later.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

RoomId = Annotated[str, Meta(pattern="^![^\x00]+$", max_length=255)]
EventId = Annotated[str, Meta(pattern=r"^\$[^\x00]+$", max_length=255)]
UserId = Annotated[str, Meta(pattern="^@[^:\x00]+:[^\x00]+$", max_length=255)]
Milliseconds = Annotated[int, Meta(ge=0, lt=250_000_000_000_000)]  # up to the year 9892
Count = Annotated[int, Meta(ge=0, lt=2**53)]
Emoji = Annotated[str, Meta(min_length=1, max_length=512)]


class _Json(msgspec.Struct, frozen=True, gc=False):
    pass


class Answered(_Json, frozen=True):
    """https://spec.matrix.org/v1.16/client-server-api/#rich-replies"""

    event_id: EventId


class Relation(_Json, frozen=True, rename={"in_reply_to": "m.in_reply_to"}):
    """https://spec.matrix.org/v1.16/client-server-api/#forming-relationships-between-events"""

    rel_type: str = ""
    event_id: EventId | None = None
    in_reply_to: Answered | None = None
    is_falling_back: bool = False
    key: Emoji | None = None


class FileInfo(_Json, frozen=True):
    """https://spec.matrix.org/v1.16/client-server-api/#mimage_imageinfo and its neighbours"""

    mimetype: str = ""
    size: Count = 0
    duration: Count = 0  # milliseconds
    w: Count = 0
    h: Count = 0


class Key(_Json, frozen=True):
    """A JSON web key. https://spec.matrix.org/v1.16/client-server-api/#extensions-to-mroommessage-msgtypes"""

    k: str
    alg: str = ""


class EncryptedFile(_Json, frozen=True):
    """Where an encrypted file lies and how it is opened."""

    url: str
    key: Key
    iv: str
    hashes: dict[str, str]
    v: str = "v2"


class Content(
    _Json,
    frozen=True,
    rename={
        "relates_to": "m.relates_to",
        "new_content": "m.new_content",
        "voice": "org.matrix.msc3245.voice",
    },
):
    """The content of every kind of event we understand; all of it is optional on the wire."""

    msgtype: str = ""
    body: str = ""
    format: str = ""
    formatted_body: str = ""
    filename: str = ""
    url: str = ""
    file: EncryptedFile | None = None
    info: FileInfo = FileInfo()
    geo_uri: str = ""
    voice: dict[str, object] | None = None
    relates_to: Relation | None = None
    new_content: Content | None = None
    membership: str = ""
    replacement_room: RoomId | None = None
    redacts: EventId | None = None


class Event(_Json, frozen=True):
    """https://spec.matrix.org/v1.16/client-server-api/#room-event-format"""

    type: str
    event_id: EventId
    sender: UserId
    origin_server_ts: Milliseconds
    content: Content
    state_key: str | None = None
    redacts: EventId | None = None


class Receipt(_Json, frozen=True):
    """That somebody has read up to here: ``events`` are ours among what that covers."""

    user_id: UserId
    ts: Milliseconds
    events: tuple[EventId, ...]


class Kept(_Json, frozen=True):
    """One payload of ours; exactly one of ``event`` and ``receipt`` is there.

    ``direct``: nobody but the sender and us is in the room, and it has no name. ``emoji`` and
    ``about``: the whole set of the sender's reactions on that event after a reaction was set or
    taken back.
    """

    room_id: RoomId
    direct: bool = False
    name: str = ""
    event: Event | None = None
    receipt: Receipt | None = None
    about: EventId | None = None
    emoji: tuple[Emoji, ...] = ()


class EventHead(_Json, frozen=True):
    """What names an event, read without judging the rest."""

    event_id: str
    type: str = ""


class Head(_Json, frozen=True):
    """What names a payload."""

    room_id: str
    event: EventHead | None = None
    receipt: Receipt | None = None
