"""The console's part about prepaid minutes: agreed on, counted, corrected, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.runtime.handle import handle
from storage import persons
from storage.planned import waiting_timers
from tests.web.console_kit import browser

if TYPE_CHECKING:
    from bridge.core.budget import Budget
    from tests.web.console_kit import Desk

pytestmark = [pytest.mark.slow]
PATH = "/t/anna-2026"


def _budget(desk: Desk) -> Budget:
    state = persons.state_of(desk.app.store, "anna-2026")
    assert state is not None
    return state.budget


async def test_a_package_is_agreed_on_and_minutes_are_counted(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        page = (await noor.get(f"{PATH}/agreed")).text
        assert "No minutes were agreed on." in page
        assert "minutes left" not in (await noor.get(PATH)).text
        for _ in range(2):  # the form sent twice
            made = await noor.post(f"{PATH}/package", minutes="300", reason="<b>on paper</b>")
            assert made.headers["location"] == f"/console{PATH}/agreed?done=package"
        for minutes in ("48", "48", "−5"):
            made = await noor.post(f"{PATH}/time", minutes=minutes, reason="")
            assert made.headers["location"].endswith("done=time")
        assert (_budget(desk).granted, _budget(desk).spent) == (300, 43)
        page = (await noor.get(f"{PATH}/agreed?done=time")).text
        assert "257 of 300 minutes are left." in page
        assert "&lt;b&gt;on paper&lt;/b&gt;" in page
        assert [sign in page for sign in (">−48<", ">+5<", ">+300<")] == [True] * 3
        assert "257 of 300 minutes left" in (await noor.get(PATH)).text
        assert "Noor counted 48 minutes" in (await noor.get(PATH)).text
    timers = {one.name for one in waiting_timers(desk.app.store, "anna-2026")}
    assert "written:noor" in timers


async def test_what_is_wrong_stands_beside_its_field(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        early = await noor.post(f"{PATH}/time", minutes="5", reason="")
        assert early.status_code == 422
        assert (await noor.post(f"{PATH}/package", minutes="-5")).status_code == 422
        await noor.post(f"{PATH}/package", minutes="60")
        for form, minutes, told in (
            ("time", "ten", "Write whole minutes"),
            ("time", "", "Write whole minutes"),
            ("time", "-1", "more than was counted"),
            ("package", "-61", "more than was agreed on"),
        ):
            page = await noor.post(f"{PATH}/{form}", minutes=minutes, reason="why")
            assert (page.status_code, told in page.text) == (422, True), (form, minutes)
            assert f'id="{form}-minutes-why"' in page.text
            assert 'value="why"' in page.text
        long = await noor.post(f"{PATH}/time", minutes="5", reason="x" * 301)
        assert (long.status_code, 'id="time-reason-why"' in long.text) == (422, True)
        assert (_budget(desk).granted, _budget(desk).spent) == (60, 0)


async def test_what_she_wrote_is_counted_by_a_button(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        await noor.post(f"{PATH}/package", minutes="60")
        await desk.app.writer.submit(
            lambda unit: handle(
                unit, "anna-2026", c.CountWritten("noor", 12, 3), desk.app.catalogue
            )
        )
        page = (await noor.get(f"{PATH}/agreed")).text
        assert "What you wrote comes to about 12 minutes." in page
        seq = _budget(desk).proposed["noor"].seq
        assert (await noor.post(f"{PATH}/time/{seq}", what="?")).status_code == 400
        made = await noor.post(f"{PATH}/time/{seq}", what="count")
        assert made.headers["location"].endswith("done=time_count")
        again = await noor.post(f"{PATH}/time/{seq}", what="leave")
        assert (again.status_code, "answered already" in again.text) == (422, True)
        assert _budget(desk).left == 48


async def test_others_do_not_see_or_change_it(desk: Desk) -> None:
    async with browser(desk, "lars") as lars:
        for path in ("package", "time", "time/3"):
            answer = await lars.post(f"{PATH}/{path}", minutes="5", what="count")
            assert answer.status_code == 404
    assert _budget(desk).since == 0
