"""The judge's record: what people did, what was handed out, which calls were accepted.

It knows nothing of any bot's workings. Sequence numbers count over all three lists, so the order
of events is unambiguous. `monotonic` is `time.monotonic()` in seconds, `at` an aware UTC instant.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from adapters.emulators.misuse import Json
from adapters.emulators.record import Happening, Record

What = Literal[
    "sent",
    "edited",
    "deleted",
    "reacted",
    "pressed",
    "blocked",
    "unblocked",
    "joined",
    "left",
    "migrated",
    "topic",
]


class Said(Happening, kw_only=True):
    """One thing a person did on their phone."""

    what: What
    person: int
    chat: int
    thread: int | None = None
    message_id: int | None = None
    kind: str = ""
    text: str = ""
    update_ids: dict[int, int] = msgspec.field(default_factory=dict)
    """Bot id to the id of the update that told it; a bot that did not hear of it is missing."""


class Handed(Happening, kw_only=True):
    """One update and its way to the bot."""

    bot: int
    update_id: int
    kind: str
    raw: Json | str
    """The update; a string where broken bytes were injected on purpose."""
    times: int = 0
    """How often it was handed out."""
    first_handed: float | None = None
    first_handed_at: datetime | None = None
    over: Literal["", "polling", "webhook"] = ""
    confirmed: float | None = None
    """When the bot confirmed it: a getUpdates with a higher offset, or a 2xx to the webhook."""
    dropped: str = ""
    """Why it will never come again though unconfirmed (drop_pending_updates, 24 hours)."""


class Call(Happening, kw_only=True):
    """One call of a method that reached the server."""

    bot: int
    method: str
    chat: int | str | None
    thread: int | None
    params: Json
    """Files are shown as `{"file": name, "size": bytes, "sha256": hex}`."""
    processed: bool = False
    """The server did what was asked (or refused it); False = a fault came before."""
    ok: bool = False
    error: str = ""
    message_ids: list[int] = msgspec.field(default_factory=list)
    """Ids of the messages it made or changed."""
    fault: str = ""
    """The planned fault that hit it, if any."""
    answered: bool = False
    """The whole true answer was written to a live connection."""


class Shown(Happening, kw_only=True):
    """A bot's message that appeared in a chat: what the judge compares with the log."""

    bot: int
    chat: int
    thread: int | None
    message_id: int
    kind: str
    text: str
    reply_to: int | None
    call: int
    """`seq` of the call that made it."""


class Journal(Record):
    """Append-only lists with a few questions on them."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Said] = []
        self.handed: list[Handed] = []
        self.calls: list[Call] = []
        self.shown: list[Shown] = []

    def calls_of(
        self, method: str | None = None, chat: int | None = None, *, ok: bool | None = None
    ) -> list[Call]:
        """Calls that reached the server, in order of arrival."""
        return [
            c
            for c in self.calls
            if (method is None or c.method.lower() == method.lower())
            and (chat is None or c.chat == chat)
            and (ok is None or (c.processed and c.ok) == ok)
        ]

    def shown_in(self, chat: int, thread: int | None = None, bot: int | None = None) -> list[Shown]:
        """What bots put in a chat, in the order it appeared; later deletions do not remove it."""
        return [
            s
            for s in self.shown
            if s.chat == chat
            and (thread is None or s.thread == thread)
            and (bot is None or s.bot == bot)
        ]

    def said_in(self, chat: int, what: str | None = None, person: int | None = None) -> list[Said]:
        """What people did in a chat, in order."""
        return [
            s
            for s in self.said
            if s.chat == chat
            and (what is None or s.what == what)
            and (person is None or s.person == person)
        ]

    def unconfirmed(self, bot: int | None = None) -> list[Handed]:
        """Updates the bot has not confirmed and that were not dropped."""
        return [
            h
            for h in self.handed
            if h.confirmed is None and not h.dropped and (bot is None or h.bot == bot)
        ]

    def update(self, update_id: int, bot: int | None = None) -> Handed | None:
        """The newest update with this id."""
        return next(
            (
                h
                for h in reversed(self.handed)
                if h.update_id == update_id and (bot is None or h.bot == bot)
            ),
            None,
        )
