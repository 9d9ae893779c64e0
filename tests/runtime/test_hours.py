"""A coach's own time by words: her week, her stop moment, days off."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime import hours
from scheduling.calendar.recurrence import Hours
from scheduling.calendar.slots import Availability, Kind
from tests.runtime.nudging import Practice, nudging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduling.calendar.working import Working
    from storage.unit import Unit


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as opened:
        yield opened


def works(desk: Practice, trajectory: str = "bram-2026") -> Working | None:
    found = [one for one in desk.log(trajectory) if isinstance(one, e.WorkingHoursSet)]
    return found[-1].work if found else None


def test_a_coach_sets_her_week_and_her_stop_moment(desk: Practice) -> None:
    desk.says("noor", "UREN")
    assert desk.last("noor").text.startswith(
        "Er zijn geen werkuren ingesteld; we gaan uit van ma-vr 09:00-17:00.\nWijzigen:"
    )
    desk.says("noor", "uren ma-do 9:00-17:00, vr 9-12")
    assert desk.last("noor").text == "Vanaf nu werk je ma-do 09:00-17:00, vr 09:00-12:00."
    desk.says("noor", "stop om half zes")
    assert desk.last("noor").text.startswith("Na 17:30, en op dagen dat je niet werkt,")
    for trajectory in ("bram-2026", "anna-2026"):
        work = works(desk, trajectory)
        assert work is not None
        assert (work.zone, len(work.week), work.stop) == ("Europe/Amsterdam", 5, 1050)
    desk.says("noor", "stop geen")
    assert desk.last("noor").text == "Je hebt geen stopmoment meer: het mag altijd overgaan."
    work = works(desk)
    assert work is not None
    assert work.stop is None
    assert desk.texts("bram") == desk.texts("anna") == []
    desk.sound()


def test_a_stop_moment_alone_goes_with_the_usual_week(desk: Practice) -> None:
    desk.says("noor", "stop 18:00")
    desk.pass_to("2026-11-23T18:05")
    desk.says("bram", "Ben je er nog?")
    desk.deliver()
    assert "Ben je er nog?" not in desk.texts("noor")
    assert "werkt nu niet" in desk.texts("bram")[-1]
    desk.pass_to("2026-11-24T09:00")
    assert any("Ben je er nog?" in text for text in desk.texts("noor"))
    desk.sound()


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("vrij 24 dec", "do 24 dec"),
        ("vrij morgen", "di 24 nov"),
        ("Vakantie 24 december t/m 3 januari", "do 24 dec – zo 3 jan"),
        ("off 24 to 26 dec", "do 24 dec – za 26 dec"),
        ("vrij vrijdag", "vr 27 nov"),
    ],
)
def test_a_coach_takes_days_off_and_back(desk: Practice, said: str, days: str) -> None:
    desk.do("bram-2026", c.SetPromise({"": 480}))
    desk.says("noor", said)
    assert desk.last("noor").text.startswith(f"Je bent vrij: {days}. Er kan dan niets")
    work = works(desk)
    assert work is not None
    assert len(work.days_off) in (1, 3, 11)
    assert works(desk, "anna-2026") is None  # nothing is promised there, and no hours are agreed
    desk.says("noor", "uren")
    assert f"Vrij: {days}." in desk.last("noor").text
    desk.says("noor", f"werk {said.partition(' ')[2]}")
    assert desk.last("noor").text == f"Je werkt gewoon: {days}."
    assert works(desk) is None
    desk.says("noor", f"werk {said.partition(' ')[2]}")
    assert desk.last("noor").text.startswith("Je had dan zelf geen vrij genomen")
    desk.sound()


def test_of_days_off_in_a_row_one_can_be_worked(desk: Practice) -> None:
    desk.do("bram-2026", c.SetPromise({"": 480}))
    desk.says("noor", "vrij 24 dec t/m 28 dec")
    desk.says("noor", "werk 26 dec")
    work = works(desk)
    assert work is not None
    assert [day[-2:] for day in work.days_off] == ["24", "25", "27", "28"]


def test_her_stop_moment_stays_when_she_sets_another_week(desk: Practice) -> None:
    desk.says("noor", "stop 17:30")
    desk.says("noor", "uren ma-do 10-16")
    work = works(desk)
    assert work is not None
    assert (len(work.week), work.stop) == (4, 1050)


def test_what_she_offers_herself_is_on_her_clock_also_when_that_changes(desk: Practice) -> None:
    phone = Kind("phone", (Hours((1,), time(9), time(12)),))

    def work(unit: Unit) -> Availability:
        assert hours.offer(unit, desk.catalogue, "noor", phone) == ""
        assert unit.agendas.offered("noor").zone == "Europe/Amsterdam"
        unit.agendas.put("noor", Availability("America/New_York"))
        return unit.agendas.offered("noor")

    offered = desk.writer.run(work)
    assert (offered.zone, offered.kinds) == ("America/New_York", (phone,))


def test_what_is_booked_on_a_day_off_is_told(desk: Practice) -> None:
    desk.says("noor", "boek bram vr 12:00 telefoon 50")
    desk.says("noor", "vrij vrijdag")
    assert "al geboekt: 1. Dat blijft staan" in desk.last("noor").text
    desk.says("noor", "werk 20 dec")
    assert "zelf geen vrij" in desk.last("noor").text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("uren maandag 17-9", "Ik kan deze uren niet lezen."),
        ("uren ma 9-12 11-13", "Ik kan deze uren niet lezen."),
        ("stop 08:30", "Het stopmoment moet na je eerste uur"),
        ("vrij 27 dec t/m 24 dec", "Die dagen zijn voorbij, of eindigen"),
    ],
)
def test_what_cannot_be_is_told(desk: Practice, said: str, told: str) -> None:
    desk.says("noor", said)
    assert desk.last("noor").text.startswith(told)
    assert works(desk) is None


@pytest.mark.parametrize(
    "said",
    ["stop met roken 17:30", "Vrij vandaag? Fijn!", "off we go", "uren lang", "werk ze",
     "vrij om 17:30", "stop daarmee"],
)  # fmt: skip
def test_what_people_say_is_no_word_about_hours(desk: Practice, said: str) -> None:
    desk.says("noor", f"bram: {said}")
    desk.says("noor", said)
    assert works(desk) is None
    assert not any("Je bent vrij" in text for text in desk.texts("noor"))


def test_a_clients_words_are_said_to_the_coach(desk: Practice) -> None:
    for said in ("stop 17:30", "vrij 24 dec", "uren ma-do 9-17"):
        desk.says("bram", said)
        assert desk.last("noor").text == said
    assert works(desk) is None
