"""A fake Bot API server that costs almost nothing, so that what is measured is the bot.

One process on one core with uvloop and httptools. It is not faithful (the emulator is): it knows
getUpdates, webhooks and sendMessage, and says yes to everything else.

Orders come as JSON lines on stdin, answers leave as JSON lines on stdout:
`{"event":"listening","port":1}` at start, `{"event":"attached","mode":"polling"}` at the first
getUpdates or setWebhook, and for each `RunOrder` on stdin one `{"event":"result",…RunResult}`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from typing import cast

import httptools
import msgspec
import uvloop

from benchmarks.fake_api import FakeBotApi
from benchmarks.traffic import RunOrder


class Client(asyncio.Protocol):
    """One connection of the bot; bots do not pipeline, so answers need no order."""

    def __init__(self, api: FakeBotApi) -> None:
        """Serve calls to `api`."""
        self._api = api
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._url = b""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Tell the API that an answer has nowhere to go."""
        self._transport = None
        self._api.gone(self)

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Keep the path."""
        self._url += url

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Split off method and parameters and let the API answer."""
        path, _, query = self._url.partition(b"?")
        body = b"".join(self._body)
        self._url = b""
        self._body.clear()
        self._api.answer(self, path[path.rfind(b"/") + 1 :], body or query)

    def reply(self, body: bytes, delay: float) -> None:
        """Send a 200, after `delay` seconds."""
        if delay:
            asyncio.get_running_loop().call_later(delay, self.reply, body, 0.0)
        elif self._transport is not None:
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )


async def serve() -> None:
    """Listen on a free loopback port and carry out the orders that come on stdin."""
    loop = asyncio.get_running_loop()
    encoder = msgspec.json.Encoder()

    def say(event: str, fields: object) -> None:
        sys.stdout.buffer.write(encoder.encode({"event": event, **msgspec.to_builtins(fields)}))
        sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()

    api = FakeBotApi(say)
    server = await loop.create_server(lambda: Client(api), "127.0.0.1", 0, backlog=1024)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    say("listening", {"port": server.sockets[0].getsockname()[1]})
    while line := await orders.readline():
        say("result", await api.run(msgspec.json.decode(line, type=RunOrder)))
    server.close()


def main() -> None:
    """Run the server until stdin closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", type=int, default=-1, help="pin the process to this core")
    core: int = parser.parse_args().core
    if core >= 0:
        os.sched_setaffinity(0, {core})
    uvloop.run(serve())


if __name__ == "__main__":
    main()
