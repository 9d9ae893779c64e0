"""Words about appointments at the front desk: whose they are, and what is none of them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.runtime.agenda import AgendaPages
from bridge.runtime.texts import Catalogue
from scheduling.calendar.slots import Availability
from scheduling.timers import Timers
from storage.appointments import of_person
from tests.agenda.kit import VIDEO
from tests.runtime.desk_kit import FrontDesk, front_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coaches Anna and Bram, each by themselves, and has hours."""
    with front_desk(tmp_path) as opened:
        opened.catalogue = Catalogue(agenda=AgendaPages(b"k" * 32, "https://b.example.org"))
        opened.people("noor", "anna", "bram")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.trajectory("bram-2026", ["noor"], ["bram"])
        opened.writer.run(
            lambda unit: unit.agendas.put("noor", Availability("Europe/Amsterdam", (VIDEO,)))
        )
        yield opened


def test_a_client_asks_and_books(desk: FrontDesk) -> None:
    desk.says("anna", "Afspraak")
    assert "a video call with Noor" in desk.last("anna").text
    assert len(desk.last("anna").keys) == 4
    assert desk.lines("anna-2026") == []


def test_a_coach_books_for_the_client_she_names(desk: FrontDesk) -> None:
    desk.says("noor", "book bram tomorrow 10:00 phone 50")
    (one,) = of_person(desk.store, "bram", desk.now)
    assert (one.client, one.modality) == ("bram", "phone")
    assert of_person(desk.store, "anna", desk.now) == []
    desk.says("noor", "boek carla morgen 10:00 telefoon")
    assert "Anna" in desk.last("noor").text, "she is told whom she could mean"


@pytest.mark.parametrize(
    ("line", "how", "minutes"),
    [
        ("boek bram morgen om 10 uur telefonisch 50 min", "phone", 50),
        ("book bram tomorrow at 10am by phone for 30 minutes", "phone", 30),
        ("afspraak bram morgen 10:00 op locatie 90", "f2f", 90),
        ("appointment bram tomorrow 10:00 in person 60", "f2f", 60),
        ("boek bram morgen 10u videobellen 25", "video", 25),
    ],
)
def test_a_booking_may_be_written_as_people_write(
    desk: FrontDesk, line: str, how: str, minutes: int
) -> None:
    desk.says("noor", line)
    (one,) = of_person(desk.store, "bram", desk.now)
    assert one.modality == how
    assert desk.last("noor").text.endswith(f", {minutes} minutes.")
    desk.says("noor", "afzeggen bram")
    desk.press("noor", desk.last("noor"), desk.last("noor").keys[0])
    assert [one.state for one in of_person(desk.store, "bram", desk.now)] == ["cancelled"]


@pytest.mark.parametrize(
    "words",
    [
        "anna: boek gelezen?",
        "anna: book of the week",
        "anna: move on",
        "anna: afspraak is afspraak",
    ],
)
def test_what_is_no_booking_is_said(desk: FrontDesk, words: str) -> None:
    desk.says("noor", words)
    assert desk.lines("anna-2026") == [words.partition(": ")[2]]


def test_a_coach_is_asked_which_client_and_shown_that_appointment(desk: FrontDesk) -> None:
    desk.says("noor", "book anna tomorrow 10:00 phone 50")
    desk.says("noor", "cancel")
    asked = desk.last("noor")
    assert asked.labels
    desk.press("noor", asked, asked.keys[0])
    assert "Anna" in desk.last("noor").text


@pytest.mark.slow
def test_a_new_page_closes_the_old_one(desk: FrontDesk) -> None:
    desk.says("anna", "agenda")
    old = desk.last("anna").text.rpartition("/")[2]
    desk.says("anna", "AGENDA NEW")
    assert desk.last("anna").text.rpartition("/")[2] != old


def test_words_with_nothing_to_change_say_so(desk: FrontDesk) -> None:
    for word in ("verzet", "cancel"):
        desk.says("anna", word)
        assert desk.last("anna").text.startswith("You have no appointment")


def test_today_begins_with_the_sessions_of_the_day_soonest_first(desk: FrontDesk) -> None:
    for line in ("anna 16:00 phone 30", "bram 11:00 f2f 90", "anna tomorrow 10:00 phone 50"):
        desk.says("noor", f"book {line}")
    desk.says("noor", "today")
    assert desk.last("noor").text.splitlines()[:3] == [
        "Today:",
        "• today at 11:00: a meeting in person with Bram, 90 minutes",
        "• today at 16:00: a phone call with Anna, 30 minutes",
    ]
    desk.now = datetime(2026, 3, 2, 15, 15, tzinfo=UTC)
    desk.says("noor", "today")
    assert "Anna, 30" in desk.last("noor").text, "what is under way is still to be seen"
    assert "Bram, 90" not in desk.last("noor").text


@pytest.mark.parametrize("word", ["AGENDA", "appointments"])
def test_a_coach_of_several_is_told_of_all(desk: FrontDesk, word: str) -> None:
    desk.says("noor", word)
    assert "book anna tue 10:00" in desk.last("noor").text, "with nothing ahead, how to make one"
    desk.says("noor", "book bram tomorrow 10:00 phone 50")
    desk.says("noor", "book anna tomorrow 14:00 phone 50")
    desk.says("noor", word)
    told = desk.last("noor")
    assert told.keys == []
    assert [line.rpartition(", ")[2] for line in told.text.splitlines()[1:3]] == ["Bram", "Anna"]


@pytest.mark.parametrize("ends", ["begun", "cancelled"])
def test_a_reminder_keeps_its_numbers_no_longer_than_its_appointment(
    desk: FrontDesk, ends: str
) -> None:
    desk.numbers_options = True
    timers = Timers(desk.writer, desk.catalogue)
    desk.says("noor", "book bram tomorrow 12:00 phone 50")
    desk.now += timedelta(hours=4)
    asyncio.run(timers.fire_due())
    assert desk.last("bram").labels[0] == "Yes, I will be there"
    if ends == "begun":
        desk.now += timedelta(hours=23, minutes=5)
        asyncio.run(timers.fire_due())
    else:
        desk.says("noor", "cancel bram")
        desk.press("noor", desk.last("noor"), desk.last("noor").keys[0])
    desk.says("bram", "APPOINTMENT")
    place = desk.last("bram").place
    standing = desk.writer.run(lambda unit: unit.questions(place))
    assert [one.first for one in standing] == [1]
