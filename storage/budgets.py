"""Time entries as they stand in the log, and what a coach wrote, for those who count it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from storage import tables as t
from storage.logview import COLUMNS, read_row
from storage.sql import Sql

if TYPE_CHECKING:
    from storage.engine import Store

SHOWN = 200
"""Lines about minutes of one trajectory that are shown, the newest."""
MOST_WRITTEN = 1000
"""Lines looked at for one proposal; what is beyond them is for the next one."""

_WRITTEN = Sql(
    "SELECT seq, kind FROM entries WHERE trajectory = ? AND seq > ? AND "
    "(kind IN ('session_opened', 'session_closed') OR "
    "(kind IN ('message_posted', 'aside_posted') AND author = ?)) ORDER BY seq LIMIT ?"
)


class TimeLine(msgspec.Struct, frozen=True):
    """A package (``what`` = ``granted``) or a time entry, as it stands in the log.

    ``author`` is a party, or ``bridge``; ``reason`` is None when its words were erased.
    """

    seq: int
    at: datetime
    author: str
    what: str
    minutes: int
    reason: str | None


def lines(store: Store, trajectory: str) -> list[TimeLine]:
    """Return the lines about minutes of a trajectory, the newest first. Raises StoreError."""
    keys, c = store.keyring(), t.entries.c
    query = (
        sa.select(*COLUMNS)
        .where(c.trajectory == trajectory, c.kind.in_(("time_granted", "time_counted")))
        .order_by(c.seq.desc())
        .limit(SHOWN)
    )
    found = []
    with store.reading() as connection:
        for row in connection.execute(query).all():
            read = read_row(connection, keys, trajectory, *row)
            entry = read.entry
            if isinstance(entry, e.TimeGranted | e.TimeCounted):
                what = "granted" if isinstance(entry, e.TimeGranted) else entry.what
                reason = None if read.erased else entry.text
                found.append(TimeLine(read.seq, read.at, entry.author, what, entry.minutes, reason))
    return found


def written_in(
    connection: sa.Connection, trajectory: str, coach: str, after: int, last: int
) -> tuple[list[int], int]:
    """Return the messages of a coach behind a line, and the line up to which was looked.

    What was written while a session was held belongs to that.
    """
    rows = _WRITTEN.rows(connection, trajectory, after, coach, MOST_WRITTEN)
    seqs: list[int] = []
    begun = 0
    for seq, kind in rows:
        if kind == "session_opened":
            begun = len(seqs)
        elif kind == "session_closed":
            del seqs[begun:]
            begun = len(seqs)
        else:
            seqs.append(seq)
    return seqs, rows[-1][0] if len(rows) == MOST_WRITTEN else last
