"""A load balancer in front of several bridges, as an organisation has one: turn by turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp import web

from tests.support.postgres import free_port

if TYPE_CHECKING:
    from types import TracebackType


class Balancer:
    """Hands each call to the next backend; 502 when that one does not answer."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.backends: list[str] = []
        self.handed: list[str] = []
        """Which backend took each call."""
        self._next = 0

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        app = web.Application()
        app.router.add_post("/{path:.*}", self._hand)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _hand(self, request: web.Request) -> web.Response:
        backend = self.backends[self._next % len(self.backends)]
        self._next += 1
        body = await request.read()
        name = "X-Telegram-Bot-Api-Secret-Token"
        headers = {name: request.headers.get(name, "")}
        try:
            async with self._session.post(
                f"{backend}{request.path}", data=body, headers=headers
            ) as answer:
                if answer.status == 200:
                    self.handed.append(backend)
                return web.Response(status=answer.status, body=await answer.read())
        except aiohttp.ClientError:
            return web.Response(status=502)
