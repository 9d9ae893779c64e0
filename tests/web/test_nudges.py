"""Nudges over an emulated Telegram with a driven clock, and the console's page of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.web import nudge_picture, nudging
from scheduling.timers import Timers
from tests.web.console_kit import Browser, Desk, browser, eventually, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.telegram import Message

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that goes where the test wants it."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(tmp_path: Path, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def noor(desk: Desk) -> AsyncIterator[Browser]:
    async with browser(desk, "noor") as signed_in:
        yield signed_in


async def _sees(desk: Desk, who: str, words: str) -> Message:
    return await desk.people[who].wait_for(lambda message: words in message.text, 10)


async def _plan(desk: Desk, line: str) -> Message:
    await desk.people["noor"].send(line)
    return await _sees(desk, "noor", "gets this on")


async def test_from_a_line_on_telegram_to_an_answer(desk: Desk, clock: Clock) -> None:
    read_back = await _plan(desk, "suc6 Bram do 09:40 presentatie")
    assert "Thu 26 Nov 09:25" in read_back.text
    clock.now = datetime(2026, 11, 26, 8, 25, tzinfo=UTC)
    assert await Timers(desk.app.writer, desk.app.catalogue).fire_due() == 1
    nudge = await _sees(desk, "bram", "Suc6 met presentatie, Bram!")
    await desk.people["bram"].press(nudge.message_id, "Dank je")
    await _sees(desk, "noor", "Bram to “Suc6 met presentatie, Bram!”: Thanks")
    kinds = [line.kind for line in desk.log("bram-2026")]
    assert kinds.count("nudge_given") == kinds.count("nudge_answered") == 1


async def test_one_key_undoes_it_on_telegram(desk: Desk, clock: Clock) -> None:
    read_back = await _plan(desk, "prompt bram tomorrow 10:00 step?")
    await desk.people["noor"].press(read_back.message_id, "Undo")
    await _sees(desk, "noor", "Taken back (1)")
    clock.now = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert await Timers(desk.app.writer, desk.app.catalogue).fire_due() == 0


async def test_the_page_shows_moves_and_takes_back(desk: Desk, noor: Browser) -> None:
    empty = await noor.get("/nudges")
    assert "Nothing is planned." in empty.text
    await _plan(desk, "prompt anna tomorrow 10:00 <b>step</b> & more?")
    page = await noor.get("/nudges")
    assert "&lt;b&gt;step&lt;/b&gt; &amp; more?" in page.text
    assert 'value="2026-11-24T10:00"' in page.text
    assert "Moment in Lisbon" in page.text
    (line,) = nudging.nudges(desk.app.store, "noor", MONDAY).planned
    where = f"/t/anna-2026/nudges/{line.seq}"
    moved = await noor.post(where, what="move", at="2026-11-25T09:30", client="anna")
    assert moved.headers["location"] == "/console/nudges?done=nudge_move"
    await noor.post(where, what="week", client="anna")
    (line,) = nudging.nudges(desk.app.store, "noor", MONDAY).planned
    assert line.due_at == datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
    past = await noor.post(where, what="move", at="2020-01-01T09:30", client="anna")
    assert past.headers["location"] == "/console/nudges?refused=past"
    assert "that moment was over" in (await noor.get("/nudges?refused=past")).text
    assert (await noor.post(where, what="move", at="x", client="anna")).status_code == 400
    await noor.post(where, what="cancel")
    found = nudging.nudges(desk.app.store, "noor", MONDAY)
    assert found.planned == ()
    assert [one.state for one in found.settled] == ["cancelled"]
    await eventually(lambda: "nudge_cancelled" in [li.kind for li in desk.log("anna-2026")])
    assert "taken back" in (await noor.get("/nudges")).text


async def test_another_coach_sees_and_changes_nothing(desk: Desk) -> None:
    await _plan(desk, "prompt anna tomorrow 10:00 step?")
    (line,) = nudging.nudges(desk.app.store, "noor", MONDAY).planned
    async with browser(desk, "lars") as lars:
        assert "step?" not in (await lars.get("/nudges")).text
        answer = await lars.post(f"/t/anna-2026/nudges/{line.seq}", what="cancel")
        assert answer.status_code == 404
    assert len(nudging.nudges(desk.app.store, "noor", MONDAY).planned) == 1


async def test_the_picture_and_its_table_say_the_same(desk: Desk, clock: Clock) -> None:
    await _plan(desk, "prompt bram tomorrow 10:00 step?")
    clock.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    await Timers(desk.app.writer, desk.app.catalogue).fire_due()
    await _sees(desk, "bram", "step?")
    found = nudging.nudges(desk.app.store, "noor", clock.now)
    assert found.weeks[-1].given == 1
    drawn = nudge_picture.draw(found.weeks, "nl")
    assert 'role="img"' in drawn
    assert "8 weken: 1 verstuurd, waarvan 0 beantwoord, 0 niet verstuurd." in drawn
    assert ">23 nov</text>" in drawn


PLAN = {"client": "anna-2026/anna", "kind": "encouragement", "days": ""}


async def test_a_series_is_planned_on_the_page(desk: Desk, noor: Browser, clock: Clock) -> None:
    fields = PLAN | {"kind": "prompt", "days": "1 3 7 21", "at": "2026-11-24T10:00"}
    planned = await noor.post("/nudges", **fields, about="did you write <b>one</b> page?")
    assert planned.headers["location"] == "/console/nudges?done=nudge"
    found = nudging.nudges(desk.app.store, "noor", MONDAY).planned
    assert [line.due_at.day for line in found] == [24, 25, 27, 1, 15]
    assert found[1].text.startswith("A day later: ")
    page = (await noor.get("/nudges?done=nudge")).text
    assert "It is planned" in page
    assert page.count("did you write &lt;b&gt;one&lt;/b&gt; page?") == 5
    clock.now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert await Timers(desk.app.writer, desk.app.catalogue).fire_due() == 1
    await _sees(desk, "anna", "did you write")


async def test_what_is_wrong_with_a_nudge_stands_beside_its_field(
    desk: Desk, noor: Browser
) -> None:
    good = PLAN | {"at": "2026-11-26T10:00", "about": "exam"}
    for fields, field, told in (
        ({"client": "carla-2026/carla"}, "client", "Choose a client."),
        ({"client": "anna-2026/bram"}, "client", "Choose a client."),
        ({"at": ""}, "at", "Choose a day and a time."),
        ({"at": "2020-01-01T10:00"}, "at", "That moment is over."),
        ({"at": "2030-01-01T10:00"}, "at", "within a year"),
        ({"about": " "}, "about", "Write it here."),
        ({"about": "x" * 601}, "about", "Make it shorter."),
        ({"template": "none"}, "template", "There are no words"),
    ):
        answer = await noor.post("/nudges", **(good | fields))
        assert (answer.status_code, told in answer.text) == (422, True), fields
        assert f'id="nudge-{field}-why"' in answer.text
    assert not nudging.nudges(desk.app.store, "noor", MONDAY).planned
    assert (await noor.post("/nudges", **good)).status_code == 303
    twice = await noor.post("/nudges", **good)
    assert (twice.status_code, "within 60 days" in twice.text) == (422, True)
    for bad in ({"kind": "threat"}, {"days": "2 4"}):
        assert (await noor.post("/nudges", **(good | bad))).status_code == 400


async def test_words_of_her_own_are_kept_used_and_forgotten(desk: Desk, noor: Browser) -> None:
    for name, text, told in (
        ("luck", "no field", "Write {event} where"),
        ("two words", "{event}", "a name of one word"),
        ("luck", "", "Write it here."),
    ):
        answer = await noor.post("/nudges/templates", name=name, text=text)
        assert (answer.status_code, told in answer.text) == (422, True), name
    await noor.post("/nudges/templates", name="#Luck", text="Go {name}, <i>go</i>: {event}!")
    page = (await noor.get("/nudges")).text
    assert "Go {name}, &lt;i&gt;go&lt;/i&gt;: {event}!" in page
    good = PLAN | {"at": "2026-11-26T10:00", "about": "exam", "template": "luck"}
    assert (await noor.post("/nudges", **good)).status_code == 303
    (line,) = nudging.nudges(desk.app.store, "noor", MONDAY).planned
    assert line.text == "Go Anna, <i>go</i>: exam!"
    await noor.post("/nudges/templates", name="luck", what="forget")
    assert nudging.nudges(desk.app.store, "noor", MONDAY).templates == ()


async def test_a_draft_of_the_bridge_is_sent_by_her_yes(
    desk: Desk, noor: Browser, clock: Clock
) -> None:
    await _plan(desk, "suc6 Bram do 09:40 presentatie")
    timers = Timers(desk.app.writer, desk.app.catalogue)
    clock.now = datetime(2026, 11, 26, 8, 25, tzinfo=UTC)
    await timers.fire_due()
    await _sees(desk, "bram", "Suc6 met presentatie, Bram!")  # before its event has begun
    clock.now = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)
    await timers.fire_due()
    (draft,) = nudging.nudges(desk.app.store, "noor", clock.now).drafts
    page = (await noor.get("/nudges")).text
    assert "Nothing is sent unless you say so." in page
    assert "Send it then" in page
    clock.now = draft.at + timedelta(hours=1)
    page = (await noor.get("/nudges")).text
    assert ("Send it then" in page, "Send it now" in page) == (False, True)
    clock.now = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)
    path = f"/t/bram-2026/drafts/{draft.seq}"
    answer = await noor.post(path, what="yes")
    assert answer.headers["location"] == "/console/nudges?done=draft"
    found = nudging.nudges(desk.app.store, "noor", clock.now)
    assert [line.text for line in found.planned] == [draft.text]
    assert found.drafts == ()
    again = await noor.post(path, what="no")
    assert again.headers["location"] == "/console/nudges?refused=nothing_planned"
