"""As much of an IMAP client as reading one inbox takes, on a connection of one's own.

RFC 3501 (IMAP4rev1), RFC 2177 (IDLE), RFC 4616 (PLAIN). TLS from the first byte, as RFC 8314 asks.

1. What a server sends is bounded: a line, a literal, all answers to one command. More is no IMAP.
2. After a time limit, a cancelled command or an error the connection is of no use any more; who
   opened it closes it. Nothing of what passes is logged.
3. That there is news (EXISTS) is noted whenever it is told, also between other answers: a server
   need not say it again when we begin to wait.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE = 4 * 1024 * 1024
MAX_LITERAL = 1024 * 1024
MAX_ANSWERS = 16 * 1024 * 1024
"""Bytes of a line, of one literal, and of all answers to a command."""
_LITERAL = re.compile(rb"\{(\d{1,10})\}\r?\n\Z")
_CAPABILITY = re.compile(rb"(?:\* |\S+ OK \[)CAPABILITY ([^\]\r\n]+)", re.IGNORECASE)
_EXISTS = re.compile(rb"\* \d+ EXISTS\b", re.IGNORECASE)
_QUOTABLE = re.compile(r"[\x20-\x7e]*")


class ImapError(Exception):
    """What came is no IMAP, or more than anybody should send."""


class EndedError(ImapError):
    """The server ended the connection."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer; each literal is out of ``words`` and whole in ``literals``."""

    words: bytes
    literals: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command was answered: OK, NO or BAD with its text, and the lines before."""

    ok: bool
    text: bytes
    lines: Sequence[Line]


class Connection:
    """One connection, after the server's greeting; commands one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._tag = 0
        self._room = MAX_ANSWERS
        self.capabilities: frozenset[str] = frozenset()
        self.news = False
        """Whether more mails were told of since this was last taken back."""

    @classmethod
    async def open(cls, host: str, port: int, *, tls: bool) -> Connection:
        """Connect and be greeted. Raises ImapError, OSError."""
        context = ssl.create_default_context() if tls else None
        reader, writer = await asyncio.open_connection(host, port, ssl=context, limit=MAX_LINE)
        made = cls(reader, writer)
        try:
            greeting = await made._line()
            if not greeting.words.startswith(b"* OK"):
                raise ImapError("no greeting")
        except BaseException:
            made.close()
            raise
        return made

    def close(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()

    async def login(self, user: str, password: str) -> Answer:
        """Say who we are. Raises ImapError, OSError."""
        plain = "AUTH=PLAIN" in await self._known()
        self.capabilities = frozenset()  # others than before, once one is known
        if plain:
            proof = base64.b64encode(f"\0{user}\0{password}".encode())
            return await self.do(b"AUTHENTICATE PLAIN", proof)
        return await self.do(*_pieces(b"LOGIN", user, password))

    async def _known(self) -> frozenset[str]:
        if not self.capabilities:
            await self.do(b"CAPABILITY")
        return self.capabilities

    async def can(self, capability: str) -> bool:
        """Tell whether the server knows an extension. Raises ImapError, OSError."""
        return capability in await self._known()

    async def do(self, command: bytes, *more: bytes) -> Answer:
        """Carry a command out; ``more`` is sent piece by piece when the server asks for it.

        Raises ImapError, OSError.
        """
        tag = self._send(command)
        pieces, lines = list(more), list[Line]()
        while True:
            line = await self._line()
            if line.words.startswith(b"+") and pieces:
                self._writer.write(pieces.pop(0) + b"\r\n")
            elif (answer := _final(tag, line, lines)) is not None:
                return answer
            else:
                lines.append(line)

    async def idle(self, seconds: float, patience: float) -> None:
        """Wait until there is news, or a while; the server answers within ``patience`` s.

        Raises ImapError, OSError, TimeoutError.
        """
        if self.news:
            return
        tag = self._send(b"IDLE")
        async with asyncio.timeout(patience):
            while not (line := await self._line()).words.startswith(b"+"):
                if _final(tag, line, ()) is not None:
                    raise ImapError("it does not idle")
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.news:
                    self._room = MAX_ANSWERS
                    if _final(tag, await self._line(), ()) is not None:
                        return
        async with asyncio.timeout(patience):
            self._writer.write(b"DONE\r\n")
            while _final(tag, await self._line(), ()) is None:
                pass

    def _send(self, command: bytes) -> bytes:
        self._tag += 1
        self._room = MAX_ANSWERS
        tag = b"c%d" % self._tag
        self._writer.write(tag + b" " + command + b"\r\n")
        return tag

    async def _line(self) -> Line:
        """Return the next line with its literals, noting what concerns the whole connection."""
        words, literals = b"", list[bytes]()
        while True:
            try:
                read = await self._reader.readline()
            except ValueError:
                raise ImapError("a line is too long") from None
            if not read.endswith(b"\n"):
                raise EndedError("the connection ended")
            self._spend(len(read))
            literal = _LITERAL.search(read)
            if literal is None:
                break
            size = int(literal[1])
            if size > MAX_LITERAL:
                raise ImapError("a literal is too long")
            self._spend(size)
            words += read[: literal.start()]
            try:
                literals.append(await self._reader.readexactly(size))
            except asyncio.IncompleteReadError:
                raise EndedError("the connection ended") from None
        line = Line((words + read).rstrip(b"\r\n"), tuple(literals))
        self._note(line.words)
        return line

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise ImapError("an answer is too long")

    def _note(self, words: bytes) -> None:
        if words[:5].upper() == b"* BYE":
            raise EndedError("the server ends the connection")
        if _EXISTS.match(words):
            self.news = True
        if (told := _CAPABILITY.match(words)) is not None:
            self.capabilities = frozenset(told[1].decode("ascii", "replace").upper().split())


def _final(tag: bytes, line: Line, lines: Sequence[Line]) -> Answer | None:
    """Return the answer that this line ends, None for any other line. Raises ImapError."""
    if line.words.startswith(b"* "):
        return None
    first, _, rest = line.words.partition(b" ")
    state, _, text = rest.partition(b" ")
    if first != tag or state.upper() not in (b"OK", b"NO", b"BAD"):
        raise ImapError("no answer to what was asked")
    return Answer(state.upper() == b"OK", text, lines)


def _pieces(command: bytes, *arguments: str) -> list[bytes]:
    """Return a command in pieces: after each but the last the server says to go on.

    What cannot be quoted is a literal, which begins the next piece. RFC 3501, 4.3
    """
    pieces = [command]
    for argument in arguments:
        if _QUOTABLE.fullmatch(argument):
            escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
            pieces[-1] += f' "{escaped}"'.encode()
        else:
            data = argument.encode()
            pieces[-1] += b" {%d}" % len(data)
            pieces.append(data)
    return pieces
