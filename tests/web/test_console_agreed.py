"""The console's pages about promises, steps and scales: what they show, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.handle import handle
from bridge.web import course
from storage import agreements
from tests.web.console_kit import browser, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from storage.unit import Unit
    from tests.web.console_kit import Desk

pytestmark = [pytest.mark.slow]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def agree(desk: Desk) -> None:
    """Promise an answer, agree on a step, and put some answers to a scale into the log."""

    def work(unit: Unit) -> None:
        due = datetime.now(UTC) + timedelta(days=2)
        for command in (
            c.SetPromise({"": 480}),
            c.AgreeStep("noor", "anna", "call <b>Piet</b> on Friday", due),
            c.AskScale("noor", "anna", "how sure are you?"),
        ):
            handle(unit, "anna-2026", command, desk.app.catalogue)
        state = unit.state("anna-2026")
        assert state is not None
        asked = state.steps.scales[0].seq
        for value in (5.0, 6.5):
            one = e.ScaleAnswered(
                author="anna", party="anna", target=asked, scale=asked, answer=asked, value=value
            )
            unit.append("anna-2026", [one])

    await desk.app.writer.submit(work)
    await desk.says("anna", "May I ask something?")


async def test_a_trajectory_shows_its_promise_steps_and_course(desk: Desk) -> None:
    await agree(desk)
    async with browser(desk, "noor") as noor:
        page = (await noor.get("/t/anna-2026/agreed")).text
        assert "is promised an answer by" in page
        assert "call &lt;b&gt;Piet&lt;/b&gt; on Friday" in page
        assert "is asked about" in page
        assert "how sure are you?" in page
        assert page.count("<circle") == 2
        assert "From 0 to 10, oldest first: 5, 6.5." in page
        assert page.count('<td class="n">') == 2
        assert "/t/anna-2026/agreed" in (await noor.get("/t/anna-2026")).text


async def test_what_is_promised_stands_soonest_first_for_those_who_coach(desk: Desk) -> None:
    await agree(desk)
    async with browser(desk, "noor") as noor:
        page = (await noor.get("/due")).text
        assert "is promised an answer by" in page
        assert 'href="/console/t/anna-2026"' in page
        assert "Nobody has stalled." in page
        assert "/console/due" in (await noor.get("/")).text
    async with browser(desk, "lars") as lars:
        assert (await lars.get("/t/anna-2026/agreed")).status_code == 404
        page = (await lars.get("/due")).text  # he reads Dutch
        assert "anna-2026" not in page
        assert "Er is nu niets toegezegd." in page


async def test_silence_alone_stalls_nobody(desk: Desk) -> None:
    await desk.says("anna", "Hello")
    store, later = desk.app.store, datetime.now(UTC) + timedelta(days=30)
    states = agreements.states_of(store, "noor")
    assert set(states) == {"anna-2026", "bram-2026"}
    assert agreements.stalled(store, states, later) == []

    def work(unit: Unit) -> None:
        handle(unit, "anna-2026", c.SetPromise({}, pace_days=14), desk.app.catalogue)

    await desk.app.writer.submit(work)
    states = agreements.states_of(store, "noor")
    (one,) = agreements.stalled(store, states, later)
    assert (one.trajectory, one.client, one.why) == ("anna-2026", "anna", "silence")
    assert agreements.stalled(store, states, later - timedelta(days=17)) == []


@pytest.mark.parametrize("values", [(), (7.0,), (0.0, 10.0, 6.5)])
def test_the_picture_is_an_image_with_words(values: tuple[float, ...]) -> None:
    days = [f"{n} Mar" for n, _ in enumerate(values)]
    drawn = course.draw(3, "Anna: <i>sure</i>?\x00", "5 & 6", days, values)
    root = Xml.fromstring(drawn)  # noqa: S314 - made just now
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "course-3-title course-3-desc"
    texts = [one.text for one in root.iter() if one.tag.endswith(("title", "desc"))]
    assert texts == ["Anna: <i>sure</i>?", "5 & 6"]
    assert drawn.count("<circle") == len(values)
    assert " style=" not in drawn
