"""Instants as people read them: in their own zone and language, short enough for a text message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling.calendar.zones import wall

if TYPE_CHECKING:
    from datetime import date, datetime

DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "nl": ("ma", "di", "wo", "do", "vr", "za", "zo"),
}
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
}


def day_told(day: date, language: str) -> str:
    """Return a day, such as ``Tue 24 Nov``."""
    own = language if language in DAYS else "en"
    return f"{DAYS[own][day.weekday()]} {day.day} {MONTHS[own][day.month - 1]}"


def told(moment: datetime, zone: str, language: str) -> str:
    """Return what calendar and clock show at a moment, such as ``Tue 24 Nov 10:00``."""
    shown = wall(moment, zone)
    return f"{day_told(shown.date(), language)} {shown:%H:%M}"


def date_told(moment: datetime, zone: str, language: str) -> str:
    """Return the day of a moment, perhaps years ahead, such as ``24 Nov 2028``."""
    day = wall(moment, zone).date()
    own = language if language in DAYS else "en"
    return f"{day.day} {MONTHS[own][day.month - 1]} {day.year}"
