"""Appointments by a secret link: a page without login, its data, and a calendar to subscribe to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from bridge.core.errors import StoreError
from bridge.web.agenda import pages
from bridge.web.agenda.pages import Agenda
from bridge.web.agenda.video import Video

if TYPE_CHECKING:
    from starlette.requests import Request

    from bridge.app import App

__all__ = ["ROUTES", "Agenda", "agenda_routes", "routes_of"]

Handler = Callable[[Agenda, "Request"], Awaitable[Response]]

ROUTES = {
    "GET /agenda/{token}": "a party's page of appointments, by a secret link",
    "GET /agenda/{token}.ics": "their appointments as a calendar to subscribe to",
    "GET /agenda/{token}.json": "their appointments and free moments as JSON",
    "POST /agenda/{token}/book": "book a moment, or move an appointment to it",
    "POST /agenda/{token}/cancel": "call an appointment off",
    "GET /agenda/{token}/join/{number}": "leads into the video call of an appointment",
    "GET /agenda/static/agenda.css": "the page's style",
}
"""Every route, for the docs and their test."""

_HANDLERS: dict[str, Handler] = {
    "GET /agenda/{token}.ics": pages.feed,
    "GET /agenda/{token}.json": pages.data,
    "GET /agenda/{token}": pages.show,
    "POST /agenda/{token}/book": pages.book,
    "POST /agenda/{token}/cancel": pages.cancel,
    "GET /agenda/{token}/join/{number:int}": pages.join,
}


def agenda_routes(app: App) -> list[Route]:
    """Return the routes of a serving process; none where it makes no links."""
    made = app.catalogue.agenda
    if made is None:
        return []
    own = app.settings.video
    video = Video(own.url, own.jitsi_app_id, own.jitsi_secret.get_secret_value())
    url = app.settings.web.public_url
    return routes_of(Agenda(app.store, app.writer, app.catalogue, made, video, url))


def routes_of(agenda: Agenda) -> list[Route]:
    """Return the routes over what they need."""
    body, tag = pages.style()

    async def style(request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/css", headers=headers)

    routes = [Route("/agenda/static/agenda.css", style, methods=["GET"])]
    for named, handler in _HANDLERS.items():
        method, _, path = named.partition(" ")
        routes.append(Route(path, _answering(agenda, handler), methods=[method]))
    return routes


def _answering(agenda: Agenda, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await handler(agenda, request)
        except StoreError:
            return pages.away(request)

    return answer
