"""People who have nothing but a telephone: they join, answer, book and are called by key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.twilio.kit import OURS
from tests.walks.scene import ANNA
from tests.walks.telephones import (
    ANNA_AT,
    NOOR_AT,
    PRACTICE,
    STRANGER,
    Stage,
    end,
    kinds,
    over,
)

pytestmark = [pytest.mark.slow]

NOWHERE = PRACTICE.replace(f'endpoints = ["voice:main:{ANNA_AT}"]', "endpoints = []").replace(
    'consent = "recorded"', ""
)
"""Anna cannot be reached yet, and agreed to nothing."""

ON_TELEGRAM = PRACTICE.replace(f"voice:main:{ANNA_AT}", f"telegram:main:{ANNA}")

WITH_HOURS = PRACTICE.replace(
    '[[person]]\nid = "anna"',
    '[[person.availability]]\nkind = "phone"\nhours = ["mon-sun 09:00-17:00"]\n'
    'notice_hours = 0\n\n[[person]]\nid = "anna"\ntime_zone = "Europe/Amsterdam"',
).replace('language = "nl"\n', 'language = "nl"\ntime_zone = "Europe/Amsterdam"\n')

TWO = f"""{PRACTICE}
[[person]]
id = "olga"
name = "Olga"
endpoints = ["telegram:main:555", "voice:main:+31611110009"]

