"""When a step is due, by the day its own words name."""

from datetime import datetime, timedelta

import pytest

from scheduling.calendar.due import due
from scheduling.calendar.zones import instant

AMSTERDAM = "Europe/Amsterdam"
NOW = instant(datetime.fromisoformat("2026-11-23 12:00"), AMSTERDAM)  # a Monday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("call Piet by Friday", "2026-11-27"),
        ("If the meeting begins on Thursday, then I speak first", "2026-11-26"),
        ("als de vergadering donderdag begint, dan zeg ik iets", "2026-11-26"),
        ("bel Piet vóór vrijdag", "2026-11-27"),
        ("write it down tomorrow", "2026-11-24"),
        ("morgen bel ik", "2026-11-24"),
        ("overmorgen bel ik", "2026-11-25"),
        ("elke morgen wandelen", "2026-11-30"),
        ("'s morgens wandelen", "2026-11-30"),
        ("every Friday a walk", "2026-11-30"),
        ("Fridays are for walking", "2026-11-30"),
        ("today I call", "2026-11-23"),
        ("maandag bel ik", "2026-11-23"),
        ("in 3 days I call", "2026-11-26"),
        ("over 2 weken is het af", "2026-12-07"),
        ("binnen een week", "2026-11-30"),
        ("within a week", "2026-11-30"),
        ("op 12 december ingeleverd", "2026-12-12"),
        ("hand it in on December 12th", "2026-12-12"),
        ("hand it in on 3 March", "2027-03-03"),
        ("on 2026-12-01", "2026-12-01"),
        ("on 2026-02-31 or so", "2026-11-30"),
        ("walk 31 february", "2026-11-30"),
        ("on 2020-12-01", "2026-11-30"),
        ("talk to Piet", "2026-11-30"),
    ],
)
def test_the_first_day_that_is_named_counts(text: str, day: str) -> None:
    assert due(text, NOW, AMSTERDAM) == instant(datetime.fromisoformat(f"{day} 17:00"), AMSTERDAM)


def test_late_in_the_day_there_is_still_some_time() -> None:
    late = instant(datetime.fromisoformat("2026-11-23 18:30"), AMSTERDAM)
    assert due("today I call", late, AMSTERDAM) == late + timedelta(hours=2)
    assert due("maandag bel ik", late, AMSTERDAM) - late > timedelta(days=6)
