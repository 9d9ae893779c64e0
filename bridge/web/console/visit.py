"""One call of a page: who it is, what language they read, and how a page is answered.

1. Nothing is shown before a session was found; without one there is only the way to sign in.
2. What somebody may not see does not exist for them: 404, never 403 (but for forged forms).
3. Every answer carries the headers that keep hostile words harmless.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import jinja2
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bridge.runtime.sign_in import secret_hash
from bridge.web.console.words import Words
from bridge.web.sessions import Cookie, Limit, caller_of, form_token, is_own_form, is_same_site
from storage import persons, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from bridge.core.adapter import Adapter
    from bridge.runtime.texts import Catalogue
    from bridge.runtime.watch import Watch
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.persons import PersonLine
    from storage.sessions import Session
    from storage.writer import Writer

ROOT = "/console"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}
TOUCH_EVERY = timedelta(minutes=5)
MOST_FORM = 64 * 1024
"""Bytes of a form; files do not come in forms."""


_pages = jinja2.Environment(
    loader=jinja2.PackageLoader("bridge.web.console"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


class Console:
    """The parts of a running bridge that the pages use."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        blobs: Blobs,
        catalogue: Catalogue,
        watch: Watch,
        adapters: Mapping[str, Adapter],
        *,
        public_url: str,
        max_upload: int,
    ) -> None:
        self.store = store
        self.writer = writer
        self.blobs = blobs
        self.catalogue = catalogue
        self.watch = watch
        self.adapters = adapters
        self.public_url = public_url
        self.max_upload = max_upload
        secure = public_url.startswith("https://")
        self.cookie = Cookie("coachbridge", secure=secure)
        self.visitor = Cookie("coachbridge-visitor", secure=secure)
        self.asking = Limit(10, 600)
        self.posting = Limit(120, 60)
        self.streams: dict[str, int] = {}

    def now(self) -> datetime:
        """Return this moment, by the same clock as everything that is written."""
        return self.writer.now()

    def render(self, template: str, words: Words, **values: object) -> str:
        """Return a page or a part of one."""
        return _pages.get_template(template).render(_=words, w=words, root=ROOT, **values)


class Visit:
    """Somebody who is signed in, and what they ask for."""

    def __init__(
        self, console: Console, request: Request, session: Session, person: PersonLine, secret: str
    ) -> None:
        self.console = console
        self.request = request
        self.session = session
        self.person = person
        self.words = Words(person.language, person.time_zone)
        self.csrf = form_token(secret)
        self._secret = secret

    @property
    def store(self) -> Store:
        """Where everything is read."""
        return self.console.store

    def new_key(self) -> str:
        """Return a key for a form that is to be carried out once."""
        return secrets.token_urlsafe(12)

    def is_alive(self) -> bool:
        """Tell whether the session is still good; reads the store."""
        known = sessions.find(self.store, secret_hash(self._secret), self.console.now())
        return known is not None

    async def trajectory(self) -> str:
        """Return the trajectory of the address. Raises HTTPException 404 unless she coaches it."""
        name = str(self.request.path_params["trajectory"])
        if not await asyncio.to_thread(persons.coaches, self.store, self.person.id, name):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return name

    async def form(self) -> FormData:
        """Return a form of ours. Raises HTTPException 403 for a forged one."""
        length = self.request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_FORM:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        form = await self.request.form(max_files=0, max_fields=40, max_part_size=MOST_FORM)
        self.check(str(form.get("csrf", "")))
        return form

    def check(self, token: str) -> None:
        """Let only our own pages write. Raises HTTPException 403, or 429 when it is too much."""
        if not is_same_site(self.request.headers) or not is_own_form(self._secret, token):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        if not self.console.posting.takes(self.session.id):
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)

    def part(self, template: str, **values: object) -> str:
        """Return a part of a page."""
        return self.console.render(template, self.words, **values)

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Answer with a page for this person."""
        return HTMLResponse(self.text(template, **values), status, headers=HEADERS)

    def text(self, template: str, **values: object) -> str:
        """Return a page as text."""
        return self.console.render(
            template, self.words, visit=self, me=self.person, csrf=self.csrf, **values
        )

    def back(self, path: str) -> RedirectResponse:
        """Go on with another page after a form."""
        return RedirectResponse(ROOT + path, HTTPStatus.SEE_OTHER, headers=HEADERS)


Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[["Request"], Awaitable[Response]]


def signed_in(console: Console, handler: Handler) -> Endpoint:
    """Return the endpoint that lets only those in who are signed in."""

    async def endpoint(request: Request) -> Response:
        visit = await visit_of(console, request)
        if visit is None:
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(f"{ROOT}/sign-in", 303, headers=HEADERS)
            raise HTTPException(HTTPStatus.UNAUTHORIZED)
        return await handler(visit)

    return endpoint


async def visit_of(console: Console, request: Request) -> Visit | None:
    """Return who is there, None without a session that is good."""
    secret = console.cookie.read(request)
    if not secret:
        return None
    found = await asyncio.to_thread(_look_up, console, secret)
    if found is None:
        return None
    session, person = found
    if console.now() - session.last_at > TOUCH_EVERY:
        await console.writer.submit(lambda unit: unit.sessions.touch(session.id))
    return Visit(console, request, session, person, secret)


def _look_up(console: Console, secret: str) -> tuple[Session, PersonLine] | None:
    session = sessions.find(console.store, secret_hash(secret), console.now())
    if session is None:
        return None
    person = persons.persons(console.store, [session.person]).get(session.person)
    return None if person is None else (session, person)


def guest_words(request: Request) -> Words:
    """Return words for somebody who is not known yet, by what their browser asks for."""
    return Words(request.headers.get("accept-language", "")[:2])


def ask_too_often(console: Console, request: Request) -> bool:
    """Count a call of somebody who is not signed in."""
    return not console.asking.takes(caller_of(request))
