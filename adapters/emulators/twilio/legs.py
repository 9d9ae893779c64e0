"""Legs of calls and what is recorded of them, as the API shows them. No I/O.

https://www.twilio.com/docs/voice/api/call-resource and https://www.twilio.com/docs/voice/api/recording
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.emulators.misuse import Json
    from adapters.emulators.twilio.telephone import Telephone


@dataclass(slots=True, eq=False)
class Recording:
    """Sound that was recorded of a call."""

    sid: str
    account: str
    call: str
    callback: str = ""
    status: str = "in-progress"
    tracks: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    wav: bytes = b""
    deleted: bool = False

    def to_json(self) -> Json:
        """As the API shows it."""
        base = f"/2010-04-01/Accounts/{self.account}/Recordings/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "call_sid": self.call,
            "status": self.status,
            "channels": 2,
            "uri": f"{base}.json",
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that happened on a leg: words of the program, a key, or somebody's voice.

    ``mine`` tells whether the owner of the telephone did it; ``language`` is of the words.
    """

    what: Literal["words", "key", "voice"]
    text: str = ""
    language: str = ""
    mine: bool = False


@dataclass(slots=True, eq=False)
class Leg:
    """One telephone's part in a call.

    ``doing`` is the verb it is at, ``asked`` where the program was asked for each ``twiml``.
    """

    sid: str
    account: str
    sender: str
    to: str
    direction: str
    telephone: Telephone | None
    created: datetime
    status: str = "queued"
    parent: str = ""
    callback: str = ""
    sequence: int = 0
    heard: list[Heard] = field(default_factory=list)
    twiml: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    doing: str = ""
    talking_since: datetime | None = None
    keys: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    peer: Leg | None = None
    recording: Recording | None = None
    message: list[int] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        """The words of the program that were heard on it."""
        return [one.text for one in self.heard if one.what == "words"]

    def say(self, text: str, language: str = "") -> None:
        """Let words of the program be heard on it."""
        self.heard.append(Heard("words", text, language))

    def forget_keys(self) -> None:
        """Let keys that nobody waited for mean nothing."""
        while not self.keys.empty():
            self.keys.get_nowait()

    def hang_up(self) -> None:
        """End it, from whichever side."""
        self.over.set()

    def speak(self, samples: list[int]) -> None:
        """Make sound on this leg: who is connected hears it, and a recording keeps it."""
        own = self.recording or (self.peer.recording if self.peer is not None else None)
        if own is not None and own.status == "in-progress":
            mine, theirs = own.tracks if own is self.recording else own.tracks[::-1]
            mine.extend(samples)
            theirs.extend([0] * len(samples))

    def to_json(self) -> Json:
        """As the API shows it."""
        base = f"/2010-04-01/Accounts/{self.account}/Calls/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "from": self.sender,
            "to": self.to,
            "status": self.status,
            "direction": self.direction,
            "parent_call_sid": self.parent or None,
            "date_created": format_datetime(self.created),
            "date_updated": format_datetime(self.created),
            "uri": f"{base}.json",
        }
