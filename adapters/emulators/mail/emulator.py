"""The emulator as a whole: an SMTP and an IMAP server, mailboxes, people, faults, bounces."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING, Self

from adapters.emulators.mail import imap, receiving
from adapters.emulators.mail.boxes import Box
from adapters.emulators.mail.person import Person

if TYPE_CHECKING:
    from types import TracebackType

    from adapters.emulators.mail.faults import Command, Fault

_LINE = 2**20


class MailEmulator:
    """A mail server for one little world; ``async with`` starts and stops it."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.smtp_port = 0
        self.imap_port = 0
        self.boxes: dict[str, Box] = {}
        self.capabilities = "IMAP4rev1 IDLE"
        self.handed: list[tuple[str, str, bytes]] = []
        """Every mail that was taken: from, to and its bytes."""
        self.commands: list[str] = []
        """What was asked of the IMAP server, without logins."""
        self.standing: Fault | None = None
        """What happens each time, for as long as it stands here."""
        self._faults: deque[Fault] = deque()
        self._refusals: dict[str, str] = {}
        self._returns: dict[str, str] = {}
        self._servers: list[asyncio.Server] = []
        self._sessions: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.down()

    # -- running -------------------------------------------------------------------------------

    async def up(self) -> None:
        """Listen, at the same ports as before."""
        smtp = await asyncio.start_server(self._smtp, self.host, self.smtp_port, limit=_LINE)
        mail = await asyncio.start_server(self._imap, self.host, self.imap_port, limit=_LINE)
        self._servers = [smtp, mail]
        self.smtp_port = smtp.sockets[0].getsockname()[1]
        self.imap_port = mail.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Refuse connections, and drop those there are."""
        for server in self._servers:
            server.close()
        for task in list(self._sessions):
            task.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=1)
        self._servers = []

    async def _smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve(receiving.Session(self, reader, writer), writer)

    async def _imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve(imap.Session(self, reader, writer), writer)

    async def _serve(
        self, session: receiving.Session | imap.Session, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.ensure_future(session.serve())
        self._sessions.add(task)
        try:
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # a client that went away in the middle
        finally:
            self._sessions.discard(task)
            writer.transport.abort()

    # -- people and mail -----------------------------------------------------------------------

    def account(self, address: str, password: str) -> Box:
        """A mailbox that a program may log in to."""
        return self._box(address, password)

    def person(self, address: str, name: str) -> Person:
        """Somebody with a mailbox."""
        return Person(self, self._box(address, ""), name)

    def _box(self, address: str, password: str) -> Box:
        return self.boxes.setdefault(address, Box(address, password))

    def box_of(self, recipient: str) -> Box | None:
        """Return the mailbox of an address, with or without a +word in it."""
        name, at, domain = recipient.lower().rpartition("@")
        return self.boxes.get(f"{name.partition('+')[0]}{at}{domain}")

    def refusal(self, recipient: str) -> str | None:
        """Return why nothing is taken for an address."""
        if recipient in self._refusals:
            return self._refusals[recipient]
        if recipient in self._returns or self.box_of(recipient) is not None:
            return None
        return "550 5.1.1 no such user here"

    def deliver(self, sender: str, recipient: str, data: bytes) -> None:
        """Put a mail where it belongs, with the lines that servers add. RFC 5321, 4.4"""
        self.handed.append((sender, recipient, data))
        now = format_datetime(datetime.now(UTC))
        trace = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
        trace += f"Received: from here by mail.example for <{recipient}>; {now}\r\n"
        if recipient in self._returns:
            self._return(sender, recipient, data)
        elif (box := self.box_of(recipient)) is not None:
            box.add(trace.encode() + data)

    # -- trouble -------------------------------------------------------------------------------

    def plan(self, *faults: Fault) -> None:
        """Let these happen to the next mails, in order."""
        self._faults.extend(faults)

    def take_fault(self, at: Command) -> Fault | None:
        """Return the next fault if this is its moment."""
        if self._faults and self._faults[0].at == at:
            return self._faults.popleft()
        return self.standing if self.standing is not None and self.standing.at == at else None

    def pending(self) -> int:
        """Return how many planned faults have not happened yet."""
        return len(self._faults)

    def clear(self) -> None:
        """Let everything work again."""
        self._faults.clear()
        self.standing = None

    def refuse(self, recipient: str, answer: str) -> None:
        """Answer so whenever somebody writes to this address."""
        self._refusals[recipient] = answer

    def bounce(self, recipient: str, status: str = "5.1.1") -> None:
        """Take mail for this address, and send it back afterwards."""
        self._returns[recipient] = status

    def _return(self, sender: str, recipient: str, data: bytes) -> None:
        """Send a delivery report. RFC 3464"""
        head = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        report = (
            f"From: Mail Delivery System <MAILER-DAEMON@mail.example>\r\nTo: {sender}\r\n"
            "Subject: Undelivered Mail Returned to Sender\r\n"
            f"Date: {format_datetime(datetime.now(UTC))}\r\nMessage-ID: {make_msgid()}\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=cut\r\n\r\n"
            "--cut\r\nContent-Type: text/plain\r\n\r\nYour mail came back.\r\n"
            "--cut\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mail.example\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\n"
            f"Status: {self._returns[recipient]}\r\n\r\n"
            f"--cut\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n\r\n--cut--\r\n"
        )
        self.deliver("", sender, report.encode())
