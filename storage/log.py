"""The logs as the writer sees them: states, the hash chain, sealed entries, and where they show.

1. The only place that gives an entry its seq, instant, seal and hash.
2. An entry is never earlier than the one before it in the same log, whatever the clock says.
3. On PostgreSQL a trajectory's row is locked when it is first looked at, so that seq has no gaps
   and outbox ids follow the log.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.endpoint import Place
from bridge.core.errors import StoreError
from bridge.core.trajectory import Trajectory, apply
from storage import codec, crypto
from storage.sql import Row, Sql, SqlIn, insert
from storage.tables import entries, message_ids, trajectories
from storage.young import YoungRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.transaction import Transaction

ShownKey = tuple[str, str, str, str]
ExternalsKey = tuple[str, int, str]
_Noted = tuple[str, str, str, str, str, str, int, str, int]


class Logged(msgspec.Struct, frozen=True):
    """An entry as it stands in the log; erased words are defaults."""

    seq: int
    at: datetime
    entry: e.Entry
    hash: bytes


class Shown(msgspec.Struct, frozen=True, gc=False):
    """What a message on a network is: the entry it shows, to whom, and which part of it."""

    trajectory: str
    seq: int
    party: str
    part: int = 0


class _Head(msgspec.Struct):
    """The end of one log."""

    id: str
    state: Trajectory | None
    seq: int = 0
    hash: bytes = b""
    at: int = 0
    stored: bool = False
    changed: bool = False


_HEADS = SqlIn(
    "SELECT id, seq, head_hash, last_at, state FROM trajectories WHERE id IN (*) ORDER BY id",
    postgresql="FOR UPDATE",
)
_NEW_HEAD = insert(trajectories)
_MOVE_HEAD = Sql(
    "UPDATE trajectories SET seq = ?, head_hash = ?, state = ?, closed = ?, last_at = ? "
    "WHERE id = ?"
)
_NEW_ENTRY = insert(entries)
_ENTRY = Sql(
    "SELECT seq, at, kind, author, owner, envelope, sealed, hash FROM entries "
    "WHERE trajectory = ? AND seq = ?"
)
_OWNER = Sql("SELECT owner FROM entries WHERE trajectory = ? AND seq = ?")
_SHOWN = SqlIn(
    "WITH k(network, account, chat, external_id) AS (*) "
    "SELECT m.network, m.account, m.chat, m.external_id, m.trajectory, m.seq, m.party, m.part "
    "FROM k CROSS JOIN message_ids m WHERE m.network = k.network AND m.account = k.account "
    "AND m.chat = k.chat AND m.external_id = k.external_id",
    width=4,
)
_EXTERNALS = SqlIn(
    "WITH k(trajectory, seq, party) AS (*) SELECT m.trajectory, m.seq, m.party, m.part, "
    "m.external_id, m.network, m.account, m.chat, m.thread FROM k CROSS JOIN message_ids m "
    "WHERE m.trajectory = k.trajectory AND m.seq = k.seq AND m.party = k.party "
    "ORDER BY m.trajectory, m.seq, m.party, m.part, m.external_id",
    width=3,
)
_NEW_ID = insert(message_ids)
_NEW_ID_UNLESS_KNOWN = insert(message_ids, ignore=True)


class Logs:
    """States and entries within one transaction; written in bulk by ``flush``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._heads: dict[str, _Head] = {}
        self._new: list[Row] = []
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
        for name, seq, digest, at, text in _HEADS.rows(self._tx.connection, sorted(asked)):
            known = cache.get(name)
            if known is not None and known[0] == seq and known[1] == digest:
                state = known[3]
            else:
                state = codec.decode_state(text)
            self._heads[name] = _Head(name, state, seq, bytes(digest), at, stored=True)

    def _head(self, trajectory: str) -> _Head:
        if trajectory not in self._heads:
            self.fetch((trajectory,))
        return self._heads[trajectory]

    def state(self, trajectory: str) -> Trajectory | None:
        """Return a trajectory's state, None when there is no such log."""
        return self._head(trajectory).state

    def append(self, trajectory: str, added: Sequence[e.Entry]) -> None:
        """Add entries to the end of a log; the first ever begins it."""
        head = self._head(trajectory)
        if not head.stored and head.state is None:
            head.hash = crypto.genesis(trajectory)
        head.at = max(head.at, self._tx.at)
        at = codec.instant(head.at)
        state = head.state or Trajectory(id=trajectory)
        for entry in added:
            seq = head.seq + 1
            head.hash = self._chain(trajectory, seq, head.at, head.hash, entry)
            head.seq = seq
            state = apply(state, entry, at)
            self._fresh[trajectory, seq] = Logged(seq, at, entry, head.hash)
        head.state = state
        head.changed = True

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
        _, at, kind, author, owner, envelope, sealed, digest = found[0]
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
        for head in self._heads.values():
            state = head.state
            if not head.changed or state is None:
                continue
            text = codec.encode_state(state)
            if head.stored:
                moved.append((head.seq, head.hash, text, state.closed, head.at, head.id))
            else:
                opened = head.at
                begun.append((head.id, head.seq, head.hash, text, state.closed, opened, head.at))
            head.stored = True
            head.changed = False
        _NEW_HEAD.run_many(connection, begun)
        _MOVE_HEAD.run_many(connection, moved)
        _NEW_ENTRY.run_many(connection, self._new)
        self._new = []

    def committed(self) -> None:
        """Keep the ends of the logs for the next transaction."""
        cache = self._tx.caches.trajectories
        for head in self._heads.values():
            if head.state is not None and head.stored:
                cache[head.id] = (head.seq, head.hash, head.at, head.state)


