"""Nudges from a coach's line to a client's answer, on both databases, time driven by the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Priority, Purpose
from bridge.runtime import claiming, sending
from bridge.runtime.paces import keep_pace
from bridge.runtime.practice_file import PersonTable
from bridge.runtime.preparing import Item
from storage import queries, timeline
from tests.runtime.desk_kit import LEASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.unit import Unit
from tests.runtime.nudging import Practice, nudging


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as made:
        yield made


def test_suc6_fires_before_its_event_and_its_answer_is_linked(desk: Practice) -> None:
    desk.says("noor", "suc6 Bram do 09:40 presentatie")
    read_back = desk.last("noor")
    assert read_back.text == "Bram Bakker krijgt op do 26 nov 09:25:\n“Suc6 met presentatie, Bram!”"
    assert read_back.labels == ["Ongedaan maken"]
    desk.pass_to("2026-11-26T09:24")
    assert desk.texts("bram") == []
    desk.pass_to("2026-11-26T09:25")
    nudge = desk.last("bram")
    assert nudge.text == "Suc6 met presentatie, Bram!"
    assert nudge.labels == ["Dank je", "Ik wil je spreken"]
    desk.press("bram", nudge, "thanks")
    assert desk.last("noor").text == "Bram Bakker op “Suc6 met presentatie, Bram!”: Dank je"
    assert desk.kinds() == ["nudge_planned", "nudge_given", "nudge_answered"]
    desk.pass_to("2026-11-27T12:00")
    assert len(desk.texts("bram")) == 1
    desk.sound()


def test_a_client_reads_again_what_they_were_sent_and_not_what_is_only_planned(
    desk: Practice,
) -> None:
    desk.says("noor", "suc6 Bram do 09:40 presentatie")
    desk.says("noor", "suc6 Bram vr 10:00 sollicitatie")

    def read() -> list[str | None]:
        page = timeline.page(desk.store, "bram-2026", "bram", limit=200)
        return [one.text for one in page.items if one.kind != "notice_given"]

    assert read() == []
    desk.pass_to("2026-11-26T09:25")
    assert read() == ["Suc6 met presentatie, Bram!"]


def test_a_digit_answers_where_there_are_no_buttons(desk: Practice) -> None:
    desk.numbers_options = True
    desk.says("noor", "aansporing Bram morgen 10u eerste stap?")
    desk.pass_to("2026-11-24T10:00")
    assert desk.last("bram").text == "eerste stap?"
    desk.says("bram", "2")
    assert desk.last("noor").text == "Bram Bakker op “eerste stap?”: Nog niet"
    assert desk.kinds()[-1] == "nudge_answered"


def test_one_key_undoes_it(desk: Practice) -> None:
    desk.numbers_options = True
    desk.says("noor", "encourage bram fri 08:30 exam")
    desk.deliver()
    desk.says("noor", "1")
    assert desk.last("noor").text == "Ingetrokken (1): Bram Bakker krijgt het niet."
    desk.pass_to("2026-11-30T12:00")
    assert desk.texts("bram") == []


def test_the_zone_of_the_client_counts_and_both_are_read_back(desk: Practice) -> None:
    desk.says("noor", "prompt anna tomorrow 10:00 first step?")
    assert desk.last("noor").text == (
        "Anna Smith krijgt op di 24 nov 10:00 (bij jou di 24 nov 16:00):\n“first step?”"
    )
    desk.pass_to("2026-11-24T15:59")
    assert desk.texts("anna") == []
    desk.pass_to("2026-11-24T16:00")
    assert desk.texts("anna") == ["first step?"]


def test_the_same_request_twice_is_refused(desk: Practice) -> None:
    desk.says("noor", "suc6 Bram do 09:40 presentatie")
    desk.says("noor", "Suc6 bram donderdag 9.40 Presentatie!")
    assert desk.last("noor").text == (
        "Niet gepland: dezelfde woorden zijn minder dan 60 dagen geleden gezegd of al gepland."
    )
    desk.pass_to("2026-11-27T12:00")
    assert len(desk.texts("bram")) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("prompt bram first step?", "Hoe laat?"),
        ("prompt bram donderdag first step?", "Hoe laat?"),
        ("suc6 Bram do 09:40", "Waarover?"),
        ("prompt bram tomorrow 10:00", "Waarover?"),
        ("prompt bram vandaag 08:00 stap", "Dat moment is al geweest."),
        ("prompt bram next friday 9:00 step", "Welke bedoel je: vr 27 nov 09:00 / vr 4 dec 09:00?"),
        ("prompt bram 31 februari 9:00 stap", "Dat moment bestaat niet"),
        ("prompt bram morgen 9:00 #kracht stap", "Er is geen sjabloon kracht."),
        ("suc6 Bram vandaag 23:30 examen", None),
        ("prompt carla morgen 9:00 stap?", "carla"),
    ],
)
def test_what_is_not_clear_is_asked_and_goes_to_nobody(
    desk: Practice, line: str, told: str | None
) -> None:
    desk.says("noor", line)
    if told is not None:
        assert told in desk.last("noor").text
        assert desk.kinds() == []
    assert desk.lines("bram-2026") == desk.lines("anna-2026") == []


@pytest.mark.parametrize(
    ("line", "when", "said"),
    [
        ("succes Bram do 15:00 pitch", "do 26 nov 14:45", "Suc6 met pitch, Bram!"),
        (
            "Suc6 Bram met je presentatie do om half tien",
            "do 26 nov 09:15",
            "Suc6 met je pre",
        ),
        ("bemoediging bram vr 10:00 examen", "vr 27 nov 09:45", "Suc6 met examen, Bram!"),
        ("encourage bram for the exam friday 9am", "vr 27 nov 08:45", "Suc6 met the exam, Bram!"),
        ("duwtje bram morgen 9u water drinken?", "di 24 nov 09:00", "water drinken?"),
        ("nudge bram: tomorrow 10am first step?", "di 24 nov 10:00", "first step?"),
        ("prompt bram di 9:00 +1,+3, +7 rennen?", "di 24 nov 09:00, en daarna nog 3", "rennen?"),
    ],
)
def test_a_line_may_be_written_as_people_write(
    desk: Practice, line: str, when: str, said: str
) -> None:
    desk.says("noor", line)
    told = desk.last("noor").text
    assert f"Bram Bakker krijgt op {when}" in told
    assert f"“{said}" in told
    assert desk.lines("bram-2026") == []


def test_new_words_for_nudges_are_also_said_to_people(desk: Practice) -> None:
    desk.trajectory("olga-2026", ["olga"], ["bram"])
    said = ["Succes vandaag!", "Bemoediging helpt altijd", "Nudge me when you are there"]
    for line in said:
        desk.says("olga", line)
    assert desk.lines("olga-2026") == said


def test_suc6_without_a_moment_is_said_to_a_person(desk: Practice) -> None:
    desk.trajectory("olga-2026", ["olga"], ["bram"])
    desk.says("olga", "suc6 Bram!")
    desk.says("olga", "Suc6 met alles vandaag joh")
    assert desk.lines("olga-2026") == ["suc6 Bram!", "Suc6 met alles vandaag joh"]


def test_words_of_ones_own_templates_and_series(desk: Practice) -> None:
    desk.says("noor", "sjabloon kracht Je kunt het, {name}: {event}!")
    assert desk.last("noor").text.startswith("Bewaard als kracht")
    desk.says("noor", "sjabloon kracht Je {kunt} het: {event}")
    assert "accolades" in desk.last("noor").text
    desk.says("noor", "suc6 Bram di 15:00 pitch #kracht")
    assert "“Je kunt het, Bram: pitch!”" in desk.last("noor").text
    desk.says("noor", "suc6 Bram wo 15:00 pitch: adem rustig uit")
    assert "“adem rustig uit”" in desk.last("noor").text
    desk.says("noor", "aansporing Bram do 10:00 +1 +7 wandelen?")
    assert "en daarna nog 2 keer, de laatste keer op do 3 dec 10:00" in desk.last("noor").text
    desk.says("noor", "duwtjes")
    listed = desk.last("noor").text
    assert listed.count("•") == 5
    assert "• vr 27 nov 10:00, Bram Bakker: “Een dag later: wandelen?”" in listed


def test_caps_count_over_all_trajectories_of_the_client(desk: Practice) -> None:
    desk.trajectory("bram-other", ["olga"], ["bram"])
    desk.says("noor", "prompt bram di 10:00 een")
    desk.says("olga", "prompt bram tuesday 11:00 two")
    desk.says("olga", "prompt bram wednesday 11:00 three")
    desk.pass_to("2026-11-24T10:30")
    desk.says("bram", "gedaan", reply_to=desk.last("bram").external_id)
    desk.pass_to("2026-11-25T12:00")
    assert desk.texts("bram") == ["een", "three"]
    assert desk.withheld("bram-other") == ["cap_day"]
    assert desk.texts("olga")[-1].startswith("Not sent to Bram Bakker")
    desk.sound()


def test_quiet_hours_that_came_in_between_put_off_and_drop_nothing(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 20:00 rust?")
    table = PersonTable("bram", "Bram", quiet_hours="18:00-09:30", quiet_weekends=True)
    desk.writer.run(lambda unit: keep_pace(unit, table, "bram"))
    desk.pass_to("2026-11-25T09:29")
    assert desk.texts("bram") == []
    desk.pass_to("2026-11-25T09:30")
    assert desk.texts("bram") == ["rust?"]
    assert desk.kinds() == ["nudge_planned", "nudge_postponed", "nudge_given"]
    desk.sound()


def test_a_nudge_that_waits_in_the_outbox_never_goes_in_quiet_hours(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 20:00 rust?")
    desk.deliver()
    desk.now = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    desk.fire()  # given, but the network is away until after nine
    desk.now = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
    assert desk.texts("bram") == []
    desk.pass_to("2026-11-25T08:00")
    assert desk.texts("bram") == ["rust?"]
    assert desk.withheld() == ["quiet_hours"]
    desk.sound()


def test_an_encouragement_after_its_event_is_never_said(desk: Practice) -> None:
    desk.says("noor", "suc6 Bram di 10:00 pitch")
    desk.says("noor", "suc6 Bram wo 10:00 examen")
    desk.deliver()
    desk.now = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # down from before until after
    desk.fire()
    assert desk.withheld() == ["too_late"]
    desk.now = datetime(2026, 11, 25, 8, 45, tzinfo=UTC)
    desk.fire()
    desk.now = datetime(2026, 11, 25, 9, 1, tzinfo=UTC)  # it stood in the outbox too long
    assert desk.texts("bram") == []
    assert "Niet bezorgd" in desk.last("noor").text


def test_four_without_an_answer_and_the_coach_is_told(desk: Practice) -> None:
    days = ["2026-11-24", "2026-11-25", "2026-12-04", "2026-12-14", "2026-12-24"]
    for number, date in enumerate(days):
        desk.says("noor", f"prompt bram {date} 10:00 stap {number}")
    desk.pass_to("2026-12-24T12:00")
    assert desk.texts("bram") == [f"stap {number}" for number in range(4)]
    assert desk.withheld() == ["unanswered"]
    assert "op de laatste vier kwam geen antwoord" in desk.last("noor").text
    desk.says("bram", "Sorry, hier ben ik weer")
    desk.says("noor", "prompt bram 2026-12-28 10:00 stap 5")
    desk.pass_to("2026-12-28T12:00")
    assert desk.texts("bram")[-1] == "stap 5"


def test_after_the_event_one_key_sends_the_drafted_question(desk: Practice) -> None:
    desk.numbers_options = True
    desk.says("noor", "suc6 Bram di 10:00 pitch")
    desk.pass_to("2026-11-24T11:30")
    assert desk.last("noor").text == (
        "pitch van Bram Bakker is geweest. Zal ik op wo 25 nov 10:00 vragen:\n"
        "“Hoe ging het met pitch, Bram?”"
    )
    desk.says("noor", "1")
    desk.pass_to("2026-11-25T10:00")
    assert desk.last("bram").text == "Hoe ging het met pitch, Bram?"


def test_stop_is_final_for_nudges(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 10:00 een")
    desk.says("bram", "STOP")
    desk.pass_to("2026-11-24T10:00")
    assert desk.withheld() == ["opted_out"]
    desk.sound()


@pytest.mark.slow
def test_an_ambiguous_nudge_is_dropped_and_told(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 10:00 een")
    desk.deliver()
    desk.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    desk.fire()
    (row,) = [row for row in queries.outbox(desk.store) if row.state == "queued"]

    def lose(unit: Unit) -> bool:
        (item,) = claiming.claim(unit, [row.id], "x", LEASE, timedelta(days=1), desk.catalogue)
        assert isinstance(item, Item)
        assert item.row.purpose is Purpose.NUDGE
        assert item.row.priority is Priority.NUDGE
        sending.uncertain(unit, item.row, "timed_out", LEASE, desk.catalogue)
        return sending.decide_ambiguous(
            unit, item, resend=True, interrupted=True, catalogue=desk.catalogue
        )

    assert desk.writer.run(lose) is False
    desk.pass_to("2026-11-25T10:00")
    assert desk.texts("bram") == []
    assert "niet duidelijk" in desk.last("noor").text
    lost = [one for one in desk.log("bram-2026") if isinstance(one, e.DeliveryChanged)]
    assert DeliveryState.FAILED in {one.state for one in lost}


def test_a_clock_that_steps_back_says_nothing_again(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 10:00 een")
    desk.pass_to("2026-11-24T10:00")
    desk.now -= timedelta(days=2)
    assert desk.fire() == 0
    desk.now += timedelta(days=4)
    desk.fire()
    assert desk.texts("bram") == ["een"]


def test_closing_takes_everything_back(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 10:00 een")
    desk.do("bram-2026", c.CloseTrajectory("done"))
    desk.pass_to("2026-11-24T12:00")
    assert [text[:9] for text in desk.texts("bram")] == ["Je trajec"], "what happens to the log"
    desk.sound()


def test_erased_words_are_not_said_and_leave_no_fingerprint(desk: Practice) -> None:
    desk.says("noor", "prompt bram di 10:00 een")
    desk.writer.run(lambda unit: unit.destroy_key("bram-2026", "noor"))
    assert desk.writer.run(lambda unit: [row.fingerprint for row in unit.ledger.of("bram")]) == [
        None
    ]
    desk.pass_to("2026-11-24T12:00")
    assert desk.texts("bram") == []
    assert desk.withheld() == ["erased"]
