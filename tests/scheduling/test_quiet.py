"""Quiet hours: what is quiet, and the first and last moments around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.calendar.quiet import QuietHours, after, before, is_quiet

ZONE = "Europe/Amsterdam"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [
        ("2026-11-24T09:00", "2026-11-24T09:00", "2026-11-24T09:00"),  # a Tuesday
        ("2026-11-24T20:00", "2026-11-25T07:00", "2026-11-24T19:59"),  # 21:00
        ("2026-11-25T06:59", "2026-11-25T07:00", "2026-11-24T19:59"),
        ("2026-11-27T21:00", "2026-11-30T07:00", "2026-11-27T19:59"),  # Friday night
        ("2026-11-28T12:00", "2026-11-30T07:00", "2026-11-27T19:59"),  # Saturday
        ("2027-03-28T12:00", "2027-03-29T06:00", "2027-03-26T19:59"),  # the clocks change
    ],
)
def test_around_the_default_hours(moment: str, first: str, last: str) -> None:
    hours = QuietHours()
    assert after(at(moment), hours, ZONE) == at(first)
    assert before(at(moment), hours, ZONE) == at(last)


def test_hours_in_the_day_and_no_weekend() -> None:
    hours = QuietHours(12 * 60, 14 * 60, weekends=False)
    assert is_quiet(at("2026-11-28T11:30"), hours, ZONE)
    assert after(at("2026-11-28T11:30"), hours, ZONE) == at("2026-11-28T13:00")
    assert before(at("2026-11-28T11:30"), hours, ZONE) == at("2026-11-28T10:59")


def test_none_at_all_and_weekends_only() -> None:
    assert not is_quiet(at("2026-11-28T02:00"), QuietHours(0, 0, weekends=False), ZONE)
    only = QuietHours(0, 0, weekends=True)
    assert after(at("2026-11-28T11:30"), only, ZONE) == at("2026-11-29T23:00")
    assert before(at("2026-11-28T11:30"), only, ZONE) == at("2026-11-27T22:59")


@pytest.mark.parametrize("text", ["21:00-08:00", "none", "00:30-06:15"])
def test_written_and_read(text: str) -> None:
    assert str(QuietHours.parse(text)) == text


@pytest.mark.parametrize("text", ["", "21-8", "21:00", "25:00-08:00"])
def test_what_is_no_pair_of_times_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write them like 21:00-08:00"):
        QuietHours.parse(text)


@given(
    st.datetimes(
        min_value=at("2025-01-01").replace(tzinfo=None),
        max_value=at("2030-12-31").replace(tzinfo=None),
    ),
    st.sampled_from([ZONE, "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.booleans(),
)
def test_what_comes_out_is_never_quiet(
    naive: datetime, zone: str, begins: int, ends: int, weekends: bool
) -> None:
    moment, hours = naive.replace(tzinfo=UTC), QuietHours(begins, ends, weekends)
    if begins != ends and (begins - ends) % 1440 == 1439 and weekends:
        return
    first, last = after(moment, hours, zone), before(moment, hours, zone)
    assert last <= moment <= first
    assert not is_quiet(first, hours, zone)
    assert not is_quiet(last, hours, zone)
    assert first - moment < timedelta(days=4)
