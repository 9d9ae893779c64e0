"""What a trajectory knows of its appointments: those ahead or under way, and what was asked last.

1. An appointment is named by the seq it was booked in, and forgotten here once it is over.
2. ``turned`` is pure and total, like ``trajectory.apply`` that calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from bridge.core import entries as e
from bridge.core.content import Content, Erased
from bridge.core.endpoint import Endpoint
from scheduling.calendar.quiet import QuietHours
from scheduling.calendar.slots import Availability, Busy

PHONE = "phone"
RECAPPED = frozenset({PHONE, "video", "f2f", "intake"})
"""What is spoken, so that something written adds to it."""


class Appointment(msgspec.Struct, frozen=True):
    """One appointment that is ahead or under way; ``sequence`` counts its changes (RFC 5545).

    ``called``: a call of its two ended while it was under way, whether they talked or not.
    """

    coach: str
    client: str
    modality: str
    start: datetime
    minutes: int
    sequence: int = 0
    opened: bool = False
    called: bool = False

    def is_of(self, *parties: str) -> bool:
        """Tell whether it is that of these two."""
        return {self.coach, self.client} == set(parties)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)


class Offered(msgspec.Struct, frozen=True):
    """What a party was shown last, and by which entry."""

    seq: int
    coach: str
    modality: str
    slots: tuple[datetime, ...]
    moving: int = 0


class Recap(msgspec.Struct, frozen=True):
    """A recap that is being written; ``draft`` is the entry that holds it, 0 = none yet."""

    appointment: int
    begun: datetime
    draft: int = 0


class Agenda(msgspec.Struct, frozen=True):
    """Appointments by number as text, the last offer by party, recaps by coach."""

    appointments: Mapping[str, Appointment] = {}
    offers: Mapping[str, Offered] = {}
    recaps: Mapping[str, Recap] = {}

    def of(self, party: str, *, ahead: bool = True) -> list[tuple[int, Appointment]]:
        """Return the appointments of a party, soonest first; ``ahead`` = not begun yet."""
        mine = [
            (int(number), one)
            for number, one in self.appointments.items()
            if party in (one.coach, one.client) and not (ahead and one.opened)
        ]
        return sorted(mine, key=lambda pair: (pair[1].start, pair[0]))

    def get(self, number: int) -> Appointment | None:
        """Return an appointment that is ahead or under way."""
        return self.appointments.get(str(number))


class CoachAgenda(msgspec.Struct, frozen=True):
    """What the shell knows of a coach's time, over all trajectories."""

    availability: Availability = Availability()
    busy: tuple[Busy, ...] = ()


class AgendaFacts(msgspec.Struct, frozen=True):
    """What a decision about appointments may depend on beside the trajectory.

    ``pages`` are the secret links of the parties; ``mails`` the endpoints that take invitations
    for their calendars; ``drafted`` is the recap that may be sent now; ``quiet`` are the clients'
    quiet hours.
    """

    coaches: Mapping[str, CoachAgenda] = {}
    pages: Mapping[str, str] = {}
    mails: Mapping[str, Endpoint] = {}
    video: bool = False
    drafted: Content = Erased()
    quiet: Mapping[str, QuietHours] = {}


Turning = (
    e.SlotsOffered
    | e.AppointmentBooked
    | e.AppointmentMoved
    | e.AppointmentCancelled
    | e.AppointmentConfirmed
    | e.BookingRefused
    | e.InvitationMailed
    | e.InvitationAnswered
    | e.SessionOpened
    | e.SessionClosed
    | e.RecapStarted
    | e.RecapDrafted
    | e.RecapEnded
)


def turned(agenda: Agenda, entry: Turning, seq: int, at: datetime) -> Agenda:
    """Return the agenda after one more entry."""
    match entry:
        case e.SlotsOffered():
            offer = Offered(seq, entry.coach, entry.modality, entry.slots, entry.moving)
            return msgspec.structs.replace(agenda, offers={**agenda.offers, entry.party: offer})
        case e.AppointmentBooked(client=client):
            made = Appointment(entry.coach, client, entry.modality, entry.start, entry.minutes)
            return _put(_answered(agenda, client), seq, made)
        case e.AppointmentMoved(appointment=number):
            known = agenda.get(number)
            if known is None:
                return agenda
            moved = msgspec.structs.replace(
                known, start=entry.start, minutes=entry.minutes, sequence=known.sequence + 1
            )
            return _put(_answered(_answered(agenda, known.client), known.coach), number, moved)
        case e.SessionOpened(appointment=number):
            known = agenda.get(number)
            opened = msgspec.structs.replace(known, opened=True) if known else None
            return _put(agenda, number, opened) if opened else agenda
        case e.AppointmentCancelled(appointment=number) | e.SessionClosed(appointment=number):
            left = {name: one for name, one in agenda.appointments.items() if name != str(number)}
            return msgspec.structs.replace(agenda, appointments=left)
        case e.RecapStarted() | e.RecapDrafted() | e.RecapEnded():
            return _recapped(agenda, entry, seq, at)
        case _:
            return agenda


def called(agenda: Agenda, first: str, other: str) -> Agenda:
    """Return the agenda after a call of these two has ended."""
    for number, one in agenda.appointments.items():
        if one.opened and not one.called and one.is_of(first, other):
            agenda = _put(agenda, int(number), msgspec.structs.replace(one, called=True))
    return agenda


def _recapped(
    agenda: Agenda, entry: e.RecapStarted | e.RecapDrafted | e.RecapEnded, seq: int, at: datetime
) -> Agenda:
    coach = entry.author
    recaps = {name: one for name, one in agenda.recaps.items() if name != coach}
    if isinstance(entry, e.RecapStarted):
        recaps[coach] = Recap(entry.appointment, at)
    elif isinstance(entry, e.RecapDrafted):
        recaps[coach] = Recap(entry.appointment, at, seq)
    return msgspec.structs.replace(agenda, recaps=recaps)


def _put(agenda: Agenda, number: int, one: Appointment) -> Agenda:
    return msgspec.structs.replace(agenda, appointments={**agenda.appointments, str(number): one})


def _answered(agenda: Agenda, party: str) -> Agenda:
    if party not in agenda.offers:
        return agenda
    left = {name: one for name, one in agenda.offers.items() if name != party}
    return msgspec.structs.replace(agenda, offers=left)
