"""Slack's JSON, only the fields we read. https://docs.slack.dev/reference/events

Ranges are narrow, so that a damaged value is refused here and nowhere later. Unknown fields are
skipped.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(pattern=r"^[A-Z0-9]{1,40}$")]
"""Of a user, conversation, file, bot or app."""
Stamp = Annotated[str, Meta(pattern=r"^[0-9]{1,10}\.[0-9]{6}$")]
"""The id of a message in its conversation, and seconds since 1970."""
Moment = Annotated[str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,9})?$")]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
Unixtime = Annotated[int, Meta(ge=0, lt=2**33)]
Name = Annotated[str, Meta(max_length=200)]


class _Json(msgspec.Struct, frozen=True, gc=False):
    pass


class Styles(_Json, frozen=True):
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#element-types"""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    underline: bool = False
    code: bool = False


class Element(_Json, frozen=True):
    """Any element inside a rich text block; only ``type`` says which fields are filled.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
    """

    type: str
    elements: tuple[Element, ...] = ()
    text: str = ""
    style: Styles | str | None = None
    url: str = ""
    name: str = ""
    unicode: str = ""
    user_id: str = ""
    usergroup_id: str = ""
    channel_id: str = ""
    range: str = ""
    value: str = ""
    fallback: str = ""
    timestamp: Count = 0


class Block(_Json, frozen=True):
    """https://docs.slack.dev/reference/block-kit/blocks; only rich text is read."""

    type: str
    elements: msgspec.Raw = msgspec.Raw(b"[]")


class File(_Json, frozen=True):
    """https://docs.slack.dev/reference/objects/file-object"""

    id: Id
    name: str | None = ""
    mimetype: str = ""
    size: Count = 0
    mode: str = ""
    subtype: str = ""
    url_private: str = ""
    duration_ms: Count = 0
    original_w: Count = 0
    original_h: Count = 0


class Shared(_Json, frozen=True):
    """What a message shares or unfurls. https://docs.slack.dev/messaging (attachments)"""

    text: str = ""
    fallback: str = ""
    is_share: bool = False


class Edited(_Json, frozen=True):
    """Who changed a message and when."""

    ts: Moment


class Said(_Json, frozen=True):
    """A message: of an event, inside a change, or of the history.

    https://docs.slack.dev/reference/events/message
    """

    ts: Stamp
    user: Id | None = None
    subtype: str = ""
    bot_id: str | None = None
    text: str = ""
    blocks: tuple[Block, ...] = ()
    files: tuple[File, ...] = ()
    attachments: tuple[Shared, ...] = ()
    thread_ts: Stamp | None = None
    edited: Edited | None = None


class Message(Said, frozen=True, kw_only=True):
    """https://docs.slack.dev/reference/events/message and its subtypes"""

    channel: Id
    channel_type: str = ""
    event_ts: Stamp | None = None
    message: Said | None = None
    previous_message: Said | None = None
    deleted_ts: Stamp | None = None


class Item(_Json, frozen=True):
    """What was reacted to."""

    type: str
    channel: Id | None = None
    ts: Stamp | None = None


class Reaction(_Json, frozen=True):
    """https://docs.slack.dev/reference/events/reaction_added; ``whole`` is put in by us.

    It holds the names of all reactions that this person has on the message by now, where they
    are known to be others than the one of this event.
    """

    user: Id
    reaction: Annotated[str, Meta(min_length=1, max_length=200)]
    item: Item
    event_ts: Stamp
    whole: tuple[Name, ...] | None = None


class Joined(_Json, frozen=True):
    """https://docs.slack.dev/reference/events/member_joined_channel"""

    user: Id
    channel: Id
    event_ts: Stamp


class Tokens(_Json, frozen=True):
    """https://docs.slack.dev/reference/events/tokens_revoked"""

    bot: tuple[str, ...] = ()


class Kind(_Json, frozen=True):
    """What a payload or an event is; a slash command has no type but a command."""

    type: str = ""
    command: str = ""
    tokens: Tokens = Tokens()


class Authorization(_Json, frozen=True):
    """For whom an event was sent: our own user."""

    user_id: str | None = None


class Envelope(_Json, frozen=True):
    """https://docs.slack.dev/apis/events-api/#event-type-structure"""

    event: msgspec.Raw
    event_id: str = ""
    authorizations: tuple[Authorization, ...] = ()


class Actor(_Json, frozen=True):
    """Somebody who pressed."""

    id: Id


class Channel(_Json, frozen=True):
    """Where they pressed."""

    id: Id


class Pressed(_Json, frozen=True):
    """The message of a button."""

    ts: Stamp
    thread_ts: Stamp | None = None


class Action(_Json, frozen=True):
    """A pressed button."""

    action_ts: Stamp
    value: Annotated[str, Meta(max_length=2000)] = ""


class BlockActions(_Json, frozen=True):
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""

    user: Actor
    actions: tuple[Action, ...] = ()
    channel: Channel | None = None
    message: Pressed | None = None


class Slash(_Json, frozen=True):
    """A slash command; ``received_at`` is put in by us, for Slack tells no time.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """

    command: Annotated[str, Meta(min_length=1, max_length=64)]
    user_id: Id
    channel_id: Id
    trigger_id: Annotated[str, Meta(min_length=1, max_length=200)]
    text: str = ""
    user_name: str = ""
    received_at: Unixtime = 0


class HeadItem(_Json, frozen=True):
    """What a reaction is on."""

    channel: str = ""
    ts: str = ""


class HeadEvent(_Json, frozen=True):
    """What is needed to name an event, whatever else is wrong with it."""

    type: str = ""
    subtype: str = ""
    channel: str = ""
    user: str = ""
    reaction: str = ""
    item: HeadItem = HeadItem()
    ts: str = ""
    event_ts: str = ""
    client_msg_id: str = ""


class Head(_Json, frozen=True):
    """What is needed to name a payload."""

    event_id: str = ""
    event: msgspec.Raw = msgspec.Raw(b"null")
    trigger_id: str = ""
    command: str = ""
