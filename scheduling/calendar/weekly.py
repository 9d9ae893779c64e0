"""``elke maandag 9:00``, ``every monday 9am``; how often: ``4x``, ``for 6 weeks``, ``tot 1 mei``.

1. Pure, like ``phrases``, and by the same words for days and times.
2. Nothing goes on for ever: without a number or a last day how often is 0, and it is to be asked.
3. How often stands at the beginning or at the end of what is left of a line; the last day counts.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from scheduling.calendar.day_words import read_day
from scheduling.calendar.phrases import Unclear, When, Why, read
from scheduling.calendar.spoken import NUMBERS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

EVERY = frozenset({"elke", "iedere", "every", "each"})
MOST_TIMES = 26
"""How often at most: half a year of weeks."""

_WEEK = 7
_LONGEST = 7
"""Words; none of the phrases for how often has more."""
_LEADS = frozenset({"for", "gedurende", "nog"})
_TIMES = frozenset({"x", "×", "keer", "maal", "times", "weken", "weeks"})
_LONG = frozenset({"lang", "long"})
_UNTIL = (("tot", "en", "met"), ("t/m",), ("tot",), ("until",), ("till",), ("through",))
_GLUED = re.compile(r"(\d{1,3})(?:x|×)")


def opens(text: str) -> bool:
    """Tell whether a line begins with a day of every week."""
    words = [_fold(word) for word in text.split(maxsplit=2)[:2]]
    return len(words) > 1 and words[0] in EVERY and _weekday(words[1]) is not None


def read_weekly(text: str, now: datetime, zone: str, language: str) -> When | Unclear | None:
    """Read the first moment of a line that begins with a day of every week; None for others."""
    if not opens(text):
        return None
    _, name, *rest = text.split(maxsplit=2)
    day = _weekday(_fold(name))
    short = next(word for word, number in WEEKDAYS.items() if number == day)
    found = read(" ".join((short, *rest)), now, zone, language)
    if isinstance(found, When) and found.wall.weekday() != day:
        return Unclear(Why.NO_TIME, rest=" ".join(rest))  # a time alone, at the end of the line
    return found


def read_times(text: str, first: date, here: datetime, language: str) -> tuple[int, str]:
    """Return how often a week's moment comes, 0 where that is not said, and the rest of the line.

    ``first`` is its first day, ``here`` what the clocks show now. A last day before the first gives
    -1: there is no such moment.
    """
    words = text.split()
    folded = [_fold(word) for word in words]
    used, times = _often(folded, first, here, language)
    if used:
        return times, " ".join(words[used:])
    for start in range(max(0, len(words) - _LONGEST), len(words)):
        used, times = _often(folded[start:], first, here, language)
        if used and start + used == len(words):
            return times, " ".join(words[:start]).rstrip(" ,;")
    return 0, text


def _often(words: Sequence[str], first: date, here: datetime, language: str) -> tuple[int, int]:
    """Return how many words at the beginning say how often, and how often."""
    lead = 1 if words and words[0] in _LEADS else 0
    rest = words[lead:]
    if rest and (glued := _GLUED.fullmatch(rest[0])):
        return lead + 1, int(glued[1])
    if len(rest) > 1 and rest[1] in _TIMES and (number := _number(rest[0])):
        long = 1 if rest[2:3] and rest[2] in _LONG else 0
        return lead + 2 + long, number
    for until in _UNTIL:
        if tuple(words[: len(until)]) == until:
            used, day = read_day(words[len(until) :], here, language)
            if day is not None and day.exact is None and not day.problem:
                weeks = (day.day - first).days // _WEEK + 1
                return len(until) + used, weeks if day.day >= first else -1
    return 0, 0


def _number(word: str) -> int:
    if word.isascii() and word.isdecimal() and len(word) < 4:
        return int(word)
    return NUMBERS.get(word, 0)


def _weekday(word: str) -> int | None:
    bare = word.rstrip(".")
    return WEEKDAYS.get(bare, WEEKDAYS.get(bare.removesuffix("s")))


def _fold(word: str) -> str:
    flat = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in flat if not unicodedata.combining(c)).strip(",;:()!")
