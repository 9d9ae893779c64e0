"""What is to happen later, for those who look: timers that wait, and those that could not fire."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from storage import tables as t
from storage.codec import instant

if TYPE_CHECKING:
    from storage.engine import Store


class TimerLine(msgspec.Struct, frozen=True):
    """A timer as it stands; ``error`` says why it is parked."""

    trajectory: str
    name: str
    at: datetime
    error: str = ""


def waiting_timers(store: Store, trajectory: str) -> list[TimerLine]:
    """Return the timers of a trajectory that wait, soonest first."""
    return _timers(store, "waiting", t.timers.c.trajectory == trajectory)


def parked_timers(store: Store) -> list[TimerLine]:
    """Return the timers that failed too often, soonest first."""
    return _timers(store, "parked")


def _timers(store: Store, state: str, *conditions: sa.ColumnElement[bool]) -> list[TimerLine]:
    columns = (t.timers.c.trajectory, t.timers.c.name, t.timers.c.at, t.timers.c.error)
    query = sa.select(*columns).where(t.timers.c.state == state, *conditions)
    with store.readers.connect() as connection:
        rows = connection.execute(query.order_by(t.timers.c.at, t.timers.c.name)).all()
    return [TimerLine(trajectory, name, instant(at), error) for trajectory, name, at, error in rows]
