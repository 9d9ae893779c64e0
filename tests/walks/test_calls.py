"""Telephone calls, each way they can go: a coach, a client, and telephones that do as they like.

The bridge is the real one, Twilio is emulated: it walks the TwiML verb by verb.
"""

from __future__ import annotations

import pytest

from adapters.emulators.twilio import faults, sound
from tests.twilio.kit import OURS
from tests.walks.telephones import (
    ANNA_AT,
    STRANGER,
    Stage,
    end,
    is_voice,
    kinds,
    over,
)

pytestmark = [pytest.mark.slow]

# -- somebody calls in -----------------------------------------------------------------------------


async def test_a_client_calls_and_her_coach_answers_by_key(stage: Stage) -> None:
    await stage.begin()
    stage.hers.talks = 60
    stage.anna.call(OURS)
    await over(stage.anna)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert end(log)[1] >= 1
    leg, caller = stage.hers.leg, stage.anna.leg
    assert leg is not None
    assert caller is not None
    assert leg.sender == OURS, "the coach sees our number, never the client's"
    assert "Anna belt je" in leg.said[0]
    assert ANNA_AT not in "".join(caller.twiml + leg.twiml)
    assert "record=" not in "".join(caller.twiml + leg.twiml)
    assert len(kinds(log, "call_started")) == 1


async def test_a_mailbox_never_answers_for_the_coach_and_the_next_telephone_rings(
    stage: Stage,
) -> None:
    await stage.begin()
    stage.hers.answers = "mailbox"
    stage.hers_too.talks = 5
    stage.anna.call(OURS)
    await over(stage.anna)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert stage.hers.leg is not None
    assert stage.hers.leg.peer is None
    assert len(stage.hers_too.legs) == 1


@pytest.mark.parametrize("answers", ["busy", "no", "mailbox"])
async def test_nobody_comes_and_a_message_reaches_her_telegram_as_a_voice_note(
    stage: Stage, answers: str
) -> None:
    await stage.begin()
    stage.hers.answers = stage.hers_too.answers = answers
    stage.anna.leaves = 2.0
    stage.anna.call(OURS)
    await over(stage.anna)
    shown = await stage.noor.wait_for(is_voice, 15)
    log = await stage.log()
    assert end(log) == ("message", 0)
    (note,) = [line for line in kinds(log, "message_posted") if line["author"] == "anna"]
    assert note["network"] == "voice"
    assert "voice" in shown.content
    stored = stage.telegram.service.files.by_id(shown.content["voice"]["file_id"])
    assert stored is not None
    kept = stored.data
    assert sound.heard(kept, 800.0) > 0.8, "it is really her voice"
    assert sound.heard(kept, 440.0) < 0.1


async def test_a_message_whose_speaker_hangs_up_is_not_lost(stage: Stage) -> None:
    await stage.begin()
    stage.hers.answers = stage.hers_too.answers = "no"
    stage.anna.leaves, stage.anna.ended_by_key = 2.0, False
    stage.anna.call(OURS)
    await over(stage.anna)
    await stage.noor.wait_for(is_voice, 15)
    await stage.log()


async def test_who_hangs_up_before_the_tone_is_a_missed_call(stage: Stage) -> None:
    await stage.begin()
    stage.hers.answers = stage.hers_too.answers = "no"
    stage.anna.call(OURS)
    await over(stage.anna)
    await stage.noor.wait_for("Gemiste oproep van Anna", 15)
    assert end(await stage.log()) == ("missed", 0)


async def test_a_coach_who_does_not_take_the_call_by_key_is_not_connected(stage: Stage) -> None:
    await stage.begin()
    stage.hers.keys, stage.hers_too.keys = "2", "9"
    stage.anna.call(OURS)
    await over(stage.anna)
    log = await stage.log()
    assert end(log)[0] == "missed"
    assert all(leg.peer is None for leg in stage.twilio.switchboard.legs.values())


@pytest.mark.parametrize("shown", [STRANGER, "anonymous", "+266696687"])
async def test_a_stranger_learns_nothing_and_is_connected_to_nobody(
    stage: Stage, shown: str
) -> None:
    await stage.begin()
    caller = stage.twilio.telephone(STRANGER)
    leg = caller.call(OURS, sender=shown)
    await leg.over.wait()
    await stage.twilio.quiet()
    assert stage.hers.legs == []
    assert not any(name in " ".join(leg.said) for name in ("Noor", "Anna"))
    await stage.log()


# -- the bridge calls ------------------------------------------------------------------------------


