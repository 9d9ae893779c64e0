"""The page of appointments: no login, no cookie, no script; the address is the secret.

1. Opening changes nothing; only a form posted to the same address does, and nobody else knows it.
2. What a post comes to is decided by the same commands as words and digits are.
3. Nothing is cached or framed, the address is told to no other site, and search engines are asked
   to leave it alone.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import jinja2
import msgspec
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.handle import handle
from bridge.runtime.texts import LANGUAGES, language_of
from bridge.web.agenda import shown
from bridge.web.agenda.texts import texts
from bridge.web.sessions import Limit, caller_of
from scheduling.calendar import ical
from storage import appointments, persons
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.agenda import AgendaPages
    from bridge.runtime.texts import Catalogue
    from bridge.web.agenda.shown import Page, Who
    from bridge.web.agenda.video import Video
    from storage.appointments import AppointmentLine, LinkLine
    from storage.engine import Store
    from storage.writer import Writer

MAX_FORM = 2048
MAX_TOKEN = 64
_HERE = Path(__file__).parent
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything the pages need."""

    store: Store
    writer: Writer
    catalogue: Catalogue
    pages: AgendaPages
    video: Video
    public_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    looks: Limit = field(default_factory=lambda: Limit(240, 60))
    acts: Limit = field(default_factory=lambda: Limit(30, 60))


# -- looking --------------------------------------------------------------------------------------


async def show(agenda: Agenda, request: Request) -> Response:
    """Show the page, or its data to a program that asks for JSON by the address."""
    found = await _behind(agenda, request)
    if isinstance(found, Response):
        return found
    asked = shown.Asked(
        **{
            name: request.query_params.get(name, "")[:40]
            for name in ("kind", "month", "day", "move", "done")
        }
    )
    video = bool(agenda.video.url)
    page = await asyncio.to_thread(
        shown.page, agenda.store, found, asked, agenda.clock(), video=video
    )
    return _page(request, found, page, asked)


async def data(agenda: Agenda, request: Request) -> Response:
    """Give appointments and free moments as JSON."""
    found = await _behind(agenda, request)
    if isinstance(found, Response):
        return found
    asked = shown.Asked(kind=request.query_params.get("kind", "")[:40])
    now = agenda.clock()
    page = await asyncio.to_thread(shown.page, agenda.store, found, asked, now, video=False)
    free = await asyncio.to_thread(shown.free, agenda.store, found, page.kind, now)
    told = {
        "name": found.name,
        "with": found.other,
        "zone": found.zone,
        "appointments": msgspec.to_builtins(page.mine),
        "kinds": [{"kind": one.modality, "minutes": one.minutes} for one in page.kinds],
        "kind": page.kind,
        "free": [one.isoformat() for one in free],
    }
    return JSONResponse(told, headers=HEADERS)


async def feed(agenda: Agenda, request: Request) -> Response:
    """Give a person's appointments, over all trajectories, as a calendar to subscribe to."""
    found = await _behind(agenda, request)
    if isinstance(found, Response):
        return found
    body = await asyncio.to_thread(_feed, agenda, found, str(request.path_params["token"]))
    headers = {**HEADERS, "Content-Disposition": 'inline; filename="agenda.ics"'}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


def _feed(agenda: Agenda, who: Who, token: str) -> bytes:
    now = agenda.clock()
    lines = appointments.of_person(agenda.store, who.person, now - appointments.KEPT)
    others = {one.client if one.coach == who.person else one.coach for one in lines}
    names = {name: one.name for name, one in persons.persons(agenda.store, others).items()}
    said = texts(who.language)
    return ical.feed(said["title"], (_meeting(agenda, who, one, names, token) for one in lines))


def _meeting(
    agenda: Agenda, who: Who, line: AppointmentLine, names: Mapping[str, str], token: str
) -> ical.Meeting:
    other = line.client if line.coach == who.person else line.coach
    here = line.trajectory == who.trajectory and line.modality == "video" and agenda.video.url
    url = f"{agenda.public_url}/agenda/{token}/join/{line.appointment}" if here else ""
    return ical.Meeting(
        uid=f"{line.trajectory}/{line.appointment}@coachbridge",
        sequence=line.sequence + (line.state == "cancelled"),
        summary=f"{names.get(other, other)}, {texts(who.language)[line.modality]}",
        start=line.start,
        minutes=(line.end - line.start).seconds // 60,
        zone=who.zone,
        stamp=line.start,
        url=url,
        cancelled=line.state == "cancelled",
    )


async def join(agenda: Agenda, request: Request) -> Response:
    """Lead a party into the room of an appointment of theirs."""
    found = await _behind(agenda, request)
    if isinstance(found, Response):
        return found
    number = int(request.path_params["number"])
    now = agenda.clock()
    lines = await asyncio.to_thread(appointments.of_person, agenda.store, found.person, now)
    for line in lines:
        mine = (line.trajectory, line.appointment) == (found.trajectory, number)
        if mine and line.state in ("booked", "open") and line.modality == "video":
            room = agenda.pages.room(line.trajectory, number)
            host = line.coach == found.person
            link = agenda.video.link(room, found.name, line.end, now, host=host)
            if link:
                return RedirectResponse(link, HTTPStatus.SEE_OTHER, HEADERS)
    return _lost(request, "no_video", found.language)


# -- changing -------------------------------------------------------------------------------------


