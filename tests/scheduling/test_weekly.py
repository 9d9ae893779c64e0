"""What people call a moment of every week, and how often they want it."""

from datetime import UTC, date, datetime

import pytest

from scheduling.calendar.phrases import Unclear, When, Why
from scheduling.calendar.weekly import opens, read_times, read_weekly

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # a Wednesday, ten in Amsterdam
HERE = datetime(2026, 11, 25, 10, 0)  # noqa: DTZ001 - a wall
FIRST = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("line", "wall", "rest"),
    [
        ("elke maandag 9:00 anna hoe was je week?", "11-30 09:00", "anna hoe was je week?"),
        ("every monday 9am anna 4x", "11-30 09:00", "anna 4x"),
        ("Iedere woensdag om 11 uur anna", "11-25 11:00", "anna"),
        ("each wednesday 9:30 anna", "12-02 09:30", "anna"),
        ("every Mondays 9:00 x", "11-30 09:00", "x"),
        ("elke vrijdagmiddag anna", None, None),
        ("elke do. 8:15 anna", "11-26 08:15", "anna"),
    ],
)
def test_a_day_of_every_week(line: str, wall: str | None, rest: str | None) -> None:
    found = read_weekly(line, NOW, "Europe/Amsterdam", "nl")
    if wall is None:
        assert found is None
        return
    assert isinstance(found, When)
    assert (f"{found.wall:%m-%d %H:%M}", found.rest) == (wall, rest)


def test_without_a_time_it_is_asked_and_none_is_taken_from_the_end() -> None:
    for line in ("elke maandag anna", "elke maandag anna hoe gaat het om 9:00"):
        found = read_weekly(line, NOW, "Europe/Amsterdam", "nl")
        assert isinstance(found, Unclear)
        assert found.why is Why.NO_TIME


@pytest.mark.parametrize("line", ["every", "elke dag 9:00", "maandag 9:00", "every time", ""])
def test_what_is_no_day_of_every_week(line: str) -> None:
    assert not opens(line)
    assert read_weekly(line, NOW, "UTC", "en") is None


@pytest.mark.parametrize(
    ("text", "times", "rest"),
    [
        ("4x hoe was je week?", 4, "hoe was je week?"),
        ("hoe was je week? 4x", 4, "hoe was je week?"),
        ("6 keer lopen?", 6, "lopen?"),
        ("lopen? vier keer", 4, "lopen?"),
        ("for 3 weeks walk?", 3, "walk?"),
        ("lopen? 5 weken lang", 5, "lopen?"),
        ("walk, ten times", 10, "walk"),
        ("lopen? tot 21 december", 4, "lopen?"),
        ("lopen? tot en met 20 december", 3, "lopen?"),
        ("until 14 December: walk?", 3, "walk?"),
        ("lopen? t/m 28-12", 5, "lopen?"),
        ("lopen? tot 26 november", -1, "lopen?"),
        ("3x per dag water, 4x", 3, "per dag water, 4x"),
        ("hoe was je week?", 0, "hoe was je week?"),
        ("40 keer", 40, ""),
    ],
)
def test_how_often(text: str, times: int, rest: str) -> None:
    found = read_times(text, FIRST, HERE, "nl")
    assert (found[0], found[1].lstrip(": ")) == (times, rest)
