"""Hours, exceptions and free slots: wall time is kept, and no slot is sold twice."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.calendar.recurrence import Hours, weekly
from scheduling.calendar.slots import (
    APART,
    Availability,
    Busy,
    Closed,
    Extra,
    Kind,
    is_free,
    overlapping,
    slots,
    spread,
)
from scheduling.calendar.zones import wall
from tests.scheduling.test_zones import transitions
from tests.support.effort import examples

WEEKDAYS = (0, 1, 2, 3, 4)
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)  # a Friday; the clocks change nine days later
VIDEO = Kind("video", (Hours(WEEKDAYS, time(9), time(12, 30)),))
AMSTERDAM = Availability("Europe/Amsterdam", (VIDEO,))


def shown(offered: Availability, now: datetime = NOW, *busy: Busy) -> list[str]:
    found = slots(offered, "video", now, busy)
    return [f"{wall(one, offered.zone):%a %d %b %H:%M}" for one in found]


def test_hours_stay_where_the_clock_on_the_wall_shows_them() -> None:
    found = list(slots(AMSTERDAM, "video", NOW, ()))
    times = {f"{wall(one, 'Europe/Amsterdam'):%H:%M}" for one in found}
    assert times == {"09:00", "09:30", "10:00", "10:30", "11:00", "11:30"}
    assert {one.hour for one in found if wall(one, "Europe/Amsterdam").hour == 9} == {7, 8}


def test_notice_and_horizon() -> None:
    found = list(slots(AMSTERDAM, "video", NOW, ()))
    assert min(found) == datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
    assert max(found) <= NOW + timedelta(days=28)
    soon = Availability("Europe/Amsterdam", (Kind("video", VIDEO.hours, notice=0, horizon=1),))
    assert list(slots(soon, "video", NOW, ())) == []


def test_a_buffer_stands_around_what_is_booked() -> None:
    start = datetime(2026, 3, 23, 9, 0, tzinfo=UTC)  # ten o'clock in Amsterdam
    taken = Busy(start, start + timedelta(minutes=50), "a/1")
    monday = [one for one in shown(AMSTERDAM, NOW, taken) if one.startswith("Mon 23")]
    assert monday == ["Mon 23 Mar 09:00", "Mon 23 Mar 11:00", "Mon 23 Mar 11:30"]
    assert is_free(AMSTERDAM, "video", start, NOW, [taken], "a/1"), (
        "it may move within its own time"
    )


def test_closed_days_and_extra_hours() -> None:
    offered = Availability(
        "Europe/Amsterdam",
        (VIDEO,),
        (Closed(date(2026, 3, 23), date(2026, 3, 24)),),
        (
            Extra(date(2026, 3, 28), time(10), time(11)),
            Extra(date(2026, 3, 23), time(15), time(17)),
            Extra(date(2026, 3, 29), time(10), time(11), "phone"),
        ),
    )
    found = shown(offered)
    assert not [one for one in found if one.startswith(("Mon 23", "Tue 24", "Sun 29"))]
    assert "Sat 28 Mar 10:00" in found


def test_what_is_not_offered_has_no_slots() -> None:
    assert list(slots(AMSTERDAM, "phone", NOW, ())) == []
    assert not is_free(AMSTERDAM, "phone", NOW + timedelta(days=3), NOW, ())


def test_hours_until_midnight_and_over_a_gap() -> None:
    night = Kind("video", (Hours((6,), time(0), time(0)),), minutes=50, every=30, notice=0)
    offered = Availability("Europe/Amsterdam", (night,))
    sunday = [one for one in shown(offered) if one.startswith("Sun 29 Mar")]
    assert "Sun 29 Mar 01:30" in sunday
    assert not [one for one in sunday if " 02:" in one], "no clock shows it"
    assert sunday[-1] == "Sun 29 Mar 23:00"


def test_slots_are_offered_apart_while_there_are_enough() -> None:
    chosen, more = spread(slots(AMSTERDAM, "video", NOW, ()), 3)
    assert more
    assert all(b - a >= APART for a, b in itertools.pairwise(chosen))
    few = [NOW + timedelta(minutes=30 * n) for n in range(3)]
    assert spread(iter(few), 3) == (tuple(few), False)
    assert spread(iter(()), 3) == ((), False)


def test_every_week_at_the_same_time_on_the_wall() -> None:
    found = weekly(date(2026, 3, 22), time(9, 30), "Europe/Amsterdam", 3)
    assert [one.hour for one in found] == [8, 7, 7]
    with_gap = weekly(date(2026, 3, 22), time(2, 30), "Europe/Amsterdam", 2)
    assert with_gap[1] == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.slow
def test_around_every_transition_of_every_zone() -> None:
    """Slots begin when the wall says so, last their real minutes, and never meet each other."""
    checked = 0
    for name in sorted(available_timezones()):
        for at, _, _ in transitions(name):
            checked += 1
            _check_slots(name, at)
    assert checked > 1000


def _check_slots(name: str, at: datetime) -> None:
    all_day = Kind(
        "video", (Hours(tuple(range(7)), time(0), time(0)),), 30, 0, 30, notice=0, horizon=2
    )
    offered = Availability(name, (all_day,))
    found = list(slots(offered, "video", at - timedelta(days=1), ()))
    assert found == sorted(set(found)), name
    for start in found:
        clock = wall(start, name)
        assert clock.minute in (0, 30), (name, start)
        assert clock.second == 0, (name, start)
        assert start.tzinfo is UTC, name
    assert all(b - a >= timedelta(minutes=30) for a, b in itertools.pairwise(found)), name


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(0, 60 * 24 * 40).map(lambda minutes: NOW + timedelta(minutes=minutes))


@pytest.mark.slow
@settings(max_examples=examples(100))
@given(st.lists(st.tuples(moments(), st.sampled_from(["chat", "video"])), max_size=40))
def test_no_sequence_of_bookings_sells_a_moment_twice(
    wanted: list[tuple[datetime, str]],
) -> None:
    offered = Availability(
        "Europe/Amsterdam",
        (
            Kind("video", VIDEO.hours, 50, 10, 30),
            Kind("chat", (Hours(WEEKDAYS, time(8), time(18)),), 25, 5, 15),
        ),
    )
    busy: list[Busy] = []
    for moment, kind in wanted:
        for start in _nearest(offered, kind, moment, busy):
            length = 50 if kind == "video" else 25
            assert is_free(offered, kind, start, NOW, busy)
            end = start + timedelta(minutes=length)
            assert not overlapping(start, end, busy)
            busy.append(Busy(start, end, f"t/{len(busy)}"))
    for one in busy:
        assert not overlapping(one.start, one.end, busy, one.name)


def _nearest(
    offered: Availability, kind: str, moment: datetime, busy: list[Busy]
) -> Iterator[datetime]:
    free = (one for one in slots(offered, kind, NOW, busy) if one >= moment)
    found = next(free, None)
    if found is not None:
        yield found
