"""I8 and I12: nothing is said in quiet hours, and every timer that was due had exactly one effect.

1. A nudge is judged by the quiet hours it was decided with, which its entry holds; the claim keeps
   to those too, so that a change meanwhile is no finding.
2. The instant of a request is not in the data: one that became known in quiet hours is wrong only
   if they had begun longer ago than anything is under way.
3. A plan ends once, as given, withheld or cancelled, never before its moment; until then a timer
   waits for it, or is parked where the operator sees it. A nudge that was given and could not go
   is withheld after it and planned anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.nudges import NUDGE
from scheduling.calendar import quiet
from storage import codec
from storage import tables as t

if TYPE_CHECKING:
    from storage.audits.deliveries import Told
    from storage.audits.report import Tally
    from storage.audits.rows import EntryRow

IN_FLIGHT = timedelta(minutes=15)
"""Longer than any lease; see ``deliveries.IN_FLIGHT``."""

_STATES = frozenset({"waiting", "fired", "cancelled", "parked"})
_AGAIN = frozenset({"quiet_hours", "later"})


def check_timers(tally: Tally, connection: sa.Connection) -> None:
    """I12: no timer fired before its instant, and one that waits has not fired."""
    c = t.timers.c
    rows = connection.execute(
        sa.select(c.trajectory, c.name, c.at, c.state, c.fired_at).order_by(c.trajectory, c.name)
    )
    for trajectory, name, at, state, fired_at in rows:
        where = f"{trajectory}/{name.partition(':')[0]}"
        tally.require(state in _STATES, where, "it is in no state a timer has")
        right = (fired_at is not None and fired_at >= at) if state == "fired" else fired_at is None
        tally.require(right, where, "it fired before its instant, or waits and has fired")


def quiet_then(
    tally: Tally, row: EntryRow, entry: e.NudgeGiven, sent: tuple[Told, ...], doubtful: bool
) -> None:
    """I8: the decision and the sending of a nudge lie outside the quiet hours it knew of."""
    decided = codec.instant(row.at)
    tally.require(
        not quiet.is_quiet(decided, entry.quiet, entry.zone),
        row.where,
        "it was decided in the client's quiet hours",
    )
    for step in sent[:1]:
        at = codec.instant(step.at)
        began = quiet.before(at, entry.quiet, entry.zone)
        tally.require(
            doubtful or at - began <= IN_FLIGHT,
            row.where,
            "it was sent in the client's quiet hours",
        )


class Plans:
    """Follows what was planned in one trajectory to its end."""

    def __init__(self, tally: Tally, trajectory: str) -> None:
        self._tally = tally
        self._trajectory = trajectory
        self._open: dict[int, datetime] = {}
        self._given: set[int] = set()

    def step(self, row: EntryRow, entry: e.Entry) -> None:
        """Judge one line."""
        match entry:
            case e.NudgePlanned(at=at):
                self._open[row.seq] = at
            case e.NudgeMoved(target=target, at=at) | e.NudgePostponed(target=target, at=at):
                self._tally.require(target in self._open, row.where, "it moves what is not planned")
                self._open[target] = at
            case e.NudgeGiven(target=target):
                early = target in self._open and codec.instant(row.at) < self._open[target]
                self._end(row, target, early=early)
                self._given.add(target)
            case e.NudgeWithheld(target=target, reason=reason):
                if target not in self._given or reason not in _AGAIN:
                    self._end(row, target)
            case e.NudgeCancelled(target=target):
                if target in self._open:
                    self._end(row, target)
            case e.TrajectoryClosed():
                self._open = {}
            case _:
                pass

    def _end(self, row: EntryRow, target: int, *, early: bool = False) -> None:
        self._tally.require(target in self._open, row.where, "what it ends is not planned")
        self._tally.require(not early, row.where, "it was given before its moment")
        self._open.pop(target, None)

    def end(self, connection: sa.Connection) -> None:
        """For what is still planned a timer waits."""
        if not self._open:
            return
        c = t.timers.c
        query = sa.select(c.name, c.at).where(
            c.trajectory == self._trajectory, c.state.in_(("waiting", "parked"))
        )
        waiting = {str(name): int(at) for name, at in connection.execute(query)}
        for seq, at in self._open.items():
            known = waiting.get(f"{NUDGE}:{seq}")
            where = f"{self._trajectory}/{seq}"
            self._tally.require(known == codec.micros(at), where, "no timer waits for it")
