"""Hours of a week in a line, as people write them in either language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.moments import DAYS
from scheduling.calendar.week_words import read_clock_time, read_week, write_week
from scheduling.calendar.working import Interval


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("mon-thu 9:00-12:30 13:30-17:00, fri 9-12",
         "ma-do 09:00-12:30 13:30-17:00, vr 09:00-12:00"),
        ("ma en wo 9 tot 17", "ma 09:00-17:00, wo 09:00-17:00"),
        ("werkdagen 9u-17u", "ma-vr 09:00-17:00"),
        ("Monday to Friday from 9 to 17", "ma-vr 09:00-17:00"),
        ("ma t/m vr van 9.00 tot 12.30 en 13:30–17:00", "ma-vr 09:00-12:30 13:30-17:00"),
        ("do 13u30-17u; za 10-24", "do 13:30-17:00, za 10:00-24:00"),
        ("zo-di 8-9", "ma-di 08:00-09:00, zo 08:00-09:00"),
        ("every day 9 to 17", "ma-zo 09:00-17:00"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_week_as_people_write_it(said: str, meant: str) -> None:
    week = read_week(said)
    assert week is not None
    assert write_week(week, DAYS["nl"]) == meant


@pytest.mark.parametrize(
    "said", ["mon", "9-17", "mon 17-9", "mon 9-25", "mon 9-12:61", "mon 9", "soon", "x" * 401]
)
def test_what_cannot_be_read_is_no_week(said: str) -> None:
    assert read_week(said) is None


@given(
    st.lists(
        st.builds(
            lambda day, start, more: Interval(day, start, min(start + more, 1440)),
            st.integers(0, 6),
            st.integers(0, 1439),
            st.integers(1, 600),
        ),
        min_size=1,
        max_size=12,
        unique=True,
    ),
    st.sampled_from(["en", "nl"]),
)
def test_what_is_written_is_read_back(week: list[Interval], language: str) -> None:
    line = write_week(week, DAYS[language])
    assert set(read_week(line) or ()) == set(week)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    read_week(text)
    read_clock_time(text)
