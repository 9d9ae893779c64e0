"""Which numbers the options of a question go out with, where there are no buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
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
