"""The page without login: what it shows, what its forms do, and to whom it stays shut."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
from icalendar import Calendar
from starlette.applications import Starlette

from bridge.core import commands as c
from bridge.web.agenda import Agenda, routes_of
from bridge.web.agenda.video import Video
from bridge.web.server import WebServer
from storage.appointments import of_person
from tests.agenda.kit import FRIDAY, Practice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

SLOT = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


@dataclass
class Visit:
    """A browser at a page."""

    practice: Practice
    agenda: Agenda
    http: aiohttp.ClientSession
    url: str

    def token(self, person: str = "anna", trajectory: str = "anna-2026") -> str:
        pages, writer = self.practice.pages, self.practice.writer
        link = writer.run(lambda unit: pages.url(unit, trajectory, person))
        return link.rpartition("/")[2]

    async def get(self, path: str) -> tuple[int, str]:
        async with self.http.get(f"{self.url}/agenda/{path}", allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, **form: str) -> str:
        async with self.http.post(
            f"{self.url}/agenda/{path}", data=form, allow_redirects=False
        ) as answer:
            return answer.headers.get("location", "").rpartition("done=")[2]


@pytest.fixture
async def visit(practice: Practice) -> AsyncIterator[Visit]:
    practice.client("anna")
    video = Video("https://meet.example.org/{room}", "coach", "s3cret")
    agenda = Agenda(
        practice.store,
        practice.writer,
        practice.catalogue,
        practice.pages,
        video,
        "https://b.example.org",
        clock=lambda: practice.now,
    )
    server = WebServer(Starlette(routes=routes_of(agenda)), "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession() as http:
        yield Visit(practice, agenda, http, f"http://127.0.0.1:{server.port}")
    await server.stop()


async def test_a_month_and_its_moments_in_her_own_time(visit: Visit) -> None:
    status, page = await visit.get(f"{visit.token()}?kind=video&day=2026-03-30")
    assert status == 200
    assert "All times are those of Europe/Lisbon" in page
    assert "Mon 30 Mar: 6 free" in page
    assert 'aria-label="Book Mon 30 Mar 08:00"' in page
    assert "<script" not in page


async def test_she_books_moves_and_cancels(visit: Visit) -> None:
    token = visit.token()
    assert await visit.post(f"{token}/book", kind="video", start="2026-03-30T07:00Z") == "booked"
    (one,) = of_person(visit.practice.store, "anna", FRIDAY)
    assert one.start == SLOT
    _, page = await visit.get(f"{token}?done=booked")
    assert "Mon 30 Mar 08:00" in page
    number = str(one.appointment)
    done = await visit.post(f"{token}/book", move=number, start="2026-03-31T07:30Z")
    assert done == "moved"
    assert await visit.post(f"{token}/cancel", appointment=number) == "cancelled"
    assert await visit.post(f"{token}/cancel", appointment=number) == "gone"
    assert [x.state for x in of_person(visit.practice.store, "anna", FRIDAY)] == ["cancelled"]


async def test_what_is_taken_or_no_moment_at_all_is_not_booked(visit: Visit) -> None:
    token = visit.token()
    visit.practice.client("bram")
    visit.practice.does("bram-2026", c.BookSlot("bram", "video", SLOT))
    for start in ("2026-03-30T07:00Z", "2026-03-30T07:07Z", "2020-01-01T07:00Z", "soon", ""):
        assert await visit.post(f"{token}/book", kind="video", start=start) == "taken", start
    assert await visit.post(f"{token}/book", kind="<b>", start="2026-03-31T07:00Z") == "taken"
    assert of_person(visit.practice.store, "anna", FRIDAY) == []


async def test_nobody_sees_who_has_the_other_moments(visit: Visit) -> None:
    visit.practice.client("bram")
    visit.practice.does("bram-2026", c.BookSlot("bram", "video", SLOT))
    _, page = await visit.get(f"{visit.token()}?day=2026-03-30")
    assert "Bram" not in page
    assert "bram" not in page
    _, told = await visit.get(f"{visit.token()}.json")
    assert "bram" not in told
    _, calendar = await visit.get(f"{visit.token()}.ics")
    assert "Bram" not in calendar


async def test_a_wrong_or_closed_link_opens_nothing(visit: Visit) -> None:
    token = visit.token()
    for wrong in ("x", "A" * 22, "..", token[:-1], "é"):
        assert (await visit.get(wrong))[0] == 404
        assert (await visit.get(f"{wrong}.ics"))[0] == 404
        assert await visit.post(f"{wrong}/book", kind="video", start="2026-03-30T07:00Z") == ""
    visit.practice.does("anna-2026", c.CloseTrajectory())
    assert (await visit.get(token))[0] == 404
    assert (await visit.get(f"{token}.ics"))[0] == 404


async def test_what_an_address_asks_for_may_be_nonsense(visit: Visit) -> None:
    token = visit.token()
    for query in (
        "month=2026-13", "month=9999-12", "day=x", "move=-1", "move=99", "kind=%00", "done=<b>",
        "day=2026-02-30", "month=0001-01", "kind=" + "x" * 5000,
    ):  # fmt: skip
        status, page = await visit.get(f"{token}?{query}")
        assert status == 200, query
        assert "<b>" not in page


async def test_hostile_names_are_words(visit: Visit) -> None:
    evil = '<img src=x onerror=alert(1)>"{t}{{7*7}}'

    visit.practice.writer.run(lambda unit: unit.put_person("noor", evil, "nl", "Europe/Amsterdam"))
    visit.practice.does("anna-2026", c.BookSlot("anna", "video", SLOT))
    _, page = await visit.get(visit.token())
    assert "<img" not in page
    assert "&lt;img" in page
    assert "49" not in page.replace("2026", "")
    _, calendar = await visit.get(f"{visit.token()}.ics")
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    assert evil in str(event["summary"])


async def test_the_page_tells_nobody_where_it_is(visit: Visit) -> None:
    async with visit.http.get(f"{visit.url}/agenda/{visit.token()}") as answer:
        headers: Mapping[str, str] = answer.headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "set-cookie" not in headers


async def test_a_calendar_can_subscribe(visit: Visit) -> None:
    practice = visit.practice
    practice.does("anna-2026", c.BookSlot("anna", "video", SLOT))
    practice.does("anna-2026", c.BookSlot("anna", "video", SLOT + timedelta(days=1)))
    later = practice.state("anna-2026").agenda.of("anna")[-1][0]
    practice.does("anna-2026", c.CancelAppointment("anna", later))
    _, text = await visit.get(f"{visit.token()}.ics")
    calendar = Calendar.from_ical(text)
    zones = [str(one["tzid"]) for one in calendar.walk("VTIMEZONE")]
    assert zones == ["Europe/Lisbon"]
    first, second = calendar.walk("VEVENT")
    assert first.decoded("dtstart") == SLOT
    assert first["dtstart"].params["TZID"] == "Europe/Lisbon"
    assert second["status"] == "CANCELLED"
    assert second["sequence"] == 1


async def test_the_door_to_the_video_call_is_personal(visit: Visit) -> None:
    visit.practice.does("anna-2026", c.BookSlot("anna", "video", SLOT))
    ((number, _),) = visit.practice.state("anna-2026").agenda.of("anna")
    links = {}
    for person in ("anna", "noor"):
        path = f"{visit.url}/agenda/{visit.token(person)}/join/{number}"
        async with visit.http.get(path, allow_redirects=False) as answer:
            assert answer.status == 303
            links[person] = answer.headers["location"]
    rooms = {link.partition("?")[0] for link in links.values()}
    assert len(rooms) == 1, "both come into the same room"
    assert rooms.pop().startswith("https://meet.example.org/")
    end = SLOT + timedelta(minutes=50)
    for person, name, host in (("anna", "Anna", False), ("noor", "Noor", True)):
        head, body, tag = links[person].rpartition("jwt=")[2].split(".")
        signed = hmac.digest(b"s3cret", f"{head}.{body}".encode(), "sha256")
        assert base64.urlsafe_b64encode(signed).decode().rstrip("=") == tag
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        assert claims["exp"] == (end + timedelta(hours=1)).timestamp()
        assert claims["context"]["user"] == {"name": name, "moderator": host}
        assert f"/{claims['room']}?" in links[person]
    assert (await visit.get(f"{visit.token()}/join/999"))[0] == 404


async def test_too_many_posts_are_turned_away(visit: Visit) -> None:
    token = visit.token()
    for _ in range(30):
        await visit.post(f"{token}/cancel", appointment="1")
    async with visit.http.post(f"{visit.url}/agenda/{token}/cancel", data={}) as answer:
        assert answer.status == 429


async def test_it_speaks_dutch_to_who_reads_dutch(visit: Visit) -> None:
    _, page = await visit.get(visit.token("noor"))
    assert 'lang="nl"' in page
    assert "Een afspraak maken" in page
