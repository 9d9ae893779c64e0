"""Listening: our own Socket Mode loop, or reading up on what calls may have missed.

1. An envelope is acknowledged after the inbox has committed its payload, never before. What is
   not acknowledged Slack brings again, or the history does. slack_sdk's own client would do too
   much here: it puts envelopes in a memory queue, logs them, and hides a refused token.
2. When Slack is about to end a connection it says so; the next one is open before the old one is
   let go. After any other end there is a gap, and the history is read first.
   https://docs.slack.dev/apis/events-api/using-socket-mode
3. In events mode the web server takes the calls. The history is read at the start and every
   ``catch_up`` seconds, for nobody tells us that calls got lost.
4. When the app was removed or its token revoked, the account is broken.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import msgspec

from adapters.slack import history
from adapters.slack.parse import ends_the_account, keys
from adapters.slack.settings import revealed
from bridge.core.adapter import Raw
from bridge.core.errors import (
    AccountBroken,
    Certainty,
    SendError,
    StoreError,
    Throttled,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.slack.settings import SlackSettings
    from bridge.core.adapter import Sink

Json = dict[str, Any]

_log = logging.getLogger(__name__)

_LONGEST_WAIT = 30.0
_DRAIN = 1.0  # seconds in which an old connection may still bring something
_HELLO = 10.0
_LONG = 60.0  # seconds after which a connection counts as a good one


class _Link(Protocol):
    """What listening needs of the client."""

    async def call(self, method: str, params: Mapping[str, object], token: str = "") -> Json:
        """Call a method. Raises SendError."""

    async def socket(self, url: str) -> aiohttp.ClientWebSocketResponse:
        """Open a connection. Raises SendError."""

    async def own_id(self) -> str:
        """Return our user id. Raises SendError."""


class _Envelope(msgspec.Struct, frozen=True):
    """https://docs.slack.dev/apis/events-api/using-socket-mode/#events"""

    type: str = ""
    envelope_id: str = ""
    payload: msgspec.Raw = msgspec.Raw(b"null")
    reason: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)


class Reader:
    """One run of ``listen``; ``prepare`` makes a payload what the inbox is to keep."""

    def __init__(
        self,
        account: str,
        settings: SlackSettings,
        link: _Link,
        prepare: Callable[[bytes], bytes],
    ) -> None:
        self._account = account
        self._settings = settings
        self._link = link
        self._prepare = prepare
        self._wait = settings.first_wait
        self._opened = 0.0
        self._cursor = history.Cursor()
        self._started = False

    async def follow(self, sink: Sink) -> None:
        """Keep a connection for ever. Raises AccountBroken."""
        while True:
            try:
                await self._begin(sink)
                await self._connected(sink)
            except (SendError, StoreError) as error:
                await self._recover(error)

    async def read_up(self, sink: Sink, broken: asyncio.Event) -> None:
        """Read the history again and again. Raises AccountBroken, also when ``broken`` is set."""
        while True:
            try:
                await self._begin(sink)
                await self._catch_up(sink)
            except (SendError, StoreError) as error:
                await self._recover(error)
                continue
            self._wait = self._settings.first_wait
            try:
                async with asyncio.timeout(self._settings.catch_up):
                    await broken.wait()
            except TimeoutError:
                continue
            raise _removed()

    async def _begin(self, sink: Sink) -> None:
        if not self._started:
            self._cursor = history.cursor_of(await sink.cursor())
            self._started = True

    async def _catch_up(self, sink: Sink) -> None:
        own = await self._link.own_id()
        await history.catch_up(self._link.call, self._cursor, sink, own)

    async def _connected(self, sink: Sink) -> None:
        """Read one connection after the other until there is a gap, which is an error."""
        socket = await self._open()
        try:
            await self._catch_up(sink)
            while await self._read(socket, sink):
                # Should it be asked for another one at once, again and again: slowly.
                await asyncio.sleep(max(self._settings.first_wait - self._age(), 0))
                old, socket = socket, await self._open()
                try:
                    async with asyncio.timeout(_DRAIN):
                        await self._read(old, sink)
                except TimeoutError:
                    _log.debug("slack %s: an old connection is let go", self._account)
                finally:
                    await old.close()
        finally:
            await socket.close()
        raise Unreachable("no_answer", "the connection ended", Certainty.NOT_SENT)

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        """https://docs.slack.dev/reference/methods/apps.connections.open"""
        token = revealed(self._settings.app_token)
        url = (await self._link.call("apps.connections.open", {}, token)).get("url")
        if not isinstance(url, str):
            raise Unreachable("no_result", "the answer names no address")
        socket = await self._link.socket(url)
        try:
            async with asyncio.timeout(_HELLO):
                hello = await socket.receive()
        except TimeoutError:
            hello = None
        if hello is None or hello.type is not aiohttp.WSMsgType.TEXT:
            await socket.close()
            raise Unreachable("no_answer", "the connection brought no greeting")
        self._opened = asyncio.get_running_loop().time()
        return socket

    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self._opened

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, sink: Sink) -> bool:
        """Read until Slack asks for another connection (True) or this one ends (False)."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                envelope = _ENVELOPE.decode(message.data)
            except (msgspec.DecodeError, RecursionError):
                _log.warning("slack %s: an envelope cannot be read", self._account)
                continue
            if envelope.type == "disconnect":
                if envelope.reason == "link_disabled":
                    raise AccountBroken("unauthorized", "Socket Mode was switched off")
                return True
            if envelope.envelope_id:
                await self._take(envelope, socket, sink)
        return False

    async def _take(
        self, envelope: _Envelope, socket: aiohttp.ClientWebSocketResponse, sink: Sink
    ) -> None:
        payload = self._prepare(bytes(envelope.payload))
        self._cursor.note(payload)
        self._cursor.since = time.time()
        await sink.accept([Raw(keys(payload), payload)], self._cursor.text())
        try:
            await socket.send_str(
                msgspec.json.encode({"envelope_id": envelope.envelope_id}).decode()
            )
        except (aiohttp.ClientError, ConnectionError):
            _log.debug("slack %s: a connection ended before its answer", self._account)
        if ends_the_account(payload):
            raise _removed()

    async def _recover(self, error: SendError | StoreError) -> None:
        """Wait out what went wrong. Raises AccountBroken."""
        match error:
            case AccountBroken():
                raise error
            case Throttled():
                await asyncio.sleep(error.retry_after)
                return
            case StoreError():
                _log.error("slack %s: events could not be kept, reading again", self._account)
            case _:
                _log.warning("slack %s: cannot read events: %s", self._account, error)
        if self._age() > _LONG:
            self._wait = self._settings.first_wait
        await asyncio.sleep(self._wait)
        self._wait = min(self._wait * 2, _LONGEST_WAIT)


def _removed() -> AccountBroken:
    return AccountBroken("unauthorized", "the app was removed from the workspace")
