"""What people do in their Slack apps, for tests and for the demo."""

from __future__ import annotations

import asyncio
import mimetypes
import uuid
from typing import TYPE_CHECKING, TypedDict, Unpack

import msgspec

from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.slack import blocks
from adapters.emulators.slack.journal import Said, What
from adapters.emulators.slack.words import rich_text
from adapters.emulators.slack.world import APP, BOT_USER, TEAM, Channel, Message, StoredFile, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.emulators.slack.service import Service


class Where(TypedDict, total=False):
    """Where a person writes; nothing = the private chat with the app."""

    chat: str
    thread: str


class FileArgs(Where, total=False):
    """What their app knows of a file; duration in seconds."""

    caption: str
    name: str
    mime: str
    duration: int
    voice: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it is on the screen now."""

    message_id: str
    sender: str
    mine: bool
    kind: str
    text: str
    thread: str | None = None
    edited: bool = False
    buttons: list[str] = []
    reactions: dict[str, list[str]] = {}

    def __str__(self) -> str:
        parts = [f"{self.sender}:", "" if self.kind == "text" else f"[{self.kind}]", self.text]
        parts += [f"[{label}]" for label in self.buttons]
        return " ".join(part for part in (*parts, *self.reactions) if part)


class Person:
    """One person in the workspace."""

    def __init__(self, service: Service, user: User, base: Callable[[], str]) -> None:
        self.service = service
        self.user = user
        self._base = base

    @property
    def id(self) -> str:
        """The user id, which is also how the journal calls the private chat."""
        return self.user.id

    @property
    def chat(self) -> Channel:
        """The private chat with the app."""
        return self.service.world.direct(self.id)

    def chat_of(self, chat: str | None) -> Channel:
        """The private chat, or a conversation this person is in."""
        if chat is None or chat in (self.id, self.chat.id):
            return self.chat
        found = self.service.world.channels.get(chat)
        if found is None or self.id not in found.members:
            raise EmulatorMisuseError(f"{self.user.name} is not in {chat}")
        return found

    def _message(self, ts: str, chat: str | None) -> Message:
        message = self.chat_of(chat).message(ts)
        if message is None:
            raise EmulatorMisuseError(f"there is no message {ts}")
        return message

    def _own(self, ts: str, chat: str | None) -> Message:
        message = self._message(ts, chat)
        if message.user != self.id:
            raise EmulatorMisuseError("only one's own messages can be changed")
        return message

    def note(
        self,
        what: What,
        channel: Channel,
        told: dict[int, int],
        message: Message | None = None,
        text: str | None = None,
    ) -> None:
        """Write in the journal what a person did."""
        words = text if text is not None else message.text if message else ""
        said = Said(
            **self.service.journal.stamp(),
            what=what,
            person=self.id,
            chat=self.service.world.name_of(channel),
            thread=(message.thread_ts or None) if message else None,
            message_id=message.ts if message else None,
            kind="file" if message and message.content.get("files") else "text",
            text=words,
            update_ids=told,
        )
        self.service.journal.said.append(said)
        self.service.touch()

    # -- writing ----------------------------------------------------------------------------

    async def _say(self, content: Json, where: Where) -> Message:
        channel = self.chat_of(where.get("chat"))
        content = {"client_msg_id": str(uuid.uuid4()), **content}
        message, told = self.service.say(channel, self.id, content, where.get("thread", ""))
        self.note("sent", channel, told, message)
        await asyncio.sleep(0)
        return message

    async def send(
        self, text: str, *, content: Json | None = None, **where: Unpack[Where]
    ) -> Message:
        """Send a text; `content` holds fields of a message instead of the usual ones."""
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return await self._say(content or {"text": escaped, "blocks": [rich_text(text)]}, where)

    async def send_file(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a file, perhaps with words."""
        return await self.send_files([data], **args)

    async def send_photo(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Send a picture."""
        given: FileArgs = {"name": "photo.jpg", **args}
        return await self.send_file(data, **given)

    async def send_voice(self, data: bytes, **args: Unpack[FileArgs]) -> Message:
        """Record and send a clip. https://slack.com/help/articles/4406235165587"""
        given: FileArgs = {"name": "audio_message.m4a", "voice": True, **args}
        return await self.send_file(data, **given)

    async def send_files(self, items: list[bytes], **args: Unpack[FileArgs]) -> Message:
        """Send several files in one message."""
        name = args.get("name", "file.bin")
        mime = args.get("mime") or mimetypes.guess_type(name)[0] or "application/octet-stream"
        stored = []
        for data in items:
            file = StoredFile(self.service.world.next_id("F"), self.id, name, mime, len(data), data)
            if args.get("voice"):
                file.subtype, file.mime = "slack_audio", "audio/mp4"
                file.duration_ms = args.get("duration", 1) * 1000
            self.service.world.files[file.id] = file
            stored.append(file)
        caption = args.get("caption", "")
        content: Json = {
            "text": caption,
            "subtype": "file_share",
            "files": [file.json(self._base()) for file in stored],
        }
        if caption:
            content["blocks"] = [rich_text(caption)]
        where = Where()
        if "chat" in args:
            where["chat"] = args["chat"]
        if "thread" in args:
            where["thread"] = args["thread"]
        return await self._say(content, where)

    async def command(self, text: str, *, chat: str | None = None, name: str = "/coach") -> None:
        """Type a slash command. https://docs.slack.dev/interactivity/implementing-slash-commands"""
        channel = self.chat_of(chat)
        form = {
            "command": name,
            "text": text,
            "user_id": self.id,
            "user_name": self.user.name.lower(),
            "team_id": TEAM,
            "api_app_id": APP,
            "channel_id": channel.id,
            "channel_name": channel.name or "directmessage",
            "trigger_id": f"{uuid.uuid4().int % 10**13}.{uuid.uuid4().hex}",
            "response_url": f"{self._base()}/commands/1",
        }
        told = {1: self.service.deliveries.command(form)}
        self.note("command", channel, told, text=text)
        await asyncio.sleep(0)

    # -- changing ---------------------------------------------------------------------------

    async def edit(self, ts: str, text: str, *, chat: str | None = None) -> Message:
        """Change a message of one's own."""
        message = self._own(ts, chat)
        before = message.json(metadata=False)
        message.content = {**message.content, "text": text, "blocks": [rich_text(text)]}
        message.edited = self.service.world.next_ts()
        told = self.service.changed(message, before)
        self.note("edited", message.channel, told, message)
        await asyncio.sleep(0)
        return message

    async def delete(self, ts: str, *, chat: str | None = None) -> None:
        """Delete a message of one's own."""
        message = self._own(ts, chat)
        told = self.service.deleted(message)
        self.note("deleted", message.channel, told, message)
        await asyncio.sleep(0)

    async def react(self, ts: str, name: str, *, chat: str | None = None) -> None:
        """Add a reaction by its name, such as `tada`."""
        message = self._message(ts, chat)
        users = message.reactions.setdefault(name, [])
        if self.id not in users:
            users.append(self.id)
        told = self.service.reacted(message, self.id, name, "reaction_added")
        self.note("reacted", message.channel, told, message, name)
        await asyncio.sleep(0)

    async def unreact(self, ts: str, name: str, *, chat: str | None = None) -> None:
        """Take a reaction away."""
        message = self._message(ts, chat)
        message.reactions.get(name, []).remove(self.id)
        told = self.service.reacted(message, self.id, name, "reaction_removed")
        self.note("reacted", message.channel, told, message, "")
        await asyncio.sleep(0)

    async def press(self, ts: str, button: int | str = 0, *, chat: str | None = None) -> None:
        """Press a button by its place (0 = first) or its label."""
        message = self._message(ts, chat)
        chosen = _button(message, button)
        payload = {
            "type": "block_actions",
            "user": {"id": self.id, "username": self.user.name.lower(), "team_id": TEAM},
            "api_app_id": APP,
            "container": {"type": "message", "message_ts": ts, "channel_id": message.channel.id},
            "trigger_id": f"{uuid.uuid4().int % 10**13}.{uuid.uuid4().hex}",
            "team": {"id": TEAM},
            "channel": {"id": message.channel.id, "name": message.channel.name or "directmessage"},
            "message": message.json(metadata=False),
            "actions": [{**chosen, "action_ts": self.service.world.next_ts()}],
        }
        told = {1: self.service.deliveries.interactive(payload)}
        self.note("pressed", message.channel, told, message, str(chosen["text"]["text"]))
        await asyncio.sleep(0)

    async def join(self, chat: str) -> None:
        """Come into a conversation."""
        channel = self.service.world.channels[chat]
        channel.members.append(self.id)
        self.note("joined", channel, self.service.joined(channel, self.id))
        await asyncio.sleep(0)

    # -- looking ----------------------------------------------------------------------------

    def screen(self, chat: str | None = None, thread: str | None = None) -> list[Line]:
        """What this person sees, oldest first; a thread only when asked for."""
        channel = self.chat_of(chat)
        shown = [
            message
            for message in channel.shown()
            if (message.thread_ts == thread if thread else not message.in_thread)
        ]
        return [self._line(message) for message in shown]

    def _line(self, message: Message) -> Line:
        users = self.service.world.users
        return Line(
            message_id=message.ts,
            sender=users[message.user].name,
            mine=message.user == self.id,
            kind="file" if message.content.get("files") else "text",
            text=message.text,
            thread=message.thread_ts or None,
            edited=bool(message.edited),
            buttons=[str(one["text"]["text"]) for one in blocks.buttons(message.content)],
            reactions={
                name: [users[user].name for user in ids]
                for name, ids in message.reactions.items()
                if ids
            },
        )

    async def wait_for(
        self,
        wanted: str | Callable[[Message], bool],
        within: float = 5.0,
        *,
        chat: str | None = None,
        after: str = "",
    ) -> Message:
        """The first message of somebody else that shows `wanted`; TimeoutError after `within`."""

        def look() -> Message | None:
            for message in self.chat_of(chat).shown():
                if message.ts <= after or message.user == self.id:
                    continue
                if wanted in message.text if isinstance(wanted, str) else wanted(message):
                    return message
            return None

        return await self.service.until(look, within)

    @property
    def is_bot(self) -> bool:
        """Nobody here is."""
        return self.id == BOT_USER


def _button(message: Message, wanted: int | str) -> Json:
    known = blocks.buttons(message.content)
    if isinstance(wanted, int) and 0 <= wanted < len(known):
        return dict(known[wanted])
    for button in known:
        if wanted in (button["text"]["text"], button.get("value")):
            return dict(button)
    raise EmulatorMisuseError(f"message {message.ts} has no button {wanted!r}")
