"""Somebody with a mail program: reads, answers, sends files, is away, says "unsubscribe"."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.emulators.mail.boxes import Box
    from adapters.emulators.mail.emulator import MailEmulator

_UNSUBSCRIBE = re.compile(r"<mailto:([^?>]+)\??([^>]*)>")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as a mail program shows it."""

    data: bytes
    message: EmailMessage

    @property
    def text(self) -> str:
        """The words in it."""
        part = self.message.get_body(("plain", "html"))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""

    @property
    def html(self) -> str:
        """The same words in HTML."""
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part is not None else ""

    @property
    def files(self) -> list[tuple[str, bytes]]:
        """Names and bytes of what is attached."""
        return [
            (one.get_filename() or "", bytes(one.get_payload(decode=True) or b""))
            for one in self.message.iter_attachments()
        ]

    def header(self, name: str) -> str:
        """A header in words, '' when there is none."""
        return str(self.message[name] or "")

    @property
    def sender(self) -> str:
        """The address that an answer goes to."""
        return parseaddr(self.header("Reply-To") or self.header("From"))[1]


@dataclass(frozen=True, slots=True)
class File:
    """Something to attach."""

    name: str
    mime: str
    data: bytes


class Person:
    """One person and their mailbox."""

    def __init__(self, emulator: MailEmulator, box: Box, name: str) -> None:
        self._emulator = emulator
        self._box = box
        self.name = name

    @property
    def address(self) -> str:
        """Where mail reaches them."""
        return self._box.address

    def inbox(self) -> list[Letter]:
        """Everything in the mailbox, oldest first."""
        return [
            Letter(one.data, message_from_bytes(one.data, policy=policy.default))
            for one in self._box.mails
        ]

    async def wait_for(
        self, wanted: str | Callable[[Letter], bool], seconds: float = 10.0
    ) -> Letter:
        """Return the first mail that holds these words. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                for letter in self.inbox():
                    if wanted in letter.text if isinstance(wanted, str) else wanted(letter):
                        return letter
                await asyncio.sleep(0.02)

    def write(
        self,
        to: str,
        text: str,
        subject: str = "",
        files: Sequence[File] = (),
        **headers: str,
    ) -> EmailMessage:
        """Return a mail of theirs; headers with ``_`` for ``-``."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = f"{self.name} <{self.address}>"
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain=self.address.partition("@")[2] or "here.example")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        for file in files:
            main, _, sub = file.mime.partition("/")
            mail.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
        return mail

    async def send(
        self, to: str, text: str, subject: str = "", files: Sequence[File] = (), **headers: str
    ) -> EmailMessage:
        """Write to somebody."""
        mail = self.write(to, text, subject, files, **headers)
        self.post(to, mail.as_bytes())
        return mail

    def post(self, to: str, data: bytes) -> None:
        """Send these very bytes."""
        self._emulator.deliver(self.address, to, data)

    async def reply(
        self, letter: Letter, text: str, files: Sequence[File] = (), *, quote: bool = True
    ) -> EmailMessage:
        """Answer a mail above its words, as most programs do."""
        quoted = "".join(f"> {line}\n" for line in letter.text.splitlines())
        intro = f"On {letter.header('Date')}, {letter.header('From')} wrote:\n"
        subject = letter.header("Subject")
        return await self.send(
            letter.sender,
            f"{text}\n\n{intro}{quoted}" if quote else text,
            subject if subject.lower().startswith("re:") else f"Re: {subject}",
            files,
            In_Reply_To=letter.header("Message-ID"),
            References=f"{letter.header('References')} {letter.header('Message-ID')}".strip(),
        )

    async def unsubscribe(self, letter: Letter) -> None:
        """Press the button that programs show for List-Unsubscribe. RFC 2369"""
        found = _UNSUBSCRIBE.search(letter.header("List-Unsubscribe").replace(" ", ""))
        if found is None:
            raise LookupError("this mail offers no way out")
        await self.send(found.group(1), "", found.group(2).removeprefix("subject="))

    async def is_away(self, letter: Letter, text: str) -> None:
        """Let the server answer that they are away. RFC 3834"""
        await self.send(
            letter.sender,
            text,
            f"Automatic reply: {letter.header('Subject')}",
            Auto_Submitted="auto-replied",
            In_Reply_To=letter.header("Message-ID"),
        )
