"""A phone with Telegram on it, and what can go wrong there, driven through the emulator."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from bridge.demo.phones import Bubble, CannotError, File, Run, Screen, first_words
from bridge.demo.phones.chat import CAN, VOICE_SECONDS, ChatPhone, ChatWire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.emulators.telegram import Line, Message, Person, TelegramEmulator

_DIGITS = 10
_SHOWN = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"})
_CODE = frozenset({"code", "pre"})
_SENDING = ("sendMessage", "sendPhoto", "sendVoice", "editMessageText", "setMessageReaction")


def telegram_wire(telegram: TelegramEmulator) -> ChatWire:
    """Return the emulated Telegram as a whole."""
    return ChatWire("telegram", telegram, _SENDING)


class TelegramPhone(ChatPhone):
    """One person's phone; ``code`` is of the invitation that waits on it, '' for none."""

    network = "telegram"

    def __init__(self, person: str, owner: Person, code: str = "", link: str = "") -> None:
        super().__init__(person)
        self._owner = owner
        self._code = code
        self._link = link

    def screen(self) -> Screen:
        """Return the private chat with the bot, oldest first."""
        lines = {line.message_id: line for line in self._owner.screen()}
        messages = {message.message_id: message for message in self._owner.chat.shown()}
        bubbles = tuple(_bubble(line, messages[number], lines) for number, line in lines.items())
        if self._code and not self._owner.chat.started:
            return Screen(bubbles, ("open",), waiting=self._link)
        return Screen(bubbles, CAN)

    def file(self, name: str) -> File | None:
        """Return a file that stands in the chat, by its ``file_id``."""
        shown = {_file_of(message.content) for message in self._owner.chat.shown()}
        stored = self._owner.service.files.by_id(name) if name in shown else None
        return None if stored is None else File(stored.data, stored.mime)

    async def say(self, text: str, answered: str) -> None:
        """Write a text."""
        if answered:
            await self._owner.send(text, reply_to=_number(answered))
        else:
            await self._owner.send(text)

    async def show(self, picture: bytes, answered: str) -> None:
        """Send a picture."""
        await self._send("photo", picture, "sunrise.png", "image/png", answered)

    async def speak(self, sound: bytes, answered: str) -> None:
        """Send a voice note."""
        await self._send("voice", sound, "voice.ogg", "audio/ogg", answered)

    async def press(self, message: str, button: int) -> None:
        """Press a button under a message."""
        await self._owner.press(_number(message), button)

    async def edit(self, message: str, text: str) -> None:
        """Change one's own message."""
        await self._owner.edit(_number(message), text)

    async def react(self, message: str, emoji: str) -> None:
        """Put an emoji to a message; '' takes it back."""
        await self._owner.react(_number(message), *filter(None, [emoji]))

    async def open(self) -> None:
        """Follow the link of the invitation."""
        if self._code and not self._owner.chat.started:
            await self._owner.start(self._code)

    async def _send(self, kind: str, data: bytes, name: str, mime: str, answered: str) -> None:
        seconds = VOICE_SECONDS if kind == "voice" else 0
        if answered:
            await self._owner.send_file(
                kind, data, name=name, mime=mime, duration=seconds, reply_to=_number(answered)
            )
        else:
            await self._owner.send_file(kind, data, name=name, mime=mime, duration=seconds)


def _number(message: str) -> int:
    """Return what Telegram calls a message. Raises CannotError."""
    if not message.isdecimal() or len(message) > _DIGITS:
        raise CannotError(f"there is no message {message}")
    return int(message)


def _bubble(line: Line, message: Message, lines: Mapping[int, Line]) -> Bubble:
    answered = lines.get(line.reply_to) if line.reply_to is not None else None
    words = line.quote or (answered.text if answered else "")
    file = message.content.get(line.kind)
    details = file if isinstance(file, dict) else {}
    return Bubble(
        id=str(line.message_id),
        at=line.at.isoformat(),
        mine=line.mine,
        kind=line.kind,
        runs=tuple(_runs(line.text, _entities(message))),
        sender=line.sender,
        quoted=first_words(words) or (f"[{answered.kind}]" if answered else ""),
        edited=line.edited,
        buttons=tuple(label for row in line.buttons for label in row),
        reactions=tuple(line.reactions),
        file=_file_of(message.content),
        name=str(details.get("file_name", "")),
        seconds=int(details.get("duration", 0)),
    )


def _entities(message: Message) -> list[Mapping[str, object]]:
    found = message.content.get("entities") or message.content.get("caption_entities") or []
    return [entity for entity in found if isinstance(entity, dict)]


def _file_of(content: Mapping[str, object]) -> str:
    """Return the ``file_id`` of a message's file: of a photo the largest size, '' for none."""
    for value in content.values():
        one = value[-1] if isinstance(value, list) and value else value
        if isinstance(one, dict) and "file_id" in one:
            return str(one["file_id"])
    return ""


def _runs(text: str, entities: Iterable[Mapping[str, object]]) -> Iterable[Run]:
    """Cut a text where its formatting changes; offsets are UTF-16 units, as Telegram counts."""
    raw = text.encode("utf-16-le")
    spans = [
        (start, start + int(str(entity["length"])), entity)
        for entity in entities
        if (start := int(str(entity["offset"]))) >= 0
    ]
    cuts = sorted({0, len(raw) // 2, *(at for span in spans for at in span[:2])})
    for start, end in pairwise(cuts):
        words = raw[start * 2 : end * 2].decode("utf-16-le", errors="replace")
        over = [entity for a, b, entity in spans if a <= start and end <= b]
        styles = [_style(str(entity["type"])) for entity in over]
        yield Run(words, tuple(style for style in styles if style), _link(words, over))


def _style(kind: str) -> str:
    return kind if kind in _SHOWN else "code" if kind in _CODE else ""


def _link(words: str, over: Iterable[Mapping[str, object]]) -> str:
    for entity in over:
        target = str(entity.get("url", "")) if entity["type"] == "text_link" else ""
        target = words if entity["type"] == "url" else target
        if target.startswith(("http://", "https://")):
            return target
    return ""
