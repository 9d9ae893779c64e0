"""Days in words and digits: ``vrijdagmiddag``, ``next monday``, ``over 2 weken``, ``12 maart``.

A date without a year is the next one to come; one that was here less than ``RECENT`` ago was
rather meant as a date in the past, so it is refused instead of put off for a year.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.spoken import (
    COMING,
    DAYS_AHEAD,
    FILLERS,
    MONTHS,
    NEXT,
    NUMBERS,
    PARTS,
    RELATIVE,
    THIS_PART,
    UNITS,
    WEEKDAYS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

RECENT = timedelta(days=45)
_WEEK = 7
_MOST = {"minutes": 100_000, "hours": 9_000, "days": 400, "weeks": 57, "months": 13}


class Day(msgspec.Struct, frozen=True):
    """A day, or an exact distance from now, or why it is neither.

    ``rolls`` is after how many days it comes again when its time has passed, 0 = never;
    ``part`` the part of the day that was named; ``relative`` = without a time, the same as now.
    """

    day: date = date.min
    rolls: int = 0
    part: str = ""
    relative: bool = False
    exact: timedelta | None = None
    problem: str = ""
    options: tuple[date, ...] = ()

    @property
    def hour(self) -> int | None:
        """The hour its part of the day stands for."""
        return PARTS.get(self.part)


_NOTHING = (0, None)


def read_day(words: Sequence[str], here: datetime, language: str) -> tuple[int, Day | None]:
    """Return how many words at the beginning are a day, and the day."""
    skip = 0
    while skip < len(words) and skip < 2 and words[skip] in FILLERS:
        skip += 1
    rest = words[skip:]
    if not rest:
        return _NOTHING
    today = here.date()
    for found in (
        _relative(rest, today),
        _ahead(rest, today),
        _date(rest, today),
        _weekday(rest, today),
        _digits(rest[0], today, language),
    ):
        used, day = found
        if day is not None:
            return skip + used, day
    return _NOTHING


def _with_part(words: Sequence[str], used: int, day: Day) -> tuple[int, Day]:
    """Add a part of the day that follows, such as ``in the morning`` or ``middag``."""
    rest = words[used:]
    for lead in (["in", "the"], ["'s"], []):
        if rest[: len(lead)] == lead and len(rest) > len(lead):
            name = rest[len(lead)]
            name = name if name in PARTS else name.removesuffix("s")
            if name in PARTS:
                return used + len(lead) + 1, msgspec.structs.replace(day, part=name)
    return used, day


def _ahead(words: Sequence[str], today: date) -> tuple[int, Day | None]:
    first = words[0]
    if first in THIS_PART:
        return 1, Day(today, part=THIS_PART[first])
    if first == "this" and words[1:2] and words[1] in PARTS:
        return 2, Day(today, part=words[1])
    if words[:3] == ["day", "after", "tomorrow"]:
        return _with_part(words, 3, Day(today + timedelta(days=2)))
    if first in DAYS_AHEAD:
        return _with_part(words, 1, Day(today + timedelta(days=DAYS_AHEAD[first])))
    for name, ahead in DAYS_AHEAD.items():
        if first.startswith(name) and first[len(name) :] in PARTS:
            return 1, Day(today + timedelta(days=ahead), part=first[len(name) :])
    return _NOTHING


def _weekday(words: Sequence[str], today: date) -> tuple[int, Day | None]:
    used, mark = 0, ""
    if words[0] in COMING | NEXT:
        used, mark = 1, words[0]
        if words[1:2] == ["week"]:
            used = 2
            mark = "week" if words[0] in NEXT else mark
    name = words[used].rstrip(".") if used < len(words) else ""
    part = ""
    if name not in WEEKDAYS:
        name, part = _compound(name)
    if name not in WEEKDAYS:
        return _NOTHING
    used += 1
    ahead = (WEEKDAYS[name] - today.weekday()) % _WEEK
    if words[used : used + 2] in (["next", "week"], ["volgende", "week"]):
        used, mark = used + 2, "week"
    if mark == "week":
        ahead = _WEEK - today.weekday() + WEEKDAYS[name]
        return _with_part(words, used, Day(today + timedelta(days=ahead), part=part))
    weeks, distance = _relative(words[used:], today) if not mark and not part else _NOTHING
    if distance is not None and distance.relative:
        monday = distance.day - timedelta(days=distance.day.weekday())
        return _with_part(words, used + weeks, Day(monday + timedelta(days=WEEKDAYS[name])))
    if mark in NEXT:
        return _with_part(words, used, _next(today, ahead or _WEEK, part))
    return _with_part(words, used, Day(today + timedelta(days=ahead), rolls=_WEEK, part=part))


def _next(today: date, ahead: int, part: str) -> Day:
    """Return the next such weekday, where that can only be one."""
    first = today + timedelta(days=ahead)
    if today.weekday() + ahead >= _WEEK:
        return Day(first, part=part)
    return Day(
        first, part=part, problem="which_day", options=(first, first + timedelta(days=_WEEK))
    )


def _compound(word: str) -> tuple[str, str]:
    """Split ``vrijdagmiddag`` in its day and its part."""
    for part in PARTS:
        if word.endswith(part) and word.removesuffix(part) in WEEKDAYS:
            return word.removesuffix(part), part
    return "", ""


def _count(words: Sequence[str]) -> tuple[int, float]:
    """Return how many words at the beginning are a number of things, and the number."""
    first = words[0]
    if words[:3] == ["half", "an", "hour"]:
        return 2, 0.5
    if words[:2] in (["een", "half"], ["half", "a"]):
        return 2, 0.5
    if first == "half":
        return 1, 0.5
    if first == "anderhalf":
        return 1, 1.5
    if first.isdecimal() and len(first) <= 5:
        return 1, int(first)
    if words[:3] == ["a", "couple", "of"]:
        return 3, 2
    return (1, NUMBERS[first]) if first in NUMBERS else (0, 0)


def _relative(words: Sequence[str], today: date) -> tuple[int, Day | None]:
    if len(words) < 3 or words[0] not in RELATIVE:
        return _NOTHING
    counted, number = _count(words[1:])
    if not counted or len(words) < counted + 2:
        return _NOTHING
    used, unit = counted + 2, UNITS.get(words[counted + 1], "")
    if not unit:
        return _NOTHING
    if number > _MOST[unit]:
        return used, Day(problem="too_far")
    if number <= 0:
        return used, Day(problem="impossible")
    if unit in ("minutes", "hours"):
        return used, Day(exact=timedelta(**{unit: number}))
    if number != int(number):
        return used, Day(problem="impossible")
    if unit == "months":
        return _with_part(words, used, Day(_months_later(today, int(number)), relative=True))
    later = today + timedelta(**{unit: number})
    return _with_part(words, used, Day(later, relative=True))


def _months_later(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(today.day, last))


_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|e|de|ste)?")
_YEAR = re.compile(r"20\d\d")


def _date(words: Sequence[str], today: date) -> tuple[int, Day | None]:
    """Read ``12 maart``, ``march 12th`` or ``12 of march``, with a year, after a weekday."""
    lead = 0
    name = words[0].rstrip(".")
    if name in WEEKDAYS and len(words) > 2:
        lead = 1
    rest = [word for word in words[lead : lead + 5] if word != "of"]
    if len(rest) < 2:
        return _NOTHING
    first, second = rest[0].rstrip("."), rest[1].rstrip(".")
    ordinal, month = _ORDINAL.fullmatch(first), MONTHS.get(second)
    if ordinal is None or month is None:
        ordinal, month = _ORDINAL.fullmatch(second), MONTHS.get(first)
    if ordinal is None or month is None:
        return _NOTHING
    used = lead + 2 + (1 if words[lead + 1] == "of" else 0)
    year = rest[2] if len(rest) > 2 and _YEAR.fullmatch(rest[2]) else ""
    day = _day_of(int(ordinal.group(1)), month, int(year or 0), today)
    if lead and not day.problem and day.day.weekday() != WEEKDAYS[name]:
        day = Day(problem="impossible", options=(day.day,))
    return _with_part(words, used + (1 if year else 0), day)


def _day_of(day: int, month: int, year: int, today: date) -> Day:
    try:
        found = date(year or today.year, month, day)
    except ValueError:
        return Day(problem="impossible")
    if year or found >= today:
        far = found - today > timedelta(days=400)
        return Day(problem="too_far") if far else Day(found)
    if today - found < RECENT:
        return Day(found)  # the caller finds that it is past
    try:
        return Day(found.replace(year=found.year + 1))
    except ValueError:
        return Day(problem="impossible")


_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def _digits(word: str, today: date, language: str) -> tuple[int, Day | None]:
    if iso := _ISO.fullmatch(word):
        return 1, _day_of(int(iso.group(3)), int(iso.group(2)), int(iso.group(1)), today)
    found = _SLASHED.fullmatch(word)
    if found is None:
        return _NOTHING
    first, second = int(found.group(1)), int(found.group(2))
    year = int(found.group(3) or 0)
    year += 2000 if 0 < year < 100 else 0
    if language == "nl" or first > 12:
        return 1, _day_of(first, second, year, today)
    if second > 12:
        return 1, _day_of(second, first, year, today)
    either = [_day_of(first, second, year, today), _day_of(second, first, year, today)]
    if first == second or any(one.problem for one in either):
        return 1, either[0]
    return 1, Day(problem="which_order", options=tuple(one.day for one in either))
