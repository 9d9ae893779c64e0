"""The console's pages about promises, steps and scales: what they show, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.handle import handle
from bridge.runtime.practice_time import Agreed
from bridge.runtime.practice_time import agree as agree_on_time
from bridge.web import course
from storage import agreements, persons
from tests.web.console_kit import browser

if TYPE_CHECKING:
    from bridge.core.trajectory import Trajectory
    from storage.unit import Unit
    from tests.web.console_kit import Desk

pytestmark = [pytest.mark.slow]


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


async def test_a_step_is_agreed_asked_about_and_done_without_a_messenger(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        path = "/t/anna-2026"
        made = await noor.post(f"{path}/steps", text="call Piet on Friday")
        assert made.headers["location"] == f"/console{path}/agreed?done=step"
        await noor.post(f"{path}/steps", text="call Piet on Friday")  # the form sent twice
        page = (await noor.get(f"{path}/agreed?done=step")).text
        assert page.count("call Piet on Friday") == 1
        assert "The step is agreed" in page
        told = await desk.people["anna"].wait_for(lambda m: "call Piet" in m.text, 5)
        assert "Noor" in told.text
        (step,) = agreements.steps(desk.app.store, _state(desk))
        await noor.post(f"{path}/steps/{step.seq}", what="ask")
        again = await noor.post(f"{path}/steps/{step.seq}", what="done")
        assert again.headers["location"].endswith("done=step_done")
        assert not agreements.steps(desk.app.store, _state(desk))
        gone = await noor.post(f"{path}/steps/{step.seq}", what="drop")
        assert (gone.status_code, "not open any more" in gone.text) == (422, True)
        assert (await noor.post(f"{path}/steps/{step.seq}", what="?")).status_code == 400


async def test_what_is_wrong_with_a_step_stands_beside_its_field(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        path = "/t/anna-2026/steps"
        for fields, told in (
            ({"text": " "}, "Write it here."),
            ({"text": "x" * 601}, "Make it shorter."),
            ({"text": "call Piet", "at": "2020-01-01T10:00"}, "That moment is over."),
            ({"text": "call Piet", "at": "2099-01-01T10:00"}, "within a year"),
            ({"text": "call Piet", "at": "soon"}, "Choose a day and a time."),
            ({"text": "call Piet", "client": "bram"}, "Choose a client."),
            ({"text": "be <b>more</b> confident"}, "How would one notice?"),
        ):
            page = await noor.post(path, **fields)
            assert (page.status_code, told in page.text) == (422, True), fields
            assert 'id="step-' in page.text
        assert 'value="be &lt;b&gt;more&lt;/b&gt; confident"' in page.text
        assert 'aria-invalid="true" aria-describedby="step-text-why"' in page.text
        assert _state(desk).steps.open == ()
        kept = await noor.post(path, text="be more confident", as_is="1")
        assert kept.status_code == 303
        assert len(_state(desk).steps.open) == 1


async def test_a_number_is_asked_for_and_its_course_is_drawn(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        path = "/t/anna-2026"
        for value in ("6", "7,5"):
            await noor.post(f"{path}/scales", text="how sure are you?")
            await noor.post(f"{path}/scales", text="how sure are you?")  # the form sent twice
            assert "was asked and has not answered" in (await noor.get(f"{path}/agreed")).text
            await desk.says("anna", value)
        page = (await noor.get(f"{path}/agreed")).text
        assert "From 0 to 10, oldest first: 6, 7.5." in page
        assert 'value="how sure are you?"' in page
        asked = [line for line in desk.log("anna-2026") if line.kind == "scale_asked"]
        assert len(asked) == 2
        assert (await noor.post(f"{path}/scales", text="")).status_code == 422


async def test_a_promise_of_her_own_stays_when_the_practice_file_is_applied(desk: Desk) -> None:
    def apply(unit: Unit) -> list[str]:
        state = unit.state("anna-2026")
        assert state is not None
        return list(agree_on_time(unit, "anna-2026", Agreed({"": 60}), state, desk.app.catalogue))

    async with browser(desk, "noor") as noor:
        path = "/t/anna-2026"
        assert await desk.app.writer.submit(apply)
        assert "within 1 working hours. It stands" in (await noor.get(f"{path}/agreed")).text
        form = {"hours": "8", "hours-telegram": "1,5", "days": "14"}
        kept = await noor.post(f"{path}/promise", **form)
        assert kept.headers["location"].endswith("done=promise")
        assert await desk.app.writer.submit(apply) == []
        promises = _state(desk).promises
        assert (promises.within, promises.pace_days) == ({"": 480, "telegram": 90}, 14)
        page = (await noor.get(f"{path}/agreed")).text
        assert "within 8 working hours." in page
        assert 'value="1.5"' in page
        for field, value in (("hours", "soon"), ("hours", "241"), ("hours", "-1"), ("days", "x")):
            wrong = await noor.post(f"{path}/promise", **(form | {field: value}))
            assert (wrong.status_code, f'id="promise-{field}-why"' in wrong.text) == (422, True)
        assert _state(desk).promises == promises


def _state(desk: Desk) -> Trajectory:
    state = persons.state_of(desk.app.store, "anna-2026")
    assert state is not None
    return state
