"""Who was who in a trajectory when: its states in order, and who had stopped us.

Only the entries that change people are kept, so this stays small however long the log is.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.trajectory import Trajectory, apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHANGING = (
    e.TrajectoryOpened,
    e.TrajectoryClosed,
    e.PartyAdded,
    e.PartyRemoved,
    e.PlaceBound,
    e.PlaceUnbound,
    e.ConsentAsked,
    e.ConsentGiven,
    e.ConsentRefused,
    e.OptedOut,
    e.OptedIn,
)
CHANGING_KINDS = tuple(str(kind.__struct_config__.tag) for kind in CHANGING)


class Stop(msgspec.Struct, frozen=True):
    """A party stopped us on a network, or (``out=False``) let us in again."""

    seq: int
    at: datetime
    out: bool


class Timeline:
    """The states of one trajectory, by seq."""

    def __init__(self, trajectory: str, changes: Iterable[tuple[int, datetime, e.Entry]]) -> None:
        state = Trajectory(id=trajectory)
        self._seqs = [0]
        self._states = [state]
        self._stops: dict[tuple[str, str], list[Stop]] = {}
        for seq, at, entry in changes:
            match entry:
                case e.OptedOut(party=party, network=network):
                    self._stops.setdefault((party, network), []).append(Stop(seq, at, out=True))
                case e.OptedIn(party=party, network=network):
                    self._stops.setdefault((party, network), []).append(Stop(seq, at, out=False))
                case _:
                    if isinstance(entry, e.PartyRemoved):
                        self._forget_stops(entry.party, Stop(seq, at, out=False))
                    state = apply(state, entry, at)
                    self._seqs.append(seq)
                    self._states.append(state)

    def _forget_stops(self, party: str, left: Stop) -> None:
        """Whoever left may start again without this log hearing of it."""
        for (who, _), stops in self._stops.items():
            if who == party:
                stops.append(left)

    def at(self, seq: int) -> Trajectory:
        """Return the state after the entry ``seq``; its own ``seq`` field means nothing here."""
        return self._states[bisect_right(self._seqs, seq) - 1]

    def between(self, first: int, last: int) -> Iterator[Trajectory]:
        """Yield every state that held at some moment from ``first`` until ``last``."""
        start = bisect_right(self._seqs, first) - 1
        end = max(bisect_right(self._seqs, last), start + 1)
        yield from self._states[start:end]

    def last_stop(self, party: str, network: str, before: int) -> Stop | None:
        """Return the latest word about stopping before the entry ``before``, if there is any."""
        stops = self._stops.get((party, network), ())
        latest = None
        for stop in stops:
            if stop.seq >= before:
                break
            latest = stop
        return latest
