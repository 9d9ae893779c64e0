"""Invitations: codes by their hash only, used once, each for one person in one role."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from bridge.core.endpoint import Endpoint
from bridge.core.errors import ConflictError
from storage.codec import instant, maybe_instant, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.transaction import Transaction


class Invite(msgspec.Struct, frozen=True):
    """One invitation; ``kind`` is ``party`` (join), ``link`` (a further endpoint) or one of the
    two that put an endpoint in the place of others: ``move`` of ``replaces``, asked for there, and
    ``replace`` of all that its person has, issued to somebody who lost them.

    ``pending`` waits for the confirmation of its person on an endpoint they have already.
    ``address`` is the only one on ``network`` that may take it up, '' = any.
    """

    id: str
    kind: str
    trajectory: str
    person: str
    role: str
    network: str
    created_at: datetime
    expires_at: datetime
    used: datetime | None
    used_by: str
    pending: Endpoint | None
    pending_chat: str
    address: str = ""
    replaces: Endpoint | None = None


_PUT = Sql(
    "INSERT INTO invites (id, kind, trajectory, person, role, network, created_at, expires_at, "
    "used_by, pending_network, pending_account, pending_address, pending_chat, address, "
    "replaces_network, replaces_account, replaces_address) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', ?, ?, ?, ?)"
)
_PUT_HASH = Sql("INSERT INTO invite_hashes (hash, invite) VALUES (?, ?)")
_COLUMNS = (
    "SELECT i.id, i.kind, i.trajectory, i.person, i.role, i.network, i.created_at, i.expires_at, "
    "i.used_at, i.used_by, i.pending_network, i.pending_account, i.pending_address, "
    "i.pending_chat, i.address, i.replaces_network, i.replaces_account, i.replaces_address "
    "FROM invites i "
)
_BY_ID = Sql(_COLUMNS + "WHERE i.id = ?")
_BY_HASH = Sql(_COLUMNS + "JOIN invite_hashes h ON h.invite = i.id WHERE h.hash = ?")
_USE = Sql("UPDATE invites SET used_at = ?, used_by = ? WHERE id = ? AND used_at IS NULL")
_PEND = Sql(
    "UPDATE invites SET pending_network = ?, pending_account = ?, pending_address = ?, "
    "pending_chat = ? WHERE id = ? AND used_at IS NULL"
)
_END = Sql(
    "UPDATE invites SET used_at = ? WHERE person = ? AND kind = ? AND used_at IS NULL AND id <> ?"
)
_COUNT = Sql("SELECT COUNT(*) FROM invites WHERE person = ? AND kind = ? AND created_at > ?")


class Invites:
    """Invitations within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(
        self,
        id: str,
        kind: str,
        trajectory: str,
        person: str,
        role: str,
        network: str,
        hashes: Sequence[str],
        expires_at: datetime,
        address: str = "",
        replaces: Endpoint | None = None,
    ) -> None:
        """Add an invitation that any of the codes with these hashes redeems."""
        connection = self._tx.connection
        until = micros(expires_at)
        gone = (replaces.network, replaces.account, replaces.address) if replaces else ("",) * 3
        _PUT.run(
            connection,
            *(id, kind, trajectory, person, role, network, self._tx.at, until),
            *(address, *gone),
        )
        _PUT_HASH.run_many(connection, [(code, id) for code in hashes])

    def find(self, invite: str) -> Invite | None:
        """Return an invitation by its id, used and expired ones too."""
        return self._one(_BY_ID, invite)

    def find_by_hash(self, code_hash: str) -> Invite | None:
        """Return the invitation that a code belongs to, used and expired ones too."""
        return self._one(_BY_HASH, code_hash)

    def use(self, invite: str, endpoint: Endpoint | None) -> None:
        """Use an invitation up. Raises ConflictError when somebody else just did."""
        by = "" if endpoint is None else str(endpoint)
        if _USE.run(self._tx.connection, self._tx.at, by, invite) != 1:
            raise ConflictError("the invitation was used up meanwhile")

    def pend(self, invite: str, endpoint: Endpoint, chat: str) -> None:
        """Note which endpoint waits for confirmation; the last one counts."""
        where = (endpoint.network, endpoint.account, endpoint.address)
        _PEND.run(self._tx.connection, *where, chat, invite)

    def end(self, person: str, kind: str, but: str = "") -> None:
        """Let a person's open invitations of a kind be good for nothing any more."""
        _END.run(self._tx.connection, self._tx.at, person, kind, but)

    def count(self, person: str, kind: str, since: datetime) -> int:
        """Return how many invitations of a kind were made for a person since an instant."""
        return int(_COUNT.rows(self._tx.connection, person, kind, micros(since))[0][0])

    def _one(self, statement: Sql, value: str) -> Invite | None:
        rows = statement.rows(self._tx.connection, value)
        if not rows:
            return None
        row = rows[0]
        return Invite(
            id=row[0],
            kind=row[1],
            trajectory=row[2],
            person=row[3],
            role=row[4],
            network=row[5],
            created_at=instant(row[6]),
            expires_at=instant(row[7]),
            used=maybe_instant(row[8]),
            used_by=row[9],
            pending=Endpoint(row[10], row[11], row[12]) if row[12] else None,
            pending_chat=row[13],
            address=row[14],
            replaces=Endpoint(row[15], row[16], row[17]) if row[17] else None,
        )
