"""A question of every week, from one line; and good luck, as people wish it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import queries
from tests.runtime.nudging import Practice, nudging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as opened:
        yield opened


DATES = "di 24 nov 09:00, di 1 dec 09:00, di 8 dec 09:00, di 15 dec 09:00."


@pytest.mark.parametrize(
    "line",
    [
        "elke dinsdag 9:00 bram 4x hoe was je week?",
        "every tuesday 9:00 Bram: hoe was je week? 4 times",
        "Elke dinsdag om 9 uur Bram Bakker hoe was je week? tot 15 december",
        "aansporing bram elke dinsdag 9:00 4 keer hoe was je week?",
        "prompt every tuesday 9am bram hoe was je week? for 4 weeks",
    ],
)
def test_one_line_and_all_its_dates(desk: Practice, line: str) -> None:
    desk.says("noor", line)
    told = desk.last("noor")
    assert told.text == (
        "Bram Bakker krijgt dit 4 keer, voor het eerst op di 24 nov 09:00:\n"
        f"“hoe was je week?”\nOp {DATES}"
    )
    assert desk.lines("bram-2026") == desk.lines("anna-2026") == []
    assert desk.kinds() == ["nudge_planned"] * 4


def test_each_week_has_its_number_and_one_key_undoes_them_all(desk: Practice) -> None:
    desk.says("noor", "elke dinsdag 9:00 bram 3x hoe was je week?")
    undo = desk.last("noor")
    for day in ("2026-11-24", "2026-12-01"):
        desk.pass_to(f"{day}T09:30")
        desk.says("bram", "goed!")
    assert desk.texts("bram") == ["hoe was je week?", "Week 2: hoe was je week?"]
    desk.press("noor", undo, undo.keys[0])
    desk.pass_to("2026-12-20T09:30")
    assert len(desk.texts("bram")) == 2
    desk.sound()


def test_the_clock_of_the_client_counts_also_when_it_changes(desk: Practice) -> None:
    desk.says("noor", "every friday 9:00 anna 18x walk?")
    lines = [line for line in queries.log(desk.store, "anna-2026") if line.kind == "nudge_planned"]
    assert len(lines) == 18
    told = desk.last("noor").text
    assert "vr 27 nov 09:00 (bij jou vr 27 nov 15:00)" in told
    assert "vr 12 mrt 09:00, vr 19 mrt 09:00, vr 26 mrt 09:00." in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("elke maandag 9:00 bram hoe was je week?", "Hoe vaak, of tot wanneer? Bijvoorbeeld: elke"),
        ("elke maandag bram 4x hoe was je week?", "Hoe laat? Bijvoorbeeld: elke maandag 9:00"),
        ("elke maandag 3 uur bram 4x hoe was je week?", "Welke bedoel je"),
        ("elke maandag 9:00 bram 4x", "Waarover? Bijvoorbeeld: elke maandag"),
        ("elke maandag 9:00 bram 40x lopen?", "van 1 tot 26"),
        ("elke maandag 9:00 bram lopen? tot 24 november", "van 1 tot 26"),
        ("elke maandag 9:00 carla 4x lopen?", "carla"),
    ],
)
def test_what_is_not_understood_says_what_would_be(desk: Practice, line: str, told: str) -> None:
    desk.says("noor", line)
    assert told in desk.last("noor").text
    assert desk.kinds() == []
    assert desk.lines("bram-2026") == desk.lines("anna-2026") == []


@pytest.mark.parametrize(
    "said", ["Elke maandag om 9:00 wandel ik", "Every time I hear that", "elke dag is er een"]
)
def test_what_people_say_of_their_week_is_said_to_them(desk: Practice, said: str) -> None:
    desk.trajectory("olga-2026", ["olga"], ["bram"])
    desk.says("olga", said)
    desk.says("bram", said, place=None)
    assert desk.lines("olga-2026") == [said]


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("good luck bram fri 8:30 exam", "vr 27 nov 08:15"),
        ("Good luck Bram with the exam friday 8.30", "vr 27 nov 08:15"),
        ("veel succes bram do 09:40 exam", "do 26 nov 09:25"),
        ("Veel geluk Bram vr 8:30 exam!", "vr 27 nov 08:15"),
    ],
)
def test_good_luck_is_an_encouragement_where_a_moment_follows(
    desk: Practice, line: str, when: str
) -> None:
    desk.says("noor", line)
    assert f"Bram Bakker krijgt op {when}" in desk.last("noor").text
    assert desk.lines("bram-2026") == []


@pytest.mark.parametrize(
    "said", ["Good luck!", "good luck bram", "Veel succes morgen!", "good morning", "Veel plezier"]
)
def test_good_luck_without_one_is_wished_to_somebody(desk: Practice, said: str) -> None:
    desk.trajectory("olga-2026", ["olga"], ["bram"])
    desk.says("olga", said)
    assert desk.lines("olga-2026") == [said]
