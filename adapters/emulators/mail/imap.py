"""A small IMAP server: one inbox per login, read only. RFC 3501, IDLE by RFC 2177

It knows CAPABILITY, LOGIN (with literals too), AUTHENTICATE PLAIN, SELECT, EXAMINE, NOOP, IDLE,
LOGOUT, UID SEARCH (ALL, UID, SINCE), and UID FETCH (UID, RFC822.SIZE, INTERNALDATE, BODY.PEEK with
section and range).
"""

from __future__ import annotations

import asyncio
import base64
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.emulators.mail.boxes import Box, Stored
    from adapters.emulators.mail.emulator import MailEmulator

_LOGIN = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_LITERAL = re.compile(rb"\{(\d+)\}\r?\n\Z")
_BODY = re.compile(r"BODY(?:\.PEEK)?\[([0-9.]*)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)


class Session:
    """One connection."""

    def __init__(
        self, emulator: MailEmulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._emulator = emulator
        self._reader = reader
        self._writer = writer
        self._box: Box | None = None
        self._seen = 0

    async def serve(self) -> None:
        """Answer commands until the other side has enough."""
        await self._say("* OK ready")
        while line := await self._reader.readline():
            while (literal := _LITERAL.search(line)) is not None:
                await self._say("+ go on")
                data = (await self._reader.readexactly(int(literal[1]))).decode()
                escaped = re.sub(r'(["\\])', r"\\\1", data)
                line = line[: literal.start()] + f'"{escaped}"'.encode()
                line += await self._reader.readline()
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            name, _, arguments = rest.partition(" ")
            self._emulator.commands.append(rest if name.upper() != "LOGIN" else "LOGIN")
            if name.upper() == "LOGOUT":
                await self._say("* BYE", f"{tag} OK bye")
                return
            await self._answer(tag, name.upper(), arguments)

    async def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()

    async def _answer(self, tag: str, name: str, arguments: str) -> None:
        match name:
            case "CAPABILITY":
                known = self._box.capabilities if self._box else self._emulator.capabilities
                await self._say(f"* CAPABILITY {known}", f"{tag} OK done")
            case "LOGIN":
                await self._say(f"{tag} {self._login(arguments)}")
            case "AUTHENTICATE" if arguments == "PLAIN":
                await self._say("+ ")
                proof = base64.b64decode(await self._reader.readline()).decode()
                await self._say(f"{tag} {self._let_in(*proof.split(chr(0))[1:])}")
            case "NOOP":
                await self._say(f"{tag} OK done")
            case "SELECT" | "EXAMINE" if self._box is not None:
                await self._select(tag, self._box)
            case "IDLE" if self._box is not None:
                await self._idle(tag, self._box)
            case "UID" if self._box is not None:
                await self._uid(tag, self._box, arguments)
            case _:
                await self._say(f"{tag} BAD not now")

    def _login(self, arguments: str) -> str:
        words = [re.sub(r"\\(.)", r"\1", a) or b for a, b in _LOGIN.findall(arguments)]
        return self._let_in(*words) if len(words) == 2 else "BAD two words"

    def _let_in(self, user: str, password: str) -> str:
        box = self._emulator.boxes.get(user)
        if box is not None and box.refuses_login:
            return box.refuses_login
        if box is None or not box.password or box.password != password:
            return "NO [AUTHENTICATIONFAILED] that is not right"
        self._box = box
        return "OK logged in"

    async def _select(self, tag: str, box: Box) -> None:
        self._seen = len(box.mails)
        await self._say(
            "* FLAGS (\\Seen)",
            f"* {len(box.mails)} EXISTS",
            "* 0 RECENT",
            f"* OK [UIDVALIDITY {box.validity}] numbered",
            f"{tag} OK [READ-WRITE] open",
        )

    async def _idle(self, tag: str, box: Box) -> None:
        await self._say("+ idling")
        done = asyncio.ensure_future(self._reader.readline())
        try:
            while not done.done():
                if len(box.mails) > self._seen:
                    self._seen = len(box.mails)
                    await self._say(f"* {self._seen} EXISTS")
                news = asyncio.ensure_future(box.news())
                await asyncio.wait([done, news], return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
        finally:
            done.cancel()
        await self._say(f"{tag} OK idled")

    async def _uid(self, tag: str, box: Box, arguments: str) -> None:
        name, _, rest = arguments.partition(" ")
        if name.upper() == "SEARCH":
            found = " ".join(str(one.uid) for one in box.mails if _meets(one, rest, box))
            await self._say(f"* SEARCH {found}".rstrip(), f"{tag} OK found")
            return
        number, _, items = rest.partition(" ")
        for place, one in enumerate(box.mails, 1):
            if str(one.uid) == number:
                self._writer.write(b"* %d FETCH (%s)\r\n" % (place, _shown(one, items)))
                box.fetched = max(box.fetched, one.uid)
        await self._say(f"{tag} OK fetched")


def _meets(one: Stored, criteria: str, box: Box) -> bool:
    name, _, value = criteria.strip().partition(" ")
    match name.upper():
        case "UID":
            first, _, last = value.partition(":")
            newest = box.mails[-1].uid
            # RFC 3501: "n:*" always has the newest in it, even below n.
            low, high = sorted((int(first), newest if last in ("*", "") else int(last)))
            return low <= one.uid <= high
        case "SINCE":
            day = datetime.strptime(value, "%d-%b-%Y").replace(tzinfo=UTC)
            return one.at.date() >= day.date()
        case _:
            return True


def _shown(one: Stored, items: str) -> bytes:
    shown = [b"UID %d" % one.uid]
    if "RFC822.SIZE" in items.upper():
        shown.append(b"RFC822.SIZE %d" % len(one.data))
    if "INTERNALDATE" in items.upper():
        shown.append(b'INTERNALDATE "%s"' % f"{one.at:%d-%b-%Y %H:%M:%S +0000}".encode())
    if (asked := _BODY.search(items)) is not None:
        section, start, size = asked.groups()
        data = one.data if not section else _part(one.data, section)
        label = f"BODY[{section}]"
        if data is None:
            shown.append(f"{label} NIL".encode())
        else:
            if start is not None:
                label += f"<{start}>"
                data = data[int(start) : int(start) + int(size)]
            shown.append(label.encode() + b" {%d}\r\n" % len(data) + data)
    return b" ".join(shown)


def _part(data: bytes, section: str) -> bytes | None:
    """Return a part of a mail as it is stored, numbered as in RFC 3501, 6.4.5."""
    part: object = message_from_bytes(data)
    for number in section.split("."):
        inner = part.get_payload() if isinstance(part, Message) else None
        if isinstance(inner, list):
            part = inner[int(number) - 1] if int(number) <= len(inner) else None
        elif number != "1":
            return None
    if not isinstance(part, Message):
        return None
    payload = part.get_payload()
    if isinstance(payload, str):
        return payload.encode("ascii", "surrogateescape")
    return b"".join(one.as_bytes() for one in payload if isinstance(one, Message))
