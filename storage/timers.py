"""Timers: rows that wait for an instant, are claimed like rows of the outbox, and fire once.

1. A timer fires in the transaction of what it comes to: both are committed or neither is.
2. On PostgreSQL a due row is locked by who fires it and skipped by everybody else, so a process
   that stopped in the middle keeps its rows to itself until it, or its connection, is gone.
3. A row stays after it fired: that is why a clock that steps back fires nothing again.
4. What fails again and again is parked, so that it holds nobody else up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from bridge.core.timers import LASTING, CancelTimer, StartTimer, TimerChange
from storage.codec import instant, micros
from storage.sql import Row, Sql, SqlIn, insert, update
from storage.time_tables import timers

if TYPE_CHECKING:
    from storage.transaction import Transaction

ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=10)


class Timer(msgspec.Struct, frozen=True):
    """A timer that is due; ``failures`` counts how often it could not be fired."""

    trajectory: str
    name: str
    at: datetime
    failures: int = 0


_START = insert(
    timers,
    end="ON CONFLICT (trajectory, name) DO UPDATE SET "
    "at = excluded.at, next_at = excluded.next_at, state = 'waiting', "
    "round = timers.round + 1, failures = 0, error = '', fired_at = NULL",
)
_CANCEL = Sql(
    "UPDATE timers SET state = 'cancelled' WHERE trajectory = ? AND name = ? AND state = 'waiting'"
)
_CANCEL_ALL = Sql(
    "UPDATE timers SET state = 'cancelled' "  # noqa: S608 - constants of ours
    "WHERE trajectory = ? AND state = 'waiting'" + " AND name NOT LIKE ?" * len(LASTING)
)
_OLDEST = Sql(
    "SELECT trajectory, name, at, failures FROM timers "
    "WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at LIMIT ?"
)
_OLDEST_FREE = Sql(
    "SELECT t.trajectory, t.name, t.at, t.failures FROM timers t "
    "JOIN trajectories h ON h.id = t.trajectory "
    "WHERE t.state = 'waiting' AND t.next_at <= ? ORDER BY t.next_at LIMIT ? "
    "FOR UPDATE OF t, h SKIP LOCKED"
)
_BESIDE = SqlIn(
    "WITH k(trajectory, now) AS (*) SELECT t.trajectory, t.name, t.at, t.failures "
    "FROM k CROSS JOIN timers t WHERE t.trajectory = k.trajectory "
    "AND t.state = 'waiting' AND t.next_at <= k.now ORDER BY t.next_at LIMIT 256",
    width=2,
    postgresql="FOR UPDATE OF t SKIP LOCKED",
)
_FIRED = update(
    timers,
    *("state", "fired_at", "trajectory", "name"),
    keys=2,
    also=" AND timers.state = 'waiting'",
)
_FAILED = Sql(
    "UPDATE timers SET state = ?, failures = failures + 1, error = ?, next_at = ? "
    "WHERE trajectory = ? AND name = ? AND state = 'waiting'"
)


class Timers:
    """Timers within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._started: dict[tuple[str, str], Row] = {}
        self._fired: dict[tuple[str, str], Row] = {}
        self.due_at_once = False
        """Whether something was started that is due already."""

    def set(self, trajectory: str, change: TimerChange) -> None:
        """Start or cancel a timer; one that is started again has a new instant."""
        match change:
            case StartTimer(name=name, at=at):
                self._fired.pop((trajectory, name), None)  # it waits anew, whatever it was
                self.due_at_once |= at <= self._tx.now
                row = (trajectory, name, micros(at), micros(at), "waiting", 1, 0, None, "")
                self._started[trajectory, name] = row
            case CancelTimer(name=name):
                self.flush()
                _CANCEL.run(self._tx.connection, trajectory, name)

    def flush(self) -> None:
        """Write what was started and what fired, each in one statement."""
        started, self._started = self._started, {}
        fired, self._fired = self._fired, {}
        _START.run_many(self._tx.connection, list(started.values()))
        _FIRED.run_many(self._tx.connection, list(fired.values()))

    def cancel_all(self, trajectory: str) -> None:
        """Let none of a trajectory's timers come back, but those that outlive it."""
        self.flush()
        _CANCEL_ALL.run(self._tx.connection, trajectory, *(f"{one}:%" for one in LASTING))

    def due(self, most: int) -> list[Timer]:
        """Return timers whose instant has come, the oldest first, for this transaction alone.

        With several, those come along that are due in the same logs (up to as many again): what
        a log costs is then paid once. On PostgreSQL a log that somebody else has is skipped too.
        """
        self.flush()
        oldest = _OLDEST if self._tx.sqlite else _OLDEST_FREE
        rows = [*oldest.rows(self._tx.connection, self._tx.at, most)]
        if most > 1:
            taken = {(trajectory, name) for trajectory, name, *_ in rows}
            logs = [(name, self._tx.at) for name in dict.fromkeys(row[0] for row in rows)]
            beside = _BESIDE.rows(self._tx.connection, logs)
            more = [row for row in beside if (row[0], row[1]) not in taken]
            rows = sorted([*rows, *more[:most]], key=itemgetter(2))
        return [Timer(trajectory, name, instant(at), n) for trajectory, name, at, n in rows]

    def fired(self, timer: Timer) -> None:
        """The timer came to something in this transaction."""
        row = ("fired", self._tx.at, timer.trajectory, timer.name)
        self._fired[timer.trajectory, timer.name] = row

    def failed(self, timer: Timer, error: str) -> bool:
        """Try a timer again after a while; True when it is parked, having failed too often."""
        self.flush()
        parked = timer.failures + 1 >= ATTEMPTS
        again = self._tx.now + FIRST_PAUSE * 2**timer.failures
        state = "parked" if parked else "waiting"
        row = (state, error, micros(again), timer.trajectory, timer.name)
        _FAILED.run(self._tx.connection, *row)
        return parked
