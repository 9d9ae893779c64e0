"""Which numbers the options of a question go out with, where there are no buttons."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from tests.runtime.nudging import Practice, nudging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as opened:
        opened.numbers_options = True
        yield opened


def _first(desk: Practice, who: str) -> int:
    """Return the first number of the newest question that stands with somebody."""
    place = desk.last(who).place
    question = desk.writer.run(lambda unit: unit.question(place))
    assert question is not None
    return question.first


def _kinds(desk: Practice) -> list[str]:
    return [one.kind for one in desk.log("bram-2026")]


def test_options_begin_at_eleven_while_a_number_from_0_to_10_is_asked_for(desk: Practice) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.pass_to("2026-11-24T16:00")
    desk.says("noor", "schaal bram: hoe zeker ben je?")
    desk.pass_to("2026-11-24T17:00")
    assert desk.last("bram").labels[:1] == ["Gedaan"]
    assert _first(desk, "bram") == 11
    desk.says("bram", "2")
    assert _kinds(desk).count("scale_answered") == 1
    assert "step_done" not in _kinds(desk)
    desk.says("bram", "11")
    assert "step_done" in _kinds(desk)
    desk.sound()


def test_a_day_later_nobody_means_the_scale_any_more(desk: Practice) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.says("noor", "schaal bram: hoe zeker ben je?")
    desk.deliver()
    desk.pass_to("2026-11-24T17:00")
    assert desk.last("bram").labels[:1] == ["Gedaan"]
    assert _first(desk, "bram") == 1
    desk.sound()


def _standing(desk: Practice, who: str) -> list[int]:
    """Return the first numbers of all questions that stand with somebody, the newest first."""
    place = desk.last(who).place
    return [one.first for one in desk.writer.run(lambda unit: unit.questions(place))]


def test_two_steps_are_two_questions_and_each_wants_its_answer(desk: Practice) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.says("noor", "stap bram: loop morgen een rondje")
    desk.pass_to("2026-11-24T17:00")
    asked = [one for one in desk.told("bram") if one.labels[:1] == ["Gedaan"]]
    assert len(asked) == 2
    assert _standing(desk, "bram") == [4, 1]
    desk.says("bram", "1")
    assert _standing(desk, "bram") == [4]
    desk.says("bram", "4")
    assert _standing(desk, "bram") == []
    done = [one.target for one in desk.log("bram-2026") if isinstance(one, e.StepDone)]
    assert len(set(done)) == 2
    desk.sound()


def test_two_wishes_are_two_questions_to_the_coach(desk: Practice) -> None:
    desk.says("noor", "stap bram: meer zelfvertrouwen")
    desk.says("noor", "stap bram: meer rust")
    assert len(_standing(desk, "noor")) == 2
    desk.sound()


def test_a_nudge_answered_in_words_gives_its_numbers_back(desk: Practice) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.says("noor", "prompt bram morgen 10:00 heb je het nummer?")
    desk.pass_to("2026-11-24T10:00")
    assert desk.last("bram").labels
    assert _standing(desk, "bram") == [1]
    desk.says("bram", "ja, dat heb ik")
    desk.pass_to("2026-11-24T17:00")
    assert desk.last("bram").labels[:1] == ["Gedaan"]
    assert _first(desk, "bram") == 1
    desk.sound()


def test_consent_given_in_words_gives_its_numbers_back(desk: Practice) -> None:
    desk.trajectory("olga-2026", ["noor"], ["olga"], agreed=False)
    desk.do("olga-2026", c.AskConsent("olga"))
    assert desk.last("olga").keys == ["yes", "no"]
    desk.says("olga", "yes")
    desk.says("noor", "step olga: call the bank today")
    desk.deliver()
    desk.now += timedelta(hours=8)
    desk.fire()
    assert desk.last("olga").labels[:1] == ["Done"]
    assert _first(desk, "olga") == 1


def test_a_step_that_was_taken_off_the_list_gives_its_numbers_back(desk: Practice) -> None:
    desk.says("noor", "stap bram: bel morgen de bank")
    desk.says("noor", "prompt bram woensdag 10:00 heb je het nummer?")
    desk.pass_to("2026-11-24T17:00")
    assert desk.last("bram").labels[:1] == ["Gedaan"]
    log = desk.log("bram-2026")
    (step,) = (n for n, one in enumerate(log, 1) if isinstance(one, e.StepAgreed))
    desk.do("bram-2026", c.CloseStep(party="noor", step=step))
    desk.pass_to("2026-11-25T10:00")
    assert "nummer" in desk.last("bram").text
    assert _first(desk, "bram") == 1
    desk.sound()
