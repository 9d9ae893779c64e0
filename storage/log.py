"""The logs as the writer sees them: states, the hash chain and sealed entries.

1. The only place that gives an entry its seq, instant, seal and hash.
2. An entry is never earlier than the one before it in the same log, whatever the clock says.
3. On PostgreSQL a trajectory's row is locked when it is first looked at, so that seq has no gaps
   and outbox ids follow the log.
"""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter, is_not
from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.errors import StoreError
from bridge.core.trajectory import Trajectory, apply
from storage import codec, crypto
from storage.sql import Row, Sql, SqlIn, insert, update
from storage.tables import entries, states, trajectories

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.transaction import Transaction


class Logged(msgspec.Struct, frozen=True):
    """An entry as it stands in the log; erased words are defaults."""

    seq: int
    at: datetime
    entry: e.Entry
    hash: bytes


class _Head(msgspec.Struct):
    """The end of one log."""

    id: str
    state: Trajectory | None
    seq: int = 0
    hash: bytes = b""
    at: int = 0
    stored: bool = False
    changed: bool = False
    turned: bool = False  # the state changed in more than its seq


_HEADS = SqlIn(
    "SELECT id, seq, head_hash, last_at FROM trajectories WHERE id IN (*) ORDER BY id",
    postgresql="FOR UPDATE",
)
_STATES = SqlIn("SELECT trajectory, state FROM states WHERE trajectory IN (*)")
"""Asked for once their logs are locked. Joined to the lock they would be as they were before
PostgreSQL waited for it, next to the log as it is after."""
_NEW_HEAD = insert(trajectories)
_MOVE_HEAD = update(trajectories, "seq", "head_hash", "closed", "last_at", "id")
_NEW_STATE = insert(states)
_TURN_STATE = update(states, "state", "trajectory")
_NEW_ENTRY = insert(entries)
_ENTRY = Sql(
    "SELECT seq, at, kind, author, owner, envelope, sealed, hash FROM entries "
    "WHERE trajectory = ? AND seq = ?"
)
_ENTRIES = SqlIn(
    "WITH k(a, b) AS (*) SELECT e.trajectory, e.seq, e.at, e.kind, e.author, e.owner, "
    "e.envelope, e.sealed, e.hash FROM k CROSS JOIN entries e "
    "WHERE e.trajectory = k.a AND e.seq = CAST(k.b AS INTEGER)",
    width=2,
)
_OWNER = Sql("SELECT owner FROM entries WHERE trajectory = ? AND seq = ?")


