"""A Slack window, and what can go wrong there, driven through the emulator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters.emulators.slack.blocks import buttons
from adapters.slack.emoji import character, name_of
from bridge.demo.phones import (
    Bubble,
    CannotError,
    File,
    Run,
    Screen,
    Trouble,
    first_words,
    kind_of,
    linked,
)
from bridge.demo.phones.chat import CAN, VOICE_SECONDS, ChatPhone, ChatWire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.emulators.slack import Message, Person, SlackEmulator

_SENDING = ("chat.postMessage", "chat.update", "files.completeUploadExternal", "reactions.add")
_STYLES = {"bold": "bold", "italic": "italic", "strike": "strikethrough", "code": "code"}


class SlackWire(ChatWire):
    """The emulated Slack as a whole."""

    def __init__(self, slack: SlackEmulator) -> None:
        super().__init__("slack", slack, _SENDING)
        self._slack = slack
        self._down_since = 0

    async def make(self, trouble: Trouble) -> None:
        """Let it do like this from now on."""
        if trouble is Trouble.DOWN:
            self._down_since = len(self._slack.journal.handed)
        await super().make(trouble)

    def kept(self) -> int:
        """Return how many events wait, those too that Slack brings no more but shows in its
        history while it is down.
        """
        if self._trouble is not Trouble.DOWN:
            return super().kept()
        since = self._slack.journal.handed[self._down_since :]
        return sum(handed.confirmed is None for handed in since)


class SlackWindow(ChatPhone):
    """One person's Slack: the conversation with the bridge's app, threads in their place."""

    network = "slack"

    def __init__(self, person: str, owner: Person) -> None:
        super().__init__(person)
        self._owner = owner

    def screen(self) -> Screen:
        """Return the private chat with the app, oldest first."""
        messages = {message.ts: message for message in self._owner.chat.shown()}
        return Screen(tuple(self._bubble(one, messages) for one in messages.values()), CAN)

    def file(self, name: str) -> File | None:
        """Return a file that stands in the chat, by its id."""
        shown = {file["id"] for one in self._owner.chat.shown() for file in _files(one)}
        stored = self._owner.service.world.files.get(name) if name in shown else None
        if stored is None or stored.data is None:
            return None
        return File(stored.data, _mime({"mimetype": stored.mime, "subtype": stored.subtype}))

    async def say(self, text: str, answered: str) -> None:
        """Write a text."""
        await self._owner.send(text, thread=self._thread(answered))

    async def show(self, picture: bytes, answered: str) -> None:
        """Send a picture."""
        thread = self._thread(answered)
        await self._owner.send_photo(picture, name="sunrise.png", thread=thread)

    async def speak(self, sound: bytes, answered: str) -> None:
        """Record a clip."""
        thread = self._thread(answered)
        await self._owner.send_voice(sound, duration=VOICE_SECONDS, thread=thread)

    async def press(self, message: str, button: int) -> None:
        """Press a button of a message."""
        await self._owner.press(message, button)

    async def edit(self, message: str, text: str) -> None:
        """Change one's own message."""
        await self._owner.edit(message, text)

    async def react(self, message: str, emoji: str) -> None:
        """Set one's own reaction; '' takes it back."""
        found = self._owner.chat.message(message)
        if found is None:
            raise CannotError(f"there is no message {message}")
        for name in [name for name, who in found.reactions.items() if self._owner.id in who]:
            await self._owner.unreact(message, name)
        if emoji:
            await self._owner.react(message, name_of(emoji))

    def _thread(self, answered: str) -> str:
        """Return the thread an answer goes to: there are none within one. Raises CannotError."""
        if not answered:
            return ""
        message = self._owner.chat.message(answered)
        if message is None:
            raise CannotError(f"there is no message {answered}")
        return message.thread_ts or message.ts

    def _bubble(self, message: Message, messages: Mapping[str, Message]) -> Bubble:
        user = self._owner.service.world.users[message.user]
        parent = messages.get(message.thread_ts) if message.thread_ts != message.ts else None
        file = next(iter(_files(message)), None)
        return Bubble(
            id=message.ts,
            at=datetime.fromtimestamp(float(message.ts), UTC).isoformat(),
            mine=message.user == self._owner.id,
            kind="text" if file is None else kind_of(_mime(file)),
            runs=tuple(_runs(message.content)),
            sender=user.name,
            quoted=first_words(parent.text) if parent is not None else "",
            edited=bool(message.edited),
            buttons=tuple(str(one["text"]["text"]) for one in buttons(message.content)),
            reactions=tuple(character(name) for name, who in message.reactions.items() if who),
            file="" if file is None else str(file["id"]),
            name="" if file is None else str(file["name"]),
        )


def _mime(file: dict[str, Any]) -> str:
    """Return the type of a file; the clip that every phone has is Ogg, whatever Slack calls it."""
    return "audio/ogg" if file.get("subtype") == "slack_audio" else str(file["mimetype"])


def _files(message: Message) -> list[dict[str, Any]]:
    return list(message.content.get("files", ()))


def _runs(content: dict[str, Any]) -> Iterator[Run]:
    """Yield the words of a message in their styles; files may come with words and no blocks."""
    blocks = [one for one in content.get("blocks", ()) if one.get("type") != "actions"]
    if not blocks:
        yield from linked(str(content.get("text", "")))
    for block in blocks:
        if block["type"] == "rich_text":
            for part in block.get("elements", ()):
                yield from _part(part)
        else:
            yield from linked(str(block.get("text", {}).get("text", "")))


def _part(part: dict[str, Any]) -> Iterator[Run]:
    quoted = ("blockquote",) if part.get("type") == "rich_text_quote" else ()
    for one in part.get("elements", ()):
        if "elements" in one:
            yield from _part(one)
            continue
        marks = (_STYLES[name] for name, on in (one.get("style") or {}).items() if on)
        styles = (*quoted, *marks)
        match one.get("type"):
            case "link":
                url = str(one["url"])
                link = url if url.startswith(("http://", "https://")) else ""
                yield Run(str(one.get("text") or url), styles, link)
            case "emoji":
                name = str(one.get("name", ""))
                yield Run(character(name), styles)
            case _:
                yield Run(str(one.get("text", "")), styles)
