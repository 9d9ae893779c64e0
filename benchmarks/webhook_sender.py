"""Telegram's side of a webhook: POSTs updates over keep-alive connections, one chat on one of them.

Rules taken from what Telegram does: updates of one chat never overtake each other, anything but
2xx is sent again, the secret goes in `X-Telegram-Bot-Api-Secret-Token`
(https://core.telegram.org/bots/api#setwebhook).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_AFTER: Final = 0.05


class Hook:
    """Where to POST and with which head; made once per setWebhook."""

    def __init__(self, url: str, secret: str, connections: int) -> None:
        """Split `url` (http only: the benchmark stays on loopback) and prepare the head."""
        self.url = url
        self.secret = secret
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 80
        self.connections = connections
        self.head = (
            f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Content-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: "
        ).encode()


class Connection(asyncio.Protocol):
    """One keep-alive connection with its own queue; sends the next update after the 2xx."""

    def __init__(
        self,
        hook: Hook,
        render: Callable[[int], bytes],
        handed: Callable[[int], None],
        retried: Callable[[], None],
    ) -> None:
        """Take `render` for the body, `handed` as it is written, `retried` when it failed."""
        self._hook = hook
        self._render = render
        self._handed = handed
        self._retried = retried
        self._queue: deque[int] = deque()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._busy = False
        self._closed = False
        self._connecting: asyncio.Task[None] | None = None

    def put(self, number: int) -> None:
        """Queue a message."""
        self._queue.append(number)
        if not self._busy:
            self._next()

    def close(self) -> None:
        """Drop the queue and the connection."""
        self._closed = True
        self._queue.clear()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._transport is not None:
            self._transport.close()

    def _next(self) -> None:
        leaving = self._transport is not None and self._transport.is_closing()
        if self._closed or leaving or not self._queue:
            self._busy = False
            return
        self._busy = True
        if self._transport is None:
            if self._connecting is None or self._connecting.done():
                self._connecting = asyncio.get_running_loop().create_task(self._connect())
            return
        number = self._queue[0]
        body = self._render(number)
        self._handed(number)
        self._transport.write(b"%b%d\r\n\r\n%b" % (self._hook.head, len(body), body))

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._closed:
            try:
                await loop.create_connection(lambda: self, self._hook.host, self._hook.port)
            except OSError:
                await asyncio.sleep(RETRY_AFTER)
            else:
                return

    def _again(self) -> None:
        self._retried()
        asyncio.get_running_loop().call_later(RETRY_AFTER, self._next)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Go on with the queue."""
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Send the one in flight again over a new connection, or go on with the queue."""
        self._transport = None
        if self._busy and not self._closed:
            self._again()
        else:
            self._next()

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Take 2xx as accepted."""
        if 200 <= self._parser.get_status_code() < 300:
            if self._queue:
                self._queue.popleft()
            if not self._parser.should_keep_alive() and self._transport is not None:
                self._transport.close()
            self._next()
        else:
            self._again()
