"""What the pages say, in the reader's language, and how they write times.

1. A text is its own key in English; Dutch stands in the gettext catalogue ``console.po``.
2. Parameters are data. Escaping is the template's matter: nothing here makes markup.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_time

from bridge.runtime.texts import language_of, said_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

_DOMAIN = "console"


class Words:
    """The pages' words in one language, and times in one zone."""

    def __init__(self, language: str, time_zone: str = "") -> None:
        self.language = language_of(language)
        self.zone = zone_of(time_zone)
        self._texts = texts(self.language)

    def __call__(self, text: str, **params: object) -> str:
        """Return a text, filled in. Raises KeyError for a missing parameter."""
        said = self._texts.get(text, text)
        return said.format_map(params) if params else said

    def count(self, number: int, one: str, many: str) -> str:
        """Return a text with a number in it; both take ``{n}``."""
        return self(one if number == 1 else many, n=number)

    def time(self, at: datetime, zone: tzinfo | None = None) -> str:
        """Return the hour and minute."""
        return format_time(at, "HH:mm", tzinfo=zone or self.zone, locale=self.language)

    def day(self, at: datetime) -> str:
        """Return the day in full."""
        pattern = "EEEE d MMMM y" if self.language == "nl" else "EEEE, d MMMM y"
        return format_date(at.astimezone(self.zone), pattern, locale=self.language)

    def moment(self, at: datetime) -> str:
        """Return day and time in short."""
        return format_datetime(at, "EEE d MMM HH:mm", tzinfo=self.zone, locale=self.language)

    def day_key(self, at: datetime) -> str:
        """Return the date as a key, in the reader's zone."""
        return at.astimezone(self.zone).date().isoformat()


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """Return a zone by its IANA name, UTC where it is not known."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def city(name: str) -> str:
    """Return what people call a zone: its city."""
    return name.rpartition("/")[2].replace("_", " ")


def texts(language: str) -> Mapping[str, str]:
    """Return the texts of a language by their English."""
    return said_in(language, _DOMAIN)
