"""Days as people write them, in English and Dutch, and as they read them. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.core import keywords

MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    "nl": (
        *("januari", "februari", "maart", "april", "mei", "juni", "juli"),
        *("augustus", "september", "oktober", "november", "december"),
    ),
}
_WEEKDAYS = (
    ("monday", "maandag"),
    ("tuesday", "dinsdag"),
    ("wednesday", "woensdag"),
    ("thursday", "donderdag"),
    ("friday", "vrijdag"),
    ("saturday", "zaterdag"),
    ("sunday", "zondag"),
)
_AGO = {"today": 0, "vandaag": 0, "yesterday": 1, "gisteren": 1, "eergisteren": 2}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}))?")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|e)? (?:of )?([a-z]{3,9})\.?,?(?: (\d{4}))?")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?")


def past_day(text: str, today: date) -> date | None:
    """Return the day a text names, the last one of that name up to today; None for no day.

    Numbers are day and month in this order, as both languages write them in Europe.
    """
    word = keywords.keyword(text)
    if word in _AGO:
        return today - timedelta(days=_AGO[word])
    for number, names in enumerate(_WEEKDAYS):
        if word in names:
            return today - timedelta(days=(today.weekday() - number) % 7)
    if found := _ISO.fullmatch(word):
        return _day(found[1], found[2], found[3], today)
    if found := _NUMBERS.fullmatch(word):
        return _day(found[3], found[2], found[1], today)
    if found := _DAY_FIRST.fullmatch(word):
        return _day(found[3], _month(found[2]), found[1], today)
    if found := _MONTH_FIRST.fullmatch(word):
        return _day(found[3], _month(found[1]), found[2], today)
    return None


def _month(name: str) -> str:
    for months in MONTHS.values():
        for number, month in enumerate(months, 1):
            if month.lower() == name or (month.lower()[:3] == name[:3] and len(name) in (3, 4)):
                return str(number)
    return {"mrt": "3", "okt": "10"}.get(name, "0")


def _day(year: str | None, month: str, day: str, today: date) -> date | None:
    """Return a day that exists and has been; without a year, the last such day."""
    years = [int(year)] if year else [today.year - back for back in range(5)]
    for one in years:
        try:
            found = date(one, int(month), int(day))
        except ValueError:
            continue
        if found <= today:
            return found
    return None


def zone_of(name: str) -> ZoneInfo:
    """Return a person's time zone, UTC where theirs is unknown here."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants between which it is a day somewhere."""
    start = datetime.combine(day, time(), zone)
    return start, datetime.combine(day + timedelta(days=1), time(), zone)


def written(day: date, language: str, today: date) -> str:
    """Return a day as it is read: "12 March", with its year where that is another than today's."""
    months = MONTHS.get(language, MONTHS["en"])
    text = f"{day.day} {months[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"
