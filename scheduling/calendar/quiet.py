"""Quiet hours: when somebody is not to be disturbed, by the clocks of where they are.

1. From ``begins`` until ``ends`` every day, over midnight where ``ends`` is the earlier one; where
   both are the same there are none.
2. ``weekends`` adds Saturday and Sunday, whole.
3. Walls are read in a zone, so the hours stay where they are when the clocks change.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

import msgspec

from scheduling.calendar import zones

_SATURDAY = 5
_MOST_DAYS = 10


class QuietHours(msgspec.Struct, frozen=True):
    """Minutes after midnight at which the quiet begins and ends; 21:00 to 08:00 and weekends."""

    begins: int = 21 * 60
    ends: int = 8 * 60
    weekends: bool = True

    @classmethod
    def parse(cls, text: str, *, weekends: bool = True) -> QuietHours:
        """Read ``21:00-08:00``, or ``none``. Raises ValueError with a sentence for the operator."""
        if text.strip().lower() == "none":
            return cls(0, 0, weekends)
        try:
            first, _, last = text.partition("-")
            begins, ends = (time.fromisoformat(one.strip()) for one in (first, last))
        except ValueError:
            msg = f"{text!r} are no quiet hours; write them like 21:00-08:00, or none"
            raise ValueError(msg) from None
        return cls(begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute, weekends)

    def __str__(self) -> str:
        if self.begins == self.ends:
            return "none"
        return "-".join("{:02d}:{:02d}".format(*divmod(m, 60)) for m in (self.begins, self.ends))


def is_quiet(moment: datetime, hours: QuietHours, zone: str) -> bool:
    """Tell whether an instant lies in the quiet hours of somebody in a zone."""
    return _wall_is_quiet(zones.wall(moment, zone), hours)


def _wall_is_quiet(shown: datetime, hours: QuietHours) -> bool:
    if hours.weekends and shown.weekday() >= _SATURDAY:
        return True
    if hours.begins == hours.ends:
        return False
    minute = shown.hour * 60 + shown.minute
    if hours.begins < hours.ends:
        return hours.begins <= minute < hours.ends
    return minute >= hours.begins or minute < hours.ends


def after(moment: datetime, hours: QuietHours, zone: str) -> datetime:
    """Return the first instant from ``moment`` on that is not quiet: itself where it is not."""
    if not is_quiet(moment, hours, zone):
        return moment
    day = zones.wall(moment, zone).date()
    starts = frozenset({_time(0), _time(hours.ends)})
    for _ in range(_MOST_DAYS):
        for start in zones.turns(day, starts, zone):
            if start > moment and not is_quiet(start, hours, zone):
                return start
        day += timedelta(days=1)
    raise ValueError(f"there is no hour that is not quiet in {hours}")


def before(moment: datetime, hours: QuietHours, zone: str) -> datetime:
    """Return the last minute up to ``moment`` that is not quiet: itself where it is not."""
    if not is_quiet(moment, hours, zone):
        return moment
    day = zones.wall(moment, zone).date() + timedelta(days=1)  # its midnight ends the day before
    ends = frozenset({_time(0), _time(hours.begins)})
    for _ in range(_MOST_DAYS):
        for end in reversed(zones.turns(day, ends, zone)):
            last = end - timedelta(minutes=1)
            if last < moment and not is_quiet(last, hours, zone):
                return last
        day -= timedelta(days=1)
    raise ValueError(f"there is no hour that is not quiet in {hours}")


def _time(minutes: int) -> time:
    return time(*divmod(minutes, 60))
