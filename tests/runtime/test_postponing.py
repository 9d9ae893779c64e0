"""What waited into quiet hours, or a pause, because a network was away: later, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.runtime import claiming, sending
from bridge.runtime.preparing import Item
from scheduling.calendar import zones
from scheduling.calendar.working import Interval, Working
from storage import queries
from tests.runtime.desk_kit import GIVE_UP, LEASE
from tests.runtime.nudging import Practice, nudging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.unit import Unit


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as opened:
        yield opened


def _away(desk: Practice, wall: str) -> None:
    """Let it be that moment and what is due be decided, while the network takes nothing."""
    desk.now = zones.instant(datetime.fromisoformat(wall), "Europe/Amsterdam")
    desk.fire()


def test_a_step_is_asked_about_after_the_quiet_hours_its_question_waited_into(
    desk: Practice,
) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.deliver()
    _away(desk, "2026-11-24T17:00")  # asked; the network is away until the night
    desk.now = zones.instant(datetime.fromisoformat("2026-11-24T22:00"), "Europe/Amsterdam")
    assert not any("bank?" in text or "gelukt" in text for text in desk.texts("bram")[1:])
    desk.pass_to("2026-11-25T07:59")
    before = desk.texts("bram")
    desk.pass_to("2026-11-25T08:00")
    (asked,) = desk.texts("bram")[len(before) :]
    assert "bel morgen de bank" in asked
    assert desk.last("bram").labels[:1] == ["Gedaan"]
    desk.press("bram", desk.last("bram"), "done")
    assert [one.kind for one in desk.log("bram-2026")].count("step_done") == 1
    desk.sound()


@pytest.mark.parametrize(("word", "until"), [("later", "25T17:00"), ("PAUZE 2 DAGEN", "26T17:00")])
def test_a_word_about_the_pace_holds_a_question_that_waits_to_be_sent(
    desk: Practice, word: str, until: str
) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.says("noor", "prompt bram vr 10:00 een")
    desk.deliver()
    _away(desk, "2026-11-24T17:00")
    desk.says("bram", word)
    assert "bel morgen de bank" not in desk.texts("bram")[-1]
    desk.pass_to("2026-11-24T20:00")
    assert desk.last("bram").labels == []
    desk.pass_to(f"2026-11-{until}")
    desk.pass_to(f"2026-11-{until[:2]}T17:01")
    assert desk.last("bram").labels[:1] == ["Gedaan"]
    desk.sound()


def test_that_a_promise_was_broken_is_not_told_in_quiet_hours_it_waited_into(
    desk: Practice,
) -> None:
    work = Working("Europe/Amsterdam", tuple(Interval(day, 540, 1080) for day in range(5)))
    desk.do("bram-2026", c.SetPromise({"": 60}), c.SetWorkingHours("noor", work))
    desk.says("bram", "Mag ik iets vragen?")
    desk.deliver()
    _away(desk, "2026-11-23T11:00")  # the coaches are warned
    _away(desk, "2026-11-23T11:30")  # it is broken, and nothing goes out
    desk.now = zones.instant(datetime.fromisoformat("2026-11-23T22:00"), "Europe/Amsterdam")
    assert desk.texts("bram") == []
    desk.pass_to("2026-11-24T08:00")
    assert len(desk.texts("bram")) == 1
    desk.sound()


def _reminders(desk: Practice) -> list[str]:
    return [one.text for one in desk.told("bram") if len(one.keys) == 2]


def test_a_reminder_waits_for_the_end_of_quiet_hours_it_waited_into(desk: Practice) -> None:
    desk.says("noor", "boek bram do 12:00 telefoon 50")
    desk.deliver()
    _away(desk, "2026-11-25T12:00")  # reminded; the network is away until the night
    desk.now = zones.instant(datetime.fromisoformat("2026-11-25T23:00"), "Europe/Amsterdam")
    assert _reminders(desk) == []
    desk.pass_to("2026-11-26T07:59")
    assert _reminders(desk) == []
    desk.pass_to("2026-11-26T08:00")
    assert len(_reminders(desk)) == 1
    desk.press("bram", desk.last("bram"), desk.last("bram").keys[0])
    assert "appointment_confirmed" in [one.kind for one in desk.log("bram-2026")]
    desk.sound()


def test_a_reminder_that_waited_too_long_is_left_out(desk: Practice) -> None:
    desk.says("noor", "boek bram do 08:30 telefoon 50")
    desk.deliver()
    _away(desk, "2026-11-25T08:30")
    desk.now = zones.instant(datetime.fromisoformat("2026-11-25T23:00"), "Europe/Amsterdam")
    assert _reminders(desk) == []
    desk.pass_to("2026-11-26T08:25")
    assert _reminders(desk) == []
    desk.sound()


def test_quiet_hours_are_those_of_the_client_where_the_client_is(desk: Practice) -> None:
    """Ten in the evening where the coach lives is four in the afternoon in New York."""
    desk.says("noor", "stap anna: bel morgen de bank")
    desk.deliver()
    desk.pass_to("2026-11-24T16:59", "America/New_York")
    desk.now = zones.instant(datetime.fromisoformat("2026-11-24T17:00"), "America/New_York")
    desk.fire()
    assert desk.last("anna").labels[:1] == ["Done"], "it is eleven where the coach is"
    desk.sound()


def test_a_night_where_the_client_is_counts_in_the_morning_of_the_coach(desk: Practice) -> None:
    desk.says("noor", "stap anna: bel morgen de bank")
    desk.deliver()
    desk.now = zones.instant(datetime.fromisoformat("2026-11-24T17:00"), "America/New_York")
    desk.fire()  # asked; the network is away until the morning of the coach
    desk.now = zones.instant(datetime.fromisoformat("2026-11-25T09:00"), "Europe/Amsterdam")
    assert not any(one.labels for one in desk.told("anna"))
    desk.pass_to("2026-11-25T08:00", "America/New_York")
    assert desk.last("anna").labels[:1] == ["Done"]
    desk.sound()


def test_a_pause_holds_no_reminder(desk: Practice) -> None:
    desk.says("noor", "boek bram do 12:00 telefoon 50")
    desk.says("bram", "PAUZE 2 WEKEN")
    desk.deliver()
    _away(desk, "2026-11-25T12:00")
    assert len(_reminders(desk)) == 1
    desk.sound()


def test_what_has_begun_to_go_out_is_finished_at_night(desk: Practice) -> None:
    desk.says("noor", "boek bram do 12:00 telefoon 50")
    desk.deliver()
    _away(desk, "2026-11-25T12:00")
    (row,) = (one.id for one in queries.outbox(desk.store) if one.state == "queued")

    def half(unit: Unit) -> None:
        (item,) = claiming.claim(unit, (row,), "network", LEASE, GIVE_UP, desk.catalogue)
        assert isinstance(item, Item)
        sending.part_taken(unit, item, 1, 2, ("31",), 1, LEASE)
        unit.requeue(row, not_before=unit.now)

    desk.writer.run(half)
    desk.now = zones.instant(datetime.fromisoformat("2026-11-25T23:00"), "Europe/Amsterdam")
    assert len(_reminders(desk)) == 1
