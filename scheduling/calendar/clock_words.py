"""Times of day in words and digits: ``09:40``, ``14.00``, ``10u30``, ``9pm``, ``kwart over negen``.

1. Digits with minutes are a 24 hour clock: ``2:30`` is in the night.
2. An hour in words, or alone, from one to six is asked after unless a part of the day, am or pm
   says which half of the day is meant: nobody is woken at three by a guess.
"""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.spoken import (
    AFTER,
    AFTERNOON,
    BEFORE,
    FILLERS,
    HOUR_WORDS,
    NOON,
    NUMBERS,
    PARTS,
    QUARTER,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class Clock(msgspec.Struct, frozen=True):
    """A time of day, or why it is none (``which_half``, ``impossible``)."""

    at: time = time(0)
    problem: str = ""
    options: tuple[time, ...] = ()


_DIGITAL = re.compile(r"(\d{1,2})[:.](\d{2})(?:u|h|uur)?")
_GLUED = re.compile(r"(\d{1,2})(?:u|h)(\d{2})?")
_TWELVE = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?([ap])\.?m\.?")
_HALVES = {"am": 0, "a.m.": 0, "a.m": 0, "pm": NOON, "p.m.": NOON, "p.m": NOON}
_NIGHT_ENDS = 7
_SIXTY = 60
_DAY = 24


def read_clock(words: Sequence[str], part: str) -> tuple[int, Clock | None]:
    """Return how many words at the beginning are a time, and the time.

    ``part`` is the part of the day that was named with the day, '' for none.
    """
    start = 1 if words and words[0] in FILLERS else 0
    rest = words[start:]
    if rest and rest[0].startswith("@") and len(rest[0]) > 1:
        rest = [rest[0][1:], *rest[1:]]
        start_marked = True
    else:
        start_marked = start > 0
    if not rest:
        return 0, None
    for reader in (_digital, _twelve, _glued, _half, _quarter, _named):
        used, clock = reader(rest, part)
        if clock is not None:
            return start + used, clock
    used, clock = _hour(rest, part, marked=start_marked)
    return (start + used, clock) if clock is not None else (0, None)


def _exact(hour: int, minute: int) -> Clock:
    if hour >= _DAY or minute >= _SIXTY:
        return Clock(problem="impossible")
    return Clock(time(hour, minute))


def _spoken(hour: int, minute: int, part: str) -> Clock:
    """Return a time said with an hour from one to twelve, minutes may be negative."""
    minutes = hour * _SIXTY + minute
    early = minutes < _NIGHT_ENDS * _SIXTY
    if part in AFTERNOON and minutes < NOON * _SIXTY:
        minutes += NOON * _SIXTY
    elif early and part not in PARTS:
        options = tuple(
            time(*divmod((minutes + extra) % (_DAY * _SIXTY), _SIXTY)) for extra in (0, NOON * 60)
        )
        return Clock(problem="which_half", options=options)
    return _exact(*divmod(minutes, _SIXTY))


def _ends(words: Sequence[str], used: int, part: str) -> tuple[int, str]:
    """Return the words used and the part of the day, with a part that follows the time."""
    rest = words[used:]
    if rest[:1] and rest[0] in _HALVES:
        return used + 1, "morning" if _HALVES[rest[0]] == 0 else "afternoon"
    if rest[:2] and rest[0] == "'s" and len(rest) > 1 and rest[1].rstrip("s") in PARTS:
        return used + 2, rest[1].rstrip("s")
    if rest[:1] and rest[0] in {"'s-middags", "'s-avonds", "smiddags", "savonds", "sochtends"}:
        return used + 1, rest[0].removeprefix("'s-").removeprefix("s").rstrip("s")
    if len(rest) > 2 and rest[:2] == ["in", "the"] and rest[2] in PARTS:
        return used + 3, rest[2]
    return used, part


def _digital(words: Sequence[str], _part: str) -> tuple[int, Clock | None]:
    found = _DIGITAL.fullmatch(words[0])
    if found is None:
        return 0, None
    if len(words) > 1 and words[1] in _HALVES:
        return 2, _half_day(int(found.group(1)), int(found.group(2)), _HALVES[words[1]])
    used = 2 if len(words) > 1 and words[1] in HOUR_WORDS else 1
    return used, _exact(int(found.group(1)), int(found.group(2)))


def _half_day(hour: int, minute: int, add: int) -> Clock:
    if not 1 <= hour <= NOON:
        return Clock(problem="impossible")
    return _exact(hour % NOON + add, minute)


def _twelve(words: Sequence[str], _part: str) -> tuple[int, Clock | None]:
    found = _TWELVE.fullmatch(words[0])
    if found is not None:
        add = NOON if found.group(3) == "p" else 0
        return 1, _half_day(int(found.group(1)), int(found.group(2) or 0), add)
    if len(words) > 1 and words[0].isdecimal() and words[1] in _HALVES:
        return 2, _half_day(int(words[0][:3]), 0, _HALVES[words[1]])
    return 0, None


def _glued(words: Sequence[str], part: str) -> tuple[int, Clock | None]:
    found = _GLUED.fullmatch(words[0])
    if found is None:
        return 0, None
    hour = int(found.group(1))
    if found.group(2):
        return 1, _exact(hour, int(found.group(2)))
    return 1, _bare(hour, part, written=True)


def _bare(hour: int, part: str, *, written: bool) -> Clock:
    """Return an hour alone; ``written`` as in 03u, where two digits are a 24 hour clock."""
    if hour > NOON or (hour == 0 and written):
        return _exact(hour, 0)
    return _spoken(hour, 0, part)


def _number(word: str) -> int:
    """Return an hour in digits or words, 0 for none; 'a' and 'een' count as words for things."""
    if word.isdecimal() and len(word) <= 2:
        return int(word)
    return 0 if word in {"a", "an"} else NUMBERS.get(word, 0)


def _half(words: Sequence[str], part: str) -> tuple[int, Clock | None]:
    if words[0] != "half" or len(words) < 2:
        return 0, None
    if words[1] == "past" and len(words) > 2 and (hour := _number(words[2])):
        used, named = _ends(words, 3, part)
        return used, _spoken(hour, 30, named)
    if (hour := _number(words[1])) and hour <= NOON:
        used, named = _ends(words, 2, part)
        return used, _spoken(hour, -30, named)
    return 0, None


def _quarter(words: Sequence[str], part: str) -> tuple[int, Clock | None]:
    if words[0] in QUARTER:
        minutes = 15
    elif words[0].isdecimal() and len(words[0]) <= 2 and int(words[0]) < 30:
        minutes = int(words[0])
    elif words[0] in ("vijf", "tien", "five", "ten", "twenty", "twintig"):
        minutes = {"vijf": 5, "five": 5, "tien": 10, "ten": 10}.get(words[0], 20)
    else:
        return 0, None
    if len(words) < 3 or words[1] not in AFTER | BEFORE:
        return 0, None
    around, use = 0, 2
    if words[2] == "half" and len(words) > 3:
        around, use = -30, 3
    hour = _number(words[use])
    if not hour or hour > NOON:
        return 0, None
    used, named = _ends(words, use + 1, part)
    return used, _spoken(hour, around + (minutes if words[1] in AFTER else -minutes), named)


def _named(words: Sequence[str], _part: str) -> tuple[int, Clock | None]:
    if words[0] in {"noon", "midday"}:
        return 1, Clock(time(12))
    if words[:2] == ["12", "noon"]:
        return 2, Clock(time(12))
    return 0, None


def _hour(words: Sequence[str], part: str, *, marked: bool) -> tuple[int, Clock | None]:
    """Read an hour alone: with ``uur`` or ``o'clock`` behind it, or after ``om`` or ``at``."""
    hour = _number(words[0])
    is_zero = words[0] in {"0", "00"}
    said = len(words) > 1 and words[1] in HOUR_WORDS
    if not (hour or is_zero) or not (said or marked or (part and words[0].isdecimal())):
        return 0, None
    if said and len(words) > 2 and words[2].isdecimal() and len(words[2]) == 2:
        return 3, _exact(hour, int(words[2]))
    used, named = _ends(words, 2 if said else 1, part)
    return used, _bare(hour, named, written=is_zero or words[0].startswith("0"))
