"""Accounts and lanes that a network asked to wait: kept, so that a restart keeps waiting."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from storage.codec import instant, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from storage.transaction import Transaction


class Wait(msgspec.Struct, frozen=True):
    """Nothing goes out in a scope, an account or a lane, before ``until``."""

    scope: str
    until: datetime
    reason: str


_PUT = Sql(
    "INSERT INTO waits (scope, until, reason) VALUES (?, ?, ?) "
    "ON CONFLICT (scope) DO UPDATE SET until = excluded.until, reason = excluded.reason"
)
_PASSED = Sql("DELETE FROM waits WHERE until <= ?")
_ALL = Sql("SELECT scope, until, reason FROM waits")


class Waits:
    """Waits within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(self, scope: str, until: datetime, reason: str) -> None:
        """Let an account (``telegram:main``) or a lane wait; a later call replaces this one."""
        _PUT.run(self._tx.connection, scope, micros(until), reason)

    def all(self) -> list[Wait]:
        """Return what waits still; what has passed is swept away."""
        connection = self._tx.connection
        _PASSED.run(connection, self._tx.at)
        rows = _ALL.rows(connection)
        return [Wait(scope, instant(until), reason) for scope, until, reason in rows]
