"""One transaction: its connection, its instant, its keys and ids; shared by the parts of a Unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.codec import instant, micros
from storage.keys import BRIDGE_KEY
from storage.sql import Sql

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from storage.caches import Caches
    from storage.crypto import Sealer
    from storage.keys import Keyring

_DATA_VERSION = Sql("PRAGMA data_version")
_REGISTRY_VERSION = Sql("SELECT value FROM meta WHERE key = 'registry_version'")
_BUMP = Sql(
    "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) "
    "WHERE key = 'registry_version' RETURNING value"
)
_HIGHEST = {
    "inbox": Sql("SELECT COALESCE(MAX(id), 0) FROM inbox"),
    "outbox": Sql("SELECT COALESCE(MAX(id), 0) FROM outbox"),
}
_NEXT = {
    "inbox": Sql("SELECT nextval('inbox_id_seq') FROM generate_series(1, ?)"),
    "outbox": Sql("SELECT nextval('outbox_id_seq') FROM generate_series(1, ?)"),
}
_IDS_AT_ONCE = 64


class Transaction:
    """What the parts of a unit have in common. The writer begins, commits and rolls back."""

    def __init__(
        self, connection: sa.Connection, caches: Caches, keyring: Keyring, now: datetime
    ) -> None:
        self.connection = connection
        self.caches = caches
        self.at = micros(now)
        self.now = instant(self.at)
        self.sqlite = connection.dialect.name == "sqlite"
        self.registry_dirty = False
        self.keys_destroyed = False
        self.call_others = False
        """Something waits that only another process can go on with (PostgreSQL)."""
        self._registry_version: str | None = None
        self._keyring = keyring
        self._made: list[tuple[str, str]] = []
        self._ids: dict[str, list[int]] = {"inbox": [], "outbox": []}
        self._counted: dict[str, int] = {}
        self.trajectories_hold = self._validate()

    def _validate(self) -> bool:
        """Drop what another process may have changed; tell whether states need no second look."""
        caches = self.caches
        if self.sqlite:
            version = int(_DATA_VERSION.rows(self.connection)[0][0])
            if version == caches.data_version:
                return True
            caches.data_version = version
            # This transaction looks again at what it touches; the ones after it trust the rest.
            caches.forget_logs()
        registry = str(_REGISTRY_VERSION.rows(self.connection)[0][0])
        if registry != caches.registry_version:
            caches.forget_registry()
            caches.forget_rows()  # their key may have been destroyed
            self._keyring.forget()
            caches.registry_version = registry
        return False

    def sealer(self, trajectory: str, owner: str) -> Sealer | None:
        """Return the key of an owner, made when there never was one; None once destroyed."""
        sealer = self._keyring.find(self.connection, trajectory, owner)
        if sealer is None:
            sealer = self._keyring.make(self.connection, trajectory, owner, self.at)
            self._made.append((trajectory, owner))
        return sealer

    def opener(self, trajectory: str, owner: str) -> Sealer | None:
        """Return the key of an owner, None when there is none any more."""
        return self._keyring.find(self.connection, trajectory, owner)

    def fingerprint(self, purpose: str, text: str) -> bytes:
        """Return what is the same for the same text, and tells nothing without the master key."""
        return self._keyring.fingerprint(purpose, text)

    @property
    def keyring(self) -> Keyring:
        """What opens the words of every owner."""
        return self._keyring

    @property
    def bridge_sealer(self) -> Sealer:
        """The bridge's own key, which is never destroyed."""
        sealer = self.sealer(*BRIDGE_KEY)
        if sealer is None:
            raise LookupError("the bridge's own key is gone")
        return sealer

    def key_destroyed(self, trajectory: str, owner: str) -> None:
        """Stop using a key that this transaction destroyed."""
        self._made.append((trajectory, owner))
        self._keyring.forget_key(trajectory, owner)
        self.caches.forget_rows()
        self.keys_destroyed = True
        self.registry_dirty = True

    def next_id(self, table: str) -> int:
        """Return the next id of ``inbox`` or ``outbox``; ids grow in the order of a log."""
        if self.sqlite:
            # We hold the only write lock, so counting on is safe until the end.
            if table not in self._counted:
                self._counted[table] = int(_HIGHEST[table].rows(self.connection)[0][0])
            self._counted[table] += 1
            return self._counted[table]
        waiting = self._ids[table]
        if not waiting:
            drawn = _NEXT[table].rows(self.connection, _IDS_AT_ONCE)
            waiting.extend(sorted((int(row[0]) for row in drawn), reverse=True))
        return waiting.pop()

    def drop_ids(self) -> None:
        """Draw ids anew: another writer may have drawn some before we got a trajectory's lock."""
        for waiting in self._ids.values():
            waiting.clear()

    def bump(self) -> None:
        """Tell the other processes that registry rows changed; the last thing before COMMIT."""
        if self.registry_dirty:
            found = str(_BUMP.rows(self.connection)[0][0])
            expected = str(int(self.caches.registry_version or "0") + 1)
            self._registry_version = found if found == expected else None

    def committed(self) -> None:
        """Remember what the commit made true."""
        if self.registry_dirty:
            self.caches.registry_version = self._registry_version

    def rolled_back(self) -> None:
        """Forget keys that were never stored, or were destroyed and are back."""
        for trajectory, owner in self._made:
            self._keyring.forget_key(trajectory, owner)
