"""Who exists, where they are, and which trajectories they take part in.

1. Written at once, read through caches; every change is announced to other processes.
2. An endpoint that changes hands, or comes back after it was revoked, gets a new link epoch; what
   was addressed to the old one is never sent.
3. STOP outlives a new link of the same person; it goes when the endpoint becomes somebody else's.
"""

from __future__ import annotations

from datetime import datetime
from sys import intern
from typing import TYPE_CHECKING

import msgspec

from bridge.core.endpoint import Endpoint
from bridge.core.errors import StoreError
from bridge.core.facts import Person, Reach
from bridge.core.routing import Membership
from storage.caches import EndpointKey, ReadThrough
from storage.codec import maybe_instant
from storage.sql import Row, Sql, SqlIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bridge.core.endpoint import Place
    from storage.transaction import Transaction


REPLACED = "replaced"
"""How an endpoint was revoked whose person confirmed another in its place."""

LINKED_RANK = 1000
"""Where the ranks of endpoints begin that people linked themselves; below it, the operator's."""


class EndpointRow(msgspec.Struct, frozen=True):
    """An endpoint as the registry knows it, revoked and unverified ones too."""

    endpoint: Endpoint
    person: str
    chat: str
    epoch: int
    rank: int
    verified: datetime | None
    revoked: datetime | None
    opted_out: str

    @property
    def usable(self) -> bool:
        """Verified and not revoked; it may still have opted out."""
        return self.verified is not None and self.revoked is None


_COLUMNS = (
    "network, account, address, person, chat, epoch, rank, verified_at, revoked_at, opted_out"
)
_ENDPOINTS = SqlIn(
    "WITH k(network, account, address) AS (*) SELECT e.network, e.account, e.address, e.person, "
    "e.chat, e.epoch, e.rank, e.verified_at, e.revoked_at, e.opted_out "
    "FROM k CROSS JOIN endpoints e "
    "WHERE e.network = k.network AND e.account = k.account AND e.address = k.address",
    width=3,
)
_ENDPOINT = Sql(
    f"SELECT {_COLUMNS} FROM endpoints "  # noqa: S608 - a constant
    "WHERE network = ? AND account = ? AND address = ?",
    postgresql="FOR UPDATE",
)
_REACH = SqlIn(
    f"SELECT {_COLUMNS}, last_used_at FROM endpoints WHERE person IN (*) "  # noqa: S608 - a constant
    "AND verified_at IS NOT NULL AND revoked_at IS NULL ORDER BY rank, network, account, address"
)
_PEOPLE = SqlIn(
    "SELECT p.id, p.name, p.language, p.time_zone, COALESCE(r.trajectory, '') FROM people p "
    "LEFT JOIN running_sessions r ON r.person = p.id WHERE p.id IN (*)"
)
_MEMBERSHIPS = SqlIn(
    "SELECT p.person, p.trajectory, p.role FROM parties p "
    "JOIN trajectories t ON t.id = p.trajectory "
    "WHERE p.person IN (*) AND p.active AND NOT t.closed ORDER BY p.person, p.trajectory"
)
_PUT_PERSON = Sql(
    "INSERT INTO people (id, name, language, time_zone) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language, "
    "time_zone = excluded.time_zone"
)
_PUT_ENDPOINT = Sql(
    "INSERT INTO endpoints (network, account, address, person, chat, epoch, rank, verified_at, "
    "opted_out, revoked_how) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '') "
    "ON CONFLICT (network, account, address) "
    "DO UPDATE SET person = excluded.person, chat = excluded.chat, epoch = excluded.epoch, "
    "rank = excluded.rank, verified_at = excluded.verified_at, revoked_at = NULL, "
    "revoked_how = '', opted_out = excluded.opted_out, last_used_at = "
    "CASE WHEN endpoints.epoch = excluded.epoch THEN endpoints.last_used_at END"
)
_NEXT_RANK = Sql("SELECT COALESCE(MAX(rank) + 1, ?) FROM endpoints WHERE person = ? AND rank >= ?")
_OF = "WHERE network = ? AND account = ? AND address = ?"
_REVOKE = Sql(f"UPDATE endpoints SET revoked_at = ? {_OF}")  # noqa: S608 - a constant
_REVOKED_HOW = Sql(f"UPDATE endpoints SET revoked_how = ? {_OF}")  # noqa: S608 - a constant
_HOW_REVOKED = Sql(f"SELECT revoked_how FROM endpoints {_OF}")  # noqa: S608 - a constant
_OPT_OUT = Sql(f"UPDATE endpoints SET opted_out = ? {_OF}")  # noqa: S608 - a constant
_SET_CHAT = Sql(f"UPDATE endpoints SET chat = ? {_OF}")  # noqa: S608 - a constant
_TOUCH = Sql(f"UPDATE endpoints SET last_used_at = ? {_OF}")  # noqa: S608 - a constant
_USED = Sql("SELECT MAX(last_used_at) FROM endpoints WHERE person = ?")
_PUT_PARTY = Sql(
    "INSERT INTO parties (trajectory, person, role, active) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (trajectory, person) DO UPDATE SET role = excluded.role, active = excluded.active"
)
_PARTY_ACTIVE = Sql("UPDATE parties SET active = ? WHERE trajectory = ? AND person = ?")
_MOVE_ENDPOINTS = Sql(
    "UPDATE endpoints SET chat = ? WHERE network = ? AND account = ? AND chat = ?"
)


