"""`coachbridge serve` and `worker`: one process from its settings to its last commit."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING

import structlog
import uvloop

from bridge.app import build
from bridge.core.errors import ConfigError
from bridge.runtime.logging import Redact
from bridge.web import build_web
from bridge.web.pages import page_routes
from bridge.web.server import WebServer
from storage import queries

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.config import Settings

_log = structlog.get_logger(__name__)


def serve(settings: Settings) -> None:
    """Run everything until SIGTERM or Ctrl-C. Raises ConfigError, StoreError."""
    _run(settings, with_web=True)


def work(settings: Settings) -> None:
    """Run beside another process on the same store. Raises ConfigError, StoreError."""
    if settings.store.url.startswith("sqlite"):
        raise ConfigError(
            "store.url: a worker needs PostgreSQL, for SQLite serves one process; use serve alone"
        )
    _run(settings, with_web=False)


def _run(settings: Settings, *, with_web: bool) -> None:
    app = build(settings)
    _spare_the_collector()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_stopped(app, with_web=with_web))
    finally:
        app.close()


def _spare_the_collector() -> None:
    """What was loaded so far stays; looking through it again and again costs a fifth of the CPU.

    Cycles are rare in what comes and goes with a message, so they may wait a little longer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


async def _until_stopped(app: App, *, with_web: bool) -> None:
    """What a crash left behind is taken up before the first webhook is answered."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    app.metrics.refresh = lambda: _measure(app)
    server = _web(app) if with_web else None
    try:
        await app.start()
        if server is not None:
            await server.start()
        _log.info(
            "ready",
            host=app.settings.web.host if server else None,
            port=server.port if server else None,
            accounts=[":".join(name) for name in app.adapters],
        )
        await stopping.wait()
        _log.info("stopping")
    finally:
        app.service.watch.close()  # open pages end, or the server would wait for them
        if server is not None:
            await server.stop()
        await app.stop()
    _log.info("stopped")


def _web(app: App) -> WebServer:
    web = app.settings.web
    redact = Redact(app.settings.secrets())

    async def health() -> list[str]:
        return [str(redact.cut(reason)) for reason in await app.service.health()]

    pages = build_web(
        app.service.inbox.accept,
        app.adapters,
        health,
        app.metrics,
        public_url=web.public_url,
        routes=page_routes(app),
        said=app.service.said,
    )
    return WebServer(pages, web.host, web.port)


def _measure(app: App) -> None:
    """Bring the gauges up to date; runs in a thread when somebody asks for the metrics."""
    counts = queries.counts(app.store)
    app.metrics.show_depths(counts.inbox, counts.outbox)
    app.metrics.failed_calls.set(app.writer.failed_calls)
    service = app.service
    troubled = {name.removeprefix("listen ") for name in service.supervisor.trouble}
    for network, account in app.adapters:
        scope = f"{network}:{account}"
        up = scope not in troubled and scope not in service.outbox.broken
        app.metrics.account_up.labels(network, account).set(up)
