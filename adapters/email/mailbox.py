"""Reading one mailbox over IMAP: what is in it and since when. Nothing in it is ever changed.

1. The inbox is opened with EXAMINE and read with PEEK, so no mail counts as seen by us.
2. A refused login is an answer, not an error; RFC 5530 tells which refusals pass by themselves.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.email.imap import Connection, ImapError
from bridge.core.errors import AccountBroken, Certainty, Rejected, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence
    from types import TracebackType

    from adapters.email.imap import Line
    from adapters.email.settings import Server

_T = TypeVar("_T")

CHUNK = 256 * 1024
_PASSING = re.compile(rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)", re.IGNORECASE)
_SHORT = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server says of a mail: ``at`` in seconds since 1970."""

    size: int
    at: int


class Mailbox:
    """A connection with the inbox open; ``async with`` makes and closes it."""

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = server
        self._timeout = timeout
        self._client: Connection | None = None
        self.validity = 0

    async def __aenter__(self) -> Mailbox:
        try:
            await self._open()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _do(self, work: Coroutine[Any, Any, _T], seconds: float = 0) -> _T:
        """Wait for an answer within the time limit. Raises Unreachable."""
        try:
            async with asyncio.timeout(seconds or self._timeout):
                return await work
        except TimeoutError:
            code, detail = "timed_out", "the mailbox does not answer"
        except ImapError as error:
            code, detail = "no_answer", f"the mailbox gives no usable answer: {error}"
        except OSError as error:
            code, detail = "not_connected", f"no connection ({type(error).__name__})"
        raise Unreachable(code, detail, Certainty.NOT_SENT)

    async def _open(self) -> None:
        server = self._server
        opening = Connection.open(server.host, server.port, tls=server.security == "tls")
        client = self._client = await self._do(opening)
        if server.user:
            answer = await self._do(client.login(server.user, server.password))
            if not answer.ok and _PASSING.search(answer.text):
                raise Unreachable("unreachable", "no login for now", Certainty.NOT_SENT)
            if not answer.ok:
                raise AccountBroken("unauthorized", "the mailbox does not accept us")
        lines = await self._ask(b"EXAMINE INBOX", "the inbox cannot be opened")
        found = [_VALIDITY.search(line.words) for line in lines]
        validity = next((int(one[1]) for one in found if one is not None), 0)
        if not validity:
            raise Unreachable("no_result", "the inbox has no numbers", Certainty.NOT_SENT)
        self.validity = validity

    @property
    def _connected(self) -> Connection:
        if self._client is None:
            raise Unreachable("not_connected", "the mailbox is not open", Certainty.NOT_SENT)
        return self._client

    async def _ask(self, command: bytes, failing: str) -> Sequence[Line]:
        """Return the lines of an answer. Raises Unreachable."""
        answer = await self._do(self._connected.do(command))
        if not answer.ok:
            raise Unreachable("no_result", failing, Certainty.NOT_SENT)
        return answer.lines

    async def search(self, criteria: str) -> list[int]:
        """Return the UIDs that meet criteria, in order. Raises Unreachable."""
        self._connected.news = False
        command = b"UID SEARCH " + criteria.encode()
        lines = await self._ask(command, "the mailbox does not search")
        words = [
            word
            for line in lines
            if line.words[:9].upper() == b"* SEARCH "
            for word in line.words[9:].split()
        ]
        return sorted({int(word) for word in words if word.isdigit() and int(word)})

    async def _fetch(self, uid: int, what: str) -> tuple[bytes, bytes | None]:
        """Return the words and the literal of an answer; neither for a mail that is gone."""
        command = f"UID FETCH {uid} ({what})".encode()
        lines = await self._ask(command, "the mailbox gives nothing out")
        ours = re.compile(rb"\* \d+ FETCH \(.*\bUID %d\b" % uid, re.IGNORECASE)
        for line in lines:
            if ours.match(line.words) is None:
                continue  # the server tells of another mail in between
            if line.literals:
                return line.words, line.literals[0]
            short = _SHORT.search(line.words)
            return line.words, re.sub(rb"\\(.)", rb"\1", short[1]) if short else None
        return b"", None

    async def about(self, uid: int) -> Stored | None:
        """Return what the server says of a mail, None when it is gone. Raises Unreachable."""
        words, _ = await self._fetch(uid, "UID RFC822.SIZE INTERNALDATE")
        size, date = _SIZE.search(words), _DATE.search(words)
        if size is None or date is None:
            return None
        try:
            at = int(
                parsedate_to_datetime(
                    date.group(1).decode().strip().replace("-", " ", 2)
                ).timestamp()
            )
        except (ValueError, OverflowError):
            at = 0
        return Stored(int(size.group(1)), max(at, 0))

    async def mail(self, uid: int, limit: int) -> bytes:
        """Return the bytes of a mail, at most ``limit``; b'' when it is gone."""
        gathered = bytearray()
        async for chunk in self.section(uid, "", limit):
            gathered += chunk
        return bytes(gathered)

    async def section(self, uid: int, section: str, limit: int) -> AsyncIterator[bytes]:
        """Yield a section as it is stored, at most ``limit`` bytes. Raises Unreachable."""
        start = 0
        while start < limit:
            size = min(CHUNK, limit - start)
            _, data = await self._fetch(uid, f"UID BODY.PEEK[{section}]<{start}.{size}>")
            if data:
                yield data
            if data is None or len(data) < size:
                if data is None and not start:
                    raise Rejected("file_gone", "the mail is not there any more")
                return
            start += size

    async def idles(self) -> bool:
        """Tell whether the server tells of new mail by itself. Raises Unreachable."""
        return await self._do(self._connected.can("IDLE"))

    async def wait(self, seconds: float, poll: float) -> None:
        """Wait until something may have come: IDLE where there is such a thing, else a while."""
        client = self._connected
        if await self.idles():
            await self._do(client.idle(seconds, self._timeout), seconds + 2 * self._timeout)
        else:
            await asyncio.sleep(poll)
