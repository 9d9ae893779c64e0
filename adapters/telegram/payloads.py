"""Telegram's JSON, only the fields we read. https://core.telegram.org/bots/api#available-types

Ranges are as narrow as the documentation allows, so that a damaged value is refused here and
nowhere later. Unknown fields are skipped.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_BITS_52 = 2**52  # "at most 52 significant bits", https://core.telegram.org/bots/api#chat
ChatId = Annotated[int, Meta(ge=-_BITS_52, le=_BITS_52)]
UserId = Annotated[int, Meta(gt=0, le=_BITS_52)]
MessageId = Annotated[int, Meta(gt=0, lt=2**53)]
Unixtime = Annotated[int, Meta(ge=0, lt=2**37)]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
Token = Annotated[str, Meta(min_length=1, max_length=1024)]
"""An opaque id of the vendor."""


class _Json(msgspec.Struct, frozen=True, gc=False, rename={"from_": "from"}):
    pass


class User(_Json, frozen=True):
    """https://core.telegram.org/bots/api#user"""

    id: UserId
    is_bot: bool
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""


class Chat(_Json, frozen=True):
    """https://core.telegram.org/bots/api#chat"""

    id: ChatId
    type: Literal["private", "group", "supergroup", "channel"]


class Entity(_Json, frozen=True):
    """https://core.telegram.org/bots/api#messageentity, offsets in UTF-16 units"""

    type: str
    offset: Count
    length: Count
    url: str = ""
    language: str = ""


Entities = tuple[Entity, ...]


class File(_Json, frozen=True):
    """What PhotoSize, Document, Video, Voice … have in common, and the rest of each.

    https://core.telegram.org/bots/api#document and its neighbours
    """

    file_id: Token
    file_size: Count = 0
    mime_type: str = ""
    file_name: str = ""
    duration: Count = 0
    width: Count = 0
    height: Count = 0
    length: Count = 0  # of a video note, which is as wide as high


class Sticker(_Json, frozen=True):
    """https://core.telegram.org/bots/api#sticker"""

    file_id: Token
    is_animated: bool = False
    is_video: bool = False
    file_size: Count = 0
    width: Count = 0
    height: Count = 0
    emoji: str = ""


class Location(_Json, frozen=True):
    """https://core.telegram.org/bots/api#location"""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    live_period: Count = 0


class Venue(_Json, frozen=True):
    """https://core.telegram.org/bots/api#venue"""

    location: Location
    title: str
    address: str = ""


class Contact(_Json, frozen=True):
    """https://core.telegram.org/bots/api#contact"""

    phone_number: str
    first_name: str
    last_name: str = ""
    vcard: str = ""


class PollOption(_Json, frozen=True):
    """https://core.telegram.org/bots/api#polloption"""

    text: str


class Poll(_Json, frozen=True):
    """https://core.telegram.org/bots/api#poll"""

    question: str
    options: tuple[PollOption, ...] = ()


class Dice(_Json, frozen=True):
    """https://core.telegram.org/bots/api#dice"""

    emoji: str
    value: Count


class Titled(_Json, frozen=True):
    """Game, Invoice, Checklist: what they are called. https://core.telegram.org/bots/api#game"""

    title: str


class Referred(_Json, frozen=True):
    """The answered message. https://core.telegram.org/bots/api#message (reply_to_message)"""

    message_id: MessageId


class Quote(_Json, frozen=True):
    """https://core.telegram.org/bots/api#textquote"""

    text: str
    entities: Entities = ()
    is_manual: bool = False


class Message(_Json, frozen=True):
    """https://core.telegram.org/bots/api#message"""

    message_id: MessageId
    date: Unixtime
    chat: Chat
    from_: User | None = None
    sender_chat: Chat | None = None
    message_thread_id: MessageId | None = None
    is_topic_message: bool = False
    edit_date: Unixtime | None = None
    reply_to_message: Referred | None = None
    quote: Quote | None = None
    media_group_id: str = ""
    text: str | None = None
    entities: Entities = ()
    caption: str = ""
    caption_entities: Entities = ()
    photo: tuple[File, ...] | None = None
    animation: File | None = None
    document: File | None = None
    video: File | None = None
    audio: File | None = None
    voice: File | None = None
    video_note: File | None = None
    sticker: Sticker | None = None
    venue: Venue | None = None
    location: Location | None = None
    contact: Contact | None = None
    poll: Poll | None = None
    dice: Dice | None = None
    game: Titled | None = None
    invoice: Titled | None = None
    checklist: Titled | None = None
    new_chat_members: tuple[User, ...] = ()
    migrate_to_chat_id: ChatId | None = None


class Pressed(_Json, frozen=True):
    """The message of a pressed button; date 0 when it is no longer accessible.

    https://core.telegram.org/bots/api#maybeinaccessiblemessage
    """

    message_id: MessageId
    date: Unixtime
    chat: Chat
    edit_date: Unixtime | None = None
    message_thread_id: MessageId | None = None
    is_topic_message: bool = False


class CallbackQuery(_Json, frozen=True):
    """https://core.telegram.org/bots/api#callbackquery"""

    id: Token
    from_: User
    message: Pressed | None = None
    data: str = ""


class Reaction(_Json, frozen=True):
    """https://core.telegram.org/bots/api#reactiontype"""

    type: Literal["emoji", "custom_emoji", "paid"]
    emoji: str = ""


class MessageReaction(_Json, frozen=True):
    """https://core.telegram.org/bots/api#messagereactionupdated"""

    chat: Chat
    message_id: MessageId
    date: Unixtime
    new_reaction: tuple[Reaction, ...]
    user: User | None = None


class Member(_Json, frozen=True):
    """https://core.telegram.org/bots/api#chatmember"""

    status: Literal["creator", "administrator", "member", "restricted", "left", "kicked"]
    user: User
    is_member: bool = True  # only "restricted" says it

    @property
    def inside(self) -> bool:
        """Whether they can read the chat."""
        return self.is_member and self.status not in {"left", "kicked"}


class MemberChange(_Json, frozen=True):
    """https://core.telegram.org/bots/api#chatmemberupdated"""

    chat: Chat
    from_: User
    date: Unixtime
    old_chat_member: Member
    new_chat_member: Member


class Update(_Json, frozen=True):
    """https://core.telegram.org/bots/api#update; kinds we did not ask for are skipped."""

    update_id: Count
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    message_reaction: MessageReaction | None = None
    my_chat_member: MemberChange | None = None
    chat_member: MemberChange | None = None


ALLOWED_UPDATES = tuple(name for name in Update.__struct_fields__ if name != "update_id")


class _HeadChat(_Json, frozen=True):
    id: int


class _HeadPart(_Json, frozen=True):
    chat: _HeadChat | None = None
    message_id: int = 0
    date: int = 0
    edit_date: int = 0
    id: str = ""


class Head(_Json, frozen=True):
    """What is needed to name an update, whatever else is wrong with it."""

    update_id: int
    message: _HeadPart | None = None
    edited_message: _HeadPart | None = None
    callback_query: _HeadPart | None = None
    message_reaction: _HeadPart | None = None
    my_chat_member: _HeadPart | None = None
    chat_member: _HeadPart | None = None