[[trajectory]]
id = "anna-olga"
coaches = ["olga"]
clients = ["anna"]
consent = "recorded"
"""


async def invited(stage: Stage) -> str:
    """Invite Anna; return the digits that are to be keyed in."""
    out = (await stage.bridge.run("invite", "anna-2026", "anna")).out
    (line,) = [line for line in out.splitlines() if line.startswith("by telephone: ")]
    assert f"call {OURS} and type " in line
    return line.partition(" type ")[2].replace(" ", "")


async def test_an_unknown_caller_keys_in_a_code_agrees_and_is_put_through(stage: Stage) -> None:
    await stage.begin(NOWHERE)
    caller = stage.twilio.telephone(STRANGER)
    caller.keys = "11"
    leg = caller.call(OURS, keys=await invited(stage))
    await leg.over.wait()
    assert "Je telefoon is nu gekoppeld" in "".join(leg.said) or "is linked now" in leg.said[-1]
    await stage.twilio.until(lambda: len(caller.legs) > 1 or None, 15)
    await over(caller)
    log = await stage.log()
    (linked,) = [line for line in kinds(log, "endpoint_linked") if line["party"] == "anna"]
    assert linked["network"] == "voice"
    assert len(kinds(log, "consent_given")) == 1
    stage.hers.talks = 5
    caller.call(OURS)
    await over(caller)
    assert end(await stage.log())[0] == "talked"


async def test_a_wrong_code_joins_nobody_and_tells_nothing(stage: Stage) -> None:
    await stage.begin(NOWHERE)
    await invited(stage)
    leg = stage.twilio.telephone(STRANGER).call(OURS, keys="1234567890123")
    await leg.over.wait()
    assert "Noor" not in " ".join(leg.said)
    assert [
        line for line in kinds(await stage.log(), "endpoint_linked") if "voice" in str(line)
    ] == [line for line in kinds(await stage.log(), "endpoint_linked") if line["party"] == "noor"][
        1:
    ]


async def test_a_telephone_is_linked_by_keying_in_what_link_told(stage: Stage) -> None:
    await stage.begin(ON_TELEGRAM)
    anna = stage.client()
    await anna.send("LINK")
    told = (await anna.wait_for("To link a telephone", 15)).text
    assert f"call {OURS} from it" in told
    keypad = told.rpartition("type ")[2].replace(" ", "")
    assert len(keypad) == 13
    caller = stage.twilio.telephone(STRANGER)
    leg = caller.call(OURS, keys=keypad)
    await leg.over.wait()
    assert "confirm it in the messenger you already use" in leg.said[-1]
    question = await anna.wait_for("Voice", 15)
    await anna.press(question.message_id, "Yes")
    await anna.wait_for("Linked.", 15)
    stage.hers.talks = 5
    caller.call(OURS)
    await over(caller)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert [line for line in kinds(log, "endpoint_linked") if line["party"] == "anna"][-1][
        "network"
    ] == "voice"


async def test_a_scaling_question_is_answered_by_key(stage: Stage) -> None:
    await stage.begin()
    stage.anna.keys = "17#"
    await stage.noor.send("schaal anna: hoe zeker ben je?")
    assert "Key in a number from 0 to 10" in await stage.anna.heard("Key in a number", 15)
    await stage.noor.wait_for("Anna: 7", 15)
    log = await stage.log()
    (answered,) = kinds(log, "scale_answered")
    assert answered["party"] == "anna"
    (said,) = [line for line in kinds(log, "message_posted") if line["author"] == "anna"]
    assert (said["text"], said["network"]) == ("7", "voice")


async def test_a_number_off_the_scale_is_asked_for_again(stage: Stage) -> None:
    await stage.begin()
    stage.anna.keys = "19910#"
    await stage.noor.send("schaal anna: hoe zeker ben je?")
    await stage.noor.wait_for("Anna: 10", 15)
    assert len(kinds(await stage.log(), "scale_answered")) == 1


async def test_she_is_reminded_chooses_another_moment_and_both_are_called_then(
    stage: Stage,
) -> None:
    start = (datetime.now(UTC) + timedelta(days=4)).replace(hour=9, minute=0, second=0)
    await stage.begin(WITH_HOURS)
    stage.anna.keys = "1"
    await stage.noor.send(f"boek anna {start:%Y-%m-%d} 12:00 telefoon 30")
    await stage.anna.heard("30 min", 15)
    await over(stage.anna)
    await stage.twilio.quiet()
    stage.anna.keys = "12"
    stage.ahead(start.replace(hour=12) - timedelta(hours=23))
    moved = await stage.noor.wait_for("Verzet naar", 30)
    log = await stage.log()
    (line,) = kinds(log, "appointment_moved")
    assert line["author"] == "anna"
    then = datetime.fromisoformat(line["details"]["start"])
    assert moved is not None
    stage.anna.keys, stage.anna.talks = "1", 20
    before = len(stage.hers.legs)
    stage.ahead(then + timedelta(seconds=1))
    await stage.twilio.until(lambda: len(stage.hers.legs) > before or None, 20)
    await stage.anna.heard("Noor is calling you", 20)
    await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert len(kinds(log, "session_opened")) == 1
    (booked,), (called,) = kinds(log, "appointment_booked"), kinds(log, "call_ended")
    assert called["details"]["session"] == booked["seq"], "one session, not one more"


async def test_who_has_two_trajectories_chooses_by_key_and_nobody_else_is_rung(
    stage: Stage,
) -> None:
    await stage.begin(TWO)
    stage.hers.talks = 5
    olgas = stage.twilio.telephone("+31611110009")
    olgas.keys, olgas.talks = "1", 5
    first = stage.anna.call(OURS, keys="1")
    await first.over.wait()
    second = stage.anna.call(OURS, keys="2")
    await second.over.wait()
    none = stage.anna.call(OURS, keys="72")
    await none.over.wait()
    await stage.twilio.quiet()
    menu = " ".join(first.said)
    assert "Press 1 for" in menu
    assert "Press 2 for" in menu
    hers, theirs = await stage.log(), await stage.log("anna-olga")
    assert [line["details"]["outcome"] for line in kinds(hers, "call_ended")] == ["talked"]
    assert [line["details"]["outcome"] for line in kinds(theirs, "call_ended")] == ["talked"] * 2
    assert (len(stage.hers.legs), len(olgas.legs)) == (1, 2)
    assert NOOR_AT not in "".join(second.twiml)
