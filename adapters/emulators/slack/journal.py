"""The judge's record: what people did, what was handed out, which calls were accepted.

It has the form of the other emulators' journals. A private chat is called by its person's id.
Sequence numbers count over all lists; `monotonic` is `time.monotonic()` in seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from adapters.emulators.misuse import Json
from adapters.emulators.record import Happening, Record

What = Literal["sent", "edited", "deleted", "reacted", "pressed", "joined", "left", "command"]
BOT_NUMBER = 1
"""There is one app; the journals of other networks number their bots."""


class Said(Happening, kw_only=True):
    """One thing a person did."""

    what: What
    person: str
    chat: str
    thread: str | None = None
    message_id: str | None = None
    kind: str = ""
    text: str = ""
    update_ids: dict[int, int] = msgspec.field(default_factory=dict)


class Handed(Happening, kw_only=True):
    """One event and its way to the app."""

    bot: int = BOT_NUMBER
    update_id: int
    event_id: str
    kind: str
    raw: Json
    times: int = 0
    first_handed: float | None = None
    first_handed_at: datetime | None = None
    over: Literal["", "socket", "events"] = ""
    confirmed: float | None = None
    """When the app acknowledged it: its envelope, or a 2xx to the call."""
    dropped: str = ""
    """Why it will never come again though unconfirmed."""


class Call(Happening, kw_only=True):
    """One call of a method that reached the server."""

    bot: int = BOT_NUMBER
    method: str
    chat: str | None
    thread: str | None
    params: Json
    processed: bool = False
    ok: bool = False
    error: str = ""
    message_ids: list[str] = msgspec.field(default_factory=list)
    fault: str = ""
    answered: bool = False


class Shown(Happening, kw_only=True):
    """A message of the app that appeared."""

    bot: int = BOT_NUMBER
    chat: str
    thread: str | None
    message_id: str
    kind: str
    text: str
    reply_to: str | None
    call: int


class Journal(Record):
    """Append-only lists with a few questions on them."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Said] = []
        self.handed: list[Handed] = []
        self.calls: list[Call] = []
        self.shown: list[Shown] = []

    def calls_of(self, method: str, *, ok: bool | None = None) -> list[Call]:
        """Calls of a method, in order of arrival."""
        return [
            c
            for c in self.calls
            if c.method == method and (ok is None or (c.processed and c.ok) == ok)
        ]

    def shown_in(self, chat: str, thread: str | None = None) -> list[Shown]:
        """What the app put in a chat; later deletions do not remove it."""
        return [s for s in self.shown if s.chat == chat and (thread is None or s.thread == thread)]

    def unconfirmed(self) -> list[Handed]:
        """Events the app has not confirmed and that were not dropped."""
        return [h for h in self.handed if h.confirmed is None and not h.dropped]
