"""Reading one mailbox over IMAP: RFC 3501, IDLE of RFC 2177. Nothing in it is ever changed.

1. aioimaplib leaves a command hanging when the connection is lost, and gives out passwords and
   mails at its debug level: both end here.
2. A refused login is an answer, not an error; RFC 5530 tells which refusals pass by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from aioimaplib import (  # type: ignore[import-untyped]
    IMAP4,
    IMAP4_SSL,
    AioImapException,
)
from aioimaplib.aioimaplib import quoted  # type: ignore[import-untyped]

from bridge.core.errors import AccountBroken, Certainty, Rejected, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from types import TracebackType

    from adapters.email.settings import Server

_T = TypeVar("_T")

logging.getLogger("aioimaplib.aioimaplib").setLevel(logging.CRITICAL)

CHUNK = 256 * 1024
_PASSING = re.compile(rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)", re.IGNORECASE)
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
        self._client: IMAP4 | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
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
        client = self._client
        if client is None:
            return
        client.protocol.conn_lost_cb = None
        if client.protocol.transport is not None:
            client.protocol.transport.abort()
        client._client_task.cancel()
        for task in [*client.tasks, *client.protocol.tasks]:
            task.cancel()

    def _on_lost(self, error: Exception | None) -> None:
        del error
        if not self._lost.done():
            self._lost.set_result(None)

    async def _do(self, work: Coroutine[Any, Any, _T], seconds: float = 0) -> _T:
        """Wait for a command, a lost connection or the time limit. Raises Unreachable."""
        task = asyncio.ensure_future(work)
        either: list[asyncio.Future[Any]] = [task, self._lost]
        try:
            await asyncio.wait(
                either,
                timeout=seconds or self._timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not task.done():
                code = "no_answer" if self._lost.done() else "timed_out"
                raise Unreachable(code, "the mailbox does not answer", Certainty.NOT_SENT)
            return task.result()
        except (AioImapException, OSError, ssl.SSLError, TimeoutError, ValueError) as error:
            detail = f"the mailbox cannot be reached ({type(error).__name__})"
            raise Unreachable("not_connected", detail, Certainty.NOT_SENT) from None
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=1)

    async def _open(self) -> None:
        server = self._server
        kind = IMAP4_SSL if server.security == "tls" else IMAP4
        client = self._client = kind(server.host, server.port, timeout=self._timeout)
        client.protocol.conn_lost_cb = self._on_lost
        await self._do(client.wait_hello_from_server())
        if server.user:
            answer = await self._do(client.login(quoted(server.user), server.password))
            if answer.result != "OK":
                if _PASSING.search(b" ".join(bytes(line) for line in answer.lines)):
                    raise Unreachable("unreachable", "no login for now", Certainty.NOT_SENT)
                raise AccountBroken("unauthorized", "the mailbox does not accept us")
        answer = await self._do(client.select("INBOX"))
        found = _VALIDITY.search(b"\n".join(bytes(line) for line in answer.lines))
        if answer.result != "OK" or found is None:
            raise Unreachable("no_result", "the inbox cannot be opened", Certainty.NOT_SENT)
        self.validity = int(found.group(1))

    @property
    def _connected(self) -> IMAP4:
        if self._client is None:
            raise Unreachable("not_connected", "the mailbox is not open", Certainty.NOT_SENT)
        return self._client

    async def search(self, criteria: str) -> list[int]:
        """Return the UIDs that meet criteria, in order. Raises Unreachable."""
        client = self._connected
        answer = await self._do(client.uid_search(criteria, charset=None))
        if answer.result != "OK":
            raise Unreachable("no_result", "the mailbox does not search", Certainty.NOT_SENT)
        words = b" ".join(bytes(line) for line in answer.lines[:-1]).split()
        return sorted({int(word) for word in words if word.isdigit() and int(word)})

    async def _fetch(self, uid: int, what: str) -> tuple[bytes, bytes | None]:
        """Return the words and the literal of an answer; neither for a mail that is gone."""
        client = self._connected
        answer = await self._do(client.uid("FETCH", str(uid), what))
        if answer.result != "OK":
            raise Unreachable("no_result", "the mailbox gives nothing out", Certainty.NOT_SENT)
        words = b" ".join(line for line in answer.lines[:-1] if isinstance(line, bytes))
        literal = next((bytes(x) for x in answer.lines if isinstance(x, bytearray)), None)
        if literal is None and (short := re.search(rb'BODY\[[^\]]*\]\S* "([^"]*)"', words)):
            literal = short.group(1)
        return words, literal

    async def about(self, uid: int) -> Stored | None:
        """Return what the server says of a mail, None when it is gone. Raises Unreachable."""
        words, _ = await self._fetch(uid, "(UID RFC822.SIZE INTERNALDATE)")
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
            _, data = await self._fetch(uid, f"(UID BODY.PEEK[{section}]<{start}.{size}>)")
            if data:
                yield data
            if data is None or len(data) < size:
                if data is None and not start:
                    raise Rejected("file_gone", "the mail is not there any more")
                return
            start += size

    async def wait(self, seconds: float, poll: float) -> None:
        """Wait until something may have come: IDLE where there is such a thing, else a while."""
        client = self._connected
        if not client.has_capability("IDLE"):
            await self._do(asyncio.sleep(poll), poll + 1)
            return
        idle = await self._do(client.idle_start(timeout=seconds + 10))
        try:
            async with asyncio.timeout(seconds):
                await self._do(client.wait_server_push(seconds + 1), seconds + 2)
        except TimeoutError:
            pass
        client.idle_done()
        await self._do(_ended(idle))


async def _ended(idle: asyncio.Future[Any]) -> None:
    await idle
