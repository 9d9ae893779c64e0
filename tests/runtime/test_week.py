"""What was awkward in a whole week from a messenger, with several clients in one chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runtime.nudging import Practice, nudging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as opened:
        yield opened


def test_a_recap_is_a_draft_also_where_she_has_several_clients(desk: Practice) -> None:
    desk.numbers_options = True
    desk.says("noor", "boek Bram Bakker wo 10:00 telefoon 50")
    desk.pass_to("2026-11-25T10:55")
    desk.deliver()
    desk.says("noor", "1")  # yes, write it
    desk.deliver()
    desk.says("noor", "We spraken over slapen.")
    assert desk.last("noor").labels == ["Versturen", "Opnieuw schrijven", "Weggooien"]
    assert desk.texts("anna") == []
    desk.says("noor", "1")
    assert desk.texts("bram")[-1] == "We spraken over slapen."
    assert desk.texts("anna") == []
    desk.says("noor", "En dit is weer gewoon gezegd")
    assert desk.last("noor").labels == ["Anna Smith", "Bram Bakker"]
    desk.sound()


def test_words_for_somebody_named_are_no_draft(desk: Practice) -> None:
    desk.numbers_options = True
    desk.says("noor", "boek bram wo 10:00 telefoon 50")
    desk.pass_to("2026-11-25T10:55")
    desk.deliver()
    desk.says("noor", "1")
    desk.says("noor", "anna: see you tomorrow")
    assert desk.texts("anna") == ["see you tomorrow"]
    desk.sound()


def test_a_number_that_was_asked_for_waits_for_no_answer(desk: Practice) -> None:
    desk.says("noor", "schaal bram: hoe zeker ben je?")
    desk.says("bram", "een dikke 7")
    desk.says("noor", "vandaag")
    assert "wacht op antwoord" not in desk.last("noor").text
    desk.pass_to("2026-11-23T12:00")
    desk.says("bram", "Mag ik iets vragen?")
    desk.says("noor", "vandaag")
    assert "wacht op antwoord sinds 12:00" in desk.last("noor").text


def test_a_coach_hears_of_it_where_a_client_finds_nothing_to_choose_from(desk: Practice) -> None:
    desk.numbers_options = True
    desk.says("bram", "AFSPRAAK")
    assert "Noor de Vries weet dat je het vroeg" in desk.last("bram").text
    assert desk.last("noor").text.startswith("Bram Bakker vraagt om een moment")
    desk.says("noor", "boek Bram Bakker wo 10:00 telefoon 50")
    desk.says("bram", "VERZET")
    assert "vraagt om een ander moment dan wo 25 nov 10:00" in desk.last("noor").text


def test_a_coach_sees_what_is_ahead_with_all_of_her_clients(desk: Practice) -> None:
    desk.says("noor", "AFSPRAKEN")
    assert "Er staat niets met je cliënten" in desk.last("noor").text
    desk.says("noor", "boek anna do 10:00 video 30")
    desk.says("noor", "boek bram wo 10:00 telefoon 50")
    desk.says("noor", "afspraken")
    assert desk.last("noor").text.splitlines()[1:3] == [
        "• wo 25 nov 10:00, 50 min, Bram Bakker",
        "• do 26 nov 10:00, 30 min, Anna Smith",
    ]
    desk.says("noor", "agenda anna")
    assert "do 26 nov 10:00, 30 min" in desk.last("noor").text
    assert "Bram" not in desk.last("noor").text
