"""Moments as a person reads them, ``Thu 26 Nov 09:40``: their language, a zone's clocks."""

from __future__ import annotations

from datetime import datetime

from scheduling.calendar import zones

_DAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "nl": ["ma", "di", "wo", "do", "vr", "za", "zo"],
}
_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "nl": ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
}


def written(moment: str, language: str) -> str:
    """Return ``<instant> <zone>`` as the engine hands it out for a reader; else the text as it is.

    The year is left out: nothing is planned farther ahead than it can be mistaken.
    """
    text, _, zone = moment.partition(" ")
    try:
        shown = zones.wall(datetime.fromisoformat(text), zone)
    except ValueError:
        return moment
    return at_wall(shown, language)


def at_wall(shown: datetime, language: str) -> str:
    """Return a wall time in a language we speak, English for any other."""
    days, months = _DAYS.get(language, _DAYS["en"]), _MONTHS.get(language, _MONTHS["en"])
    return f"{days[shown.weekday()]} {shown.day} {months[shown.month - 1]} {shown:%H:%M}"
