"""What a network brings so that the conformance suite can try its adapter.

The suite asks for capabilities and for these parts, never for a network's name.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bridge.core.adapter import Adapter, Raw, Request, Sink
from bridge.core.endpoint import Place
from bridge.core.errors import StoreError
from bridge.core.inbound import TypingIn


class Trouble(StrEnum):
    """What may happen to the next message we send."""

    ACCEPTED_THEN_DROPPED = "accepted_then_dropped"
    RESET = "reset"
    SERVER_ERROR = "server_error"
    GARBLED = "garbled"


class Server(Protocol):
    """A network's server with one person on it, real or emulated."""

    url: str
    place: Place

    async def say(self, text: str) -> None:
        """The person writes to us."""

    def shown(self) -> list[str]:
        """Return the words of all our messages that the person sees, oldest first."""

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next message that we send."""

    def hand_out_again(self) -> None:
        """Deliver the newest payload once more."""

    async def down(self) -> None:
        """Refuse connections from now on."""

    async def up(self) -> None:
        """Listen again, at the same address."""


@dataclass(frozen=True)
class Shown:
    """Words of a request and the most the network takes there, in its unit."""

    text: str
    limit: int


@dataclass(frozen=True)
class Kit:
    """One network. ``build`` gets the address of the server; webhooks only where there are any.

    ``fixtures`` holds ``inbound/<what happened>.json`` with the payload as it came and
    ``<what happened>.expected`` next to it, and ``errors/<what happened>.json`` with status, body
    and the error expected. ``secret`` must never be seen. ``chat`` is a chat that could exist.
    ``slow`` says that its server takes its time.

    ``form`` makes a payload of a recording where payloads are no JSON. ``unnumbered`` takes the
    number off a part. ``by_link`` says that files go as the bridge's link. ``called`` brings the
    network's calls to a sink while an adapter listens. ``answering`` runs a server that gives
    one answer (status, body), for networks that do not speak HTTP.
    """

    name: str
    fixtures: Path
    secret: str
    build: Callable[[str], Adapter]
    server: Callable[[], AbstractAsyncContextManager[Server]]
    words: Callable[[Request], list[Shown]]
    build_webhook: Callable[[str], Adapter] | None = None
    sign: Callable[[bytes], Mapping[str, str]] | None = None
    chat: str = "222"
    form: Callable[[Any], bytes] | None = None
    unnumbered: Callable[[str], str] = str
    by_link: bool = False
    called: Callable[[Server, Adapter, Sink], AbstractAsyncContextManager[None]] | None = None

    def payload(self, recording: Path) -> bytes:
        """Return a recorded payload as it came."""
        data = recording.read_bytes()
        return data if self.form is None else self.form(msgspec.json.decode(data))

    answering: Callable[[int, object], AbstractAsyncContextManager[str]] | None = None
    slow: bool = False

    def __str__(self) -> str:
        return self.name


class MemoryFiles:
    """Attachments in memory, given out in small chunks."""

    def __init__(self, **files: bytes) -> None:
        self._files = files

    async def read(self, attachment: str) -> AsyncIterator[bytes]:
        """Yield the bytes. Raises StoreError."""
        if attachment not in self._files:
            raise StoreError("the file is gone")
        data = self._files[attachment]
        for start in range(0, len(data), 50_000):
            yield data[start : start + 50_000]


@dataclass
class MemorySink:
    """A sink that keeps each payload once; ``broken`` makes it refuse."""

    kept: list[Raw] = field(default_factory=list)
    at: str | None = None
    calls: int = 0
    broken: int = 0
    _names: set[str] = field(default_factory=set)

    async def accept(self, raws: Sequence[Raw], cursor: str | None = None) -> int:
        """Keep what is new and the cursor, or nothing. Raises StoreError."""
        self.calls += 1
        if self.broken:
            self.broken -= 1
            raise StoreError("disk full")
        new = 0
        for raw in raws:
            if not self._names.intersection(raw.keys):
                self.kept.append(raw)
                new += 1
            self._names.update(raw.keys)
        self.at = cursor or self.at
        return new

    async def cursor(self) -> str | None:
        """Return the last cursor."""
        return self.at

    async def typing(self, inbound: TypingIn) -> None:
        """Forget it."""
