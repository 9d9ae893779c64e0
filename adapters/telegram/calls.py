"""Calls of the Bot API that carry JSON: bytes over connections kept open, and nothing in between.

1. A message is one such call, and a general HTTP client costs more than all the rest of sending it
   (decision 012). Files go through ``request``, and so does what a refusal means.
2. Nothing is repeated here, nothing redirected, no certificate left unchecked, and no exception
   that leaves knows a URL: the URL holds the token.
3. A call is *not sent* only when no connection came about; whatever happens later leaves open
   whether it was taken. A call that is cancelled takes its connection with it.
"""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httptools
import msgspec
from aiohappyeyeballs import start_connection

from adapters.telegram.refusals import Garbled, detail, refusal
from bridge.core.errors import Certainty, Rejected, SendError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohappyeyeballs import AddrInfoType

CONNECTIONS = 256
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
IDLE = 15.0
"""Seconds after which a connection is not used again: the server may be about to close it."""

MOST_BYTES = 64 * 1024 * 1024
"""A longer answer is nothing that a method of the Bot API gives."""

_NEXT_ADDRESS = 0.25  # seconds before the host's next address is tried too, RFC 8305
_SAFE = "/:@!$&'()*+,;=~-._%"
_ENCODER = msgspec.json.Encoder()