async def book(agenda: Agenda, request: Request) -> Response:
    """Book or move: a form with a moment, and a kind or an appointment."""
    found, form = await _posted(agenda, request)
    if isinstance(found, Response):
        return found
    try:
        start = datetime.strptime(form.get("start", ""), "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return _go(request, "taken")
    moving = _number(form.get("move", ""))
    kind = form.get("kind", "")[:10]
    command = c.BookSlot(found.person, kind, start, moving=moving, how="page")
    made = await _does(agenda, found, command)
    return _go(request, _became(made, found.person))


async def cancel(agenda: Agenda, request: Request) -> Response:
    """Call an appointment off."""
    found, form = await _posted(agenda, request)
    if isinstance(found, Response):
        return found
    number = _number(form.get("appointment", ""))
    made = await _does(agenda, found, c.CancelAppointment(found.person, number))
    return _go(request, _became(made, found.person))


async def _does(
    agenda: Agenda, who: Who, command: c.BookSlot | c.CancelAppointment
) -> Sequence[e.Entry]:
    trajectory, catalogue = who.trajectory, agenda.catalogue
    wants = Wants(trajectories=(trajectory,))
    made = await agenda.writer.submit(
        lambda unit: handle(unit, trajectory, command, catalogue), wants
    )
    return made.entries


def _became(entries: Sequence[e.Entry], person: str) -> str:
    for entry in entries:
        match entry:
            case e.AppointmentBooked():
                return "booked"
            case e.AppointmentMoved():
                return "moved"
            case e.AppointmentCancelled():
                return "cancelled"
            case e.BookingRefused(party=party, reason=reason) if party == person:
                return "gone" if reason == "gone" else "taken"
            case _:
                pass
    return "taken"


async def _posted(agenda: Agenda, request: Request) -> tuple[Who | Response, Mapping[str, str]]:
    found = await _behind(agenda, request)
    if isinstance(found, Response):
        return found, {}
    if not agenda.acts.takes(f"{found.trajectory}/{found.person}"):
        return _lost(request, "busy", found.language, HTTPStatus.TOO_MANY_REQUESTS), {}
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            return found, {}
    return found, dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=10))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


# -- whose page -----------------------------------------------------------------------------------


async def _behind(agenda: Agenda, request: Request) -> Who | Response:
    if not agenda.looks.takes(caller_of(request)):
        return _lost(request, "busy", status=HTTPStatus.TOO_MANY_REQUESTS)
    token = str(request.path_params.get("token", ""))
    if not token or len(token) > MAX_TOKEN:
        return _lost(request)
    found = await asyncio.to_thread(_who, agenda, token)
    return _lost(request) if found is None else found


def _who(agenda: Agenda, token: str) -> Who | None:
    link = appointments.behind(agenda.store, token, agenda.clock())
    state = persons.state_of(agenda.store, link.trajectory) if link is not None else None
    if link is None or state is None:
        return None
    return _known(agenda.store, link, state.parties[link.person].role, state)


def _known(store: Store, link: LinkLine, role: str, state: Trajectory) -> Who | None:
    coaches = state.with_role("coach")
    with_hours = [one for one in coaches if appointments.offered(store, one).kinds]
    coach = link.person if role == "coach" else next(iter((*with_hours, *coaches)), "")
    clients = state.with_role("client")
    other = coach if role != "coach" else next(iter(clients), "")
    people = persons.persons(store, {link.person, other} - {""})
    me = people.get(link.person)
    if me is None:
        return None
    return shown.Who(
        trajectory=link.trajectory,
        person=link.person,
        name=me.name,
        language=language_of(me.language),
        zone=me.time_zone or "UTC",
        role=role,
        may_book=state.parties[link.person].may_talk,
        coach=coach,
        other=people[other].name if other in people else "",
    )


# -- answers --------------------------------------------------------------------------------------


def _page(request: Request, who: Who, page: Page, asked: shown.Asked) -> Response:
    token = request.path_params["token"]
    here = f"/agenda/{token}"

    def at(**more: str) -> str:
        kept = {"kind": page.kind} if not page.moving else {"move": str(page.moving.number)}
        query = {name: value for name, value in {**kept, **more}.items() if value}
        return f"{here}?{urlencode(query)}"

    body = _templates.get_template("agenda.html").render(
        t=texts(who.language), language=who.language, page=page, who=who, here=here, at=at,
        done=asked.done, feed=f"{here}.ics",
    )  # fmt: skip
    return HTMLResponse(body, headers=HEADERS)


def _lost(
    request: Request, what: str = "lost", language: str = "", status: int = HTTPStatus.NOT_FOUND
) -> Response:
    own = language or _spoken(request)
    said = texts(own)
    body = _templates.get_template("lost.html").render(t=said, language=own, text=said[what])
    return HTMLResponse(body, status, HEADERS)


def _go(request: Request, done: str) -> Response:
    url = f"/agenda/{request.path_params['token']}?done={done}"
    return RedirectResponse(url, HTTPStatus.SEE_OTHER, HEADERS)


def _spoken(request: Request) -> str:
    """Return the first language of the browser that we speak."""
    for tag in request.headers.get("accept-language", "")[:200].split(","):
        name = tag.partition(";")[0].strip().lower()
        if name.partition("-")[0] in LANGUAGES:
            return language_of(name)
    return language_of("")


def away(request: Request) -> Response:
    """Tell that the store does not answer."""
    return _lost(request, "away", status=HTTPStatus.SERVICE_UNAVAILABLE)


def style() -> tuple[bytes, str]:
    """Return the page's style, and its tag."""
    body = (_HERE / "static" / "agenda.css").read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:16]}"'
