"""The console tells a coach what is ahead and what she offers, and calls off only what is hers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Choice
from bridge.core.notices import NoticeKey
from bridge.runtime.handle import handle
from bridge.runtime.practice_time import Agreed, agree
from scheduling.calendar.recurrence import Hours
from scheduling.calendar.slots import Availability, Kind
from scheduling.calendar.working import Interval, Working
from storage import appointments, persons
from storage.appointments import of_person
from tests.web.console_kit import browser, open_desk

if TYPE_CHECKING:
    from pathlib import Path

    from storage.appointments import AppointmentLine
    from storage.unit import Unit
    from tests.web.console_kit import Desk

OFFERED = Availability(
    "Europe/Amsterdam",
    (Kind("video", (Hours(tuple(range(7)), time(9), time(17)),), every=60),),
)
START = (datetime.now(UTC) + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)


async def _book(desk: Desk) -> None:
    def work(unit: Unit) -> None:
        unit.agendas.put("noor", OFFERED)
        command = c.BookSlot("noor", "video", START, 50, "anna", how="coach")
        handle(unit, "anna-2026", command, desk.app.catalogue)

    await desk.app.writer.submit(work)


async def test_she_sees_what_is_ahead_and_calls_it_off(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await _book(desk)
        async with browser(desk, "noor") as noor, browser(desk, "lars") as lars:
            page = (await noor.get("/agenda")).text
            assert "Anna" in page
            assert "Video call, 50 minutes" in page
            assert "09:00–17:00" in page
            foreign = (await lars.get("/agenda")).text
            assert "Anna" not in foreign
            assert "Er zijn geen uren ingesteld" in foreign
            path = f"/agenda/anna-2026/{_lines(desk)[0].appointment}/cancel"
            assert (await lars.post(path)).status_code == 404
            assert [one.state for one in _lines(desk)] == ["booked"]
            await noor.post(path)
            assert [one.state for one in _lines(desk)] == ["cancelled"]


def _lines(desk: Desk) -> list[AppointmentLine]:
    return of_person(desk.app.store, "noor", datetime.now(UTC))


async def test_a_week_of_appointments_without_a_messenger(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, browser(desk, "noor") as noor:
        await desk.app.writer.submit(lambda unit: unit.agendas.put("noor", OFFERED))
        day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
        form = {"client": "anna-2026/anna", "kind": "video", "at": f"{day}T10:00", "minutes": "50"}
        booked = await noor.post("/agenda", **form)
        assert booked.headers["location"] == "/console/agenda?done=booked"
        assert "both of you were told" in (await noor.get("/agenda?done=booked")).text
        (line,) = _lines(desk)
        assert line.end - line.start == timedelta(minutes=50)
        await desk.people["anna"].wait_for(lambda m: "10:00" in m.text or "09:00" in m.text, 5)
        clash = await noor.post("/agenda", **(form | {"client": "bram-2026/bram"}))
        assert (clash.status_code, "You have something then" in clash.text) == (422, True)
        path = f"/agenda/anna-2026/{line.appointment}/move"
        moved = await noor.post(path, at=f"{day}T14:30")
        assert moved.headers["location"].endswith("done=moved")
        (line,) = _lines(desk)
        assert (line.sequence, line.end - line.start) == (1, timedelta(minutes=50))
        wrong = await noor.post(path, at="2020-01-01T10:00")
        name = f"move-anna-2026-{line.appointment}-at-why"
        assert (wrong.status_code, f'id="{name}"' in wrong.text) == (422, True)


async def test_what_is_wrong_with_an_appointment_stands_beside_its_field(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, browser(desk, "noor") as noor:
        await desk.app.writer.submit(lambda unit: unit.agendas.put("noor", OFFERED))
        form = {"client": "anna-2026/anna", "kind": "video", "at": "2020-01-01T10:00"}
        for path, fields, field in (
            ("/agenda", form, "book-at"),
            ("/agenda", form | {"at": ""}, "book-at"),
            ("/agenda", form | {"client": "carla-2026/carla"}, "book-client"),
            ("/agenda", form | {"minutes": "-1"}, "book-minutes"),
            ("/agenda/off", {"first": "soon"}, "off-first"),
            ("/agenda/off", {"first": "2020-01-01"}, "off-first"),
            ("/agenda/off", {"first": "2099-01-02", "last": "2099-01-01"}, "off-last"),
            ("/agenda/extra", {"first": "2099-01-02", "start": "9"}, "extra-start"),
            ("/agenda/extra", {"first": "2099-01-02", "start": "09:00", "end": "08:00"},
             "extra-end"),
        ):  # fmt: skip
            answer = await noor.post(path, **fields)
            assert (answer.status_code, f'id="{field}-why"' in answer.text) == (422, True), fields
        assert _lines(desk) == []


async def test_days_that_differ_stay_when_the_practice_file_is_applied(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, browser(desk, "noor") as noor:
        store, put = desk.app.store, desk.app.writer
        await put.submit(lambda unit: unit.agendas.put("noor", OFFERED))
        await noor.post("/agenda/off", first="2099-07-12", last="2099-07-30")
        await noor.post("/agenda/extra", first="2099-07-01", start="19:00", end="21:00", kind="")
        await put.submit(lambda unit: unit.agendas.put("noor", Availability("UTC", OFFERED.kinds)))
        offered = appointments.offered(store, "noor")
        assert (offered.zone, len(offered.closed), len(offered.extra)) == ("UTC", 1, 1)
        page = (await noor.get("/agenda")).text
        assert "also 19:00–21:00" in page
        assert "Sun 12 Jul to Thu 30 Jul: closed" in page
        await noor.post("/agenda/off", first="2099-12-24", last="2099-12-24")
        page = (await noor.get("/agenda")).text
        assert "Thu 24 Dec: closed" in page
        assert "to Thu 24 Dec" not in page
        await noor.post("/agenda/usual", name="2099-12-24/2099-12-24")
        assert page.count('value="2099-07-12/2099-07-30"') == 1
        await noor.post("/agenda/usual", name="2099-07-12/2099-07-30")
        assert appointments.offered(store, "noor").closed == ()
        gone = await noor.post("/agenda/usual", name="2099-07-12/2099-07-30")
        assert (gone.status_code, "not there any more" in gone.text) == (422, True)


def _works(desk: Desk, trajectory: str = "anna-2026") -> Working | None:
    state = persons.state_of(desk.app.store, trajectory)
    assert state is not None
    return state.promises.work.get("noor")


async def test_hours_of_every_week_and_the_stop_moment_without_the_practice_file(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as desk, browser(desk, "noor") as noor:
        page = (await noor.get("/agenda")).text
        assert "No working hours are set" in page
        assert "clients cannot book by themselves" in page
        week = "mon-thu 9:00-12:30 13:30-17:00, fri 9-12"
        made = await noor.post("/agenda/work", week=week, stop="17:30")
        assert made.headers["location"] == "/console/agenda?done=work"
        page = (await noor.get("/agenda?done=work")).text
        assert "Mon-Thu 09:00-12:30 13:30-17:00, Fri 09:00-12:00" in page
        assert "Your stop moment is 17:30" in page
        for trajectory in ("anna-2026", "bram-2026"):
            work = _works(desk, trajectory)
            assert work is not None
            assert (work.zone, len(work.week), work.stop) == ("Europe/Amsterdam", 9, 1050)
        offer = {"minutes": "25", "buffer": "5", "every": "30", "notice": "24", "horizon": "28"}
        form = {"form": "offer", "kind": "phone", "hours": "di en do 9 tot 12", **offer}
        assert (await noor.post("/agenda/offer", **form)).headers["location"].endswith("done=offer")
        kind = appointments.offered(desk.app.store, "noor").kind("phone")
        assert kind == Kind("phone", (Hours((1, 3), time(9), time(12)),), 25, 5)
        page = (await noor.get("/agenda")).text
        assert "Tue 09:00-12:00, Thu 09:00-12:00" in page
        await noor.post("/agenda/offer", kind="phone", none="1", **offer)
        assert appointments.offered(desk.app.store, "noor").kinds == ()
        await noor.post("/agenda/usual", name="work")
        assert _works(desk) is None


async def test_what_she_sets_goes_before_the_practice_file_until_she_lets_it_go(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as desk, browser(desk, "noor") as noor:
        filed = Working("Europe/Amsterdam", (Interval(0, 540, 1020),), ("2099-01-01",), 1080)

        def apply() -> list[str]:
            def work(unit: Unit) -> list[str]:
                unit.agendas.put("noor", OFFERED, filed)
                state = unit.state("anna-2026")
                assert state is not None
                agreed = Agreed(work={"noor": filed}, zones={"noor": "Europe/Amsterdam"})
                own = {"noor": unit.agendas.kept("noor")}
                return list(agree(unit, "anna-2026", agreed, state, desk.app.catalogue, own))

            return desk.app.writer.run(work)

        assert apply() == ["working hours of noor in anna-2026"]
        assert "It stands in the practice file." in (await noor.get("/agenda")).text
        await noor.post("/agenda/work", week="tue 10-16", stop="")
        await noor.post("/agenda/off", first="2099-07-12", last="2099-07-13")
        offer = {"minutes": "30", "buffer": "5", "every": "30", "notice": "24", "horizon": "28"}
        await noor.post("/agenda/offer", kind="video", hours="tue 10-16", **offer)
        hers = Working(
            "Europe/Amsterdam",
            (Interval(1, 600, 960),),
            ("2099-01-01", "2099-07-12", "2099-07-13"),
        )
        assert (apply(), _works(desk)) == ([], hers)
        kind = appointments.offered(desk.app.store, "noor").kind("video")
        assert (kind.minutes if kind else 0) == 30
        assert "As the practice file says" in (await noor.get("/agenda")).text
        for name in ("work", "video", "2099-07-12/2099-07-13"):
            await noor.post("/agenda/usual", name=name)
        assert (apply(), _works(desk)) == ([], filed)
        assert appointments.offered(desk.app.store, "noor") == OFFERED


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("work", {"week": "whenever"}, "work-week"),
        ("work", {"week": "mon 9-12 11-13"}, "work-week"),
        ("work", {"week": "mon 9-17", "stop": "late"}, "work-stop"),
        ("work", {"week": "mon 9-17", "stop": "08:00"}, "work-stop"),
        ("offer", {"form": "offer", "kind": "chat", "hours": "mon"}, "offer-hours"),
        ("offer", {"form": "offer", "kind": "chat", "minutes": "1"}, "offer-minutes"),
        ("offer", {"form": "offer", "kind": "chat", "horizon": "x"}, "offer-horizon"),
        ("offer", {"kind": "video", "buffer": "1441"}, "offer-video-buffer"),
    ],
)
async def test_what_is_wrong_with_hours_stands_beside_its_field(
    tmp_path: Path, path: str, fields: dict[str, str], field: str
) -> None:
    usual = {"hours": "mon 9-12", "minutes": "50", "buffer": "10", "every": "30"}
    usual |= {"notice": "24", "horizon": "28"} if path == "offer" else {}
    async with open_desk(tmp_path) as desk, browser(desk, "noor") as noor:
        await desk.app.writer.submit(lambda unit: unit.agendas.put("noor", OFFERED))
        answer = await noor.post(f"/agenda/{path}", **(usual | fields))
        assert (answer.status_code, f'id="{field}-why"' in answer.text) == (422, True)


async def _offer_recap(desk: Desk) -> int:
    """Put the question that a coach is asked when a session is over; return its seq."""

    def work(unit: Unit) -> int:
        options = (Choice("w1", NoticeKey.RECAP_WRITE), Choice("n", NoticeKey.RECAP_SKIP))
        params = {"name": "Anna"}
        asked = e.NoticeGiven(
            party="noor", notice=NoticeKey.RECAP_OFFER, options=options, params=params
        )
        unit.append("anna-2026", [asked])
        state = unit.state("anna-2026")
        return state.seq if state is not None else 0

    return await desk.app.writer.submit(work)


def _asked(page: str) -> list[str]:
    """Return the questions that can be answered on a page, by where their answers go."""
    return re.findall(r'class="asks" method="post" action="([^"]+)"', page)


async def test_a_recap_is_written_read_over_and_sent_without_a_messenger(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, browser(desk, "noor") as noor:
        offer = await _offer_recap(desk)
        page = (await noor.get("/t/anna-2026")).text
        assert _asked(page) == [f"/console/t/anna-2026/asked/{offer}"]
        assert "Yes, write it</button>" in page
        wrong = await noor.post(f"/t/anna-2026/asked/{offer}", key="w7")
        assert wrong.status_code == 409
        assert len(_asked((await noor.get("/t/anna-2026")).text)) == 1
        await noor.post(f"/t/anna-2026/asked/{offer}", key="w1")
        assert _asked((await noor.get("/t/anna-2026")).text) == []
        before = len(desk.people["anna"].chat.shown())
        await noor.post("/t/anna-2026/messages", key="recap-of-monday", text="You stayed calm.")
        page = (await noor.get("/t/anna-2026")).text
        (preview,) = _asked(page)
        assert "This has not gone to Anna yet" in page
        assert len(desk.people["anna"].chat.shown()) == before
        await noor.post(preview.removeprefix("/console"), key="send")
        await desk.people["anna"].wait_for(lambda m: "You stayed calm." in m.text, 5)


async def test_what_the_bridge_asked_another_is_not_hers_to_answer(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        offer = await _offer_recap(desk)
        async with browser(desk, "lars") as lars:
            answer = await lars.post(f"/t/anna-2026/asked/{offer}", key="w1")
            assert answer.status_code == 404
        assert not any(line.kind == "choice_made" for line in desk.log("anna-2026"))