async def test_a_coach_writes_bel_anna_and_both_are_called(stage: Stage) -> None:
    await stage.begin()
    stage.anna.keys, stage.anna.talks = "1", 30
    await stage.noor.send("bel Anna")
    await stage.anna.heard("Noor is calling you", 15)
    await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert stage.hers.legs[0].direction == "outbound-api", "the coach first"
    assert "Toets 1" in stage.hers.legs[0].said[0]


async def test_her_mailbox_picks_up_and_the_client_is_not_even_rung(stage: Stage) -> None:
    await stage.begin()
    stage.hers.answers = "mailbox"
    await stage.noor.send("call Anna")
    await stage.twilio.until(lambda: stage.hers.legs or None, 15)
    await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "declined"
    assert stage.anna.legs == []


@pytest.mark.parametrize("answers", ["no", "busy"])
async def test_a_client_who_is_not_reached_is_told_of_to_the_coach(
    stage: Stage, answers: str
) -> None:
    await stage.begin()
    stage.anna.answers = answers
    await stage.noor.send("bel Anna")
    await stage.noor.wait_for("Anna was telefonisch niet bereikbaar", 15)
    log = await stage.log()
    assert end(log)[0] == "not_reached"


@pytest.mark.parametrize("number", ["112", "911", "+31 900 1234567", "0900-1234"])
async def test_no_number_is_ever_dialled_that_somebody_writes(stage: Stage, number: str) -> None:
    await stage.begin()
    await stage.noor.send(f"bel {number}")
    words = "Alarmnummers" if number in ("112", "911") else "kan van hieruit niet worden gebeld"
    await stage.noor.wait_for(words, 15)
    await stage.log()
    assert stage.twilio.journal.calls_of("call") == []


async def test_a_call_that_may_have_been_made_is_found_and_not_made_again(stage: Stage) -> None:
    await stage.begin()
    stage.anna.keys, stage.anna.talks = "1", 10
    stage.twilio.faults.plan(faults.accept_then_drop(), on="call")
    await stage.noor.send("bel Anna")
    await stage.anna.heard("Noor is calling you", 15)
    await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert len(stage.twilio.journal.calls_of("call")) == 1


async def test_a_bad_line_goes_on_with_the_same_session(stage: Stage) -> None:
    await stage.begin()
    stage.hers.talks = 5
    for _ in range(2):
        stage.anna.call(OURS)
        await over(stage.anna)
        await stage.twilio.quiet()
    log = await stage.log()
    ended = kinds(log, "call_ended")
    assert len(ended) == 2
    assert len({line["details"]["session"] for line in ended}) == 1


async def test_news_of_a_call_may_come_twice(stage: Stage) -> None:
    await stage.begin()
    stage.hers.talks = 5
    for what in ("voice", "voice_status"):
        stage.twilio.faults.plan(faults.duplicate(3), on=what, count=None)
    stage.anna.call(OURS)
    await over(stage.anna)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert len(kinds(log, "call_started")) == 1


# -- somebody who has only a telephone -------------------------------------------------------------


async def test_a_message_is_read_to_who_presses_the_key(stage: Stage) -> None:
    await stage.begin()
    stage.anna.keys = "1"
    await stage.noor.send("Denk aan de presentatie & adem <rustig>")
    assert "presentatie & adem <rustig>" in await stage.anna.heard("presentatie", 15)
    await stage.log()


async def test_a_mailbox_never_hears_a_message(stage: Stage) -> None:
    await stage.begin()
    stage.anna.answers = "mailbox"
    await stage.noor.send("Vertrouwelijk")
    await stage.twilio.until(lambda: stage.anna.legs or None, 15)
    await over(stage.anna)
    await stage.log()
    assert "Vertrouwelijk" not in " ".join(stage.anna.said)


# -- text beside the sound -----------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["hears"], indirect=True)
async def test_what_a_machine_heard_stands_beside_the_sound(stage: Stage) -> None:
    await stage.begin()
    stage.hers.answers = stage.hers_too.answers = "no"
    stage.anna.leaves = 2.0
    stage.anna.call(OURS)
    await over(stage.anna)
    await stage.noor.wait_for(is_voice, 15)
    await stage.twilio.quiet()
    log = await stage.log()
    (line,) = kinds(log, "transcript_added")
    (note,) = [one for one in kinds(log, "message_posted") if one["author"] == "anna"]
    assert line["target"] == note["seq"]
    assert int(line["text"]) > 16_000, "the bytes of two seconds"
