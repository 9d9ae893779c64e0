"""Appointments for those who look: of a person, of a coach's day, and behind a secret link."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from scheduling.calendar import own as hers
from scheduling.calendar.slots import Availability, Busy
from storage import tables as t
from storage.agenda import Kept, link_hash, read_kept
from storage.codec import instant, micros

if TYPE_CHECKING:
    from storage.engine import Store


KEPT = timedelta(days=90)
"""How long what is over stays in a calendar somebody subscribes to."""


class AppointmentLine(msgspec.Struct, frozen=True):
    """One appointment; ``state`` is booked, open, held or cancelled."""

    trajectory: str
    appointment: int
    coach: str
    client: str
    modality: str
    start: datetime
    end: datetime
    sequence: int
    state: str


class LinkLine(msgspec.Struct, frozen=True):
    """Whose page a link opens, in which trajectory, and until when."""

    trajectory: str
    person: str
    expires: datetime


def of_person(
    store: Store, person: str, since: datetime, until: datetime | None = None
) -> list[AppointmentLine]:
    """Return the appointments of a person that end after ``since``, over all trajectories."""
    c = t.bookings.c
    query = _lines().where(sa.or_(c.coach == person, c.client == person), c.ends_at > micros(since))
    if until is not None:
        query = query.where(c.starts_at < micros(until))
    with store.reading() as connection:
        rows = connection.execute(query.order_by(c.starts_at, c.trajectory, c.appointment))
        return [_line(*row) for row in rows]


def offered(store: Store, coach: str) -> Availability:
    """Return what a coach offers; nothing is offered where nothing was set."""
    known = kept(store, coach)
    return hers.offered(known.offered, known.own)


def kept(store: Store, coach: str) -> Kept:
    """Return a coach's time as it is kept: what the file says, and what she set herself."""
    c = t.availabilities.c
    query = sa.select(c.offered, c.work, c.own).where(c.coach == coach)
    with store.reading() as connection:
        row = connection.execute(query).first()
    return Kept() if row is None else read_kept(row[0], row[1], row[2])


def busy(store: Store, coach: str, since: datetime) -> list[Busy]:
    """Return what a coach has ahead, as nobody but the coach may see it in names."""
    lines = of_person(store, coach, since)
    taken = (one for one in lines if one.coach == coach and one.state in ("booked", "open"))
    return [Busy(one.start, one.end, f"{one.trajectory}/{one.appointment}") for one in taken]


def behind(store: Store, token: str, now: datetime) -> LinkLine | None:
    """Return whose page a link opens; None for one that is unknown, revoked, over or left.

    Who takes no part any more sees nothing, whatever link they kept.
    """
    c, p, head = t.agenda_links.c, t.parties.c, t.trajectories.c
    query = (
        sa.select(c.trajectory, c.person, c.expires_at)
        .join(t.parties, sa.and_(p.trajectory == c.trajectory, p.person == c.person))
        .join(t.trajectories, head.id == c.trajectory)
        .where(
            c.hash == link_hash(token),
            c.revoked_at.is_(None),
            c.expires_at > micros(now),
            p.active,
            sa.not_(head.closed),
        )
    )
    with store.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else LinkLine(row[0], row[1], instant(row[2]))


def _lines() -> sa.Select[str, int, str, str, str, int, int, int, str]:
    c = t.bookings.c
    return sa.select(
        c.trajectory,
        c.appointment,
        c.coach,
        c.client,
        c.modality,
        c.starts_at,
        c.ends_at,
        c.sequence,
        c.state,
    )


def _line(
    trajectory: str,
    appointment: int,
    coach: str,
    client: str,
    modality: str,
    starts_at: int,
    ends_at: int,
    sequence: int,
    state: str,
) -> AppointmentLine:
    return AppointmentLine(
        trajectory,
        appointment,
        coach,
        client,
        modality,
        instant(starts_at),
        instant(ends_at),
        sequence,
        state,
    )
