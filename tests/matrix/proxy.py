"""A door in front of the homeserver that loses answers, breaks connections and repeats itself."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp import web

from tests.conformance.kit import Trouble

_HOP = {"connection", "content-length", "content-encoding", "transfer-encoding", "host", "date"}


class Proxy:
    """Passes every call on; ``planned`` troubles happen to the next messages that are sent."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._planned: list[Trouble] = []
        self._news = b""
        self._again = False
        self.calls: list[str] = []
        self.lose = ""
        """Lose the answer to the next call of a path that holds this."""
        self.answer: Callable[[str], tuple[int, Any] | None] = lambda _: None
        """Lets a test answer in the homeserver's place, by path."""
        self.change: Callable[[dict[str, Any]], object] | None = None
        """Lets a test change what /sync tells."""

    @property
    def url(self) -> str:
        """Where the adapter finds the homeserver."""
        return f"http://127.0.0.1:{self._port}"

    async def up(self) -> None:
        """Listen, at the same address as before."""
        app = web.Application(client_max_size=100_000_000)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Refuse connections, and end those there are."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next message that is sent."""
        self._planned.append(trouble)

    def hand_out_again(self) -> None:
        """Answer the next /sync with the last one that brought something."""
        self._again = True

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path
        self.calls.append(f"{request.method} {path.partition('?')[0]}")
        given = self.answer(path)
        if given is not None:
            return web.json_response(given[1], status=given[0])
        if "/sync" in path and self._again and self._news:
            self._again = False
            return web.Response(body=self._news, content_type="application/json")
        sends = request.method == "PUT" and "/send/" in path
        trouble = self._planned.pop(0) if sends and self._planned else None
        if trouble is Trouble.RESET:
            return self._cut(request)
        if trouble is Trouble.SERVER_ERROR:
            return web.Response(status=502, text="<html>bad gateway</html>")
        response = await self._pass_on(request, path)
        if self.lose and self.lose in path:
            self.lose = ""
            return self._cut(request)
        if trouble is Trouble.ACCEPTED_THEN_DROPPED:
            return self._cut(request)
        if trouble is Trouble.GARBLED:
            return web.Response(body=b'{"event_', content_type="application/json")
        return response

    def _cut(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _pass_on(self, request: web.Request, path: str) -> web.Response:
        headers = {n: v for n, v in request.headers.items() if n.lower() not in _HOP}
        body = await request.read()
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, self._upstream + path, data=body, headers=headers
            ) as answer,
        ):
            text = await answer.read()
            if "/sync" in path and self.change is not None and answer.status == 200:
                news = json.loads(text)
                self.change(news)
                text = json.dumps(news).encode()
            if "/sync" in path and _tells(text):
                self._news = text
            known = {n: v for n, v in answer.headers.items() if n.lower() not in _HOP}
            return web.Response(status=answer.status, body=text, headers=known)


def _tells(text: bytes) -> bool:
    """Tell whether an answer to /sync holds something that was said."""
    with suppress(ValueError, LookupError):
        rooms = json.loads(text)["rooms"]["join"].values()
        return any(
            event["type"] in {"m.room.message", "m.room.encrypted"}
            for room in rooms
            for event in room["timeline"]["events"]
        )
    return False


async def settle(is_so: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is so."""
    for _ in range(int(seconds / 0.02)):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"it did not happen within {seconds:g} seconds")
