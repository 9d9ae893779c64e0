"""The JSON API under /api: a twin for every page of the console, for programs with a token.

FastAPI takes a quarter of a second to import, so that happens at the first call and not at the
start; until then this is a few lines.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.routing import Mount

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bridge.app import App
    from bridge.core.adapter import Adapter
    from bridge.core.capabilities import Protection
    from bridge.runtime.texts import Catalogue
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.writer import Writer

ROUTES = {
    "GET /api/docs": "what the API offers, to read; no token needed",
    "GET /api/docs.css": "how that page looks",
    "GET /api/openapi.json": "the same for programs: OpenAPI 3.1; no token needed",
    "GET /api/me": "whose token it is and what it may do",
    "GET /api/inbox": "trajectories by what needs attention",
    "GET /api/search": "search in all conversations",
    "GET /api/nudges": "what is planned, what became of the others, and the weeks in figures",
    "GET /api/due": "promises, soonest first, and who stalled",
    "GET /api/agenda": "the person's appointments ahead, and the hours they offer",
    "GET /api/sessions": "where the person is signed in to the console",
    "POST /api/sessions/{session}/revoke": "end such a session",
    "GET /api/trajectories/{trajectory}": "a page of a timeline, newest or before or after a seq",
    "GET /api/trajectories/{trajectory}/people": "who takes part and where they are reached",
    "GET /api/trajectories/{trajectory}/agreed": "its promises, steps and scales, and its end",
    "POST /api/trajectories/{trajectory}/close": "end it; its clients decide about the log",
    "GET /api/trajectories/{trajectory}/activity": "messages per week, network and author",
    "GET /api/trajectories/{trajectory}/activity.svg": "the same as a picture",
    "GET /api/trajectories/{trajectory}/export": "the trajectory as one zip",
    "POST /api/trajectories/{trajectory}/messages": "say something to everybody in it",
    "POST /api/trajectories/{trajectory}/preview": "how a message would look; nothing is sent",
    "POST /api/trajectories/{trajectory}/files": "keep a file, for a message to show",
    "POST /api/trajectories/{trajectory}/messages/{seq}/edit": "change what the person said",
    "POST /api/trajectories/{trajectory}/messages/{seq}/withdraw": "withdraw it",
    "POST /api/trajectories/{trajectory}/messages/{seq}/reactions": "react to a message",
    "POST /api/trajectories/{trajectory}/notes": "note something down for its coaches",
    "POST /api/trajectories/{trajectory}/held": "log a session that was held face to face",
    "POST /api/trajectories/{trajectory}/calls": "ring the person, and then a client",
    "POST /api/trajectories/{trajectory}/lost": "a code for a client who lost the phone",
    "POST /api/trajectories/{trajectory}/nudges/{seq}": "move a planned nudge, or take it back",
    "POST /api/trajectories/{trajectory}/appointments/{seq}/cancel": "call an appointment off",
    "POST /api/trajectories/{trajectory}/promise": "promise how soon is answered",
    "POST /api/trajectories/{trajectory}/steps": "agree on a step with a client",
    "POST /api/trajectories/{trajectory}/steps/{seq}": "it was done, ask now, or off the list",
    "POST /api/trajectories/{trajectory}/scales": "ask a client for a number from 0 to 10",
    "POST /api/trajectories/{trajectory}/package": "agree on prepaid minutes, or correct them",
    "POST /api/trajectories/{trajectory}/time": "count minutes, or take some back",
    "POST /api/trajectories/{trajectory}/time/{seq}": "count what the person wrote, or not",
    "POST /api/trajectories/{trajectory}/questions/{seq}": "answer what the bridge asked",
    "POST /api/trajectories/{trajectory}/nudges": "plan a nudge, or a series",
    "POST /api/trajectories/{trajectory}/drafts/{seq}": "send a drafted nudge, or not",
    "POST /api/templates": "keep or forget the person's own words for nudges",
    "POST /api/trajectories/{trajectory}/appointments": "book a moment for a client",
    "POST /api/trajectories/{trajectory}/appointments/{seq}/move": "move an appointment",
    "POST /api/agenda/off": "offer nothing on some days",
    "POST /api/agenda/extra": "offer more hours on a day",
    "POST /api/agenda/usual": "let a day, an offer or the working week be as usual again",
    "POST /api/agenda/offer": "offer a kind of appointment in some hours of the week",
    "POST /api/agenda/work": "set the working week and the stop moment",
    "POST /api/trajectories/{trajectory}/read": "note how far the person has read",
    "GET /api/files/{attachment}": "an attachment",
}
"""Every route, for the docs and their test."""

TWINS = {
    "GET /console/": "GET /api/inbox",
    "GET /console/search": "GET /api/search",
    "GET /console/nudges": "GET /api/nudges",
    "GET /console/sessions": "GET /api/sessions",
    "GET /console/due": "GET /api/due",
    "GET /console/agenda": "GET /api/agenda",
    "GET /console/t/{trajectory}/agreed": "GET /api/trajectories/{trajectory}/agreed",
    "POST /console/agenda/{trajectory}/{number:int}/cancel": (
        "POST /api/trajectories/{trajectory}/appointments/{seq}/cancel"
    ),
    "GET /console/t/{trajectory}": "GET /api/trajectories/{trajectory}",
    "GET /console/t/{trajectory}/entries": "GET /api/trajectories/{trajectory}",
    "GET /console/t/{trajectory}/activity": "GET /api/trajectories/{trajectory}/activity",
    "GET /console/t/{trajectory}/export": "GET /api/trajectories/{trajectory}/export",
    "GET /console/files/{trajectory}/{attachment:path}": "GET /api/files/{attachment}",
    "POST /console/sessions/{session}/revoke": "POST /api/sessions/{session}/revoke",
    "POST /console/t/{trajectory}/messages": "POST /api/trajectories/{trajectory}/messages",
    "POST /console/t/{trajectory}/messages/{seq:int}": (
        "POST /api/trajectories/{trajectory}/messages/{seq}/edit"
    ),
    "POST /console/t/{trajectory}/preview": "POST /api/trajectories/{trajectory}/preview",
    "POST /console/t/{trajectory}/files": "POST /api/trajectories/{trajectory}/files",
    "POST /console/t/{trajectory}/notes": "POST /api/trajectories/{trajectory}/notes",
    "POST /console/t/{trajectory}/held": "POST /api/trajectories/{trajectory}/held",
    "POST /console/t/{trajectory}/call": "POST /api/trajectories/{trajectory}/calls",
    "POST /console/t/{trajectory}/lost": "POST /api/trajectories/{trajectory}/lost",
    "POST /console/t/{trajectory}/nudges/{seq:int}": (
        "POST /api/trajectories/{trajectory}/nudges/{seq}"
    ),
    "POST /console/t/{trajectory}/promise": "POST /api/trajectories/{trajectory}/promise",
    "POST /console/t/{trajectory}/close": "POST /api/trajectories/{trajectory}/close",
    "POST /console/t/{trajectory}/steps": "POST /api/trajectories/{trajectory}/steps",
    "POST /console/t/{trajectory}/steps/{seq:int}": (
        "POST /api/trajectories/{trajectory}/steps/{seq}"
    ),
    "POST /console/t/{trajectory}/scales": "POST /api/trajectories/{trajectory}/scales",
    "POST /console/t/{trajectory}/package": "POST /api/trajectories/{trajectory}/package",
    "POST /console/t/{trajectory}/time": "POST /api/trajectories/{trajectory}/time",
    "POST /console/t/{trajectory}/time/{seq:int}": (
        "POST /api/trajectories/{trajectory}/time/{seq}"
    ),
    "POST /console/t/{trajectory}/asked/{seq:int}": (
        "POST /api/trajectories/{trajectory}/questions/{seq}"
    ),
    "POST /console/nudges": "POST /api/trajectories/{trajectory}/nudges",
    "POST /console/nudges/templates": "POST /api/templates",
    "POST /console/t/{trajectory}/drafts/{seq:int}": (
        "POST /api/trajectories/{trajectory}/drafts/{seq}"
    ),
    "POST /console/agenda": "POST /api/trajectories/{trajectory}/appointments",
    "POST /console/agenda/{trajectory}/{number:int}/move": (
        "POST /api/trajectories/{trajectory}/appointments/{seq}/move"
    ),
    "POST /console/agenda/off": "POST /api/agenda/off",
    "POST /console/agenda/extra": "POST /api/agenda/extra",
    "POST /console/agenda/usual": "POST /api/agenda/usual",
    "POST /console/agenda/offer": "POST /api/agenda/offer",
    "POST /console/agenda/work": "POST /api/agenda/work",
    "POST /console/t/{trajectory}/seen": "POST /api/trajectories/{trajectory}/read",
}
"""The twin of every page, and of what can be done there; who takes part stands on a page of the
timeline and has a route of its own here."""

NO_TWIN = {
    "GET /console/sign-in": "a program has a token",
    "GET /console/sign-in/{code}": "a program has a token",
    "POST /console/sign-in": "a program has a token",
    "POST /console/sign-in/{code}": "a program has a token",
    "POST /console/sign-out": "a program has no session of its own",
    "GET /console/static/{file}": "not a page",
    "GET /console/events": "a sign to look again; a program asks with ?after=",
    "GET /console/t/{trajectory}/events": "a sign to look again; a program asks with ?after=",
}
"""What people get and programs do not, and why."""


@dataclass(slots=True, frozen=True)
class Parts:
    """What the API needs of a running bridge; ``adapters`` by ``network:account``."""

    store: Store
    writer: Writer
    blobs: Blobs
    catalogue: Catalogue
    adapters: Mapping[str, Adapter]
    now: Callable[[], datetime]
    public_url: str = ""
    max_upload: int = 0

    @property
    def protection(self) -> Mapping[str, Protection]:
        """Who can read along, by network."""
        return {one.network: one.capabilities.protection for one in self.adapters.values()}


def parts_of(app: App) -> Parts:
    """Return what the API needs, from a running bridge."""
    return Parts(
        app.store,
        app.writer,
        app.blobs,
        app.catalogue,
        app.service.adapters,
        app.writer.now,
        app.settings.web.public_url,
        app.settings.media.max_bytes,
    )


def api_routes(parts: Parts) -> list[BaseRoute]:
    """Return the routes of the API for ``build_web``; the application is built when called."""
    mount = Mount("/api", app=_AtFirstCall(parts))
    # By itself a mount lets a path with a line break pass by, to an answer that is not ours.
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return [mount]


class _AtFirstCall:
    """Builds the application when somebody wants it, in a thread: others are not to wait."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._building = asyncio.Lock()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._building:
            if self._app is None:
                self._app = await asyncio.to_thread(self._build)
        await self._app(scope, receive, send)

    def _build(self) -> ASGIApp:
        built: ASGIApp = import_module("bridge.web.api.application").build(self._parts)
        return built
