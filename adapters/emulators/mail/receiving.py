"""A small SMTP server. https://www.rfc-editor.org/rfc/rfc5321, AUTH PLAIN by RFC 4954"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from adapters.emulators.mail.emulator import MailEmulator
    from adapters.emulators.mail.faults import Command, Fault

LIMIT = 40_000_000
_PATH = re.compile(r"(?:FROM|TO):<([^<>\s]*)>", re.IGNORECASE)
_BAD = "503 5.5.1 not now"


class Session:
    """One connection."""

    def __init__(
        self, emulator: MailEmulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._emulator = emulator
        self._reader = reader
        self._writer = writer
        self._known = False
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def serve(self) -> None:
        """Answer commands until the other side has enough."""
        await self._say("220 mail.example ESMTP")
        while line := await self._reader.readline():
            command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            name = command.upper()
            if name == "QUIT":
                await self._say("221 2.0.0 bye")
                return
            if not await self._answer(name, rest):
                return

    async def _say(self, line: str) -> None:
        self._writer.write(f"{line}\r\n".encode())
        await self._writer.drain()

    async def _answer(self, name: str, rest: str) -> bool:
        """Answer one command; False ends the connection."""
        if name == "DATA":
            return await self._data()
        fault = self._fault(name)
        if fault is not None:
            await self._say(fault.text)
            return True
        match name:
            case "EHLO" | "HELO":
                await self._say(f"250-mail.example\r\n250-SIZE {LIMIT}\r\n250 AUTH PLAIN")
            case "AUTH":
                await self._say(self._login(rest))
            case "MAIL":
                await self._say(self._from(rest))
            case "RCPT":
                await self._say(self._to(rest))
            case "RSET" | "NOOP":
                await self._say("250 2.0.0 ok")
            case _:
                await self._say("502 5.5.1 unknown command")
        return True

    def _fault(self, at: str) -> Fault | None:
        known: dict[str, Command] = {
            "EHLO": "EHLO",
            "AUTH": "AUTH",
            "MAIL": "MAIL",
            "RCPT": "RCPT",
            "DATA": "DATA",
            "END": "END",
        }
        return self._emulator.take_fault(known[at]) if at in known else None

    def _login(self, rest: str) -> str:
        try:
            _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        except (ValueError, IndexError):
            return "501 5.5.2 cannot read that"
        box = self._emulator.boxes.get(user)
        self._known = box is not None and bool(box.password) and box.password == password
        return "235 2.7.0 welcome" if self._known else "535 5.7.8 authentication failed"

    def _from(self, rest: str) -> str:
        path = _PATH.match(rest)
        if not self._known or path is None:
            return "530 5.7.0 authentication required" if path else _BAD
        self._sender, self._recipients = path.group(1), []
        return "250 2.1.0 ok"

    def _to(self, rest: str) -> str:
        path = _PATH.match(rest)
        if path is None or self._sender is None:
            return _BAD
        if (refusal := self._emulator.refusal(path.group(1))) is not None:
            return refusal
        self._recipients.append(path.group(1))
        return "250 2.1.5 ok"

    async def _data(self) -> bool:
        if not self._recipients or self._sender is None:
            await self._say(_BAD)
            return True
        if (fault := self._fault("DATA")) is not None:
            await self._say(fault.text)
            return True
        await self._say("354 go on")
        data = await self._body()
        if data is None:
            return False
        fault = self._fault("END")
        if fault is None or fault.kind == "accept_then_drop":
            for recipient in self._recipients:
                self._emulator.deliver(self._sender, recipient, data)
        self._sender, self._recipients = None, []
        return await self._ended(fault)

    async def _ended(self, fault: Fault | None) -> bool:
        if fault is None:
            await self._say("250 2.0.0 taken")
            return True
        match fault.kind:
            case "silent":
                await self._reader.read(1)  # until they give up
            case "garbled":
                await self._say("<html>this is a proxy</html>")
            case "answer":
                await self._say(fault.text)
                return True
            case "reset" | "accept_then_drop":
                self._writer.transport.abort()
        return False

    async def _body(self) -> bytes | None:
        """Return a mail, None when the connection ended before its end: then there is no mail.

        RFC 5321, 4.1.1.10: whoever goes away in the middle has sent nothing.
        """
        lines: list[bytes] = []
        size = 0
        while (line := await self._reader.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                return None
            size += len(line)
            if size <= LIMIT:
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)