class Showings:
    """Which message on a network shows which entry to whom."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._known: dict[ShownKey, Shown | None] = {}
        self._new: list[_Noted] = []
        self._new_unless_known: list[_Noted] = []
        self._externals: dict[ExternalsKey, tuple[tuple[Place, str], ...]] = {}
        self._young = YoungRows(tx.connection, tx.caches.young_ids) if tx.sqlite else None

    def fetch(self, keys: Iterable[ShownKey]) -> None:
        """Look many messages up at once."""
        missing = [key for key in keys if key not in self._known]
        if not missing:
            return
        if self._new_unless_known:
            self.flush()
        self._known.update(dict.fromkeys(missing))
        for network, account, chat, external_id, *found in _SHOWN.rows(
            self._tx.connection, missing
        ):
            self._known[network, account, chat, external_id] = Shown(*found)
        if self._young is not None:
            for key in missing:
                row = self._young.get(key) if self._known[key] is None else None
                if row is not None:
                    self._known[key] = Shown(*row[5:])

    def shown(self, network: str, account: str, chat: str, external_id: str) -> Shown | None:
        """Return what a message shows, None when it is none of ours."""
        key = (network, account, chat, external_id)
        if key not in self._known:
            self.fetch((key,))
        return self._known[key]

    def remember(
        self,
        place: Place,
        external_ids: Sequence[str],
        trajectory: str,
        seq: int,
        party: str,
        first_part: int = 0,
    ) -> None:
        """Note the parts of a message; an id that is known already keeps what it shows.

        If this transaction looked an id up and found nothing, and another one notes it before the
        commit, this one fails with ConflictError and decides again.
        """
        for part, external_id in enumerate(external_ids, start=first_part):
            key = (place.network, place.account, place.chat, external_id)
            self._externals.pop((trajectory, seq, party), None)
            row = (*key, place.thread, trajectory, seq, party, part)
            if key not in self._known:
                self._new_unless_known.append(row)
            elif self._known[key] is None:
                self._known[key] = Shown(trajectory, seq, party, part)
                self._new.append(row)

    def fetch_externals(self, keys: Iterable[ExternalsKey]) -> None:
        """Look up where many entries show for their parties, at once."""
        missing = [key for key in keys if key not in self._externals]
        if not missing:
            return
        self.flush()
        self._externals.update(dict.fromkeys(missing, ()))
        asked: list[Row] = [*missing]
        found = [*_EXTERNALS.rows(self._tx.connection, asked)]
        if self._young is not None:
            wanted = set(missing)
            found += [
                (trajectory, seq, party, part, external_id, *where, thread)
                for *where, external_id, thread, trajectory, seq, party, part in self._young
                if (trajectory, seq, party) in wanted
            ]
            found = sorted(set(found))
        for trajectory, seq, party, _, external_id, *place in found:
            key = (trajectory, seq, party)
            self._externals[key] = (*self._externals[key], (Place(*place), external_id))

    def externals(self, trajectory: str, seq: int, party: str) -> tuple[tuple[Place, str], ...]:
        """Return where an entry shows for a party: place and external id of each part, in order."""
        key = (trajectory, seq, party)
        self.fetch_externals((key,))
        return self._externals[key]

    def flush(self) -> None:
        """Write what was noted."""
        if self._young is not None:
            unlooked, self._new_unless_known = self._new_unless_known, []
            self.fetch([row[:4] for row in unlooked])
            for row in unlooked:
                key = row[:4]
                if self._known[key] is None:
                    self._known[key] = Shown(*row[5:])
                    self._new.append(row)
            self._young.add(self._new)
            self._new = []
            return
        _NEW_ID.run_many(self._tx.connection, self._new)
        _NEW_ID_UNLESS_KNOWN.run_many(self._tx.connection, self._new_unless_known)
        self._new = []
        self._new_unless_known = []

    def committed(self) -> None:
        """Keep what is worth keeping for the next transaction."""
        if self._young is not None:
            self._young.committed()
