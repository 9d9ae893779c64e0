"""An emulator's door: HTTP on loopback at one address, which it keeps over being down."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, ClassVar, Self

from aiohttp import web

from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.wire import reset_transport

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence
    from types import TracebackType

    from aiohttp.typedefs import Middleware

SHUTDOWN_SECONDS = 0.2


class Listener:
    """What listens; `port` 0 takes a free one. `async with` starts and stops it."""

    body_limit: ClassVar[int] = 64 * 1024 * 1024
    """The most bytes of one request."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.clock_ahead = 0.0
        """Seconds by which the server's clock is ahead of ours, in the `Date` of its answers."""
        self._routes: list[web.RouteDef] = []
        self._middlewares: list[Middleware] = []
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    # -- what a network adds ----------------------------------------------------------------

    def routes(self) -> Sequence[web.RouteDef]:
        """The network's own routes; asked for once, at the start."""
        return ()

    async def opening(self) -> None:
        """Called before it listens."""

    async def closing(self) -> None:
        """Called when background work has ended, and before the door closes."""

    async def closed(self) -> None:
        """Called when nobody can call any more: let go of whoever waits for an answer."""

    # -- life -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=self.body_limit, middlewares=self._middlewares)
        app.add_routes([*self.routes(), *self._routes])
        app.on_response_prepare.append(self._date)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await self.opening()
        await self.up()

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Let an answer tell the server's own time, https://www.rfc-editor.org/rfc/rfc9110#name-date"""
        if self.clock_ahead:
            response.headers["Date"] = formatdate(time.time() + self.clock_ahead, usegmt=True)

    async def stop(self) -> None:
        """Stop listening and delivering; nothing is left behind."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.closing()
        await self.down()
        await self.closed()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def add_routes(self, routes: Iterable[web.RouteDef], *middlewares: Middleware) -> None:
        """More routes (the control endpoint, demo pages), before `start`."""
        self._routes += routes
        self._middlewares += middlewares

    @property
    def api_url(self) -> str:
        """What a program uses in place of the network's own address."""
        return f"http://{self.host}:{self.port}"

    # -- being down -------------------------------------------------------------------------

    async def down(self) -> None:
        """Refuse new connections and cut all that are open, in the middle of whatever they do."""
        if self._site is None:
            return
        site, self._site = self._site, None
        await site.stop()
        self.cut()

    def cut(self) -> None:
        """Cut all connections that are open."""
        server = self._runner.server if self._runner is not None else None
        for connection in server.connections if server else ():
            if connection.transport is not None:
                reset_transport(connection.transport)

    async def up(self) -> None:
        """Listen (again), at the same port."""
        if self._site is not None:
            return
        if self._runner is None:
            raise EmulatorMisuseError("the emulator was not started")
        site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        await site.start()
        self._site = site
        if self.port == 0:
            self.port = int(self._runner.addresses[0][1])

    async def refuse_for(self, seconds: float) -> None:
        """Go down now and up again `seconds` later; returns when it is down."""
        await self.down()

        async def back() -> None:
            await asyncio.sleep(seconds)
            await self.up()

        self.begin(back())

    def begin(self, work: Coroutine[object, object, object]) -> None:
        """Do something in the background until the emulator ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
