"""How far each account was read: moved in the commit that keeps what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.sql import Sql

if TYPE_CHECKING:
    from storage.transaction import Transaction

_MOVE_CURSOR = Sql(
    "INSERT INTO cursors (network, account, value, moved_at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (network, account) DO UPDATE SET value = excluded.value, "
    "moved_at = excluded.moved_at"
)
_CURSOR = Sql("SELECT value FROM cursors WHERE network = ? AND account = ?")


class Cursors:
    """Cursors within one transaction; written by ``flush``, the last of each."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._moved: dict[tuple[str, str], str] = {}

    def move(self, network: str, account: str, value: str) -> None:
        """Note how far an account was read."""
        self._moved[network, account] = value

    def get(self, network: str, account: str) -> str | None:
        """Return the last cursor of an account."""
        waiting = self._moved.get((network, account))
        if waiting is not None:
            return waiting
        rows = _CURSOR.rows(self._tx.connection, network, account)
        return str(rows[0][0]) if rows else None

    def flush(self) -> None:
        """Write what was moved."""
        at = self._tx.at
        rows = [(*account, value, at) for account, value in self._moved.items()]
        _MOVE_CURSOR.run_many(self._tx.connection, rows)
        self._moved = {}
