"""Whose time is given to whom: one coach at a time, and never twice.

1. Whoever books with a coach locks that coach's row first; what is booked is read behind the lock.
   On SQLite the one writer is the lock.
2. ``booked_cells`` is unique by (coach, five minutes): were the lock ever to fail, the second of
   two would still get a ConflictError, and be decided again.
3. ``bookings`` repeats what the logs say, for lists over all trajectories; it is written in the
   transaction of the entries, and the audit compares the two.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from bridge.core.agenda import CoachAgenda
from bridge.core.errors import ConflictError
from scheduling.calendar import own as hers
from scheduling.calendar.own import Own
from scheduling.calendar.slots import Availability, Busy
from scheduling.calendar.working import Working
from storage.codec import instant, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.transaction import Transaction

CELL = timedelta(minutes=5) // timedelta(microseconds=1)
LINK_LASTS = timedelta(days=180)
LINK_FRESH = timedelta(days=60)
"""How long a link opens a page, and how long at least one that is told now."""

_SEEN = timedelta(days=1)

_PUT = Sql(
    "INSERT INTO availabilities (coach, offered, work, own) VALUES (?, ?, 'null', '{}') "
    "ON CONFLICT (coach) DO UPDATE SET offered = excluded.offered"
)
_PUT_WORK = Sql(
    "INSERT INTO availabilities (coach, offered, work, own) VALUES (?, '{}', ?, '{}') "
    "ON CONFLICT (coach) DO UPDATE SET work = excluded.work"
)
_PUT_OWN = Sql(
    "INSERT INTO availabilities (coach, offered, work, own) VALUES (?, '{}', 'null', ?) "
    "ON CONFLICT (coach) DO UPDATE SET own = excluded.own"
)
_KEEP = Sql(
    "INSERT INTO availabilities (coach, offered, work, own) VALUES (?, '{}', 'null', '{}') "
    "ON CONFLICT (coach) DO NOTHING"
)
_LOCK = Sql("SELECT offered, own FROM availabilities WHERE coach = ?", postgresql="FOR UPDATE")
_KEPT = Sql("SELECT offered, work, own FROM availabilities WHERE coach = ?")
_BUSY = Sql(
    "SELECT starts_at, ends_at, trajectory, appointment FROM bookings "
    "WHERE coach = ? AND state IN ('booked', 'open') AND starts_at > ? ORDER BY starts_at"
)
_BOOK = Sql(
    "INSERT INTO bookings (trajectory, appointment, coach, client, modality, starts_at, ends_at, "
    "sequence, state) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'booked')"
)
_MOVE = Sql(
    "UPDATE bookings SET starts_at = ?, ends_at = ?, sequence = sequence + 1 "
    "WHERE trajectory = ? AND appointment = ? RETURNING coach"
)
_STATE = Sql("UPDATE bookings SET state = ? WHERE trajectory = ? AND appointment = ?")
_FREE = Sql("DELETE FROM booked_cells WHERE trajectory = ? AND appointment = ?")
_TAKE = Sql(
    "INSERT INTO booked_cells (coach, cell, trajectory, appointment) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (coach, cell) DO NOTHING"
)
_BEGIN = Sql(
    "INSERT INTO running_sessions (person, trajectory) VALUES (?, ?) "
    "ON CONFLICT (person) DO UPDATE SET trajectory = excluded.trajectory"
)
_END = Sql("DELETE FROM running_sessions WHERE person = ? AND trajectory = ?")
_LINK = Sql(
    "SELECT round, expires_at, revoked_at FROM agenda_links "
    "WHERE trajectory = ? AND person = ? ORDER BY round DESC LIMIT 1"
)
_PUT_LINK = Sql(
    "INSERT INTO agenda_links (hash, trajectory, person, round, expires_at) VALUES (?, ?, ?, ?, ?)"
)
_REVOKE = Sql(
    "UPDATE agenda_links SET revoked_at = ? "
    "WHERE trajectory = ? AND person = ? AND revoked_at IS NULL"
)


def cells(start: datetime, end: datetime) -> range:
    """Return the numbers of the five minutes a stretch touches."""
    return range(micros(start) // CELL, -(-micros(end) // CELL))


def link_hash(token: str) -> str:
    """Return what is kept of a link's secret; it has 128 bits, so one round is enough."""
    return sha256(token.encode()).hexdigest()


def read_offered(offered: str, own: str) -> Availability:
    """Return what a coach offers: by the practice file, and as she set it herself."""
    filed = msgspec.json.decode(offered, type=Availability)
    return hers.offered(filed, msgspec.json.decode(own, type=Own))


class Kept(msgspec.Struct, frozen=True):
    """A coach's time as it is kept: what the practice file says, and what she set herself."""

    offered: Availability = Availability()
    work: Working | None = None
    own: Own = Own()

    def working(self, zone: str, *, promised: bool) -> Working | None:
        """Return when she works, as ``own.working`` does."""
        return hers.working(self.work, self.own, zone, promised=promised)


