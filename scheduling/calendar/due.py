"""When an action step is due, by the day its own words name; else in a week. Pure.

1. The words stay as they are: "call Piet by Friday" is a step, and Friday at ``HOUR`` is when its
   client is asked about it, on the client's own clock.
2. A day that comes every week or morning ("elke morgen") is no day to be asked on.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from scheduling.calendar.zones import instant_at, wall

HOUR = time(17)
USUAL = timedelta(days=7)
_LATER = timedelta(hours=2)
_FARTHEST = 366

_WEEKDAYS = (
    *("monday maandag", "tuesday dinsdag", "wednesday woensdag", "thursday donderdag"),
    *("friday vrijdag", "saturday zaterdag", "sunday zondag"),
)
_DAYS = {name: day for day, names in enumerate(_WEEKDAYS) for name in names.split()}
_AHEAD = {"today": 0, "tonight": 0, "vandaag": 0, "vanavond": 0, "vanmiddag": 0}
_AHEAD |= {"tomorrow": 1, "morgen": 1, "overmorgen": 2}
_MONTHS = (
    *("january januari jan", "february februari feb", "march maart mar mrt", "april apr"),
    *("may mei", "june juni jun", "july juli jul", "august augustus aug"),
    *("september sep sept", "october oktober oct okt", "november nov", "december dec"),
)
_MONTH = {name: n for n, names in enumerate(_MONTHS, start=1) for name in names.split()}
_EVERY = r"(?<!\bevery )(?<!\beach )(?<!\belke )(?<!\biedere )(?<!\bde )(?<!\bs )"
_NAMED = re.compile(rf"{_EVERY}\b({'|'.join([*_DAYS, *_AHEAD])})\b(?!s\b)")
_IN = re.compile(r"\b(?:in|over|within|binnen) (\d{1,3}|a|an|een) (day|week|dag|we+k)(?:s|en)?\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DATE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|e)? ({'|'.join(_MONTH)})\b")
_DATE_US = re.compile(rf"\b({'|'.join(_MONTH)}) (\d{{1,2}})(?:st|nd|rd|th)?\b")


def due(text: str, now: datetime, zone: str) -> datetime:
    """Return when a step is due: on the first day its words name, else in a week, at ``HOUR``."""
    folded = unicodedata.normalize("NFKD", text.casefold()).replace("'", "").replace("’", "")
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    here = wall(now, zone)
    day = _day(folded, here)
    if day is None or not 0 <= (day - here.date()).days <= _FARTHEST:
        day = (here + USUAL).date()
    return max(instant_at(day, HOUR, zone), now + _LATER)


def _day(text: str, here: datetime) -> date | None:
    if found := _ISO.search(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DATE.search(text):
        return _next(_MONTH[found[2]], int(found[1]), here.date())
    if found := _DATE_US.search(text):
        return _next(_MONTH[found[1]], int(found[2]), here.date())
    if found := _IN.search(text):
        count = int(found[1]) if found[1].isdigit() else 1
        return here.date() + timedelta(days=count * (7 if found[2].startswith("we") else 1))
    if found := _NAMED.search(text):
        if found[1] in _AHEAD:
            return here.date() + timedelta(days=_AHEAD[found[1]])
        away = (_DAYS[found[1]] - here.weekday()) % 7
        if away == 0 and here.time() >= HOUR:
            away = 7
        return here.date() + timedelta(days=away)
    return None


def _next(month: int, day: int, today: date) -> date | None:
    this = _date(today.year, month, day)
    return this if this is None or this >= today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
