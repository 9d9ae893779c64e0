"""The coach's console: server-made pages under /console, and small scripts that keep them live.

1. No page has inline scripts or styles; the policy in ``visit`` forbids them.
2. Reading goes through ``storage``, writing through the commands the networks cause.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route

from bridge.web.console import (
    agenda,
    agreed,
    booking,
    budget,
    entrance,
    files,
    finding,
    hours,
    live,
    lost,
    nudges,
    posting,
    preview,
    reading,
)
from bridge.web.console.visit import HEADERS, Console, guest_words, signed_in

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bridge.app import App
    from bridge.web.console.visit import Handler

__all__ = ["ROUTES", "Console", "build_console", "console_routes"]

STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

PAGES: dict[str, tuple[Handler, str]] = {
    "GET /": (finding.inbox, "trajectories by what needs attention"),
    "GET /events": (live.of_inbox, "server-sent events: which trajectories grew"),
    "GET /search": (finding.search, "search in all of the coach's conversations"),
    "GET /agenda": (agenda.page, "her appointments, and the hours she offers"),
    "POST /agenda/{trajectory}/{number:int}/cancel": (agenda.cancel, "call one off"),
    "POST /agenda": (booking.book, "book a moment for a client"),
    "POST /agenda/{trajectory}/{number:int}/move": (booking.move, "move one"),
    "POST /agenda/off": (hours.days_off, "offer nothing on some days"),
    "POST /agenda/extra": (hours.extra_hours, "offer more hours on a day"),
    "POST /agenda/usual": (hours.as_usual, "let a day, an offer or the working week be as usual"),
    "POST /agenda/offer": (hours.offer, "offer a kind of appointment in some hours of the week"),
    "POST /agenda/work": (hours.work, "set the working week and the stop moment"),
    "GET /nudges": (nudges.page, "what is planned, and what became of the others"),
    "POST /nudges": (nudges.plan, "plan a nudge, or a series"),
    "POST /nudges/templates": (nudges.template, "keep or forget words of her own for nudges"),
    "GET /sessions": (entrance.list_sessions, "where she is signed in"),
    "POST /sessions/{session}/revoke": (entrance.revoke, "end a session"),
    "POST /sign-out": (entrance.sign_out, "end this session"),
    "GET /due": (agreed.due, "what is promised, soonest first, and who stalled"),
    "GET /t/{trajectory}/agreed": (agreed.of_trajectory, "its promise, steps and scales"),
    "POST /t/{trajectory}/promise": (agreed.promise, "how soon is answered"),
    "POST /t/{trajectory}/steps": (agreed.step, "agree on a step"),
    "POST /t/{trajectory}/steps/{seq:int}": (agreed.change_step, "done, ask now, off the list"),
    "POST /t/{trajectory}/scales": (agreed.scale, "ask for a number from 0 to 10"),
    "POST /t/{trajectory}/package": (budget.package, "agree on prepaid minutes, or correct them"),
    "POST /t/{trajectory}/time": (budget.time, "count minutes, or take some back"),
    "POST /t/{trajectory}/time/{seq:int}": (budget.take, "count what she wrote, or not"),
    "POST /t/{trajectory}/close": (agreed.close, "end it; its clients decide about the log"),
    "GET /t/{trajectory}": (reading.trajectory_page, "a trajectory's timeline and composer"),
    "GET /t/{trajectory}/activity": (finding.activity, "messages per week, drawn and as a table"),
    "GET /t/{trajectory}/export": (finding.export, "everything to take along, as a zip"),
    "GET /t/{trajectory}/entries": (reading.entries, "a part of the timeline"),
    "GET /t/{trajectory}/events": (live.of_trajectory, "server-sent events: the log's sequence"),
    "POST /t/{trajectory}/messages": (posting.post, "say something"),
    "POST /t/{trajectory}/messages/{seq:int}": (posting.change, "edit, withdraw, react"),
    "POST /t/{trajectory}/asked/{seq:int}": (posting.answer, "answer what the bridge asked her"),
    "POST /t/{trajectory}/notes": (posting.note, "note something down for the coaches"),
    "POST /t/{trajectory}/held": (posting.held, "log a session that was held face to face"),
    "POST /t/{trajectory}/call": (posting.call, "ring her, and then a client"),
    "POST /t/{trajectory}/lost": (lost.code, "a code for a client who lost the phone"),
    "POST /t/{trajectory}/nudges/{seq:int}": (nudges.change, "move a nudge, or take it back"),
    "POST /t/{trajectory}/drafts/{seq:int}": (nudges.answer, "send a drafted nudge, or not"),
    "POST /t/{trajectory}/files": (posting.upload, "keep a file for a message"),
    "POST /t/{trajectory}/preview": (preview.preview, "how a message would look"),
    "POST /t/{trajectory}/seen": (posting.seen, "note how far she read"),
    "GET /files/{trajectory}/{attachment:path}": (files.file, "an attachment"),
}
"""Every page for those who are signed in; anything that is not theirs is 404."""

_DOORS = {
    "GET /sign-in": "ask for a link",
    "POST /sign-in": "send a link to the coach's own messenger",
    "GET /sign-in/{code}": "open a link; changes nothing",
    "POST /sign-in/{code}": "use a link up and sign in",
    "GET /static/{file}": "scripts, styles and icons",
}
ROUTES = {
    f"{name.partition(' ')[0]} /console{name.partition(' ')[2]}": what
    for name, what in [*_DOORS.items(), *((name, what) for name, (_, what) in PAGES.items())]
}
"""Every route, for the docs and their test."""


def console_routes(app: App) -> list[Mount]:
    """Return the routes of the console of a serving process."""
    service = app.service
    console = Console(
        app.store,
        app.writer,
        app.blobs,
        app.catalogue,
        service.watch,
        service.adapters,
        public_url=app.settings.web.public_url,
        max_upload=app.settings.media.max_bytes,
    )
    return [Mount("/console", app=build_console(console))]


def build_console(console: Console) -> Starlette:
    """Build the application that is mounted at /console."""
    doors = entrance.Entrance(console)
    routes = [
        Route("/sign-in", doors.ask, methods=["GET"]),
        Route("/sign-in", doors.send, methods=["POST"]),
        Route("/sign-in/{code}", doors.show, methods=["GET"]),
        Route("/sign-in/{code}", doors.enter, methods=["POST"]),
        Route("/static/{file}", _static, methods=["GET"]),
    ]
    for name, (handler, _) in PAGES.items():
        method, _, path = name.partition(" ")
        routes.append(Route(path, signed_in(console, handler), methods=[method]))

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(HTTPStatus(status).phrase, status, headers=HEADERS)
        words = guest_words(request)
        text = console.render("refused.html", words, status=status, me=None)
        return HTMLResponse(text, status, headers=HEADERS)

    return Starlette(routes=routes, exception_handlers={HTTPException: refused})


async def _static(request: Request) -> Response:
    name = str(request.path_params["file"])
    path = STATIC / name
    kind = _TYPES.get(path.suffix)
    if kind is None or "/" in name or name.startswith(".") or not path.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    headers = {**HEADERS, "cache-control": "no-cache"}
    return FileResponse(path, media_type=kind, headers=headers)
