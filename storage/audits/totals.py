"""I15: the time that was spent is what the log comes to, session by session and added up.

1. A session took what was agreed last: its line, its appointment and the clock say the same.
2. Each appointment is counted once, and none that was called off.
3. What the table of appointments adds up to, by trajectory, people and kind, is what the lines of
   closed sessions do. There is no money in the store yet.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from storage import tables as t

if TYPE_CHECKING:
    from storage.audits.report import Tally

_MINUTE = timedelta(minutes=1)
_MICROSECONDS = _MINUTE // timedelta(microseconds=1)

Kind = tuple[str, str, str, str]
"""Trajectory, coach, client, modality: what minutes are added up by."""


class _Agreed(msgspec.Struct):
    """An appointment as it stands: from when, how long, and whether it may still be held."""

    start: datetime
    minutes: int
    open: bool = True


class Totals:
    """Takes the lines of all logs, then compares the sums."""

    def __init__(self, tally: Tally, connection: sa.Connection) -> None:
        self._tally = tally
        self._connection = connection
        self._agreed: dict[tuple[str, int], _Agreed] = {}
        self._spent: Counter[Kind] = Counter()

    def step(self, trajectory: str, seq: int, entry: e.Entry) -> None:
        """Judge one line; what spends no time is passed over."""
        where = f"{trajectory}/{seq}"
        match entry:
            case e.AppointmentBooked(start=start, minutes=minutes):
                self._agreed[trajectory, seq] = _Agreed(start, minutes)
            case e.AppointmentMoved(appointment=number, start=start, minutes=minutes):
                self._agreed[trajectory, number] = _Agreed(start, minutes)
            case e.AppointmentCancelled(appointment=number):
                if known := self._agreed.get((trajectory, number)):
                    known.open = False
            case e.SessionClosed():
                self._closed(trajectory, where, entry)
            case e.SessionLogged(minutes=minutes):
                self._tally.require(minutes >= 0, where, "a session took less than no time")
            case e.CallEnded(seconds=seconds):
                self._tally.require(seconds >= 0, where, "a call took less than no time")
            case _:
                pass

    def _closed(self, trajectory: str, where: str, entry: e.SessionClosed) -> None:
        known = self._agreed.get((trajectory, entry.appointment))
        right = known is not None and known.open
        self._tally.require(right, where, "it counts an appointment twice, or one called off")
        if known is not None:
            known.open = False
            agreed = (entry.start, entry.minutes) == (known.start, known.minutes)
            lasted = entry.end - entry.start == entry.minutes * _MINUTE
            self._tally.require(agreed and lasted, where, "its minutes are not what was agreed")
        self._spent[trajectory, entry.coach, entry.client, entry.modality] += entry.minutes

    def end(self) -> None:
        """Compare what the lines add up to with what the appointments do."""
        c = t.bookings.c
        by = (c.trajectory, c.coach, c.client, c.modality)
        total = sa.func.sum(c.ends_at - c.starts_at)
        query = sa.select(*by, total).where(c.state == "held").group_by(*by)
        kept: Counter[Kind] = Counter()
        for trajectory, coach, client, modality, lasted in self._connection.execute(query):
            kept[trajectory, coach, client, modality] = int(lasted) // _MICROSECONDS
        for kind in sorted({*kept, *self._spent}):
            right = kept[kind] == self._spent[kind]
            self._tally.require(right, kind[0], "its minutes do not add up to those of its log")
