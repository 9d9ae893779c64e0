"""The web server: where networks call us, and what tells whether we are well."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bridge.core.errors import StoreError
from bridge.runtime.metrics import CONTENT_TYPE, Metrics
from bridge.web import agenda, chat
from bridge.web.webhooks import Accept, Said, Webhooks

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

Health = Callable[[], Awaitable[Sequence[str]]]
"""Return why the bridge is not ready, one short reason each; empty when it is."""

ROUTES = {
    "POST /webhooks/{network}/{account}": "a network calls us; 200 once it is committed",
    "POST /webhooks/{network}/{account}/voice/step/{step}": "a step of a telephone call",
    "GET /files/{link}": "a file for a reader whose messenger cannot carry it; expires",
    "GET /messages/{link}": "a button for words that were not to go over a weak network; expires",
    "POST /messages/{link}": "the words themselves, for the reader of that one delivery",
    "GET /take/{link}": "buttons for what a client takes along at the end; expires",
    "POST /take/{link}": "some of it to read, for that one client",
    "POST /take/{link}/zip": "all of it as a zip, for that one client",
    "GET /healthz": "the process is alive",
    "GET /readyz": "store, listeners and disk are well; 503 with reasons otherwise",
    "GET /metrics": "counters for Prometheus",
    **chat.ROUTES,
    **agenda.ROUTES,
}
"""Every route, for the docs and their test."""


def build_web(
    accept: Accept,
    adapters: Mapping[tuple[str, str], object],
    health: Health,
    metrics: Metrics,
    *,
    public_url: str = "",
    routes: Sequence[BaseRoute] = (),
    said: Said | None = None,
) -> ASGIApp:
    """Build the web application; ``adapters`` by (network, account), those that are a
    ``Webhook`` can be called; ``routes`` are the pages; ``said`` looks up what was answered to a
    payload of a telephone call.

    Webhooks are answered before Starlette: its routing and middleware cost as much per call as
    all of the rest of the way to the commit.
    """
    webhooks = Webhooks(accept, adapters, metrics, public_url, said)
    pages = _pages(health, metrics, routes)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/webhooks/"):
            await webhooks(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return app


def _pages(health: Health, metrics: Metrics, routes: Sequence[BaseRoute]) -> Starlette:
    async def healthz(request: Request) -> Response:
        del request
        return JSONResponse({"alive": True})

    async def readyz(request: Request) -> Response:
        del request
        reasons = list(await health())
        status = 503 if reasons else 200
        return JSONResponse({"ready": not reasons, "reasons": reasons}, status)

    async def show_metrics(request: Request) -> Response:
        del request
        with contextlib.suppress(StoreError):  # the counters are worth showing all the same
            await asyncio.to_thread(metrics.refresh)
        return Response(metrics.render(), headers={"content-type": CONTENT_TYPE})

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", show_metrics),
            *routes,
        ]
    )
