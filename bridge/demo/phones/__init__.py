"""The phones on the page: what they show and what their owners do with them.

1. A network brings a module here, with a ``Phone`` that drives its emulator and a ``Wire`` that
   makes it fail, and a drawing in ``static/phones/<network>.js`` that knows how a screen of that
   network looks. ``bridge.demo.set`` names them; nothing else of the page knows networks by name.
2. What a phone shows is what its emulator says, never what the bridge meant to send.
3. An ``Act`` that the phone cannot do is refused with ``CannotError``, in words.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec


class CannotError(Exception):
    """A phone cannot do this; the text says why."""


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Write a text, perhaps in answer to a message."""

    text: str
    reply_to: int | None = None


class Show(msgspec.Struct, frozen=True, tag="photo"):
    """Send the photo that every phone has."""

    reply_to: int | None = None


class Speak(msgspec.Struct, frozen=True, tag="voice"):
    """Send the voice note that every phone has."""

    reply_to: int | None = None


class Press(msgspec.Struct, frozen=True, tag="press"):
    """Press a button under a message, counted from 0."""

    message: int
    button: int


class Edit(msgspec.Struct, frozen=True, tag="edit"):
    """Change one's own message."""

    message: int
    text: str


class React(msgspec.Struct, frozen=True, tag="react"):
    """Put an emoji to a message; '' takes it back."""

    message: int
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

    ``file`` is what the page asks ``/demo/file/<phone>/<file>`` for. ``quoted`` are the first
    words of the message it answers.
    """

    id: int
    at: str
    mine: bool
    kind: str
    runs: tuple[Run, ...]
    sender: str = ""
    quoted: str = ""
    reply_to: int | None = None
    edited: bool = False
    buttons: tuple[str, ...] = ()
    reactions: tuple[str, ...] = ()
    file: str = ""
    name: str = ""
    seconds: int = 0


class Screen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a phone shows now; ``waiting`` is an invitation that was not opened yet."""

    bubbles: tuple[Bubble, ...]
    can: tuple[str, ...]
    waiting: str = ""


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
    """What one can do to a network, for all who are on it."""

    @property
    def network(self) -> str:
        """Return the network."""
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
