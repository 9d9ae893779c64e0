"""When to remind somebody of an appointment: a day before, and not in their quiet hours.

1. What would ring in quiet hours comes when they end, if half a day is left to answer it; else in
   the evening before they begin. Where it is too late for that, it comes when they end after all.
2. Never less than an hour before the appointment, and never after: then it is left out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduling.calendar import quiet

if TYPE_CHECKING:
    from datetime import datetime

    from scheduling.calendar.quiet import QuietHours

REMIND = timedelta(hours=24)
ENOUGH = timedelta(hours=12)
LEAST = timedelta(hours=1)
_EVENING = timedelta(minutes=59)
"""So much before the last minute that is not quiet: at eight where quiet begins at nine."""


def remind_at(start: datetime, now: datetime, hours: QuietHours, zone: str) -> datetime | None:
    """Return when to remind somebody in a zone of what begins at ``start``; None = not at all."""
    usual = start - REMIND
    if usual <= now:
        return None
    first = quiet.after(usual, hours, zone)
    if start - first >= ENOUGH:
        return first
    last = quiet.before(usual, hours, zone)
    evening = last - _EVENING
    if quiet.is_quiet(evening, hours, zone):
        evening = last
    return evening if evening > now else _in_time(first, start)


def instead_of(now: datetime, start: datetime, hours: QuietHours, zone: str) -> datetime | None:
    """Return when to remind instead of now: now itself where it is not quiet, None = not at all."""
    return _in_time(quiet.after(now, hours, zone), start)


def _in_time(at: datetime, start: datetime) -> datetime | None:
    return at if start - at >= LEAST else None
