"""I7: one log, from its genesis to its head, and the rows that are folded from it.

1. The lines are numbered from 1 without a gap, each holds the hash of the one before it, and its
   own hash covers everything that is stored of it. None of that needs a key.
2. What is kept beside the log for speed (state, parties, places, head) is what the log folds to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.trajectory import Trajectory, apply
from storage import codec, crypto

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.core import entries as e
    from bridge.core.endpoint import Place
    from storage.audits.report import Tally
    from storage.audits.rows import EntryRow, Head, PartyRow, PlaceRow


class Chain:
    """Follows one log line by line."""

    def __init__(self, tally: Tally, trajectory: str) -> None:
        self._tally = tally
        self._hash = crypto.genesis(trajectory)
        self._at = 0
        self._seq = 0
        self._readable = True
        self.state = Trajectory(id=trajectory)

    def step(self, row: EntryRow, entry: e.Entry | None) -> None:
        """Judge the next line; ``entry`` is None when its envelope cannot be read."""
        self._tally.checked += 1
        for wrong in self._wrong(row, entry):
            self._tally.fault(row.where, wrong)
        self._seq, self._at, self._hash = row.seq, row.at, row.hash
        if entry is None:
            self._readable = False
            return
        self.state = apply(self.state, entry, codec.instant(row.at))

    def _wrong(self, row: EntryRow, entry: e.Entry | None) -> Iterable[str]:
        if row.seq != self._seq + 1:
            yield f"the line before it is {self._seq}: numbers are missing"
        if row.prev_hash != self._hash:
            yield "it does not continue the line before it"
        if row.hash != _hash_of(row):
            yield "its hash does not cover what is stored"
        if row.at < self._at:
            yield "it is older than the line before it"
        if self._seq == 0 and row.kind != "trajectory_opened":
            yield "a log begins with trajectory_opened"
        if entry is None:
            yield "it cannot be read"
        elif entry.owner != row.owner:
            yield "its words are kept under somebody else's key"

    def end(self, head: Head, parties: Iterable[PartyRow], places: Iterable[PlaceRow]) -> None:
        """Compare the end of the log with what is kept beside it."""
        self._tally.checked += 1
        for wrong in self._wrong_at_end(head, parties, places):
            self._tally.fault(head.id, wrong)

    def _wrong_at_end(
        self, head: Head, parties: Iterable[PartyRow], places: Iterable[PlaceRow]
    ) -> Iterable[str]:
        if head.seq is None:
            yield "other tables know it, but it has no row of its own"
        elif head.seq != self._seq:
            yield f"its row says {head.seq} lines, the log ends at {self._seq}"
        elif head.head_hash != self._hash:
            yield "its row has another head than its log"
        if not self._readable:
            return
        if head.seq is not None and _decoded(head.state, self.state.seq) != self.state:
            yield "its state is not what its log comes to"
        if head.closed is not None and bool(head.closed) != self.state.closed:
            yield "its row and its log disagree on whether it is closed"
        known = {row.person: (row.role, bool(row.active)) for row in parties}
        if known != {name: (p.role, p.active) for name, p in self.state.parties.items()}:
            yield "its parties are not those of its log"
        bound = {(p.party, p.network, p.account, p.chat, p.thread) for p in places}
        if bound != set(_bound(self.state)):
            yield "its places are not those of its log"


def _bound(state: Trajectory) -> Iterable[tuple[str, str, str, str, str]]:
    for name, party in state.parties.items():
        if party.place is not None:
            place: Place = party.place
            yield name, place.network, place.account, place.chat, place.thread


def _decoded(state: str | None, seq: int) -> Trajectory | None:
    """Return a stored state as of the end of the log; its seq says only when it was written."""
    try:
        return msgspec.structs.replace(codec.decode_state(state or ""), seq=seq)
    except msgspec.DecodeError:
        return None


def _hash_of(row: EntryRow) -> bytes:
    return crypto.entry_hash(
        row.prev_hash,
        row.trajectory,
        row.seq,
        row.at,
        row.kind,
        row.author,
        row.owner,
        row.envelope,
        row.sealed,
    )
