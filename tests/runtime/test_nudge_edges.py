"""The edges of what clients are promised about nudges, each by itself, over the real engine."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from scheduling.calendar import zones
from storage import queries
from storage.nudges import PaceRow
from tests.runtime.nudging import Practice, nudging

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def desk(database_url: str) -> Iterator[Practice]:
    with nudging(database_url) as opened:
        yield opened


def asks_daily(desk: Practice, first: date, last: date) -> None:
    """Noor asks for something else on each working day."""
    day = first
    while day <= last:
        if day.weekday() < 5:
            desk.says("noor", f"prompt bram {day} 10:00 stap van {day}")
        day += DAY


def given(desk: Practice, trajectory: str = "bram-2026") -> list[str]:
    """The days on which Bram was nudged."""
    lines = queries.log(desk.store, trajectory)
    return [f"{line.at:%m-%d}" for line in lines if line.kind == "nudge_given"]


def withheld(desk: Practice) -> list[tuple[str, str]]:
    """The days on which he was not, and why."""
    at = [f"{line.at:%m-%d}" for line in queries.log(desk.store, "bram-2026")
          if line.kind == "nudge_withheld"]  # fmt: skip
    return list(zip(at, desk.withheld(), strict=True))


def test_after_two_without_an_answer_there_are_half_as_many(desk: Practice) -> None:
    asks_daily(desk, TUESDAY, date(2026, 12, 9))
    desk.pass_to("2026-12-09T12:00")
    assert given(desk) == ["11-24", "11-25", "12-02", "12-09"], "three a week, then one"
    assert withheld(desk) == [
        (day, "cadence")
        for day in ("11-26", "11-27", "11-30", "12-01", "12-03", "12-04", "12-07", "12-08")
    ]
    desk.sound()


def test_an_answer_in_time_keeps_the_pace(desk: Practice) -> None:
    asks_daily(desk, TUESDAY, date(2026, 11, 26))
    desk.pass_to("2026-11-24T12:00")
    desk.says("bram", "gedaan!")
    desk.pass_to("2026-11-26T12:00")
    assert given(desk) == ["11-24", "11-25", "11-26"]


def test_after_four_without_an_answer_there_are_none_and_the_coach_hears_it(
    desk: Practice,
) -> None:
    for number, day in enumerate(("11-24", "11-25", "12-02", "12-09", "12-16")):
        desk.says("noor", f"prompt bram 2026-{day} 10:00 stap {number}")
    desk.pass_to("2026-12-09T12:00")
    assert given(desk) == ["11-24", "11-25", "12-02", "12-09"]
    assert not any("kwam geen antwoord" in text for text in desk.texts("noor"))
    desk.pass_to("2026-12-16T12:00")
    assert withheld(desk) == [("12-16", "unanswered")]
    assert "op de laatste vier kwam geen antwoord" in desk.last("noor").text
    desk.sound()


def test_four_count_however_long_ago_they_were(desk: Practice) -> None:
    days = ("2026-11-24", "2026-12-29", "2027-02-02", "2027-03-09", "2027-04-13")
    for number, day in enumerate(days):
        desk.says("noor", f"prompt bram {day} 10:00 stap {number}")
    desk.pass_to("2027-04-13T12:00")
    assert len(given(desk)) == 4
    assert desk.withheld() == ["unanswered"]


SAME = "Wat was je eerste stap?"
TOO_SOON, ALLOWED = "2027-01-23 15:00", "2027-01-23 16:00"
"""59 days and 23 hours after the words were said, and 60 days."""


def said_once(desk: Practice) -> None:
    """The words are said on a Tuesday at four; Bram may be nudged at weekends too."""
    desk.trajectory("bram-other", ["olga"], ["bram"])
    row = PaceRow("bram", weekends=False)
    desk.writer.run(lambda unit: unit.ledger.put_pace_of_file(row))
    desk.says("noor", f"prompt bram 2026-11-24 16:00 {SAME}")
    desk.pass_to("2026-11-24T17:00")
    desk.says("bram", "gebeld")


def times_said(desk: Practice) -> int:
    return sum(SAME in text for text in desk.texts("bram"))


def refusals(desk: Practice, trajectory: str) -> list[str]:
    return [one.reason for one in desk.log(trajectory) if isinstance(one, e.InboundRefused)]


@pytest.mark.parametrize("asked", ["2026-11-25T09:00", "2027-01-23T09:00"])
@pytest.mark.parametrize(("who", "log"), [("noor", "bram-2026"), ("olga", "bram-other")])
@pytest.mark.parametrize("wall", [TOO_SOON, ALLOWED])
def test_no_words_twice_within_sixty_days_over_all_trajectories(
    desk: Practice, asked: str, who: str, log: str, wall: str
) -> None:
    """When they are said counts, not when somebody asks for them."""
    said_once(desk)
    desk.pass_to(asked)
    desk.says(who, f"prompt bram {wall} {SAME}")
    desk.pass_to("2027-01-23T17:00")
    assert times_said(desk) == (2 if wall == ALLOWED else 1)
    assert refusals(desk, log) == ([] if wall == ALLOWED else ["same_words"])
    desk.sound()


@pytest.mark.parametrize("wall", [TOO_SOON, ALLOWED])
def test_what_was_moved_too_near_is_withheld_when_it_is_due(desk: Practice, wall: str) -> None:
    said_once(desk)
    desk.says("olga", f"prompt bram 2027-01-25 16:00 {SAME}")
    seq = next(
        line.seq for line in queries.log(desk.store, "bram-other") if line.kind == "nudge_planned"
    )
    moment = zones.instant(datetime.fromisoformat(wall), "Europe/Amsterdam")
    desk.do("bram-other", c.MoveNudge("olga", seq, moment))
    desk.pass_to("2027-01-23T17:00")
    assert times_said(desk) == (2 if wall == ALLOWED else 1)
    assert desk.withheld("bram-other") == ([] if wall == ALLOWED else ["same_words"])


def test_of_two_that_are_planned_the_first_is_said(desk: Practice) -> None:
    said_once(desk)
    desk.says("noor", f"prompt bram 2027-02-01 16:00 {SAME}")
    desk.says("olga", f"prompt bram 2027-03-01 16:00 {SAME}")
    assert refusals(desk, "bram-other") == ["same_words"], "28 days after what is planned"
    desk.says("olga", f"prompt bram 2027-04-05 16:00 {SAME}")
    desk.pass_to("2027-02-01T17:00")
    desk.says("bram", "gebeld")
    desk.pass_to("2027-04-05T17:00")
    assert times_said(desk) == 3
    assert desk.withheld() == desk.withheld("bram-other") == []
