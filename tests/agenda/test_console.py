"""The console tells a coach what is ahead and what she offers, and calls off only what is hers."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.runtime.handle import handle
from scheduling.calendar.recurrence import Hours
from scheduling.calendar.slots import Availability, Kind
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
