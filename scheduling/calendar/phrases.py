"""What people call a moment, in Dutch and English: ``do 09:40``, ``next monday 9am``, ``12 maart``.

1. A phrase stands at the beginning or at the end of a line; what is left is what it is about.
2. Pure: the same words, moment, zone and language give the same answer.
3. Nothing is guessed: what could be two moments, has no time, lies in the past or does not exist
   comes back as ``Unclear``, with what to ask.
4. A wall time means what ``zones`` says it does: the first instant after a gap, the first of two.
5. A weekday is the next one to come, today included while its time is ahead. ``next friday`` on a
   Tuesday could be two days, so it is asked; on a Saturday it is one.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar import zones
from scheduling.calendar.clock_words import Clock, read_clock
from scheduling.calendar.day_words import Day, read_day

if TYPE_CHECKING:
    from collections.abc import Sequence


class Why(StrEnum):
    """What is not clear about a moment."""

    NO_TIME = "no_time"
    PAST = "past"
    WHICH_DAY = "which_day"
    WHICH_HALF = "which_half"  # three in the night or in the afternoon
    WHICH_ORDER = "which_order"  # 12/3: day or month first
    IMPOSSIBLE = "impossible"
    TOO_FAR = "too_far"


class When(msgspec.Struct, frozen=True):
    """A moment in UTC, what the clocks show then, and the rest of the line."""

    at: datetime
    wall: datetime
    rest: str


class Unclear(msgspec.Struct, frozen=True):
    """A moment was meant and cannot be told; ``options`` are wall times it could be."""

    why: Why
    options: tuple[datetime, ...] = ()
    rest: str = ""


FARTHEST = timedelta(days=400)
_LONGEST = 8
"""Words; no phrase has more."""
_MOST = 400
"""Characters of a line that are looked at."""


def read(text: str, now: datetime, zone: str, language: str = "en") -> When | Unclear | None:
    """Read the moment at the beginning or the end of a line; None where none is named.

    ``language`` decides what ``12/3`` is: the twelfth of March in Dutch, a question in English.
    """
    words = text[:_MOST].split()
    tail = text[_MOST:]
    folded = [_fold(word) for word in words]
    here = zones.wall(now, zone)
    size, found = _longest(folded, here, language)
    first = _settle(found, " ".join(words[size:]) + tail, now, zone) if found else None
    if found is not None and not (isinstance(first, Unclear) and first.why is Why.NO_TIME):
        return first
    for start in range(max(0, len(words) - _LONGEST), len(words)):
        size, found = _longest(folded[start:], here, language)
        if found is not None and start + size == len(words):
            last = _settle(found, " ".join(words[:start]), now, zone)
            return first if first is not None and isinstance(last, Unclear) else last
    return first


_Found = tuple[Day | None, Clock | None]


def _fold(word: str) -> str:
    flat = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(c for c in flat if not unicodedata.combining(c)).replace("’", "'")
    return re.sub(r"^[(]+|[,;!)]+$", "", bare)


def _longest(words: Sequence[str], here: datetime, language: str) -> tuple[int, _Found | None]:
    """Return how many words at the beginning name a day, a time, or both in either order."""
    used, day = read_day(words, here, language)
    if day is not None:
        if day.exact is not None:
            return used, (day, None)
        more, clock = read_clock(words[used:], day.part)
        return used + more, (day, clock)
    used, clock = read_clock(words, "")
    if clock is None:
        return 0, None
    more, day = read_day(words[used:], here, language)
    if day is not None and day.exact is not None:
        more, day = 0, None  # "10:00 in 3 hours" is no phrase: the rest is what it is about
    return used + more, (day, clock)


def _settle(found: _Found, rest: str, now: datetime, zone: str) -> When | Unclear:
    day, clock = found
    rest = rest.strip(" ,;:-–")
    if day is not None and day.exact is not None:
        return _moment(now + day.exact, zone, rest)
    if day is not None and day.problem:
        at = clock.at if clock is not None else None
        options = tuple(datetime.combine(one, at or time(9)) for one in day.options)
        return Unclear(Why(day.problem), options, rest)
    here = zones.wall(now, zone)
    if clock is None:
        clock = _usual(day, here)
    if clock is None:
        return Unclear(Why.NO_TIME, rest=rest)
    if clock.problem:
        first = day.day if day is not None else here.date()
        return Unclear(
            Why(clock.problem), tuple(datetime.combine(first, one) for one in clock.options), rest
        )
    return _on_day(day, clock.at, now, zone, rest)


def _usual(day: Day | None, here: datetime) -> Clock | None:
    """Return the time that a day without one means: of its part, or the same as now."""
    if day is None:
        return None
    if day.hour is not None:
        return Clock(time(day.hour))
    if day.relative:
        return Clock(here.time().replace(second=0, microsecond=0))
    return None


def _on_day(day: Day | None, at: time, now: datetime, zone: str, rest: str) -> When | Unclear:
    here = zones.wall(now, zone)
    first = day.day if day is not None else here.date()
    moment = zones.instant_at(first, at, zone)
    if moment <= now and (day is None or day.rolls):
        step = 1 if day is None else day.rolls
        moment = zones.instant_at(first + timedelta(days=step), at, zone)
    if moment <= now:
        return Unclear(Why.PAST, (datetime.combine(first, at),), rest)
    return _moment(moment, zone, rest)


def _moment(moment: datetime, zone: str, rest: str) -> When | Unclear:
    return When(moment.astimezone(UTC), zones.wall(moment, zone), rest)


_STEP = re.compile(r"\+(\d{1,3})(?:d|dagen|days)?")
FADING = frozenset({"fading", "afbouwend"})
FADING_DAYS = (1, 3, 7, 21)
MOST_STEPS = 8


_BETWEEN_STEPS = re.compile(r"(?<=\d)\s*[,;]\s*(?=\+\d)")


def read_series(text: str) -> tuple[tuple[int, ...], str]:
    """Read ``+1 +3 +7`` (days after the first) at the beginning of a text; return it and the rest.

    ``fading`` or ``afbouwend`` is short for a plan whose steps grow. Days are sorted and single.
    """
    words = _BETWEEN_STEPS.sub(" ", text).split()
    if words and _fold(words[0]) in FADING:
        return FADING_DAYS, " ".join(words[1:])
    days: list[int] = []
    for word in words:
        step = _STEP.fullmatch(_fold(word))
        if step is None:
            break
        days.append(int(step.group(1)))
    used = len(days)
    return tuple(sorted({day for day in days if day > 0})), " ".join(words[used:])


def later(moment: datetime, days: int, zone: str) -> datetime:
    """Return the same wall time some days later."""
    shown = zones.wall(moment, zone)
    return zones.instant_at(date.fromordinal(shown.toordinal() + days), shown.time(), zone)
