"""What the writer remembers from one transaction to the next, and how it knows that it still may.

1. On SQLite ``PRAGMA data_version`` tells whether another connection wrote; if not, all holds.
2. Otherwise registry rows hold as long as ``registry_version`` is the same, and a trajectory's
   state as long as its row has the same seq and hash.
3. A transaction works on a layer of its own; only a commit lets it reach what is shared, so a
   rollback leaves nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from storage import tables as t
from storage.lru import Lru
from storage.young import Young

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bridge.core.effects import Effect
    from bridge.core.facts import Person
    from bridge.core.routing import Membership
    from bridge.core.trajectory import Trajectory
    from storage.outbox_rows import Record
    from storage.registry import EndpointRow

TRAJECTORIES = 1_024
REGISTRY_ROWS = 2_048
EFFECTS = 4_096
RECORDS = 2_048

K = TypeVar("K")
V = TypeVar("V")

EndpointKey = tuple[str, str, str]
PlaceKey = tuple[str, str, str, str]


class Caches:
    """Shared by the transactions of one writer, and by nobody else."""

    def __init__(self) -> None:
        self.data_version: int | None = None
        self.registry_version: str | None = None
        # id -> (seq, hash of the last entry, its instant, state)
        self.trajectories: Lru[str, tuple[int, bytes, int, Trajectory]] = Lru(TRAJECTORIES)
        self.endpoints: Lru[EndpointKey, EndpointRow | None] = Lru(REGISTRY_ROWS)
        self.people: Lru[str, Person | None] = Lru(REGISTRY_ROWS)
        self.memberships: Lru[str, tuple[Membership, ...]] = Lru(REGISTRY_ROWS)
        self.bindings: Lru[PlaceKey, tuple[str, str] | None] = Lru(REGISTRY_ROWS)
        self.effects: Lru[int, Effect] = Lru(EFFECTS)  # of rows that wait, by outbox id
        # On SQLite: rows that are not over, by id, and which of them hold each lane.
        self.records: Lru[int, Record] = Lru(RECORDS)
        self.holding: dict[str, set[int]] | None = None  # None = not read yet
        self.young_ids = Young(t.message_ids, t.message_ids_young, 4)
        self.young_keys = Young(t.inbox_keys, t.inbox_keys_young, 3)

    def forget_registry(self) -> None:
        """Drop every registry row."""
        for cache in (self.endpoints, self.people, self.memberships, self.bindings):
            cache.clear()

    def forget_rows(self) -> None:
        """Drop what is remembered of the outbox."""
        self.effects.clear()
        self.records.clear()
        self.holding = None

    def forget_logs(self) -> None:
        """Drop what another process may have written beside the registry."""
        self.trajectories.clear()
        self.forget_rows()
        self.young_ids.forget()
        self.young_keys.forget()

    def forget(self) -> None:
        """Drop everything, after the connection was lost."""
        self.data_version = None
        self.registry_version = None
        self.forget_logs()
        self.forget_registry()


class ReadThrough(Generic[K, V]):
    """One transaction's view of a cache: own layer, then the shared one, then the database."""

    __slots__ = ("_load", "_loaded", "_local", "_shared", "_stale")

    def __init__(self, shared: Lru[K, V], load: Callable[[list[K]], dict[K, V]]) -> None:
        """``load`` gets the values of many keys at once and must answer for every one."""
        self._shared: Lru[K, V] | None = shared
        self._load = load
        self._local: dict[K, V] = {}
        self._loaded: dict[K, V] = {}  # what of it the shared one does not hold
        self._stale: set[K] = set()

    def get(self, key: K) -> V:
        """Return one value."""
        try:
            return self._local[key]
        except KeyError:
            self.fetch((key,))
            return self._local[key]

    def fetch(self, keys: Iterable[K]) -> None:
        """Make the values of many keys known, asking the database once for what is missing."""
        missing: list[K] = []
        shared = self._shared
        for key in keys:
            if key in self._local:
                continue
            if shared is not None and key not in self._stale and key in shared:
                self._local[key] = shared[key]
            else:
                missing.append(key)
        if missing:
            loaded = self._load(missing)
            self._local.update(loaded)
            self._loaded.update(loaded)

    def changed(self, key: K) -> None:
        """Look a key up anew, because this transaction wrote to it."""
        self._local.pop(key, None)
        self._loaded.pop(key, None)
        self._stale.add(key)

    def all_changed(self) -> None:
        """Look everything up anew."""
        self._local.clear()
        self._loaded.clear()
        self._shared = None

    def commit(self, shared: Lru[K, V]) -> None:
        """Pass on what was learned."""
        if self._shared is None:
            shared.clear()
        for key in self._stale:
            shared.pop(key)
        for key, value in self._loaded.items():
            shared[key] = value
