"""How a coach ends a trajectory on a page or by a program, and sees what its clients chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.runtime.handle import handle
from tests.web.console_kit import browser

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.web.console_kit import Desk

pytestmark = [pytest.mark.slow]
LOG = "anna-2026"


async def does(desk: Desk, *commands: c.Command) -> None:
    def work(unit: Unit) -> None:
        for command in commands:
            handle(unit, LOG, command, desk.app.catalogue)

    await desk.app.writer.submit(work)


async def test_a_coach_ends_it_on_a_page_and_sees_what_was_chosen(desk: Desk) -> None:
    await does(desk, c.SetRetention(365))
    await desk.says("anna", "a secret of Anna's")
    async with browser(desk, "noor") as noor:
        page = (await noor.get(f"/t/{LOG}/agreed")).text
        assert "Once it is closed, it is kept for 365 days." in page
        answer = await noor.post(f"/t/{LOG}/close")
        assert answer.status_code == 422
        assert "Tick this first" in answer.text
        assert (await noor.post(f"/t/{LOG}/close", sure="1")).status_code == 303
        page = (await noor.get(f"/t/{LOG}/agreed?done=closed")).text
        assert "It is closed. It is kept until" in page
        assert "Its clients are asked what happens" in page
        assert "End this trajectory" not in page
        for empty in ('id="steps"', 'id="numbers"'):
            assert empty not in page, "a heading with nothing under it"
        await does(desk, c.ChooseParting("anna", "take"))
        assert "has a link to take it along" in (await noor.get(f"/t/{LOG}/agreed")).text
        assert "/take/" not in (await noor.get(f"/t/{LOG}")).text, "the link is the client's alone"
        await does(desk, c.ChooseParting("anna", "destroy"), c.ChooseParting("anna", "sure"))
        assert "had it destroyed" in (await noor.get(f"/t/{LOG}/agreed")).text
        timeline = (await noor.get(f"/t/{LOG}")).text
        assert "a secret of Anna" not in timeline
        assert (await noor.post(f"/t/{LOG}/close", sure="1")).status_code == 422


async def test_nobody_ends_what_others_coach(desk: Desk) -> None:
    async with browser(desk, "lars") as lars:
        assert (await lars.post(f"/t/{LOG}/close", sure="1")).status_code == 404
