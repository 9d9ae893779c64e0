"""Instants as people say them, on the reader's own clock and in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scheduling.calendar.zones import wall

if TYPE_CHECKING:
    from datetime import datetime


class _Words(NamedTuple):
    days: str
    months: str
    today: str
    tomorrow: str
    at: str


_EN = _Words(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "January February March April May June July August September October November December",
    "today",
    "tomorrow",
    "at",
)
_NL = _Words(
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "vandaag",
    "morgen",
    "om",
)
_WEEK = 7


def spoken(moment: datetime, zone: str, language: str, now: datetime) -> str:
    """Return an instant as "tomorrow at 09:00", or with its date when it is a week away or past."""
    words = _NL if language.partition("-")[0].lower() == "nl" else _EN
    here = wall(moment, zone)
    away = (here.date() - wall(now, zone).date()).days
    if away in (0, 1):
        day = words.tomorrow if away else words.today
    else:
        day = words.days.split()[here.weekday()]
        if not 0 <= away < _WEEK:
            day = f"{day} {here.day} {words.months.split()[here.month - 1]}"
    return f"{day} {words.at} {here:%H:%M}"