class _Answer(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw(b"")


_ANSWER = msgspec.json.Decoder(_Answer)


class Calls:
    """The methods of one bot on one server; ``refused`` tells what a refusal means."""

    def __init__(
        self,
        base: str,
        refused: Callable[[int, bytes], Awaitable[SendError]],
    ) -> None:
        """``base`` is the URL in front of a method's name. Raises ValueError for no usable URL."""
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the address must begin with http:// or https://")
        self._tls = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self._path = quote(parts.path, safe=_SAFE)
        self._netloc = parts.netloc.rpartition("@")[2].encode("idna").decode()
        self._refused = refused
        self._heads: dict[str, bytes] = {}
        self._context: ssl.SSLContext | None = None
        self._room = asyncio.Semaphore(CONNECTIONS)
        self._idle: deque[_Connection] = deque()
        self._asking: set[_Connection] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = math.inf

    async def call(
        self, method: str, params: Mapping[str, object], read_timeout: float | None = None
    ) -> bytes:
        """Return the raw JSON of a method's result. Raises SendError."""
        try:
            body = _ENCODER.encode(params)
        except (UnicodeError, TypeError, ValueError):
            said = "the request cannot be written as JSON"
            raise refusal(said, Rejected("400", detail(said))) from None
        request = b"%b%d\r\n\r\n%b" % (self._head(method), len(body), body)
        async with self._room:
            status, answer = await self._exchange(request, read_timeout or READ_TIMEOUT)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise await self._refused(status, answer)
        try:
            result = bytes(_ANSWER.decode(answer).result)
        except msgspec.ValidationError:
            result = b""
        except (msgspec.DecodeError, RecursionError):
            raise Garbled(answer) from None
        if not result:
            raise Unreachable("no_result", "the answer holds no result")
        return result

    async def close(self) -> None:
        """Close all connections; what is under way fails."""
        for connection in (*self._idle, *self._asking):
            connection.close()
        self._idle.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._looks_at = None, math.inf

    def _head(self, method: str) -> bytes:
        head = self._heads.get(method)
        if head is None:
            lines = (
                f"POST {self._path}/{quote(method)} HTTP/1.1",
                f"Host: {self._netloc}",
                "User-Agent: coachbridge",
                "Content-Type: application/json",
                "Content-Length: ",
            )
            head = self._heads[method] = "\r\n".join(lines).encode("ascii")
        return head

    async def _exchange(self, request: bytes, seconds: float) -> tuple[int, bytes]:
        connection = self._kept() or await self._connected()
        now = asyncio.get_running_loop().time()
        self._asking.add(connection)
        try:
            self._watch(now + seconds)
            answer = await connection.ask(request, now + seconds)
        except TimeoutError:
            raise Unreachable("timed_out", "no answer came in time") from None
        except OSError as error:
            said = f"the connection broke ({type(error).__name__})"
            raise Unreachable("no_answer", said) from None
        finally:
            self._asking.discard(connection)
            self._keep(connection)
        return answer

    # -- connections -----------------------------------------------------------------------

    def _kept(self) -> _Connection | None:
        """Return the connection that was used last, if any is still good."""
        long_ago = asyncio.get_running_loop().time() - IDLE
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and connection.since > long_ago:
                return connection
            connection.close()
        return None

    def _keep(self, connection: _Connection) -> None:
        if not connection.reusable:
            connection.close()
            return
        connection.since = asyncio.get_running_loop().time()
        self._idle.append(connection)
        while self._idle[0].since <= connection.since - IDLE:
            self._idle.popleft().close()

    async def _connected(self) -> _Connection:
        """Raises Unreachable: then nothing was sent."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                if self._tls and self._context is None:
                    self._context = await asyncio.to_thread(ssl.create_default_context)
                found: list[AddrInfoType] = await loop.getaddrinfo(  # type: ignore[assignment]
                    self._host, self._port, type=socket.SOCK_STREAM
                )
                opened = await start_connection(
                    found, happy_eyeballs_delay=_NEXT_ADDRESS, interleave=1
                )
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                _, connection = await loop.create_connection(
                    _Connection,
                    sock=opened,
                    ssl=self._context,
                    server_hostname=self._host if self._tls else None,
                )
        except (OSError, UnicodeError):  # TimeoutError and the errors of TLS are OSErrors too
            said = "no connection came about"
            raise Unreachable("not_connected", said, Certainty.NOT_SENT) from None
        return connection

    # -- time ------------------------------------------------------------------------------

    def _watch(self, until: float) -> None:
        """One timer for all calls: to set and to cancel one for each would cost more than that."""
        if until >= self._looks_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at = until
        self._timer = asyncio.get_running_loop().call_at(until, self._look)

    def _look(self) -> None:
        self._timer, self._looks_at = None, math.inf
        now = asyncio.get_running_loop().time()
        for connection in tuple(self._asking):
            if connection.until <= now:
                connection.fail(TimeoutError())
        left = [connection.until for connection in self._asking if connection.until > now]
        if left:
            self._watch(min(left))


class _Connection(asyncio.Protocol):
    """One connection; one call at a time."""

    def __init__(self) -> None:
        self.since = 0.0
        self.until = math.inf
        self.reusable = False
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._begun = False  # the head of an answer is here, and its end is not
        self._framed = False  # the head tells where the body ends

    async def ask(self, request: bytes, until: float) -> tuple[int, bytes]:
        """Send a request; return status and body. Raises OSError, or TimeoutError from ``fail``."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self.reusable = False
        self.until = until
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    def fail(self, error: OSError) -> None:
        """End the call under way with an error, and the connection with it."""
        self.reusable = False
        answer = self._answer
        if answer is not None and not answer.done():
            answer.set_exception(error)
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Let go of the connection; a call under way fails."""
        self.fail(ConnectionAbortedError())

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's, as we asked for

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked: what it says could be taken for the next answer
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.fail(ConnectionError())

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        self._transport = None
        if exc is None and self._begun and not self._framed:
            self._finish()  # such a body ends with the connection
        else:
            self.fail(exc if isinstance(exc, OSError) else ConnectionResetError())

    # what the parser calls

    def on_message_begin(self) -> None:
        self._body, self._size = [], 0
        self._begun = self._framed = False

    def on_header(self, name: bytes, value: bytes) -> None:
        del value
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        self._begun = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._size += len(body)
        if self._size > MOST_BYTES:
            self.fail(ConnectionError())

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < HTTPStatus.OK:
            return  # "continue" and its like: the answer is still to come
        self.reusable = self._parser.should_keep_alive()
        self._finish()

    def _finish(self) -> None:
        self._begun = False
        answer = self._answer
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        if answer is None or answer.done():
            self.close()
        else:
            answer.set_result((self._parser.get_status_code(), body))
