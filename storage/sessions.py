"""Who is signed in to the pages: one-time links, sessions, and how far somebody read.

1. Only hashes of links and cookies are stored; what is read here lets nobody in.
2. A link is used up by the very statement that finds it good, so two callers never both get in.
3. What is long over is deleted when a new link is made: these rows say when somebody worked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from storage import tables as t
from storage.codec import instant, maybe_instant, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.engine import Store
    from storage.transaction import Transaction

KEPT = timedelta(days=30)
"""How long a session that is over stays in the list."""


class Session(msgspec.Struct, frozen=True):
    """One browser somebody is or was signed in with; ``id`` names it in the list, no secret."""

    id: str
    person: str
    agent: str
    created_at: datetime
    last_at: datetime
    expires_at: datetime
    revoked: datetime | None


_PUT_LINK = Sql(
    "INSERT INTO sign_in_links (hash, person, created_at, expires_at) VALUES (?, ?, ?, ?)"
)
_RECENT = Sql("SELECT COUNT(*) FROM sign_in_links WHERE person = ? AND created_at > ?")
_USE_LINK = Sql(
    "UPDATE sign_in_links SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ? "
    "RETURNING person"
)
_OLD_LINKS = Sql("DELETE FROM sign_in_links WHERE expires_at < ?")
_OLD_SESSIONS = Sql("DELETE FROM web_sessions WHERE expires_at < ? OR revoked_at < ?")
_PUT = Sql(
    "INSERT INTO web_sessions (id, hash, person, agent, created_at, last_at, expires_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_REVOKE = Sql(
    "UPDATE web_sessions SET revoked_at = ? WHERE id = ? AND person = ? AND revoked_at IS NULL"
)
_TOUCH = Sql("UPDATE web_sessions SET last_at = ? WHERE id = ?")
_MARK = Sql(
    "INSERT INTO read_marks (person, trajectory, seq) VALUES (?, ?, ?) "
    "ON CONFLICT (person, trajectory) DO UPDATE SET seq = excluded.seq "
    "WHERE read_marks.seq < excluded.seq"
)


class Sessions:
    """Links, sessions and read marks within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put_link(self, link_hash: str, person: str, expires_at: datetime) -> None:
        """Keep a one-time link; delete what is long over."""
        connection, old = self._tx.connection, self._tx.at - KEPT // timedelta(microseconds=1)
        _OLD_LINKS.run(connection, old)
        _OLD_SESSIONS.run(connection, old, old)
        _PUT_LINK.run(connection, link_hash, person, self._tx.at, micros(expires_at))

    def recent_links(self, person: str, since: datetime) -> int:
        """Return how many links were made for a person since then."""
        return int(_RECENT.rows(self._tx.connection, person, micros(since))[0][0])

    def use_link(self, link_hash: str) -> str:
        """Use a link up; return whom it was for, '' when it is not good (any more)."""
        at = self._tx.at
        rows = _USE_LINK.rows(self._tx.connection, at, link_hash, at)
        return str(rows[0][0]) if rows else ""

    def put(
        self, session: str, cookie_hash: str, person: str, agent: str, expires_at: datetime
    ) -> None:
        """Keep a session that begins now."""
        at, until = self._tx.at, micros(expires_at)
        _PUT.run(self._tx.connection, session, cookie_hash, person, agent, at, at, until)

    def revoke(self, session: str, person: str) -> bool:
        """End a session of this person; False when there is none to end."""
        return _REVOKE.run(self._tx.connection, self._tx.at, session, person) == 1

    def touch(self, session: str) -> None:
        """Note that a session was used just now."""
        _TOUCH.run(self._tx.connection, self._tx.at, session)

    def mark_read(self, person: str, trajectory: str, seq: int) -> None:
        """Note how far somebody read; it only moves forward."""
        _MARK.run(self._tx.connection, person, trajectory, seq)


def find(store: Store, cookie_hash: str, now: datetime) -> Session | None:
    """Return the session of a cookie, None when there is none or it is over."""
    c = t.web_sessions.c
    query = _sessions().where(c.hash == cookie_hash, c.expires_at > micros(now))
    with store.reading() as connection:
        row = connection.execute(query.where(c.revoked_at.is_(None))).first()
    return None if row is None else _session(*row)


def of_person(store: Store, person: str, now: datetime) -> list[Session]:
    """Return the sessions of a person that are not over, the one used last first."""
    c = t.web_sessions.c
    query = _sessions().where(
        c.person == person, c.revoked_at.is_(None), c.expires_at > micros(now)
    )
    with store.reading() as connection:
        return [_session(*row) for row in connection.execute(query.order_by(c.last_at.desc()))]


def link_is_good(store: Store, link_hash: str, now: datetime) -> bool:
    """Tell whether a link would let somebody in, without using it up."""
    c = t.sign_in_links.c
    query = sa.select(c.person).where(
        c.hash == link_hash, c.used_at.is_(None), c.expires_at > micros(now)
    )
    with store.reading() as connection:
        return connection.execute(query).first() is not None


def read_marks(store: Store, person: str) -> Mapping[str, int]:
    """Return how far a person read, by trajectory."""
    c = t.read_marks.c
    with store.reading() as connection:
        query = sa.select(c.trajectory, c.seq).where(c.person == person)
        return {row.trajectory: row.seq for row in connection.execute(query)}


def _sessions() -> sa.Select[str, str, str, int, int, int, int | None]:
    c = t.web_sessions.c
    return sa.select(c.id, c.person, c.agent, c.created_at, c.last_at, c.expires_at, c.revoked_at)


def _session(
    id: str,
    person: str,
    agent: str,
    created_at: int,
    last_at: int,
    expires_at: int,
    revoked_at: int | None,
) -> Session:
    return Session(
        id,
        person,
        agent,
        instant(created_at),
        instant(last_at),
        instant(expires_at),
        maybe_instant(revoked_at),
    )
