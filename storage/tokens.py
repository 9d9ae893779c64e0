"""What programs prove with whom they work for: only hashes, each for one person and some scopes.

A token that was revoked or ran out stays in the list; nothing makes it good again.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from storage import tables as t
from storage.codec import decode_texts, encode_texts, instant, maybe_instant, maybe_micros, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.engine import Store
    from storage.transaction import Transaction


class TokenLine(msgspec.Struct, frozen=True):
    """A token as a list shows it; ``id`` names it and lets nobody in."""

    id: str
    person: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked: datetime | None

    def good(self, now: datetime) -> bool:
        """Tell whether it lets a program in."""
        return self.revoked is None and (self.expires_at is None or now < self.expires_at)


_PUT = Sql(
    "INSERT INTO tokens (id, hash, person, scopes, created_at, expires_at) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_REVOKE = Sql("UPDATE tokens SET revoked_at = ? WHERE id = ? AND person = ? AND revoked_at IS NULL")


class Tokens:
    """Tokens within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(
        self,
        token: str,
        token_hash: str,
        person: str,
        scopes: Sequence[str],
        expires_at: datetime | None,
    ) -> None:
        """Keep a new token by its hash; None = it does not run out."""
        kept = encode_texts(tuple(scopes))
        until = maybe_micros(expires_at)
        _PUT.run(self._tx.connection, token, token_hash, person, kept, self._tx.at, until)

    def revoke(self, token: str, person: str) -> bool:
        """Let a token of this person count no more; False when there is none to revoke."""
        return _REVOKE.run(self._tx.connection, self._tx.at, token, person) == 1


def find(store: Store, token_hash: str, now: datetime) -> TokenLine | None:
    """Return the token with this hash if it is good now. Raises StoreError."""
    c = t.tokens.c
    query = _tokens().where(
        c.hash == token_hash,
        c.revoked_at.is_(None),
        sa.or_(c.expires_at.is_(None), c.expires_at > micros(now)),
    )
    with store.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else _token(*row)


def of_person(store: Store, person: str) -> list[TokenLine]:
    """Return all tokens a person ever had, the newest first. Raises StoreError."""
    c = t.tokens.c
    query = _tokens().where(c.person == person).order_by(c.created_at.desc(), c.id)
    with store.reading() as connection:
        return [_token(*row) for row in connection.execute(query)]


def _tokens() -> sa.Select[str, str, str, int, int | None, int | None]:
    c = t.tokens.c
    return sa.select(c.id, c.person, c.scopes, c.created_at, c.expires_at, c.revoked_at)


def _token(
    id: str,
    person: str,
    scopes: str,
    created_at: int,
    expires_at: int | None,
    revoked_at: int | None,
) -> TokenLine:
    return TokenLine(
        id,
        person,
        decode_texts(scopes),
        instant(created_at),
        maybe_instant(expires_at),
        maybe_instant(revoked_at),
    )
