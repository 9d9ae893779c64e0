"""Web chat: the pages of clients who join by a link in their browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from bridge.core.errors import StoreError
from bridge.web.chat import pages, posting, reading
from bridge.web.chat import visit as v
from bridge.web.chat.visit import Chat

if TYPE_CHECKING:
    from starlette.requests import Request

    from bridge.app import App

__all__ = ["ROUTES", "Chat", "chat_of", "chat_routes"]

Handler = Callable[[Chat, "Request"], Awaitable[Response]]

ROUTES = {
    "GET /chat": "web chat: the client's page, by the session of this browser",
    "GET /chat/join": "web chat: a field for a code",
    "GET /chat/join/{code}": "web chat: an invitation; opening it changes nothing",
    "POST /chat/join": "web chat: join by invitation, or by a code of a page open elsewhere",
    "GET /chat/messages": "web chat: lines, `before` a line or changed `after` an entry",
    "POST /chat/messages": "web chat: an act of the page; 202 once it is committed",
    "POST /chat/typing": "web chat: the client is writing; shown to the coach, kept nowhere",
    "PUT /chat/uploads/{id}": "web chat: a file to be sent by a message afterwards",
    "GET /chat/events": "web chat: live changes, from `Last-Event-ID` on",
    "GET /chat/files/{conversation}/{seq}": "web chat: the file of a line this client may see",
    "POST /chat/device": "web chat: a code that opens this page on another device",
    "POST /chat/devices/end": "web chat: sign out the other devices",
    "POST /chat/leave": "web chat: sign out here",
    "GET /chat/static/{name}": "web chat: its own scripts and styles",
}
"""Every route, for the docs and their test."""

_HANDLERS: dict[str, Handler] = {
    "GET /chat": pages.chat_page,
    "GET /chat/join": pages.join_page,
    "GET /chat/join/{code}": pages.join_page,
    "POST /chat/join": pages.join,
    "GET /chat/messages": reading.messages,
    "POST /chat/messages": posting.act,
    "POST /chat/typing": posting.typing,
    "PUT /chat/uploads/{id}": posting.upload,
    "GET /chat/events": reading.events,
    "GET /chat/files/{conversation}/{seq:int}": reading.file,
    "POST /chat/device": pages.device_code,
    "POST /chat/devices/end": pages.sign_out_others,
    "POST /chat/leave": pages.leave,
}


def chat_of(app: App) -> Chat | None:
    """Return the web chat of an app, None where it is switched off."""
    adapter: object = app.adapters.get((v.NETWORK, "main"))
    if not isinstance(adapter, v.Packs):
        return None
    return Chat(
        adapter=adapter,
        accept=app.service.inbox.accept,
        store=app.store,
        writer=app.writer,
        blobs=app.blobs,
        watch=app.service.watch,
        public_url=app.settings.web.public_url,
        max_bytes=app.settings.media.max_bytes,
        typing=app.service.typists.heard,
        texts=app.catalogue,
    )


def chat_routes(app: App) -> list[Route]:
    """Return the routes of web chat; none where it is switched off."""
    chat = chat_of(app)
    if chat is None:
        return []
    files = pages.static_files()

    async def static(request: Request) -> Response:
        return pages.static_response(files, request)

    routes = [Route("/chat/static/{name}", static, methods=["GET"])]
    for named, handler in _HANDLERS.items():
        method, _, path = named.partition(" ")
        routes.append(Route(path, _answering(chat, handler), methods=[method]))
    return routes


def _answering(chat: Chat, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await handler(chat, request)
        except StoreError:
            return v.said(503, error="try_again")

    return answer
