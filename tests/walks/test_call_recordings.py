"""Recordings of calls: with everybody's key, kept, and deleted at the network."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from adapters.emulators.twilio import sound
from tests.twilio.kit import OURS
from tests.walks.telephones import (
    Stage,
    asks,
    end,
    kinds,
    over,
)
from tests.walks.test_calls_by_page import signed_in

pytestmark = [pytest.mark.slow]


@asks
async def test_everybody_agrees_and_the_recording_is_kept_and_deleted_there(stage: Stage) -> None:
    await stage.begin()
    stage.hers.keys = "11"
    board = stage.twilio.switchboard
    stage.anna.call(OURS, keys="1")
    await stage.twilio.until(lambda: board.recordings or None, 15)
    assert stage.hers.leg is not None
    assert stage.anna.leg is not None
    stage.hers.leg.speak(sound.tone(440.0, 1.0))
    stage.anna.leg.speak(sound.tone(800.0, 1.0))
    stage.hers.hang_up()
    await over(stage.anna)
    (recording,) = board.recordings.values()
    wav = recording.wav
    await stage.twilio.until(lambda: recording.deleted or None, 15)
    log = await stage.log()
    agreed = kinds(log, "recording_agreed")
    assert [line["author"] for line in agreed] == ["anna", "noor"]
    assert all(line["text"] for line in agreed), "the words they agreed to are kept"
    (switched,) = kinds(log, "recording_switched")
    assert switched["seq"] > agreed[-1]["seq"]
    (kept,) = kinds(log, "recording_secured")
    assert kept["details"]["sha256"] == hashlib.sha256(wav).hexdigest()
    assert sound.heard(wav, 800.0, 0) > 0.3
    assert sound.heard(wav, 440.0, 1) > 0.3
    (deleted,) = kinds(log, "recording_deleted")
    assert deleted["details"]["where"] == "network"


@asks
@pytest.mark.parametrize(("hers", "annas"), [("12", "1"), ("11", "2"), ("1", "1"), ("11", "")])
async def test_one_who_does_not_agree_and_nothing_is_recorded(
    stage: Stage, hers: str, annas: str
) -> None:
    await stage.begin()
    stage.hers.keys, stage.hers.talks = hers, 20
    stage.anna.call(OURS, keys=annas)
    await over(stage.anna)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert stage.twilio.switchboard.recordings == {}
    assert kinds(log, "recording_switched", "recording_stored") == []


@asks
async def test_what_is_said_while_a_recording_is_paused_is_not_in_it(stage: Stage) -> None:
    await stage.begin()
    stage.hers.keys = "11"
    board = stage.twilio.switchboard
    leg = stage.anna.call(OURS, keys="1")
    (recording,) = (await stage.twilio.until(lambda: board.recordings or None, 15)).values()
    leg.speak(sound.tone(800.0, 1.0))
    await stage.noor.send("pauzeer opname")
    await stage.twilio.until(lambda: recording.status == "paused" or None, 15)
    leg.speak(sound.tone(1200.0, 1.0))
    await stage.noor.send("hervat opname")
    await stage.twilio.until(lambda: recording.status == "in-progress" or None, 15)
    leg.speak(sound.tone(600.0, 1.0))
    stage.hers.hang_up()
    await over(stage.anna)
    wav = recording.wav
    await stage.twilio.until(lambda: recording.deleted or None, 15)
    log = await stage.log()
    assert [line["details"]["act"] for line in kinds(log, "recording_switched")] == [
        "record",
        "pause",
        "resume",
    ]
    assert min(sound.heard(wav, 800.0), sound.heard(wav, 600.0)) > 0.15
    assert sound.heard(wav, 1200.0) < 0.03, "a second of it would be five times as loud"


@asks
async def test_a_recording_is_played_in_the_console_and_to_nobody_else(stage: Stage) -> None:
    await stage.begin()
    stage.hers.keys = "11"
    board = stage.twilio.switchboard
    leg = stage.anna.call(OURS, keys="1")
    (recording,) = (await stage.twilio.until(lambda: board.recordings or None, 15)).values()
    leg.speak(sound.tone(800.0, 1.0))
    stage.hers.hang_up()
    await over(stage.anna)
    wav = recording.wav
    await stage.twilio.until(lambda: recording.deleted or None, 15)
    (stored,) = kinds(await stage.log(), "recording_stored")
    path = f"/console/files/anna-2026/{stored['seq']}/file"
    async with signed_in(stage) as http:
        page = (await http.get("/console/t/anna-2026")).text
        assert f'src="{path}"' in page
        assert (await http.get(path)).content == wav
    async with httpx.AsyncClient(base_url=stage.bridge.url) as stranger:
        assert (await stranger.get(path)).status_code in (303, 401)
