"""What a person may read back, inside the transaction in which they asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import timeline
from storage.agreements import stalled_in, states_in
from storage.attention import attention_in
from storage.budgets import written_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bridge.core.trajectory import Trajectory
    from storage.agreements import Stalled
    from storage.attention import Attention
    from storage.transaction import Transaction


class Pages:
    """Reading within one transaction; everything staged is written first, so that it counts."""

    def __init__(self, tx: Transaction, flush: Callable[[], None]) -> None:
        self._tx = tx
        self._flush = flush

    def said(
        self,
        trajectory: str,
        viewer: str,
        *,
        before: int | None = None,
        within: tuple[datetime, datetime] | None = None,
        limit: int,
    ) -> timeline.Page:
        """Return the last messages that a person wrote or got; see ``timeline.said`` (I4)."""
        self._flush()
        connection, keys = self._tx.connection, self._tx.keyring
        return timeline.said(
            connection, keys, trajectory, viewer, before=before, within=within, limit=limit
        )

    def attention(
        self, coach: str, clients: Mapping[str, frozenset[str]]
    ) -> Mapping[str, Attention]:
        """Return how each of a coach's trajectories stands; ``clients`` by trajectory."""
        self._flush()
        return attention_in(self._tx.connection, self._tx.keyring, coach, clients)

    def written(self, trajectory: str, coach: str, after: int, last: int) -> tuple[list[int], int]:
        """Return what a coach wrote behind a line; see ``budgets.written_in``."""
        self._flush()
        return written_in(self._tx.connection, trajectory, coach, after, last)

    def coached(self, coach: str) -> Mapping[str, Trajectory]:
        """Return the open trajectories somebody coaches, by id, without locking their logs."""
        self._flush()
        return states_in(self._tx.connection, coach)

    def stalled(self, states: Mapping[str, Trajectory]) -> list[Stalled]:
        """Return with whom nothing goes on; ``states`` by trajectory."""
        self._flush()
        return stalled_in(self._tx.connection, states, self._tx.now)
