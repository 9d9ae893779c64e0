"""What tells who somebody is, beside the log, and how it goes: names, addresses, invitations.

1. An erased person keeps an id, for logs are full of it; nothing else of theirs stays in the clear.
2. An address is replaced by a name drawn for it, the same wherever it stood, so that what was sent
   can still be audited; nobody is at that address, so who writes from it later is a stranger.
3. Attachments go with the key; what a vendor would still give out for them is forgotten too.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from bridge.core.endpoint import Endpoint
from storage.blob_rows import drop_blobs
from storage.sql import Sql

if TYPE_CHECKING:
    from storage.transaction import Transaction

DRAWN = "erased-"
"""What the names begin with that are drawn for addresses."""

_TRAJECTORIES = Sql(
    "SELECT trajectory FROM parties WHERE person = ? UNION "
    "SELECT trajectory FROM data_keys WHERE owner = ? AND trajectory <> '' ORDER BY trajectory"
)
_LIVES = Sql("SELECT 1 FROM data_keys WHERE trajectory = ? AND owner = ? AND wrapped IS NOT NULL")
_BAR = Sql(
    "INSERT INTO data_keys (trajectory, owner, wrapped, created_at, destroyed_at) "
    "VALUES (?, ?, NULL, ?, ?) ON CONFLICT (trajectory, owner) DO NOTHING"
)
_OPEN_ROWS = Sql(
    "SELECT id FROM outbox WHERE state IN ('accepted', 'queued', 'sending', 'uncertain') "
    "AND trajectory = ? AND (party = ? OR key_owner = ?) ORDER BY id"
)
_OF_TRAJECTORY = (
    Sql("DELETE FROM message_ids WHERE trajectory = ? AND party = ?"),
    Sql("DELETE FROM message_ids_young WHERE trajectory = ? AND party = ?"),
    Sql("UPDATE outbox SET external_ids = '[]' WHERE trajectory = ? AND party = ?"),
    Sql("UPDATE nudges SET fingerprint = NULL WHERE trajectory = ? AND client = ?"),
    Sql("DELETE FROM agenda_links WHERE trajectory = ? AND person = ?"),
    Sql("DELETE FROM call_words WHERE trajectory = ? AND owner = ?"),
    Sql("DELETE FROM read_marks WHERE trajectory = ? AND person = ?"),
    Sql(
        "DELETE FROM invite_hashes WHERE invite IN "
        "(SELECT id FROM invites WHERE trajectory = ? AND person = ?)"
    ),
    Sql("DELETE FROM invites WHERE trajectory = ? AND person = ?"),
)
_WAITING = Sql("SELECT id FROM inbox WHERE state IN ('new', 'held', 'parked') ORDER BY id")
_ASKS = Sql("SELECT id FROM asks WHERE person = ? ORDER BY id")
_OF_PERSON = (
    Sql("DELETE FROM invite_hashes WHERE invite IN (SELECT id FROM invites WHERE person = ?)"),
    *(
        Sql(f"DELETE FROM {table} WHERE {column} = ?")  # noqa: S608 - names of our schema
        for table, column in (
            ("invites", "person"),
            ("asks", "person"),
            ("questions", "person"),
            ("sign_in_links", "person"),
            ("web_sessions", "person"),
            ("tokens", "person"),
            ("read_marks", "person"),
            ("paces", "person"),
            ("nudge_templates", "person"),
            ("running_sessions", "person"),
            ("agenda_links", "person"),
            ("availabilities", "coach"),
        )
    ),
)
_KNOWN = Sql("SELECT 1 FROM people WHERE id = ?")
_RENAME = Sql("UPDATE people SET name = id, language = 'en', time_zone = 'UTC' WHERE id = ?")
_ENDPOINTS = Sql(
    "SELECT network, account, address FROM endpoints WHERE person = ? "
    "ORDER BY network, account, address"
)
_MASK = Sql(
    "UPDATE endpoints SET address = ?, chat = ?, last_used_at = NULL, "
    "revoked_at = COALESCE(revoked_at, ?) WHERE network = ? AND account = ? AND address = ?"
)
_LANES = Sql(
    "SELECT DISTINCT lane FROM outbox WHERE network = ? AND account = ? AND address = ? "
    "ORDER BY lane"
)
_MASK_ROWS = Sql(
    "UPDATE outbox SET address = ?, lane = ? "
    "WHERE network = ? AND account = ? AND address = ? AND lane = ?"
)
_END_WAIT = Sql("DELETE FROM waits WHERE scope = ?")
_STRANGER = Sql("DELETE FROM strangers WHERE network = ? AND account = ? AND address = ?")


class Scrubbing:
    """What an erasure takes away beside the key, within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def known(self, person: str) -> bool:
        """Tell whether there is such a person."""
        return bool(_KNOWN.rows(self._tx.connection, person))

    def trajectories(self, person: str) -> list[str]:
        """Return the trajectories a person was ever in, or has a key in."""
        rows = _TRAJECTORIES.rows(self._tx.connection, person, person)
        return [str(row[0]) for row in rows]

    def has_key(self, trajectory: str, person: str) -> bool:
        """Tell whether there is a key that opens somebody's words."""
        return bool(_LIVES.rows(self._tx.connection, trajectory, person))

    def bar(self, trajectory: str, person: str) -> None:
        """Let there never be a key where there was none: it was destroyed in another copy."""
        at = self._tx.at
        _BAR.run(self._tx.connection, trajectory, person, at, at)

    def open_rows(self, trajectory: str, person: str) -> list[int]:
        """Return the outbox rows that are not over and go to somebody, or carry their words."""
        rows = _OPEN_ROWS.rows(self._tx.connection, trajectory, person, person)
        return [int(row[0]) for row in rows]

    def waiting(self) -> list[int]:
        """Return the ids of all payloads that are kept in full."""
        return [int(row[0]) for row in _WAITING.rows(self._tx.connection)]

    def asks(self, person: str) -> list[str]:
        """Return what somebody was asked about their own messages."""
        return [str(row[0]) for row in _ASKS.rows(self._tx.connection, person)]

    def endpoints(self, person: str) -> list[Endpoint]:
        """Return all endpoints of a person, revoked ones too."""
        return [Endpoint(*row) for row in _ENDPOINTS.rows(self._tx.connection, person)]

    def in_trajectory(self, trajectory: str, person: str) -> int:
        """Forget what one trajectory holds of a person beside its log; return how many files."""
        for statement in _OF_TRAJECTORY:
            statement.run(self._tx.connection, trajectory, person)
        self._tx.caches.young_ids.forget()
        return drop_blobs(self._tx, trajectory, person)

    def name(self, person: str) -> None:
        """Let a person be known by nothing but their id."""
        _RENAME.run(self._tx.connection, person)

    def person(self, person: str) -> None:
        """Forget everything else that is kept about a person."""
        for statement in _OF_PERSON:
            statement.run(self._tx.connection, person)
        for endpoint in self.endpoints(person):
            self._mask(endpoint)

    def _mask(self, endpoint: Endpoint) -> None:
        connection = self._tx.connection
        network, account, _ = where = (endpoint.network, endpoint.account, endpoint.address)
        drawn = f"{DRAWN}{secrets.token_hex(8)}"
        for number, (lane,) in enumerate(_LANES.rows(connection, *where)):
            _END_WAIT.run(connection, lane)
            masked = f"{network}:{account}:{drawn}#{number or ''}"
            _MASK_ROWS.run(connection, drawn, masked, *where, lane)
        _STRANGER.run(connection, *where)
        _MASK.run(connection, drawn, drawn, self._tx.at, *where)
