"""Working hours: part-time weeks, days off, clocks that change, and what always holds."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.calendar.moments import spoken
from scheduling.calendar.working import (
    Interval,
    Working,
    add,
    between,
    closed_since,
    is_closed,
    next_moment,
    rings,
    rings_from,
    spans,
    wrong,
)
from scheduling.calendar.zones import instant
from tests.support.effort import examples

AMSTERDAM = "Europe/Amsterdam"
H = timedelta(hours=1)
NINE_TO_FIVE = Working(AMSTERDAM, tuple(Interval(day, 540, 1020) for day in range(5)))
PART_TIME = Working(
    AMSTERDAM,
    (
        Interval(0, 540, 750),  # Monday 09:00-12:30
        Interval(0, 810, 1020),  # and 13:30-17:00
        Interval(2, 780, 1260),  # Wednesday 13:00-21:00
        Interval(4, 540, 720),  # Friday 09:00-12:00
    ),
    ("2026-12-25",),
    stop=1290,
)


def ams(text: str) -> datetime:
    return instant(datetime.fromisoformat(text), AMSTERDAM)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23 09:00", 1, "2026-11-23 10:00"),
        ("2026-11-23 12:00", 1, "2026-11-23 14:00"),  # over lunch
        ("2026-11-23 03:00", 7, "2026-11-23 17:00"),  # exactly her day
        ("2026-11-23 17:00", 1, "2026-11-25 14:00"),  # Tuesday is free
        ("2026-11-23 09:00", 8, "2026-11-25 14:00"),
        ("2026-11-27 11:59", 3, "2026-11-30 11:59"),
        ("2026-12-23 20:00", 2, "2026-12-28 10:00"),  # Christmas is a Friday
        ("2026-11-28 15:00", 0, "2026-11-28 15:00"),
    ],
)
def test_hours_of_a_part_time_week(start: str, hours: float, end: str) -> None:
    assert add(PART_TIME, ams(start), hours * H) == ams(end)
    assert between(PART_TIME, ams(start), ams(end)) == hours * H


def test_the_next_working_moment() -> None:
    assert next_moment(PART_TIME, ams("2026-11-23 12:30")) == ams("2026-11-23 13:30")
    assert next_moment(PART_TIME, ams("2026-11-23 10:00")) == ams("2026-11-23 10:00")
    assert next_moment(PART_TIME, ams("2026-12-24 10:00")) == ams("2026-12-28 09:00")


def test_a_day_is_closed_after_its_last_hour_and_not_at_lunch() -> None:
    assert not is_closed(PART_TIME, ams("2026-11-23 13:00"))
    assert is_closed(PART_TIME, ams("2026-11-23 17:00"))
    assert is_closed(PART_TIME, ams("2026-11-23 08:59"))
    assert is_closed(PART_TIME, ams("2026-11-24 10:00"))
    assert closed_since(PART_TIME, ams("2026-11-25 12:00")) == ams("2026-11-23 17:00")
    assert closed_since(PART_TIME, ams("2026-12-28 08:00")) == ams("2026-12-23 21:00")


def test_it_rings_until_the_stop_moment_and_then_from_the_next_working_day() -> None:
    assert rings(PART_TIME, ams("2026-11-23 21:29"))
    assert not rings(PART_TIME, ams("2026-11-23 21:30"))
    assert not rings(PART_TIME, ams("2026-11-23 08:59"))
    assert rings_from(PART_TIME, ams("2026-11-23 21:30")) == ams("2026-11-25 13:00")
    assert rings_from(PART_TIME, ams("2026-11-23 07:00")) == ams("2026-11-23 09:00")
    assert rings_from(NINE_TO_FIVE, ams("2026-11-28 03:00")) == ams("2026-11-28 03:00")


def test_a_night_on_which_the_clocks_change_is_shorter_or_longer() -> None:
    nights = Working(AMSTERDAM, (Interval(6, 0, 360),))
    assert between(nights, ams("2027-03-28 00:00"), ams("2027-03-28 12:00")) == 5 * H
    assert between(nights, ams("2026-10-25 00:00"), ams("2026-10-25 12:00")) == 7 * H
    in_the_gap = Working(AMSTERDAM, (Interval(6, 125, 175), Interval(0, 540, 600)))
    assert spans(in_the_gap, date(2027, 3, 28)) == []
    assert add(in_the_gap, ams("2027-03-28 00:00"), H) == ams("2027-03-29 10:00")


def test_the_last_minute_of_a_day_is_midnight() -> None:
    late = Working(AMSTERDAM, (Interval(0, 1380, 1440),), stop=1440)
    assert spans(late, date(2026, 11, 23)) == [(ams("2026-11-23 23:00"), ams("2026-11-24 00:00"))]
    assert rings(late, ams("2026-11-23 23:59"))
    assert not rings(late, ams("2026-11-24 00:00"))


@pytest.mark.parametrize(
    ("work", "what"),
    [
        (Working(AMSTERDAM, ()), "no hour"),
        (Working(AMSTERDAM, (Interval(0, 600, 600),)), "end after"),
        (Working(AMSTERDAM, (Interval(7, 0, 60),)), "end after"),
        (Working(AMSTERDAM, (Interval(0, 0, 60), Interval(0, 59, 90))), "overlap"),
        (Working(AMSTERDAM, (Interval(0, 600, 660),), stop=600), "stop moment"),
    ],
)
def test_what_cannot_be_calculated_with_is_told(work: Working, what: str) -> None:
    assert what in wrong(work)


def test_what_is_wrong_is_refused() -> None:
    assert wrong(PART_TIME) == ""
    with pytest.raises(ValueError, match="no hour"):
        add(Working(AMSTERDAM, ()), ams("2026-11-23 09:00"), H)


ZONES = ("UTC", AMSTERDAM, "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca")


@st.composite
def works(draw: st.DrawFn) -> Working:
    week = []
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        cuts = draw(st.lists(st.integers(0, 1440), min_size=2, max_size=4, unique=True))
        cuts = sorted(cuts)[: len(cuts) // 2 * 2]
        week += [Interval(day, a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    off = draw(st.sets(st.integers(0, 400), max_size=6))
    days = tuple((date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in sorted(off))
    return Working(draw(st.sampled_from(ZONES)), tuple(week), days)


YEAR = st.timedeltas(timedelta(0), timedelta(days=365))
INSTANTS = YEAR.map(lambda away: datetime(2026, 1, 1, tzinfo=UTC) + away)
AMOUNTS = st.timedeltas(timedelta(0), timedelta(hours=30))


@settings(max_examples=examples(150), deadline=None)
@given(works(), INSTANTS, INSTANTS, AMOUNTS, AMOUNTS)
def test_what_always_holds(
    work: Working, one: datetime, two: datetime, a: timedelta, b: timedelta
) -> None:
    early, late = sorted((one, two))
    assert add(work, add(work, one, a), b) == add(work, one, a + b)
    assert between(work, one, add(work, one, a)) == a
    assert add(work, early, a) <= add(work, late, a)  # monotone in when it begins
    assert add(work, one, min(a, b)) <= add(work, one, max(a, b))  # and in how much it is
    middle = early + (late - early) / 2
    assert between(work, early, late) == between(work, early, middle) + between(work, middle, late)
    assert timedelta(0) <= between(work, early, late) <= late - early
    moment = next_moment(work, one)
    assert moment >= one
    assert next_moment(work, moment) == moment
    assert between(work, one, moment) == timedelta(0)
    assert closed_since(work, one) <= one


@settings(max_examples=examples(100), deadline=None)
@given(works(), INSTANTS)
def test_it_always_rings_again(work: Working, at: datetime) -> None:
    work = Working(work.zone, work.week, work.days_off, stop=1440)
    if wrong(work):
        return
    later = rings_from(work, at)
    assert later >= at
    assert rings(work, later)
    assert rings(work, at) == (later == at)


@pytest.mark.parametrize(
    ("at", "en", "nl"),
    [
        ("2026-11-23 17:00", "today at 17:00", "vandaag om 17:00"),
        ("2026-11-24 09:05", "tomorrow at 09:05", "morgen om 09:05"),
        ("2026-11-27 09:00", "Friday at 09:00", "vrijdag om 09:00"),
        ("2026-11-30 09:00", "Monday 30 November at 09:00", "maandag 30 november om 09:00"),
        ("2026-11-22 09:00", "Sunday 22 November at 09:00", "zondag 22 november om 09:00"),
    ],
)
def test_how_an_instant_is_said(at: str, en: str, nl: str) -> None:
    now = ams("2026-11-23 12:00")
    assert spoken(ams(at), AMSTERDAM, "en", now) == en
    assert spoken(ams(at), AMSTERDAM, "nl-BE", now) == nl


def test_an_instant_is_said_on_the_readers_clock() -> None:
    now, at = ams("2026-11-23 12:00"), ams("2026-11-24 03:00")
    assert spoken(at, "America/New_York", "en", now) == "today at 21:00"
