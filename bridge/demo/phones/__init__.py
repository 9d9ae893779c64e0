"""The phones on the page: what they show and what their owners do with them.

1. A network brings a module here, with a ``Phone`` that drives its emulator and a ``Wire`` that
   makes it fail, and a drawing in ``static/phones/<network>.js`` that knows how a screen of that
   network looks. ``bridge.demo.networks`` names them; the rest of the page goes by these protocols.
2. What a phone shows is what its emulator says, never what the bridge meant to send.
3. An ``Act`` that the phone cannot do is refused with ``CannotError``, in words.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTED = 60
"""Letters that are shown of a message that is answered."""
SHOWN = {
    "image/png": "photo",
    "image/jpeg": "photo",
    "image/gif": "photo",
    "image/webp": "photo",
    "audio/ogg": "voice",
    "audio/mpeg": "voice",
    "audio/wav": "voice",
}
"""Types of files that can do no harm, and how they are shown; all others can only be saved."""
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,:;!?)\]]")


class CannotError(Exception):
    """A phone cannot do this; the text says why."""


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Write a text, perhaps in answer to a message."""

    text: str
    reply_to: str = ""


class Show(msgspec.Struct, frozen=True, tag="photo"):
    """Send the photo that every phone has."""

    reply_to: str = ""


class Speak(msgspec.Struct, frozen=True, tag="voice"):
    """Send the voice note that every phone has."""

    reply_to: str = ""


class Press(msgspec.Struct, frozen=True, tag="press"):
    """Press a button under a message, counted from 0."""

    message: str
    button: int


class Edit(msgspec.Struct, frozen=True, tag="edit"):
    """Change one's own message."""

    message: str
    text: str


class React(msgspec.Struct, frozen=True, tag="react"):
    """Put an emoji to a message; '' takes it back."""

    message: str
    emoji: str


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Follow the invitation that waits on this phone."""


Act = Say | Show | Speak | Press | Edit | React | Open


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """Some words in one style; ``styles`` are names of the drawing, ``link`` an http(s) URL."""

    text: str
    styles: tuple[str, ...] = ()
    link: str = ""


class Bubble(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message as the phone shows it.

    ``id`` is what the network calls it. ``file`` is what the page asks
    ``/demo/file/<phone>/<file>`` for. ``quoted`` are the first words of the message it answers.
    """

    id: str
    at: str
    mine: bool
    kind: str
    runs: tuple[Run, ...]
    sender: str = ""
    quoted: str = ""
    edited: bool = False
    buttons: tuple[str, ...] = ()
    reactions: tuple[str, ...] = ()
    file: str = ""
    name: str = ""
    seconds: int = 0
    subject: str = ""

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(run.text for run in self.runs)


def kind_of(mime: str) -> str:
    """Return how a file is shown."""
    return SHOWN.get(mime, "file")


def linked(text: str, *styles: str) -> Iterator[Run]:
    """Cut a text where a web address begins and ends, as phones do by themselves."""
    at = 0
    for found in _LINK.finditer(text):
        if found.start() > at:
            yield Run(text[at : found.start()], styles)
        yield Run(found[0], styles, found[0])
        at = found.end()
    if at < len(text):
        yield Run(text[at:], styles)


def first_words(text: str) -> str:
    """Return what is shown of a message that is answered."""
    return " ".join(text.split())[:QUOTED]


class Screen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a phone shows now; ``waiting`` is an invitation that was not opened yet.

    ``title`` and ``members`` are of a room: how it is called, and who is in it.
    """

    bubbles: tuple[Bubble, ...]
    can: tuple[str, ...]
    waiting: str = ""
    title: str = ""
    members: tuple[str, ...] = ()


class File(msgspec.Struct, frozen=True):
    """A file on a phone."""

    data: bytes
    mime: str


class Trouble(StrEnum):
    """How a network does."""

    WELL = "well"
    BUSY = "busy"
    """It answers 429: too many requests, wait so many seconds."""
    LOST = "lost"
    """It takes the next message, and its answer is lost; then all is well again."""
    DOWN = "down"
    """Nobody gets through, neither way."""


class Wire(Protocol):
    """What one can do to a vendor, for all who are on its networks."""

    @property
    def name(self) -> str:
        """Return the id of the vendor."""
        ...

    @property
    def networks(self) -> tuple[str, ...]:
        """Return the networks that go over it."""
        ...

    @property
    def refusal(self) -> str:
        """Return the number it answers with when it is busy."""
        ...

    @property
    def trouble(self) -> Trouble:
        """Return how it does now; a lost answer is over once it happened."""
        ...

    async def make(self, trouble: Trouble) -> None:
        """Let it do like this from now on."""
        ...

    def kept(self) -> int:
        """Return how much that people did waits there because the bridge did not fetch it."""
        ...


class Phone(Protocol):
    """One phone, or window, of one person on one network."""

    @property
    def person(self) -> str:
        """Return the id of its owner."""
        ...

    @property
    def network(self) -> str:
        """Return its network, which names the drawing."""
        ...

    def screen(self) -> Screen:
        """Return what it shows now."""
        ...

    def file(self, name: str) -> File | None:
        """Return a file that it shows, None when there is none of this name."""
        ...

    async def do(self, act: Act) -> None:
        """Do what its owner does. Raises CannotError."""
        ...
