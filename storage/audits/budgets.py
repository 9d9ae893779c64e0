"""I15: the minutes that are left are what was granted less what was counted, line by line.

1. What the state of a trajectory says of its minutes is the sum over its log, which is taken here
   anew, without the engine's own fold.
2. Every call in which two people talked, after minutes were agreed on, is counted once, with the
   minutes it took; every meeting is counted once, by its call or as agreed.
3. Nothing is counted before minutes were agreed on, and no correction takes back more than was
   counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.agenda import PHONE
from bridge.core.budget import rounded
from storage import codec

if TYPE_CHECKING:
    from storage.audits.report import Tally


class _Sums(msgspec.Struct):
    """One log as far as it was read; ``calls`` are those ended, with their meeting and minutes.

    ``open`` are the sessions of another kind under way: a call meanwhile is part of them.
    """

    granted: int = 0
    spent: int = 0
    begun: bool = False
    calls: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)
    counted: set[int] = msgspec.field(default_factory=set)
    by_call: set[int] = msgspec.field(default_factory=set)
    meetings: set[int] = msgspec.field(default_factory=set)
    proposed: set[int] = msgspec.field(default_factory=set)
    open: set[int] = msgspec.field(default_factory=set)


class Budgets:
    """Takes the lines of one log after the other."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._sums = _Sums()

    def step(self, trajectory: str, seq: int, entry: e.Entry) -> None:
        """Judge one line."""
        sums, where = self._sums, f"{trajectory}/{seq}"
        match entry:
            case e.TimeGranted(minutes=minutes):
                sums.granted += minutes
                right = sums.granted >= 0 and (minutes > 0 or sums.begun)
                self._tally.require(right, where, "it takes back more than was granted")
                sums.begun = True
            case e.TimeCounted():
                self._counted(where, entry)
            case e.TimeProposed():
                sums.proposed.add(seq)
            case e.TimeDeclined(target=target):
                self._settle(where, target)
            case e.SessionOpened(appointment=number, modality=modality) if modality != PHONE:
                sums.open.add(number)
            case e.SessionClosed(appointment=number):
                sums.open.discard(number)
            case e.CallEnded(outcome="talked", session=session, seconds=seconds):
                if sums.begun and not sums.open:
                    sums.calls[seq] = (session, rounded(seconds))
            case _:
                pass

    def _counted(self, where: str, entry: e.TimeCounted) -> None:
        sums = self._sums
        sums.spent += entry.minutes
        self._tally.require(sums.begun, where, "it counts minutes that nobody agreed on")
        self._tally.require(sums.spent >= 0, where, "it takes back more than was counted")
        if entry.what == "call":
            session, minutes = sums.calls.get(entry.target, (0, -1))
            right = minutes == entry.minutes and entry.target not in sums.counted
            self._tally.require(
                right, where, "it counts a call twice, or other minutes than it took"
            )
            sums.counted.add(entry.target)
            sums.by_call.add(session)
            self._tally.require(
                session not in sums.meetings, where, "its meeting was counted as agreed already"
            )
        elif entry.what in ("session", e.FACE_TO_FACE) and entry.author == e.BRIDGE:
            again = entry.target in sums.meetings or entry.target in sums.by_call
            self._tally.require(not again, where, "it counts a meeting a second time")
            sums.meetings.add(entry.target)
        elif entry.what == "written":
            self._settle(where, entry.target)

    def _settle(self, where: str, target: int) -> None:
        known = target in self._sums.proposed
        self._tally.require(known, where, "it answers what was not proposed, or twice")
        self._sums.proposed.discard(target)

    def end(self, trajectory: str, stored: str | None) -> None:
        """Compare the sums with what the state says; then another log begins."""
        sums, self._sums = self._sums, _Sums()
        for seq, (_, minutes) in sums.calls.items():
            right = not minutes or seq in sums.counted
            self._tally.require(
                right, f"{trajectory}/{seq}", "the minutes of a call are not counted"
            )
        try:
            known = codec.decode_state(stored or "").budget
        except msgspec.DecodeError:
            return  # that its state cannot be read is told by I7
        right = (known.granted, known.spent) == (sums.granted, sums.spent)
        self._tally.require(right, trajectory, "its balance is not what its log comes to")
