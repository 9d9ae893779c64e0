"""I11: no moment of a coach is given twice, and the tables of appointments are what the logs say.

1. What stands is folded from the logs, line by line; two appointments of one coach that stand at
   the same time are a finding, whatever the tables say.
2. ``bookings`` and ``booked_cells`` are compared with it, both ways.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from storage import tables as t
from storage.agenda import cells
from storage.codec import instant
from storage.reading import streamed

if TYPE_CHECKING:
    from storage.audits.report import Tally

_MINUTE = timedelta(minutes=1)


class _Given(msgspec.Struct):
    """One appointment as its log has it."""

    coach: str
    client: str
    start: datetime
    end: datetime
    state: str = "booked"


class Slots:
    """Takes the lines of all logs, then judges."""

    def __init__(self, tally: Tally, connection: sa.Connection) -> None:
        self._tally = tally
        self._connection = connection
        self._given: dict[tuple[str, int], _Given] = {}

    def step(self, trajectory: str, seq: int, entry: e.Entry) -> None:
        """Take one line; what is not about appointments is passed over."""
        match entry:
            case e.AppointmentBooked(coach=coach, client=client, start=start, minutes=minutes):
                end = start + minutes * _MINUTE
                self._given[trajectory, seq] = _Given(coach, client, start, end)
            case e.AppointmentMoved(appointment=number, start=start, minutes=minutes):
                if known := self._known(trajectory, seq, number):
                    known.start, known.end = start, start + minutes * _MINUTE
            case e.AppointmentCancelled(appointment=number):
                self._turn(trajectory, seq, number, "cancelled")
            case e.SessionOpened(appointment=number):
                self._turn(trajectory, seq, number, "open")
            case e.SessionClosed(appointment=number):
                self._turn(trajectory, seq, number, "held")
            case _:
                pass

    def _turn(self, trajectory: str, seq: int, number: int, state: str) -> None:
        if known := self._known(trajectory, seq, number):
            known.state = state

    def _known(self, trajectory: str, seq: int, number: int) -> _Given | None:
        known = self._given.get((trajectory, number))
        if known is None:
            self._tally.fault(f"{trajectory}/{seq}", "it is about an appointment that never was")
        return known

    def end(self) -> None:
        """Judge everything that stands."""
        self._overlaps()
        self._rows()
        self._cells()

    def _overlaps(self) -> None:
        by_coach: dict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
        for (trajectory, number), one in self._given.items():
            if one.state != "cancelled":
                where = f"{trajectory}/{number}"
                by_coach[one.coach].append((one.start, one.end, where))
        for given in by_coach.values():
            latest, before = None, ""
            for start, end, where in sorted(given):
                apart = latest is None or start >= latest
                self._tally.require(apart, where, f"the same time is given to {before} too")
                if latest is None or end > latest:
                    latest, before = end, where

    def _rows(self) -> None:
        c = t.bookings.c
        query = sa.select(
            c.trajectory, c.appointment, c.coach, c.client, c.starts_at, c.ends_at, c.state
        )
        left = dict(self._given)
        for trajectory, number, coach, client, start, end, state in streamed(
            self._connection, query
        ):
            mine = left.pop((trajectory, number), None)
            row = _Given(coach, client, instant(start), instant(end), state)
            self._tally.require(
                mine == row, f"{trajectory}/{number}", "its row is not what its log says"
            )
        for trajectory, number in left:
            self._tally.fault(f"{trajectory}/{number}", "it has no row")

    def _cells(self) -> None:
        c = t.booked_cells.c
        held: dict[tuple[str, int], set[tuple[str, int]]] = defaultdict(set)
        query = sa.select(c.coach, c.cell, c.trajectory, c.appointment)
        for coach, cell, trajectory, number in streamed(self._connection, query):
            held[trajectory, number].add((coach, cell))
        for (trajectory, number), one in self._given.items():
            wanted = {(one.coach, cell) for cell in cells(one.start, one.end)}
            right = held.pop((trajectory, number), set()) == (
                set() if one.state == "cancelled" else wanted
            )
            self._tally.require(
                right, f"{trajectory}/{number}", "other minutes are taken than it lasts"
            )
        for trajectory, number in held:
            self._tally.fault(f"{trajectory}/{number}", "minutes are taken for what never was")