def read_kept(offered: str, work: str, own: str) -> Kept:
    """Return a coach's time from its columns."""
    return Kept(
        msgspec.json.decode(offered, type=Availability),
        msgspec.json.decode(work, type=Working | None),
        msgspec.json.decode(own, type=Own),
    )


class Agendas:
    """Coaches' time within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(self, coach: str, offered: Availability, work: Working | None = None) -> bool:
        """Keep what the practice file says of a coach's time; tell whether she offers otherwise.

        What she set herself stays.
        """
        known = self.kept(coach)
        if known.work != work:
            _PUT_WORK.run(self._tx.connection, coach, msgspec.json.encode(work).decode())
        if known.own.zone and known.own.zone != offered.zone:
            self.put_own(coach, msgspec.structs.replace(known.own, zone=offered.zone))
        if known.offered == offered or not (known.offered.kinds or offered.kinds):
            return False
        _PUT.run(self._tx.connection, coach, msgspec.json.encode(offered).decode())
        return True

    def kept(self, coach: str) -> Kept:
        """Return a coach's time as it is kept, without a lock."""
        rows = _KEPT.rows(self._tx.connection, coach)
        return read_kept(*rows[0]) if rows else Kept()

    def offered(self, coach: str) -> Availability:
        """Return what a coach offers, without a lock."""
        known = self.kept(coach)
        return hers.offered(known.offered, known.own)

    def put_own(self, coach: str, own: Own) -> None:
        """Keep what a coach sets herself."""
        _PUT_OWN.run(self._tx.connection, coach, msgspec.json.encode(own).decode())

    def lock(self, coach: str) -> CoachAgenda:
        """Return a coach's time, for this transaction alone until its end."""
        connection = self._tx.connection
        rows = _LOCK.rows(connection, coach)
        if not rows:
            _KEEP.run(connection, coach)
            rows = _LOCK.rows(connection, coach)
        offered = read_offered(*rows[0])
        since = micros(self._tx.now - _SEEN)
        busy = tuple(
            Busy(instant(start), instant(end), f"{trajectory}/{number}")
            for start, end, trajectory, number in _BUSY.rows(connection, coach, since)
        )
        return CoachAgenda(offered, busy)

    def book(
        self,
        trajectory: str,
        number: int,
        coach: str,
        client: str,
        modality: str,
        start: datetime,
        end: datetime,
    ) -> None:
        """Give a stretch of a coach's time. Raises ConflictError where it is given already."""
        at = (micros(start), micros(end))
        _BOOK.run(self._tx.connection, trajectory, number, coach, client, modality, *at)
        self._take(coach, trajectory, number, start, end)

    def move(self, trajectory: str, number: int, start: datetime, end: datetime) -> None:
        """Give another stretch in its stead. Raises ConflictError where it is given already."""
        at = (micros(start), micros(end))
        ((coach,),) = _MOVE.rows(self._tx.connection, *at, trajectory, number)
        _FREE.run(self._tx.connection, trajectory, number)
        self._take(str(coach), trajectory, number, start, end)

    def cancel(self, trajectory: str, number: int) -> None:
        """Give it back."""
        _STATE.run(self._tx.connection, "cancelled", trajectory, number)
        _FREE.run(self._tx.connection, trajectory, number)

    def opened(self, trajectory: str, number: int, coach: str) -> None:
        """A session began."""
        _STATE.run(self._tx.connection, "open", trajectory, number)
        _BEGIN.run(self._tx.connection, coach, trajectory)

    def closed(self, trajectory: str, number: int) -> None:
        """A session was held."""
        _STATE.run(self._tx.connection, "held", trajectory, number)

    def ended(self, trajectory: str, coach: str) -> None:
        """Nobody is in that session any more."""
        _END.run(self._tx.connection, coach, trajectory)

    def _take(
        self, coach: str, trajectory: str, number: int, start: datetime, end: datetime
    ) -> None:
        wanted = cells(start, end)
        got = sum(
            _TAKE.run(self._tx.connection, coach, cell, trajectory, number) for cell in wanted
        )
        if got != len(wanted):
            raise ConflictError("a slot was given to somebody else meanwhile")

    # links to pages

    def link(self, trajectory: str, person: str, token: Callable[[int], str]) -> str:
        """Return the secret of a party's page that stays good for a while; ``token`` makes one."""
        rows = _LINK.rows(self._tx.connection, trajectory, person)
        number = 1
        if rows:
            number, expires, revoked = rows[0]
            fresh = instant(expires) - self._tx.now >= LINK_FRESH
            if revoked is None and fresh:
                return token(number)
            number += 1
        made = token(number)
        until = micros(self._tx.now + LINK_LASTS)
        _PUT_LINK.run(self._tx.connection, link_hash(made), trajectory, person, number, until)
        return made

    def revoke_links(self, trajectory: str, person: str) -> None:
        """Let no link of a party open a page any more."""
        _REVOKE.run(self._tx.connection, self._tx.at, trajectory, person)