class Registry:
    """People, endpoints, memberships and bound places within one transaction."""

    def __init__(self, tx: Transaction, before_reading_trajectories: Callable[[], None]) -> None:
        """Memberships depend on rows of trajectories; the callable writes those that wait."""
        self._tx = tx
        self._flush_trajectories = before_reading_trajectories
        caches = tx.caches
        self.endpoints: ReadThrough[EndpointKey, EndpointRow | None] = ReadThrough(
            caches.endpoints, self._load_endpoints
        )
        self.people: ReadThrough[str, Person | None] = ReadThrough(caches.people, self._load_people)
        self.memberships: ReadThrough[str, tuple[Membership, ...]] = ReadThrough(
            caches.memberships, self._load_memberships
        )

    # reading

    def endpoint(self, endpoint: Endpoint) -> EndpointRow | None:
        """Return an endpoint's row, None for one we never saw linked."""
        return self.endpoints.get(_endpoint_key(endpoint))

    def _load_endpoints(self, keys: list[EndpointKey]) -> dict[EndpointKey, EndpointRow | None]:
        found: dict[EndpointKey, EndpointRow | None] = dict.fromkeys(keys)
        asked: list[Row] = [*keys]
        for row in _ENDPOINTS.rows(self._tx.connection, asked):
            found[row[0], row[1], row[2]] = _endpoint_row(*row)
        return found

    def _load_people(self, keys: list[str]) -> dict[str, Person | None]:
        connection = self._tx.connection
        asked: list[Row] = [(key,) for key in keys]
        reach: dict[str, list[Reach]] = {}
        for *columns, used in _REACH.rows(connection, asked):
            row = _endpoint_row(*columns)
            known = Reach(row.endpoint, row.epoch, row.chat, row.opted_out, maybe_instant(used))
            reach.setdefault(row.person, []).append(known)
        self.memberships.fetch(keys)
        found: dict[str, Person | None] = dict.fromkeys(keys)
        for person, name, language, zone, session in _PEOPLE.rows(connection, asked):
            active = len(self.memberships.get(person))
            ways = _in_order(reach.get(person, []))
            person = intern(person)
            found[person] = Person(
                person, name, intern(language), intern(zone), ways, active, session
            )
        return found

    def _load_memberships(self, keys: list[str]) -> dict[str, tuple[Membership, ...]]:
        self._flush_trajectories()
        found: dict[str, tuple[Membership, ...]] = dict.fromkeys(keys, ())
        asked: list[Row] = [(key,) for key in keys]
        for person, trajectory, role in _MEMBERSHIPS.rows(self._tx.connection, asked):
            found[person] = (*found[person], Membership(trajectory, intern(role)))
        return found

    # writing

    def put_person(self, person: str, name: str, language: str, time_zone: str) -> None:
        """Add a person, or change how they are called and what they read."""
        _PUT_PERSON.run(self._tx.connection, person, name, language, time_zone)
        self._person_changed(person)

    def put_endpoint(
        self,
        endpoint: Endpoint,
        person: str,
        chat: str = "",
        rank: int | None = None,
        *,
        verified: bool = True,
    ) -> EndpointRow:
        """Link an endpoint to a person; see the rules above for epoch and STOP.

        ``chat`` reaches it privately, '' = as before or the address itself. A ``rank`` of None
        puts a new endpoint behind the person's others.
        """
        connection = self._tx.connection
        key = _endpoint_key(endpoint)
        rows = _ENDPOINT.rows(connection, *key)
        old = _endpoint_row(*rows[0]) if rows else None
        if rank is None:
            kept = old is not None and old.person == person and old.revoked is None
            ranks = _NEXT_RANK.rows(connection, LINKED_RANK, person, LINKED_RANK)
            rank = old.rank if old and kept else ranks[0][0]
        epoch = 1
        opted_out = ""
        if old is not None:
            kept = old.person == person and old.revoked is None
            epoch = old.epoch if kept else old.epoch + 1
            opted_out = old.opted_out if old.person == person else ""
            chat = chat or (old.chat if kept else "")
            self._person_changed(old.person)
        chat = chat or endpoint.address
        at = self._tx.at if verified else None
        _PUT_ENDPOINT.run(connection, *key, person, chat, epoch, rank, at, opted_out)
        self.endpoints.changed(key)
        self._person_changed(person)
        row = self.endpoint(endpoint)
        if row is None:
            raise StoreError("an endpoint was written and is not there")
        return row

    def revoke_endpoint(self, endpoint: Endpoint, how: str = "") -> None:
        """Let an endpoint count no more; ``how`` is ``replaced`` where its person went on."""
        self._change(_REVOKE, endpoint, self._tx.at)
        _REVOKED_HOW.run(self._tx.connection, how, *_endpoint_key(endpoint))

    def was_replaced(self, endpoint: Endpoint) -> bool:
        """Tell whether its person went on from another endpoint, and gave this one up for it."""
        rows = _HOW_REVOKED.rows(self._tx.connection, *_endpoint_key(endpoint))
        return bool(rows) and rows[0][0] == REPLACED

    def set_opted_out(self, endpoint: Endpoint, how: str) -> None:
        """Note that an endpoint stopped us ('' = lets us write again)."""
        self._change(_OPT_OUT, endpoint, how)

    def set_chat(self, endpoint: Endpoint, chat: str) -> None:
        """Note which chat reaches an endpoint privately."""
        self._change(_SET_CHAT, endpoint, chat)

    def touch(self, endpoint: Endpoint) -> None:
        """Let an endpoint be the one its person goes on from."""
        row = self.endpoint(endpoint)
        if row is not None:
            ((before,),) = _USED.rows(self._tx.connection, row.person)
            # Two moves of one batch have one instant, and the later one counts.
            self._change(_TOUCH, endpoint, max(self._tx.at, (before or 0) + 1))

    def put_party(self, trajectory: str, party: str, role: str | None, *, active: bool) -> None:
        """Let a person take part or not; a role of None keeps the one they have."""
        if role is None:
            _PARTY_ACTIVE.run(self._tx.connection, active, trajectory, party)
        else:
            _PUT_PARTY.run(self._tx.connection, trajectory, party, role, active)
        self.memberships.changed(party)
        self._person_changed(party)

    def move_chat(self, old: Place, new: Place) -> None:
        """Follow the private chats of endpoints when a chat got another id."""
        where = (old.network, old.account, old.chat)
        _MOVE_ENDPOINTS.run(self._tx.connection, new.chat, *where)
        self.changed()

    def changed(self) -> None:
        """Look everything up anew, here and in other processes."""
        for cache in (self.endpoints, self.people, self.memberships):
            cache.all_changed()
        self._tx.registry_dirty = True

    def _change(self, statement: Sql, endpoint: Endpoint, value: str | int) -> None:
        row = self.endpoint(endpoint)
        if row is None:
            return
        statement.run(self._tx.connection, value, *_endpoint_key(endpoint))
        self.endpoints.changed(_endpoint_key(endpoint))
        self._person_changed(row.person)

    def _person_changed(self, person: str) -> None:
        self.people.changed(person)
        self._tx.registry_dirty = True

    def fetch(self, endpoints: Iterable[Endpoint], people: Iterable[str]) -> set[str]:
        """Look up many at once, with the senders' memberships; return those trajectories."""
        keys = [_endpoint_key(endpoint) for endpoint in endpoints]
        self.endpoints.fetch(keys)
        rows = (self.endpoints.get(key) for key in keys)
        senders = {row.person for row in rows if row is not None}
        self.memberships.fetch(senders)
        self.people.fetch({*senders, *people})
        mine = (self.memberships.get(person) for person in senders)
        # With several, the message itself decides which; then it is looked up alone.
        return {only[0].trajectory for only in mine if len(only) == 1}

    def committed(self) -> None:
        """Keep what was learned for the next transaction."""
        caches = self._tx.caches
        self.endpoints.commit(caches.endpoints)
        self.people.commit(caches.people)
        self.memberships.commit(caches.memberships)


def _in_order(reach: list[Reach]) -> tuple[Reach, ...]:
    """Put where the conversation moved to last before the others, which keep their order."""
    moved = [(one.used, number) for number, one in enumerate(reach) if one.used is not None]
    if not moved:
        return tuple(reach)
    _, last = max(moved)
    return (reach[last], *reach[:last], *reach[last + 1 :])


def _endpoint_key(endpoint: Endpoint) -> EndpointKey:
    return (endpoint.network, endpoint.account, endpoint.address)


def _endpoint_row(
    network: str,
    account: str,
    address: str,
    person: str,
    chat: str,
    epoch: int,
    rank: int,
    verified_at: int | None,
    revoked_at: int | None,
    opted_out: str,
) -> EndpointRow:
    # Thousands of these are kept: what they have in common, each of them would keep for itself.
    chat = address if chat == address else chat
    return EndpointRow(
        Endpoint(intern(network), intern(account), address),
        person,
        chat,
        epoch,
        rank,
        maybe_instant(verified_at),
        maybe_instant(revoked_at),
        intern(opted_out),
    )
