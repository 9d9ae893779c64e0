"""Which trajectories of somebody's have ended: looked up only when they say a word about that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.sql import Sql

if TYPE_CHECKING:
    from storage.transaction import Transaction

MOST = 16

_ENDED = Sql(
    "SELECT p.trajectory FROM parties p JOIN trajectories t ON t.id = p.trajectory "
    "WHERE p.person = ? AND p.role = 'client' AND p.active AND t.closed "
    "ORDER BY t.last_at DESC, t.id LIMIT ?"
)


class Ended:
    """Ended trajectories within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def of(self, person: str) -> tuple[str, ...]:
        """Return the closed trajectories of a client, those of late first; ``MOST`` at most."""
        rows = _ENDED.rows(self._tx.connection, person, MOST)
        return tuple(str(row[0]) for row in rows)
