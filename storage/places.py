"""Places of their own: which chat, room or topic shows which trajectory to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core.endpoint import Place
from bridge.core.errors import StoreError
from storage.caches import PlaceKey, ReadThrough
from storage.sql import Row, Sql, SqlIn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.transaction import Transaction

_BINDINGS = SqlIn(
    "WITH k(network, account, chat, thread) AS (*) "
    "SELECT p.network, p.account, p.chat, p.thread, p.trajectory, p.party "
    "FROM k CROSS JOIN places p WHERE p.network = k.network AND p.account = k.account "
    "AND p.chat = k.chat AND p.thread = k.thread",
    width=4,
)
_BOUND_IN = Sql(
    "SELECT trajectory, party FROM places WHERE network = ? AND account = ? AND chat = ? "
    "ORDER BY trajectory, party"
)
_BIND = Sql(
    "INSERT INTO places (network, account, chat, thread, trajectory, party) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_UNBIND = Sql("DELETE FROM places WHERE network = ? AND account = ? AND chat = ? AND thread = ?")
_PLACES_OF = Sql(
    "SELECT network, account, chat, thread FROM places WHERE trajectory = ? AND party = ?"
)
_MOVE_PLACES = Sql("UPDATE places SET chat = ? WHERE network = ? AND account = ? AND chat = ?")


class Places:
    """Bound places within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._bindings: ReadThrough[PlaceKey, tuple[str, str] | None] = ReadThrough(
            tx.caches.bindings, self._load_bindings
        )

    def fetch(self, places: Iterable[Place]) -> set[str]:
        """Look many places up at once; return the trajectories they show."""
        keys = [place_key(place) for place in places]
        self._bindings.fetch(keys)
        bound = (self._bindings.get(key) for key in keys)
        return {found[0] for found in bound if found is not None}

    def binding(self, place: Place) -> tuple[str, str] | None:
        """Return (trajectory, party) a place belongs to, None when to nobody."""
        return self._bindings.get(place_key(place))

    def binding_around(self, place: Place) -> tuple[str, str] | None:
        """Return the same; a thread that is nobody's belongs to the chat it stands in."""
        bound = self.binding(place)
        if bound is None and place.thread:
            bound = self.binding(replace(place, thread=""))
        return bound

    def bindings_in(self, place: Place) -> tuple[tuple[str, str], ...]:
        """Return (trajectory, party) of every bound place in the same chat."""
        rows = _BOUND_IN.rows(self._tx.connection, place.network, place.account, place.chat)
        return tuple((trajectory, party) for trajectory, party in rows)

    def _load_bindings(self, keys: list[PlaceKey]) -> dict[PlaceKey, tuple[str, str] | None]:
        found: dict[PlaceKey, tuple[str, str] | None] = dict.fromkeys(keys)
        asked: list[Row] = [*keys]
        for row in _BINDINGS.rows(self._tx.connection, asked):
            found[row[0], row[1], row[2], row[3]] = (row[4], row[5])
        return found

    def bind_place(self, place: Place, trajectory: str, party: str) -> None:
        """Let a place show one trajectory to one party, in the stead of an earlier place.

        Raises StoreError when it belongs to another: a place never changes hands silently.
        """
        bound = self.binding(place)
        if bound == (trajectory, party):
            return
        if bound is not None:
            raise StoreError(f"the place {place} belongs to another trajectory or party")
        self.unbind_places(trajectory, party)
        _BIND.run(self._tx.connection, *place_key(place), trajectory, party)
        self._bindings.changed(place_key(place))
        self._tx.registry_dirty = True

    def unbind_place(self, place: Place) -> None:
        """Let a place belong to nobody."""
        _UNBIND.run(self._tx.connection, *place_key(place))
        self._bindings.changed(place_key(place))
        self._tx.registry_dirty = True

    def unbind_places(self, trajectory: str, party: str) -> None:
        """Give up all places of a party in a trajectory."""
        for row in _PLACES_OF.rows(self._tx.connection, trajectory, party):
            self.unbind_place(Place(*row))

    def move_chat(self, old: Place, new: Place) -> None:
        """Follow a chat that got another id on its network: same people, same threads."""
        where = (old.network, old.account, old.chat)
        _MOVE_PLACES.run(self._tx.connection, new.chat, *where)
        self.changed()

    def changed(self) -> None:
        """Look everything up anew, here and in other processes."""
        self._bindings.all_changed()
        self._tx.registry_dirty = True

    def committed(self) -> None:
        """Keep what was learned for the next transaction."""
        self._bindings.commit(self._tx.caches.bindings)


def place_key(place: Place) -> PlaceKey:
    """Return a place as the columns that name it."""
    return (place.network, place.account, place.chat, place.thread)
