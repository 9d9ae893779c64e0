"""What people send from their phones, for tests and for the demo."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypedDict, Unpack

from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.files import media_content
from adapters.emulators.telegram.formatting import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    formatted,
    utf16_length,
)
from adapters.emulators.telegram.journal import Said, What

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.emulators.telegram.chats import Bot, Chat, Message, User
    from adapters.emulators.telegram.service import Service


class Where(TypedDict, total=False):
    """Where and to what a person writes; nothing = the private chat with the bot."""

    chat: int
    thread: int
    reply_to: int
    quote: str
    """The part of the message replied to that is quoted."""


class FileArgs(Where, total=False):
    """What a phone knows of a file; sizes in pixels, duration in seconds."""

    caption: str
    entities: list[Json]
    name: str
    mime: str
    width: int
    height: int
    duration: int
    performer: str
    title: str


def note(
    service: Service,
    what: What,
    person: User,
    chat: Chat,
    told: dict[int, int],
    *,
    message: Message | None = None,
    text: str | None = None,
) -> Said:
    """Write in the journal what a person did; `told` is bot id to update id."""
    words = message.text if text is None and message is not None else text
    said = Said(
        **service.journal.stamp(),
        what=what,
        person=person.id,
        chat=chat.id,
        thread=message.thread_id if message is not None else None,
        message_id=message.message_id if message is not None else None,
        kind=message.kind if message is not None else "",
        text=words or "",
        update_ids=told,
    )
    service.journal.said.append(said)
    service.touch()
    return said


class Sender:
    """One person; every method sends what the phone's app would send."""

    def __init__(self, service: Service, user: User, bot: Callable[[], Bot]) -> None:
        self.service = service
        self.user = user
        self._bot = bot

    @property
    def id(self) -> int:
        """The user id, which is also the id of the private chat."""
        return self.user.id

    @property
    def chat(self) -> Chat:
        """The private chat with the bot."""
        return self.service.world.private_chat(self._bot(), self.user)

    def chat_of(self, chat_id: int | None) -> Chat:
        """The private chat, or a group this person is in."""
        if chat_id is None or chat_id == self.id:
            return self.chat
        group = self.service.world.groups.get(chat_id)
        if group is None or not group.is_member(self.id):
            raise EmulatorMisuseError(f"{self.user.first_name} is not in chat {chat_id}")
        return group

    def _writable(self, where: Where) -> tuple[Chat, Message | None]:
        """The chat and the message replied to, if a phone would allow to write there."""
        chat = self.chat_of(where.get("chat"))
        if chat.blocked:
            raise EmulatorMisuseError(f"{self.user.first_name} has blocked the bot")
        if chat.migrated_to is not None:
            raise EmulatorMisuseError(f"group {chat.id} has become {chat.migrated_to}")
        if "thread" in where and where["thread"] not in chat.topics:
            raise EmulatorMisuseError(f"there is no topic {where['thread']}")
        replied = chat.message(where.get("reply_to"))
        if "reply_to" in where and replied is None:
            raise EmulatorMisuseError(f"message {where['reply_to']} is not on this phone")
        return chat, replied

    async def say(self, content: Json, where: Where, album: str | None = None) -> Message:
        """Send any content; the methods below make it."""
        chat, replied = self._writable(where)
        thread = where.get("thread") or (replied.thread_id if replied is not None else None)
        quote = None
        if replied is not None and "quote" in where:
            at = max(replied.text.find(where["quote"]), 0)
            position = utf16_length(replied.text[:at])
            quote = shapes.quote_json(where["quote"], position, manual=True)
        message = self.service.world.add_message(
            chat,
            self.user,
            content,
            thread_id=thread,
            reply_to=replied.message_id if replied is not None else None,
            quote=quote,
            media_group_id=album,
        )
        chat.started = True
        told = self.service.announce(message)
        note(self.service, "sent", self.user, chat, told, message=message)
        await asyncio.sleep(0)
        return message

    async def send(
        self, text: str, *, entities: list[Json] | None = None, **where: Unpack[Where]
    ) -> Message:
        """Send a text; entity offsets are UTF-16 units."""
        text, kept = formatted(text, entities, None, TEXT_LIMIT, "message is too long")
        return await self.say(shapes.text_content(text, kept), where)

    def _file(self, kind: str, data: bytes, args: FileArgs, emoji: str = "") -> Json:
        stored = self.service.files.keep(kind, data, args.get("name"), args.get("mime"))
        content = media_content(stored, {**args, "emoji": emoji})
        caption, kept = formatted(
            args.get("caption", ""), args.get("entities"), None, CAPTION_LIMIT, "caption too long"
        )
        if caption:
            content["caption"] = caption
        if kept:
            content["caption_entities"] = kept
        return content

    async def send_file(self, kind: str, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a file as `photo`, `document`, `voice`, `video`, `audio`, `animation`, …"""
        return await self.say(self._file(kind, data, args), _where(args))

    async def send_photo(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a photo."""
        return await self.send_file("photo", data, **args)

    async def send_document(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a file as it is; `name` is its file name."""
        return await self.send_file("document", data, **args)

    async def send_voice(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a voice note."""
        return await self.send_file("voice", data, **args)

    async def send_video(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a video."""
        return await self.send_file("video", data, **args)

    async def send_audio(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a piece of music."""
        return await self.send_file("audio", data, **args)

    async def send_animation(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a GIF."""
        return await self.send_file("animation", data, **args)

    async def send_video_note(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a round video."""
        return await self.send_file("video_note", data, **args)

    async def send_sticker(self, emoji: str, **where: Unpack[Where]) -> Message:
        """Send a sticker that means this emoji."""
        content = self._file("sticker", emoji.encode(), {"name": "sticker.webp"}, emoji)
        return await self.say(content, where)

    async def send_album(
        self, items: Sequence[tuple[str, bytes, str]], **where: Unpack[Where]
    ) -> list[Message]:
        """Send several files as one album: (kind, data, caption) each."""
        album = self.service.world.next_album_id()
        contents = [self._file(kind, data, {"caption": words}) for kind, data, words in items]
        return [await self.say(content, where, album) for content in contents]

    async def send_location(
        self, latitude: float, longitude: float, **where: Unpack[Where]
    ) -> Message:
        """Send a place on the map."""
        return await self.say({"location": _location(latitude, longitude)}, where)

    async def send_venue(
        self, latitude: float, longitude: float, title: str, address: str, **where: Unpack[Where]
    ) -> Message:
        """Send a place with a name."""
        location = _location(latitude, longitude)
        venue: Json = {"location": location, "title": title, "address": address}
        return await self.say({"venue": venue, "location": location}, where)

    async def send_contact(
        self, phone: str, name: str, *, user_id: int | None = None, **where: Unpack[Where]
    ) -> Message:
        """Send a contact card; one's own carries one's own `user_id`."""
        contact: Json = {"phone_number": phone, "first_name": name}
        if user_id is not None:
            contact["user_id"] = user_id
        return await self.say({"contact": contact}, where)


def _location(latitude: float, longitude: float) -> Json:
    return {"latitude": latitude, "longitude": longitude}


def _where(args: FileArgs) -> Where:
    where: Where = {}
    if "chat" in args:
        where["chat"] = args["chat"]
    if "thread" in args:
        where["thread"] = args["thread"]
    if "reply_to" in args:
        where["reply_to"] = args["reply_to"]
    if "quote" in args:
        where["quote"] = args["quote"]
    return where
