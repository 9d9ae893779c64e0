"""A reminder comes a day before, never in quiet hours, never too late to be of use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.calendar.quiet import QuietHours, is_quiet
from scheduling.calendar.reminders import ENOUGH, LEAST, REMIND, instead_of, remind_at
from scheduling.calendar.zones import instant, wall

AMSTERDAM = "Europe/Amsterdam"
USUAL = QuietHours()
WEEKDAYS = QuietHours(weekends=False)


def local(text: str) -> datetime:
    return instant(datetime.fromisoformat(text), AMSTERDAM)


@pytest.mark.parametrize(
    ("begins", "booked", "hours", "reminded"),
    [
        ("2026-03-04 10:00", "2026-03-02 10:00", USUAL, "2026-03-03 10:00"),
        ("2026-03-04 07:30", "2026-03-02 10:00", USUAL, "2026-03-03 08:00"),  # the same morning
        ("2026-03-04 21:30", "2026-03-02 10:00", USUAL, "2026-03-04 08:00"),  # half a day is left
        ("2026-03-04 02:00", "2026-03-02 10:00", USUAL, "2026-03-03 08:00"),
        ("2026-03-09 10:00", "2026-03-02 10:00", USUAL, "2026-03-06 20:00"),  # Monday: on Friday
        ("2026-03-09 10:00", "2026-03-07 10:00", USUAL, "2026-03-09 08:00"),  # booked on Saturday
        ("2026-03-09 10:00", "2026-03-02 10:00", WEEKDAYS, "2026-03-08 10:00"),
        ("2026-03-09 08:30", "2026-03-07 10:00", USUAL, None),  # half an hour before is too late
        ("2026-03-04 10:00", "2026-03-03 11:00", USUAL, None),  # booked for tomorrow
    ],
)
def test_when_somebody_is_reminded(
    begins: str, booked: str, hours: QuietHours, reminded: str | None
) -> None:
    at = remind_at(local(begins), local(booked), hours, AMSTERDAM)
    assert at == (local(reminded) if reminded else None)


ZONES = ("Europe/Amsterdam", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC")
MINUTES = st.integers(0, 24 * 60 - 1)
MOMENTS = st.integers(0, 6 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
AHEAD = st.integers(0, 20 * 24 * 60)


@given(MOMENTS, AHEAD, MINUTES, MINUTES, st.booleans(), st.sampled_from(ZONES))
def test_it_never_rings_in_quiet_hours_nor_too_late(
    now: datetime, ahead: int, begins: int, ends: int, weekends: bool, zone: str
) -> None:
    hours, start = QuietHours(begins, ends, weekends), now + timedelta(minutes=ahead)
    at = remind_at(start, now, hours, zone)
    if start - REMIND <= now:
        assert at is None
    elif at is not None:
        assert now < at <= start - LEAST
        assert not is_quiet(at, hours, zone), wall(at, zone)
        if not is_quiet(start - REMIND, hours, zone):
            assert at == start - REMIND
        elif at > start - REMIND and at > now + timedelta(days=4):
            assert start - at >= ENOUGH
    other = instead_of(now, start, hours, zone)
    assert other is None or (not is_quiet(other, hours, zone) and now <= other <= start - LEAST)
