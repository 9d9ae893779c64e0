"""Where entries show: which message on a network is which entry, and for whom.

1. An id that was noted once keeps what it shows, for ever.
2. On SQLite new ids are young rows first: see ``storage.young``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.endpoint import Place
from storage.sql import Row, SqlIn, insert
from storage.tables import message_ids
from storage.young import YoungRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.transaction import Transaction

ShownKey = tuple[str, str, str, str]
ExternalsKey = tuple[str, int, str]
_Noted = tuple[str, str, str, str, str, str, int, str, int]


class Shown(msgspec.Struct, frozen=True, gc=False):
    """What a message on a network is: the entry it shows, to whom, and which part of it."""

    trajectory: str
    seq: int
    party: str
    part: int = 0


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
