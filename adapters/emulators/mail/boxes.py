"""Mailboxes in memory: mails with the numbers that IMAP gives them. RFC 3501, 2.3.1.1"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """One mail in a mailbox."""

    uid: int
    data: bytes
    at: datetime


@dataclass(slots=True)
class Box:
    """One person's mailbox, or an account's."""

    address: str
    password: str = ""
    validity: int = 1
    mails: list[Stored] = field(default_factory=list)
    capabilities: str = "IMAP4rev1 IDLE"
    refuses_login: str = ""
    """What a login is answered, such as ``NO [AUTHENTICATIONFAILED] no``; '' = it works."""
    fetched: int = 0
    """The highest uid that a program fetched."""
    _next: int = 1
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, data: bytes, at: datetime | None = None) -> Stored:
        """Put a mail in, and wake whoever waits."""
        stored = Stored(self._next, data, at or datetime.now(UTC))
        self._next += 1
        self.mails.append(stored)
        self.wake()
        return stored

    def wake(self) -> None:
        """Let everybody look who waits for news."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Wait until something happens."""
        await self._news.wait()

    def unfetched(self) -> int:
        """Return how many mails no program has fetched yet."""
        return sum(one.uid > self.fetched for one in self.mails)

    def number_anew(self) -> None:
        """Give all mails new numbers, as after a mailbox was restored."""
        self.validity += 1
        self.mails = [Stored(n, one.data, one.at) for n, one in enumerate(self.mails, 1)]
        self._next = len(self.mails) + 1
