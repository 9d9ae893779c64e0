"""STOP where the network answers and carries it out by itself: as final as ours, and unanswered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.desk_kit import FrontDesk, front_desk


@pytest.fixture
def couple(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coaches Anna, who agreed."""
    with front_desk(tmp_path) as desk:
        desk.people("noor", "anna")
        desk.trajectory("anna-2026", ["noor"], ["anna"])
        yield desk


def test_it_is_not_answered_and_not_lifted_by_writing(couple: FrontDesk) -> None:
    couple.blocks("anna", stop=True)
    couple.says("anna", "one more thing")
    couple.says("noor", "yes?")
    assert couple.texts("anna") == []


def test_it_is_as_final_where_the_network_had_refused_us_before(couple: FrontDesk) -> None:
    couple.blocks("anna")
    couple.blocks("anna", stop=True)
    couple.says("anna", "one more thing")
    couple.says("noor", "yes?")
    assert couple.texts("anna") == []


def test_their_word_for_start_lifts_it_without_a_word(couple: FrontDesk) -> None:
    couple.blocks("anna", stop=True)
    couple.blocks("anna", blocked=False, stop=True)
    couple.says("noor", "welcome back")
    assert couple.texts("anna") == ["welcome back"]


def test_being_let_in_by_other_means_lifts_no_stop(couple: FrontDesk) -> None:
    couple.blocks("anna", stop=True)
    couple.blocks("anna", blocked=False)
    couple.says("noor", "yes?")
    assert couple.texts("anna") == []


def test_start_as_a_word_lifts_it(couple: FrontDesk) -> None:
    couple.blocks("anna", stop=True)
    couple.says("anna", "START")
    couple.says("noor", "welcome back")
    assert couple.texts("anna")[-1] == "welcome back"
