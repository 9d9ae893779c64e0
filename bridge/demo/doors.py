"""The bridge's own pages within the demo's: the coach's console, and web chat as Sem's browser.

1. They are the pages that ``coachbridge serve`` has, reached by the same sessions and cookies.
2. No page of the bridge may be framed. The demo lifts that for its own pages only, where it hands
   their answers on; a bridge that serves people knows nothing of it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
from starlette.responses import RedirectResponse, Response

from bridge.core.errors import BridgeError
from bridge.demo.answers import HEADERS
from bridge.demo.house import HOST
from bridge.runtime import invites, sign_in
from bridge.web.chat.visit import NETWORK, SESSION_SECONDS
from bridge.web.sessions import Cookie
from storage import sessions

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bridge.demo.house import Rooms
    from storage.unit import Unit

Door = Callable[["Request"], Awaitable[Response]]
"""Leads into a page of the bridge, and brings along what it takes to be somebody there."""

FRAMED = ("/console", "/chat")
_NEVER, _HERE = b"frame-ancestors 'none'", b"frame-ancestors 'self'"


def frameable(pages: ASGIApp) -> ASGIApp:
    """Let the demo's own page, and no other, show these pages within itself."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*map(_relaxed, _kept(message["headers"]))]}
            await send(message)

        mine = scope["type"] == "http" and scope["path"].startswith(FRAMED)
        await pages(scope, receive, sent if mine else send)

    return app


def _kept(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [one for one in headers if one[0].lower() != b"x-frame-options"]


def _relaxed(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = header
    policy = name.lower() == b"content-security-policy"
    return name, value.replace(_NEVER, _HERE) if policy else value


class ConsoleDoor:
    """Signs the visitor in as one of the coaches."""

    def __init__(self, rooms: Rooms, coach: str) -> None:
        self._app = rooms.app
        self._coach = coach
        self._cookie = Cookie("coachbridge", secure=False)

    async def __call__(self, request: Request) -> Response:
        """Lead to the console; a browser that is signed in already stays so."""
        answer = RedirectResponse("/console/", 303, HEADERS)
        secret, store = self._cookie.read(request), self._app.store
        known = await asyncio.to_thread(
            sessions.find, store, sign_in.secret_hash(secret), datetime.now(UTC)
        )
        if known is None or known.person != self._coach:
            agent = request.headers.get("user-agent", "")
            secret = await self._app.writer.submit(lambda unit: _enter(unit, self._coach, agent))
            self._cookie.give(answer, secret, int(sign_in.SESSION_VALID.total_seconds()))
        return answer


class NextDoor:
    """Leads to a door under this machine's other name, where a browser has other cookies.

    So two coaches are signed in in one browser.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, request: Request) -> Response:
        """Lead to the other name first, then through the door."""
        if _THERE in request.query_params:
            return await self._door(request)
        other = "127.0.0.1" if request.url.hostname == "localhost" else "localhost"
        url = request.url.replace(hostname=other, query=f"{_THERE}=1")
        return RedirectResponse(str(url), 303, HEADERS)


_THERE = "there"


def _enter(unit: Unit, coach: str, agent: str) -> str:
    """Do what a link from a messenger does; return the secret for the cookie."""
    entered = sign_in.sign_in(unit, sign_in.issue(unit, coach), agent)
    if entered is None:
        raise BridgeError(f"{coach} is no coach any more")
    return entered[1]


class Sem:
    """A client without a messenger: his browser, which the visitor's browser may become."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._browser: aiohttp.ClientSession | None = None
        self._joining = asyncio.Lock()

    async def __call__(self, request: Request) -> Response:
        """Lead to his page, with his session."""
        del request
        browser = await self._joined()
        answer = RedirectResponse("/chat", 303, HEADERS)
        for one in browser.cookie_jar:
            answer.set_cookie(
                one.key, one.value, SESSION_SECONDS, path="/", httponly=True, samesite="lax"
            )
        return answer

    async def say(self, text: str) -> None:
        """Write something. Raises BridgeError."""
        browser = await self._joined()
        act = {"type": "message", "id": secrets.token_hex(8), "text": text}
        async with browser.post("/chat/messages", json=act) as answer:
            if answer.status != 202:
                raise BridgeError(f"web chat answered {answer.status}")

    async def close(self) -> None:
        """Close the browser."""
        if self._browser is not None:
            await self._browser.close()

    async def _joined(self) -> aiohttp.ClientSession:
        """Open the link of his invitation and press the button, the first time."""
        async with self._joining:
            if self._browser is None:
                self._browser = await self._join()
            return self._browser

    async def _join(self) -> aiohttp.ClientSession:
        writer = self._rooms.app.writer
        issued = await writer.submit(lambda unit: invites.issue(unit, "sem-2026", "sem", NETWORK))
        jar = aiohttp.CookieJar(unsafe=True)
        browser = aiohttp.ClientSession(f"http://{HOST}:{self._rooms.port}", cookie_jar=jar)
        form = {"code": issued.link_code, "seed": secrets.token_hex(16)}
        async with browser.post("/chat/join", data=form) as answer:
            await answer.read()
        return browser
