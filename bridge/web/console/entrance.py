"""Signing in and out, and the list of browsers that are signed in.

1. The answer to "send me a link" is the same whoever asks, for whomever.
2. Opening a link shows a button and changes nothing: messengers open links by themselves.
"""

from __future__ import annotations

import asyncio
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from bridge.runtime import sign_in
from bridge.web.console.visit import (
    HEADERS,
    MOST_FORM,
    ROOT,
    ask_too_often,
    guest_words,
    visit_of,
)
from bridge.web.sessions import form_token, is_own_form, is_same_site
from storage import sessions

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bridge.web.console.visit import Console, Visit
    from bridge.web.console.words import Words

VISITOR_SECONDS = 3600


class Entrance:
    """The pages for those who are not signed in."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def ask(self, request: Request) -> Response:
        """Show the form that asks for a link."""
        if await visit_of(self._console, request) is not None:
            return RedirectResponse(ROOT + "/", HTTPStatus.SEE_OTHER, headers=HEADERS)
        return self._page(request, "ask")

    async def send(self, request: Request) -> Response:
        """Send a link, if it is for a coach whom we reach."""
        form = await self._form(request)
        if ask_too_often(self._console, request):
            return self._page(request, "often", HTTPStatus.TOO_MANY_REQUESTS)
        console, person = self._console, form.get("person", "").strip()[:40]
        if person:
            await console.writer.submit(
                lambda unit: sign_in.send_link(unit, person, console.catalogue, console.public_url)
            )
        return self._page(request, "sent")

    async def show(self, request: Request) -> Response:
        """Show the button that uses a link up."""
        code = str(request.path_params["code"])
        good = await asyncio.to_thread(
            sessions.link_is_good,
            self._console.store,
            sign_in.secret_hash(code),
            self._console.now(),
        )
        if not good:
            return self._page(request, "stale", HTTPStatus.GONE)
        return self._page(request, "open", code=code)

    async def enter(self, request: Request) -> Response:
        """Use a link up and begin a session."""
        await self._form(request)
        if ask_too_often(self._console, request):
            return self._page(request, "often", HTTPStatus.TOO_MANY_REQUESTS)
        code = str(request.path_params["code"])
        agent = request.headers.get("user-agent", "")
        entered = await self._console.writer.submit(lambda unit: sign_in.sign_in(unit, code, agent))
        if entered is None:
            return self._page(request, "stale", HTTPStatus.GONE)
        answer = RedirectResponse(ROOT + "/", HTTPStatus.SEE_OTHER, headers=HEADERS)
        seconds = int(sign_in.SESSION_VALID.total_seconds())
        self._console.cookie.give(answer, entered[1], seconds)
        self._console.visitor.take(answer)
        return answer

    def _page(
        self, request: Request, what: str, status: int = 200, **values: object
    ) -> HTMLResponse:
        secret = self._console.visitor.read(request) or secrets.token_urlsafe(16)
        text = self._console.render(
            "sign_in.html",
            guest_words(request),
            what=what,
            csrf=form_token(secret),
            me=None,
            minutes=int(sign_in.LINK_VALID.total_seconds() // 60),
            **values,
        )
        answer = HTMLResponse(text, status, headers=HEADERS)
        self._console.visitor.give(answer, secret, VISITOR_SECONDS)
        return answer

    async def _form(self, request: Request) -> dict[str, str]:
        """Return a form of ours. Raises HTTPException 403 for a forged one."""
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_FORM:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        form = await request.form(max_files=0, max_fields=10)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        own = is_own_form(self._console.visitor.read(request), fields.get("csrf", ""))
        if not own or not is_same_site(request.headers):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        return fields


async def list_sessions(visit: Visit) -> Response:
    """Show where she is signed in."""
    known = await asyncio.to_thread(
        sessions.of_person, visit.store, visit.person.id, visit.console.now()
    )
    shown = [(one, agent_name(one.agent, visit.words)) for one in known]
    return visit.page("sessions.html", sessions=shown)


_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux")


def agent_name(agent: str, say: Words) -> str:
    """Return what people call a browser, as far as it says what it is."""
    browser = next((name for name in _BROWSERS if f"{name}/" in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    if not browser or not system:
        return agent[:60] or say("Unknown browser")
    return say("{browser} on {system}", browser=_NAMES.get(browser, browser), system=system)


async def revoke(visit: Visit) -> Response:
    """End one of her sessions, this one too."""
    await visit.form()
    session, person = str(visit.request.path_params["session"]), visit.person.id
    ended = await visit.console.writer.submit(lambda unit: unit.sessions.revoke(session, person))
    if not ended:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    answer = visit.back("/sign-in" if session == visit.session.id else "/sessions")
    if session == visit.session.id:
        visit.console.cookie.take(answer)
    return answer


async def sign_out(visit: Visit) -> Response:
    """End this session."""
    await visit.form()
    session, person = visit.session.id, visit.person.id
    await visit.console.writer.submit(lambda unit: unit.sessions.revoke(session, person))
    answer = visit.back("/sign-in")
    visit.console.cookie.take(answer)
    return answer