class Logs:
    """States and entries within one transaction; written in bulk by ``flush``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._heads: dict[str, _Head] = {}
        self._new: list[Row] = []
        self.grown: set[str] = set()
        """The trajectories whose logs this transaction added to."""
        self._fresh: dict[tuple[str, int], Logged] = {}

    def fetch(self, ids: Iterable[str]) -> None:
        """Look at many logs at once (and lock them on PostgreSQL)."""
        missing = [name for name in ids if name not in self._heads]
        if not missing:
            return
        cache = self._tx.caches.trajectories
        asked: list[Row] = []
        for name in missing:
            if self._tx.trajectories_hold and name in cache:
                seq, digest, at, state = cache[name]
                self._heads[name] = _Head(name, state, seq, digest, at, stored=True)
            else:
                self._heads[name] = _Head(name, None)
                asked.append((name,))
        if not asked:
            return
        self._tx.drop_ids()
        changed: dict[str, _Head] = {}
        for name, seq, digest, at in _HEADS.rows(self._tx.connection, sorted(asked)):
            known = cache.get(name)
            head = _Head(name, None, seq, bytes(digest), at, stored=True)
            if known is not None and known[0] == seq and known[1] == digest:
                head.state = known[3]
            else:
                changed[name] = head
            self._heads[name] = head
        keys = [(name,) for name in changed]
        for name, text in _STATES.rows(self._tx.connection, keys) if keys else ():
            head = changed[name]
            head.state = msgspec.structs.replace(codec.decode_state(text), seq=head.seq)

    def _head(self, trajectory: str) -> _Head:
        head = self._heads.get(trajectory)
        if head is None:
            self.fetch((trajectory,))
            head = self._heads[trajectory]
        return head

    def state(self, trajectory: str) -> Trajectory | None:
        """Return a trajectory's state, None when there is no such log."""
        head = self._heads.get(trajectory)
        return self._head(trajectory).state if head is None else head.state

    def append(
        self, trajectory: str, added: Sequence[e.Entry], after: Trajectory | None = None
    ) -> None:
        """Add entries to the end of a log; the first ever begins it.

        ``after`` is the state they lead to at this transaction's instant, None = find it out.
        """
        head = self._head(trajectory)
        if not head.stored and head.state is None:
            head.hash = crypto.genesis(trajectory)
        head.at = max(head.at, self._tx.at)
        at = self._tx.now
        if head.at != self._tx.at:  # a later instant than the one they were decided at
            at, after = codec.instant(head.at), None
        before = state = head.state or Trajectory(id=trajectory)
        for entry in added:
            seq = head.seq + 1
            head.hash = self._chain(trajectory, seq, head.at, head.hash, entry)
            head.seq = seq
            if after is None:
                state = apply(state, entry, at)
            self._fresh[trajectory, seq] = Logged(seq, at, entry, head.hash)
        head.state = after or state
        head.turned |= _turned(before, head.state)
        head.changed = True
        self.grown.add(trajectory)

    def _chain(self, trajectory: str, seq: int, at: int, prev_hash: bytes, entry: e.Entry) -> bytes:
        kind, author, owner = entry.kind, entry.author, entry.owner
        envelope, hidden = codec.split_entry(entry)
        sealed = None
        if hidden is not None:
            sealer = self._tx.sealer(trajectory, owner)
            if sealer is not None:
                sealed = sealer.seal(hidden, crypto.entry_binding(trajectory, seq, kind))
        digest = crypto.entry_hash(
            prev_hash, trajectory, seq, at, kind, author, owner, envelope, sealed
        )
        self._new.append(
            (trajectory, seq, at, kind, author, owner, envelope, sealed, prev_hash, digest)
        )
        return digest

    def entry(self, trajectory: str, seq: int) -> Logged | None:
        """Return one entry, opened as far as its key still exists."""
        fresh = self._fresh.get((trajectory, seq))
        if fresh is not None:
            return fresh
        found = _ENTRY.rows(self._tx.connection, trajectory, seq)
        if not found:
            return None
        return self._opened(trajectory, *found[0])

    def fetch_entries(self, keys: Iterable[tuple[str, int]]) -> None:
        """Look at many entries at once, each by its trajectory and seq."""
        missing = [key for key in keys if key not in self._fresh]
        found = list(_ENTRIES.rows(self._tx.connection, missing))
        sealed = {(row[0], row[5]) for row in found if row[7] is not None}
        self._tx.keyring.fetch(self._tx.connection, sealed)
        for trajectory, *columns in found:
            logged = self._opened(trajectory, *columns)
            self._fresh[trajectory, logged.seq] = logged

    def _opened(
        self,
        trajectory: str,
        seq: int,
        at: int,
        kind: str,
        author: str,
        owner: str,
        envelope: bytes,
        sealed: bytes | None,
        digest: bytes,
    ) -> Logged:
        opened = None
        if sealed is not None:
            opener = self._tx.opener(trajectory, owner)
            if opener is not None:
                opened = opener.open(sealed, crypto.entry_binding(trajectory, seq, kind))
        entry = codec.join_entry(kind, author, envelope, opened)
        return Logged(seq, codec.instant(at), entry, bytes(digest))

    def owner(self, trajectory: str, seq: int) -> str:
        """Return whose key seals an entry. Raises StoreError when there is no such entry."""
        fresh = self._fresh.get((trajectory, seq))
        if fresh is not None:
            return fresh.entry.owner
        found = _OWNER.rows(self._tx.connection, trajectory, seq)
        if not found:
            raise StoreError(f"there is no entry {trajectory}/{seq}")
        return str(found[0][0])

    def flush(self) -> None:
        """Write what was appended: entries in one statement, each log's end once."""
        connection = self._tx.connection
        if not self._new:
            return
        begun: list[Row] = []
        moved: list[Row] = []
        new: list[Row] = []
        turned: list[Row] = []
        for head in self._heads.values():
            state = head.state
            if not head.changed or state is None:
                continue
            if head.stored:
                moved.append((head.seq, head.hash, state.closed, head.at, head.id))
                if head.turned:
                    turned.append((codec.encode_state(state), head.id))
            else:
                opened = head.at
                begun.append((head.id, head.seq, head.hash, state.closed, opened, head.at))
                new.append((head.id, codec.encode_state(state)))
            head.turned = False
            head.stored = True
            head.changed = False
        _NEW_HEAD.run_many(connection, begun)
        _MOVE_HEAD.run_many(connection, moved)
        _NEW_STATE.run_many(connection, new)
        _TURN_STATE.run_many(connection, turned)
        _NEW_ENTRY.run_many(connection, self._new)
        self._new = []

    def committed(self) -> None:
        """Keep the ends of the logs for the next transaction."""
        cache = self._tx.caches.trajectories
        for head in self._heads.values():
            if head.state is not None and head.stored:
                cache[head.id] = (head.seq, head.hash, head.at, head.state)


_SUBSTANCE = attrgetter(*(f.name for f in msgspec.structs.fields(Trajectory) if f.name != "seq"))


def _turned(before: Trajectory, after: Trajectory) -> bool:
    """Tell whether a state changed in more than its seq; what did not is the same object."""
    return any(map(is_not, _SUBSTANCE(before), _SUBSTANCE(after)))
