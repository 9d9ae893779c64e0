"""Recordings of calls: with everybody's key, kept, and deleted at the network."""

from __future__ import annotations

import hashlib

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
