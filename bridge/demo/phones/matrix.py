"""A Matrix room on a phone, and what can go wrong there, driven through the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from adapters.matrix.html import from_html
from bridge.core.content import Code, Link, Style, Styled, plain
from bridge.demo.phones import Bubble, File, Run, Screen, first_words, kind_of, linked
from bridge.demo.phones.chat import CAN, VOICE_SECONDS, ChatPhone, ChatWire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from adapters.emulators.matrix import Line, MatrixEmulator, Person, Room
    from bridge.core.content import Node

_SENDING = ("send", "redact")
_HTML = "org.matrix.custom.html"
_STYLES = {
    Style.BOLD: "bold",
    Style.ITALIC: "italic",
    Style.UNDERLINE: "underline",
    Style.STRIKE: "strikethrough",
    Style.SPOILER: "spoiler",
    Style.QUOTE: "blockquote",
}


def matrix_wire(matrix: MatrixEmulator) -> ChatWire:
    """Return the emulated homeserver as a whole."""
    return ChatWire("matrix", matrix, _SENDING)


class MatrixRoom(ChatPhone):
    """One person's client, with the room open that they share with the bridge."""

    network = "matrix"

    def __init__(self, person: str, owner: Person, room: Room) -> None:
        super().__init__(person)
        self._owner = owner
        self._room = room

    def screen(self) -> Screen:
        """Return the room, oldest first: what was said, and who came and went."""
        lines = self._lines()
        bubbles = tuple(self._bubble(line, lines) for line in lines.values())
        members = tuple(self._name(user) for user in self._room.members())
        others = [name for name in members if name != self._owner.account.name]
        # What has no name is called after those who are in it.
        title = self._room.name or ", ".join(others)
        return Screen(bubbles, CAN, title=title, members=members)

    def file(self, name: str) -> File | None:
        """Return a file that stands in the room, by the last part of its address."""
        files = self._owner.service.world
        for line in self._lines().values():
            stored = files.file_of(line.content.get("url"))
            if stored is not None and stored.id == name:
                return File(stored.data, stored.mime)
        return None

    async def say(self, text: str, answered: str) -> None:
        """Write a text."""
        await self._owner.send(text, room=self._room.id, reply_to=answered)

    async def show(self, picture: bytes, answered: str) -> None:
        """Send a picture."""
        await self._owner.send_photo(
            picture, mime="image/png", room=self._room.id, reply_to=answered
        )

    async def speak(self, sound: bytes, answered: str) -> None:
        """Record a voice message."""
        await self._owner.send_voice(
            sound, duration=VOICE_SECONDS, room=self._room.id, reply_to=answered
        )

    async def edit(self, message: str, text: str) -> None:
        """Change one's own message."""
        await self._owner.edit(message, text, room=self._room.id)

    async def react(self, message: str, emoji: str) -> None:
        """Set one's own reaction; '' takes it back."""
        line = self._lines().get(message)
        for known, who in (line.reactions if line is not None else {}).items():
            if self._owner.id in who and known != emoji:
                await self._owner.unreact(message, known, room=self._room.id)
        if emoji:
            await self._owner.react(message, emoji, room=self._room.id)

    def _lines(self) -> dict[str, Line]:
        return {line.message_id: line for line in self._owner.screen(self._room.id)}

    def _name(self, user_id: str) -> str:
        return self._owner.service.account(user_id).name

    def _bubble(self, line: Line, lines: Mapping[str, Line]) -> Bubble:
        answered = lines.get(line.reply_to)
        stored = self._owner.service.world.file_of(line.content.get("url"))
        kind = "text" if stored is None else kind_of(stored.mime)
        info = line.content.get("info") or {}
        quoted = first_words(answered.text) if answered is not None else ""
        return Bubble(
            id=line.message_id,
            at=line.at.isoformat(),
            mine=line.mine,
            kind=kind if line.kind.startswith("m.") else line.kind,
            runs=tuple(_runs(line.content)),
            sender=self._name(line.sender),
            quoted=quoted,
            edited=line.edited,
            reactions=tuple(line.reactions),
            file="" if stored is None else stored.id,
            name="" if stored is None else stored.name,
            seconds=int(info.get("duration", 0)) // 1000,
        )


def _runs(content: Mapping[str, Any]) -> Iterator[Run]:
    """Yield the words of a message in their styles; a file has words only if they are no name."""
    body = str(content.get("body", ""))
    if "url" in content and content.get("filename", body) == body:
        return
    formatted = content.get("formatted_body")
    if content.get("format") == _HTML and isinstance(formatted, str):
        yield from _nodes(from_html(formatted), ())
    else:
        yield from linked(body)


def _nodes(nodes: Iterable[Node], styles: tuple[str, ...]) -> Iterator[Run]:
    for node in nodes:
        match node:
            case str():
                yield from linked(node, *styles)
            case Styled(style=style, children=children):
                yield from _nodes(children, (*styles, _STYLES[style]))
            case Link(url=url, children=children):
                target = url if url.startswith(("http://", "https://")) else ""
                yield Run(plain(children), styles, target)
            case Code(text=text):
                yield Run(text, (*styles, "code"))
            case _:
                assert_never(node)
