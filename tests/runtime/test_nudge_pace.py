"""PAUSE, LESS, LATER and MORE: the client's pace over nudges, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.runtime.nudging import Practice, nudging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as made:
        yield made


def test_pause_holds_at_once_over_everything_until_it_is_over(desk: Practice) -> None:
    desk.trajectory("bram-other", ["olga"], ["bram"])
    desk.says("noor", "prompt bram di 10:00 een")
    desk.says("olga", "prompt bram 9 december 10:00 two")
    desk.deliver()
    desk.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    desk.fire()  # given, still in the outbox
    desk.says("bram", "PAUZE 2 WEKEN")
    assert desk.texts("bram") == [
        "Geen duwtjes tot di 8 dec 10:00. Je coach kan je nog wel schrijven. "
        "Schrijf HERVAT om eerder te beginnen."
    ]
    assert "Bram Bakker wil geen duwtjes tot di 8 dec 10:00." in desk.texts("noor")
    assert desk.kinds("bram-other")[-1] == "pace_changed"
    desk.pass_to("2026-12-09T10:00")
    assert desk.texts("bram")[-1] == "two"
    desk.sound()


def test_a_pause_withholds_and_resume_ends_it(desk: Practice) -> None:
    desk.says("bram", "pauze")
    desk.says("noor", "prompt bram di 10:00 een")
    desk.pass_to("2026-11-24T10:00")
    assert desk.withheld() == ["paused"]
    desk.says("bram", "HERVAT")
    desk.says("noor", "prompt bram wo 10:00 twee")
    desk.pass_to("2026-11-25T10:00")
    assert desk.texts("bram")[-1] == "twee"


@pytest.mark.parametrize("said", ["pauze was fijn vandaag", "meer", "later", "pause until I know"])
def test_what_people_say_to_each_other_is_no_pace(desk: Practice, said: str) -> None:
    desk.says("bram", said)
    assert desk.lines("bram-2026") == [said]
    assert desk.kinds() == []


def test_less_later_and_more_change_what_is_planned(desk: Practice) -> None:
    for day, text in (("di", "een"), ("wo", "twee"), ("do", "drie"), ("vr", "vier")):
        desk.says("noor", f"prompt bram {day} 10:00 {text}")
    desk.says("bram", "MINDER")
    assert desk.last("bram").text.startswith("Vanaf nu hooguit 2 per week.")
    desk.says("bram", "later")
    assert desk.last("bram").text == "Wat gepland was wacht tot di 24 nov 10:00."
    for date in range(24, 28):
        desk.pass_to(f"2026-11-{date}T10:30")
        desk.says("bram", "ja, dank je")
    said = [text for text in desk.texts("bram") if text in ("een", "twee", "drie", "vier")]
    assert said == ["een", "twee"]
    assert set(desk.withheld()) == {"cap_week"}
    desk.says("bram", "MEER")
    assert desk.last("bram").text.startswith("Vanaf nu hooguit 3 per week.")


@pytest.mark.parametrize("word", ["LATER", "MINDER", "MEER"])
def test_the_words_about_the_pace_are_told_of_and_act_while_there_is_something_to_change(
    desk: Practice, word: str
) -> None:
    def told() -> bool:
        desk.says("bram", "HULP")
        return word in desk.last("bram").text

    assert not told()
    desk.says("bram", word)
    assert desk.lines("bram-2026") == [word]
    desk.says("noor", "prompt bram di 10:00 een")
    assert told()
    desk.pass_to("2026-11-24T10:00")
    desk.says("bram", "gedaan")
    assert told()
    desk.pass_to("2026-12-09T10:00")
    assert not told()
    desk.says("bram", word)
    assert desk.lines("bram-2026") == [word, "gedaan", word]
    desk.says("noor", "stap bram: bel vrijdag de bank")
    assert told()
    desk.says("bram", word)
    assert desk.kinds()[-1] == "pace_changed"
    desk.sound()


def test_later_also_holds_what_waits_to_be_sent(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 10:00 een")
    desk.deliver()
    desk.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    desk.fire()  # given, still in the outbox
    desk.says("bram", "LATER")
    assert desk.texts("bram")[-1] == "Wat gepland was wacht tot wo 25 nov 10:00."
    assert desk.withheld() == ["later"]
    desk.pass_to("2026-11-25T10:01")
    assert desk.texts("bram")[-1] == "een"
    desk.sound()


def test_less_also_holds_what_waits_to_be_sent(desk: Practice) -> None:
    for day, text in (("di", "een"), ("wo", "twee")):
        desk.says("noor", f"prompt bram {day} 10:00 {text}")
    desk.pass_to("2026-11-24T10:00")
    desk.deliver()
    desk.says("bram", "ja, dank je")
    desk.now = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    desk.fire()  # the second is given, still in the outbox
    desk.says("bram", "MINDER")
    desk.says("bram", "MINDER")
    assert desk.texts("bram")[-1].startswith("Vanaf nu hooguit 1 per week.")
    assert "twee" not in desk.texts("bram")
    assert "Niet bezorgd bij Bram Bakker" in desk.texts("noor")[-2] + desk.texts("noor")[-1]
    desk.sound()


def test_later_waits_with_the_question_about_a_step(desk: Practice) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.deliver()
    desk.now = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    desk.says("bram", "later")
    desk.pass_to("2026-11-25T15:59")
    assert not any("bank?" in text or "gelukt" in text for text in desk.texts("bram"))
    desk.pass_to("2026-11-25T16:01")
    assert desk.last("bram").labels[:1] == ["Gedaan"]
    desk.sound()
