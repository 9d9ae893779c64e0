"""Hours of a week in a line: ``mon-thu 9:00-12:30 13:30-17:00, fri 9-12``, ``ma en wo 9 tot 17``.

Days come first, then their hours, as often as one likes; Dutch and English alike. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

from scheduling.calendar.spoken import WEEKDAYS
from scheduling.calendar.working import DAY, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 400
"""Characters of a line; nobody's week is longer."""

_SEVERAL = {
    **dict.fromkeys(("weekdays", "werkdagen", "doordeweeks"), tuple(range(5))),
    **dict.fromkeys(("daily", "dagelijks", "elke dag", "every day"), tuple(range(7))),
    **dict.fromkeys(("weekend", "weekends"), (5, 6)),
}
_TO = r"\s*(?:-|t/m|tot en met|tot|to|until|till|through)\s*"
_DAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_CLOCK = r"(\d{1,2})(?:[:.hu](\d{2}))?(?:\s*(?:uur|u|h))?"
_FILL = re.compile(r"(?:[\s,;&]+|(?:en|and|op|on|van|from)\b)+")
_HOURS = re.compile(rf"{_CLOCK}{_TO}{_CLOCK}(?![\w:])")
_DAYS = re.compile(rf"({_DAY})\b\.?(?:{_TO}({_DAY})\b\.?)?")
_MANY = re.compile("|".join(sorted(_SEVERAL, key=len, reverse=True)) + r"\b")


def read_week(text: str) -> tuple[Interval, ...] | None:
    """Return the hours that a line says, None where it cannot be read; () for an empty one."""
    if len(text) > MOST:
        return None
    left = _folded(text)
    days: tuple[int, ...] = ()
    found: list[Interval] = []
    closed = True  # hours came since the last day, so the next day begins anew
    while left := _after(_FILL.match(left), left):
        if hours := _HOURS.match(left):
            start, end = _minutes(hours[1], hours[2]), _minutes(hours[3], hours[4])
            if not days or start >= end or end > DAY:
                return None
            found += [Interval(day, start, end) for day in days]
            closed, left = True, left[hours.end() :]
        elif named := _MANY.match(left) or _DAYS.match(left):
            days = (() if closed else days) + _named(named)
            closed, left = False, left[named.end() :]
        else:
            return None
    return tuple(sorted(set(found), key=_order)) if closed else None


def write_week(week: Iterable[Interval], names: Sequence[str]) -> str:
    """Return hours as a line that ``read_week`` reads; ``names`` are those of the weekdays."""
    ordered = sorted(week, key=_order)
    by_day = {
        day: " ".join(f"{_clock(one.start)}-{_clock(one.end)}" for one in of_day)
        for day, of_day in groupby(ordered, key=lambda one: one.day)
    }
    runs: list[tuple[list[int], str]] = []
    for day, hours in by_day.items():
        if runs and runs[-1][0][-1] == day - 1 and runs[-1][1] == hours:
            runs[-1][0].append(day)
        else:
            runs.append(([day], hours))
    return ", ".join(f"{_span(days, names)} {hours}" for days, hours in runs)


def read_clock_time(text: str) -> int | None:
    """Return the minutes after midnight of ``17:30``, ``17.30``, ``17u30`` or ``17``; else None."""
    found = re.fullmatch(_CLOCK, _folded(text).strip())
    minutes = _minutes(found[1], found[2]) if found else DAY + 1
    return minutes if minutes <= DAY else None


def _span(days: Sequence[int], names: Sequence[str]) -> str:
    return names[days[0]] if len(days) == 1 else f"{names[days[0]]}-{names[days[-1]]}"


def _folded(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text.casefold()).replace("–", "-").replace("—", "-")
    return "".join(c for c in flat if not unicodedata.combining(c))


def _after(found: re.Match[str] | None, text: str) -> str:
    return text[found.end() :] if found else text


def _named(found: re.Match[str]) -> tuple[int, ...]:
    if found.re is _MANY:
        return _SEVERAL[found[0]]
    first, last = WEEKDAYS[found[1]], WEEKDAYS[found[2] or found[1]]
    return tuple((first + n) % 7 for n in range((last - first) % 7 + 1))


def _minutes(hours: str, minutes: str | None) -> int:
    """Return minutes after midnight; more than a day's for what no clock shows."""
    hour, minute = int(hours), int(minutes or 0)
    return hour * 60 + minute if minute < 60 else DAY + 1


def _order(one: Interval) -> tuple[int, int, int]:
    return one.day, one.start, one.end


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
