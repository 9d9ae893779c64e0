"""The judge's record: what people did, what waited for a program, which calls it made.

It has the form of the other emulators' journals; a chat is a room's id. Of the accounts only those
that a program logs in to are watched: what people do in their own clients needs no delivery.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from adapters.emulators.misuse import Json
from adapters.emulators.record import Happening, Record

What = Literal["sent", "edited", "deleted", "reacted", "joined", "left", "read"]


class Said(Happening, kw_only=True):
    """One thing a person did."""

    what: What
    person: str
    chat: str
    message_id: str = ""
    kind: str = ""
    text: str = ""


class Handed(Happening, kw_only=True):
    """One event for one program: it waits, is handed out by /sync, and confirmed by the next."""

    user: str
    chat: str
    event_id: str
    kind: str
    position: int
    times: int = 0
    first_handed: float | None = None
    confirmed: float | None = None
    """When the program asked for what comes after it."""


class Call(Happening, kw_only=True):
    """One call that reached the server."""

    user: str = ""
    method: str
    chat: str | None
    params: Json
    processed: bool = False
    ok: bool = False
    error: str = ""
    message_ids: list[str] = msgspec.field(default_factory=list)
    fault: str = ""
    answered: bool = False


class Shown(Happening, kw_only=True):
    """A message of a program that appeared."""

    user: str
    chat: str
    message_id: str
    kind: str
    text: str
    reply_to: str
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

    def shown_in(self, chat: str) -> list[Shown]:
        """What programs put in a room; later redactions do not remove it."""
        return [s for s in self.shown if s.chat == chat]

    def unconfirmed(self, user: str = "") -> list[Handed]:
        """Events that a program, or all of them, did not confirm."""
        return [h for h in self.handed if h.confirmed is None and user in ("", h.user)]
