"""The other paths of a call: hours, BEL, a bad line, another moment, and the log's own words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.support.postgres import free_port
from tests.twilio.kit import OURS
from tests.walks.scene import ANNA
from tests.walks.telephones import (
    ANNA_AT,
    NOOR_AT,
    PRACTICE,
    Stage,
    end,
    is_voice,
    kinds,
    over,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.walks.bridge import Json

pytestmark = [pytest.mark.slow]

BOTH = PRACTICE.replace(
    f'["voice:main:{ANNA_AT}"]', f'["telegram:main:{ANNA}", "voice:main:{ANNA_AT}"]'
)
"""Anna has a messenger and a telephone."""

WITH_HOURS = BOTH.replace(
    '[[person]]\nid = "anna"',
    '[[person.availability]]\nkind = "phone"\nhours = ["mon-sun 09:00-17:00"]\n\n'
    '[[person]]\nid = "anna"',
)
PORT = free_port()
HEARD = f"http://127.0.0.1:{PORT}/hear"


def resting(practice: str) -> str:
    """Return a practice in which Noor works again in three days."""
    day = datetime.now(UTC) + timedelta(days=3)
    hours = f'[person.work]\n{day:%a} = "00:00-23:00"\nstop = "23:59"\n'.lower()
    return practice.replace('[[person]]\nid = "anna"', f'{hours}\n[[person]]\nid = "anna"')


async def test_after_her_stop_moment_nothing_rings_and_the_caller_hears_from_when(
    stage: Stage,
) -> None:
    await stage.begin(resting(PRACTICE))
    stage.anna.leaves = 2.0
    leg = stage.anna.call(OURS)
    await over(stage.anna)
    log = await stage.log()
    assert end(log) == ("message", 0)
    assert stage.hers.legs == stage.hers_too.legs == []
    told = " ".join(leg.said)
    assert "Noor takes no calls now and can be called again from" in told
    assert "Leave a message after the tone" in told
    day = datetime.now(UTC) + timedelta(days=3)
    assert f"from {day:%A} at " in told
    kept = [line for line in stage.noor.screen() if line.kind == "voice"]
    assert not kept, "not before she works again"
    assert len([line for line in kinds(log, "message_posted") if line["author"] == "anna"]) == 1


@pytest.mark.parametrize("answers", ["no", "busy"])
async def test_nobody_comes_and_the_caller_hears_so_in_her_language(
    stage: Stage, answers: str
) -> None:
    await stage.begin()
    stage.hers.answers = stage.hers_too.answers = answers
    leg = stage.anna.call(OURS)
    await over(stage.anna)
    assert "Noor cannot come to the telephone now. Leave a message" in " ".join(leg.said)
    stage.anna.answers = answers
    leg = stage.hers.call(OURS)
    await over(stage.hers)
    assert "Anna kan nu niet aan de telefoon komen" in " ".join(leg.said)
    await stage.log()


@pytest.mark.parametrize("stops", [True, False])
async def test_outside_her_hours_no_call_rings_a_coach(stage: Stage, stops: bool) -> None:
    practice = resting(BOTH)
    await stage.begin(practice if stops else practice.replace('stop = "23:59"\n', ""))
    anna = stage.client()
    await anna.send("BEL")
    await anna.wait_for("Noor takes no calls now and can be called again from", 15)
    stage.anna.leaves = 2.0
    leg = stage.anna.call(OURS)
    await over(stage.anna)
    assert "Noor takes no calls now and can be called again from" in " ".join(leg.said)
    log = await stage.log()
    assert end(log) == ("message", 0)
    assert stage.hers.legs == stage.hers_too.legs == []


async def test_a_client_writes_bel_and_her_coach_is_rung_first(stage: Stage) -> None:
    await stage.begin(BOTH)
    anna = stage.client()
    stage.hers.keys, stage.anna.keys, stage.anna.talks = "1", "1", 10
    await anna.send("BEL")
    await anna.wait_for("We are calling Noor first", 15)
    await stage.anna.heard("Noor is calling you", 15)
    await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "talked"
    (started,) = kinds(log, "call_started")
    assert started["author"] == "anna"
    assert ANNA_AT not in "".join(leg.sender for leg in stage.hers.legs)
    assert NOOR_AT not in "".join(leg.sender for leg in stage.anna.legs)


async def test_her_coach_does_not_answer_and_she_is_offered_another_moment(stage: Stage) -> None:
    await stage.begin(WITH_HOURS)
    anna = stage.client()
    stage.hers.answers = "mailbox"
    await anna.send("BEL")
    offer = await anna.wait_for("Noor was not reached by telephone", 15)
    await anna.press(offer.message_id, "Another moment, please")
    await anna.wait_for("with Noor suit you?", 15)
    assert stage.anna.legs == []
    await stage.log()


async def test_a_client_who_was_not_reached_books_another_moment(stage: Stage) -> None:
    await stage.begin(WITH_HOURS)
    anna = stage.client()
    stage.anna.answers = "no"
    await stage.noor.send("bel Anna")
    await stage.noor.wait_for("Anna was telefonisch niet bereikbaar", 15)
    offer = await anna.wait_for("Noor tried to reach you by telephone", 15)
    await anna.press(offer.message_id, "Another moment, please")
    slots = await anna.wait_for("with Noor suit you?", 15)
    await anna.press(slots.message_id)
    await stage.noor.wait_for("Nieuwe afspraak met Anna", 15)
    log = await stage.log()
    assert end(log)[0] == "not_reached"
    assert len(kinds(log, "appointment_booked")) == 1


async def test_a_coach_whose_own_mailbox_answers_does_not_alarm_her_client(stage: Stage) -> None:
    await stage.begin(BOTH)
    anna = stage.client()
    stage.hers.answers = "mailbox"
    await stage.noor.send("bel Anna")
    await stage.twilio.until(lambda: stage.hers.legs or None, 15)
    await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "declined"
    assert anna.screen() == []


def _rang(stage: Stage, before: int) -> bool | None:
    return len(stage.hers.legs) > before or None


async def test_bel_within_ten_minutes_goes_on_with_the_session_and_later_does_not(
    stage: Stage,
) -> None:
    await stage.begin(BOTH)
    anna = stage.client()
    stage.hers.keys, stage.hers.talks, stage.anna.keys = "1", 5, "1"
    stage.anna.call(OURS)
    await over(stage.anna)
    for minutes in (9, 30):
        await stage.twilio.quiet()
        stage.ahead(datetime.now(UTC) + timedelta(minutes=minutes))
        before = len(stage.hers.legs)
        await anna.send("BEL")
        await stage.twilio.until(partial(_rang, stage, before), 15)
        await over(stage.hers)
        await stage.log()
    first, again, later = kinds(await stage.log(), "call_ended")
    assert first["details"]["session"] == again["details"]["session"]
    assert later["details"]["session"] != first["details"]["session"]


@pytest.mark.parametrize("stage", [HEARD], indirect=True, ids=["heard"])
async def test_an_endpoint_of_the_operators_hears_a_message(
    stage: Stage, machine: list[int]
) -> None:
    await stage.begin()
    stage.hers.answers = stage.hers_too.answers = "no"
    stage.anna.leaves = 2.0
    stage.anna.call(OURS)
    await over(stage.anna)
    await stage.noor.wait_for(is_voice, 15)
    heard: list[Json] = []
    async with asyncio.timeout(15):
        while not heard:
            heard = kinds(await stage.log(), "transcript_added")
    assert [line["text"] for line in heard] == ["Please call me back."]
    (size,) = machine
    assert size > 16_000, "the bytes of two seconds"


@pytest.fixture
async def machine() -> AsyncIterator[list[int]]:
    """A machine that hears; the sizes of what it was given."""
    given: list[int] = []

    async def hear(request: web.Request) -> web.Response:
        given.append(len(await request.read()))
        return web.Response(text="Please call me back.\n")

    app = web.Application()
    app.router.add_post("/hear", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    yield given
    await runner.cleanup()
