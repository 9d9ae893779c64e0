"""Wall times where clocks jump: checked against every transition of every zone, 2025 to 2030."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from scheduling.calendar.zones import instant, wall, zone

FROM, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def transitions(name: str) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Yield (instant, offset before, offset after), found without the code under test."""
    tz = ZoneInfo(name)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(tz).utcoffset() or timedelta()

    moment = FROM
    while moment < UNTIL:
        later = moment + 12 * HOUR
        if offset(moment) != offset(later):
            low, high = moment, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle) == offset(moment) else (low, middle)
            yield high.replace(microsecond=0), offset(moment), offset(later)
        moment = later


@pytest.mark.slow
def test_every_transition_of_every_zone() -> None:
    gaps, overlaps, midnights = set[int](), set[int](), set[str]()
    names = sorted(available_timezones())
    jumping = 0
    for name in names:
        for at, before, after in transitions(name):
            start = (at + min(before, after)).replace(tzinfo=None)
            middle = start + abs(after - before) / 2
            if after > before:  # a gap: nothing in it exists, all of it means its end
                gaps.add((after - before) // MINUTE)
                if instant(datetime.combine(middle.date(), time(0)), name) == at:
                    midnights.add(name)
                jumping += 1
                assert instant(start, name) == at, name
                assert instant(middle, name) == at, name
                assert instant(start + abs(after - before), name) == at, name
            else:  # an overlap: the first of the two
                overlaps.add((before - after) // MINUTE)
                jumping += 1
                assert instant(middle, name) == (middle - before).replace(tzinfo=UTC), name
                assert wall(instant(middle, name), name) == middle, name
            assert instant(start - HOUR, name) == (start - HOUR - before).replace(tzinfo=UTC), name
    assert len(names) > 590
    assert jumping > 2_000
    assert gaps >= {30, 60, 120}
    assert overlaps >= {30, 60, 120}
    assert midnights >= {"America/Santiago", "America/Havana", "Africa/Cairo", "Asia/Beirut"}


@pytest.mark.parametrize(
    ("name", "shown", "means"),
    [
        ("Europe/Amsterdam", "2026-03-29 02:30", "2026-03-29 01:00"),
        ("Europe/Amsterdam", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),  # half an hour
        ("Antarctica/Troll", "2026-03-29 02:00", "2026-03-29 01:00"),  # two hours
        ("America/Santiago", "2026-09-06 00:30", "2026-09-06 04:00"),  # a midnight that is not
        ("Asia/Kolkata", "2026-06-01 12:00", "2026-06-01 06:30"),
    ],
)
def test_known_jumps(name: str, shown: str, means: str) -> None:
    expected = datetime.fromisoformat(means).replace(tzinfo=UTC)
    assert instant(datetime.fromisoformat(shown), name) == expected


def test_a_zone_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        zone("Europe/Atlantis")
