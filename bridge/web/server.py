"""The web server within the bridge's own loop: started and stopped by the bridge, not by itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import uvicorn

from bridge.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

_BACKLOG = 2048
_MAX_CONNECTIONS = 1000


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell when calls are answered."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the bridge stops its parts in its own order."""
        yield


class WebServer:
    """One listening socket and what answers on it."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, stop_seconds: int = 10) -> None:
        self._host = host
        self._port = port
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                http="httptools",
                server_header=False,
                proxy_headers=False,
                limit_concurrency=_MAX_CONNECTIONS,
                timeout_graceful_shutdown=stop_seconds,
            )
        )
        self._running: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on, also where the settings said 0."""
        return self._port

    async def start(self) -> None:
        """Listen; calls are answered when this returns. Raises ConfigError."""
        listener = self._bind()
        self._port = listener.getsockname()[1]
        self._running = asyncio.create_task(self._server.serve(sockets=[listener]), name="web")
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({listening, self._running}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            listening.cancel()
            self._running.result()

    async def stop(self) -> None:
        """Take no more calls, finish those under way, then return."""
        if self._running is not None:
            self._server.should_exit = True
            await self._running
            self._running = None

    def _bind(self) -> socket.socket:
        try:
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            address = (self._host, self._port)
            listener = socket.create_server(address, family=family, backlog=_BACKLOG)
            # Connections inherit it. asyncio sets it only on sockets that name their protocol; on
            # others each answer of two writes waits 40 ms for an acknowledgement.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            msg = (
                f"web.host {self._host!r}, web.port {self._port}: cannot listen there "
                f"({error.strerror}); choose another port or end what uses it"
            )
            raise ConfigError(msg) from None
        return listener
