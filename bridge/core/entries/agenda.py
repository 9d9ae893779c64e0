"""Appointments and the sessions they become. ``appointment`` is the seq of ``appointment_booked``.

Times stand in the envelope: a slot stays given, and minutes stay counted, after an erasure.
"""

from __future__ import annotations

from datetime import datetime

from bridge.core.content import Content, Erased
from bridge.core.entries.base import Line


class SlotsOffered(Line, frozen=True, kw_only=True):
    """A party was shown free moments; ``moving`` is the appointment they are for, 0 = a new one."""

    party: str
    coach: str
    modality: str
    slots: tuple[datetime, ...]
    moving: int = 0


class AppointmentBooked(Line, frozen=True, kw_only=True):
    """A slot of a coach is given to a client; ``how``: ``chosen``, ``page`` or ``coach``."""

    coach: str
    client: str
    modality: str
    start: datetime
    minutes: int
    how: str = "chosen"


class AppointmentMoved(Line, frozen=True, kw_only=True):
    """An appointment is at another time now."""

    appointment: int
    start: datetime
    minutes: int


class AppointmentCancelled(Line, frozen=True, kw_only=True):
    """An appointment is off; ``reason``: ``asked``, ``closed``, ``left`` or ``withdrawn``."""

    appointment: int
    reason: str = ""


class AppointmentConfirmed(Line, frozen=True, kw_only=True):
    """A party said that they will be there."""

    appointment: int


class BookingRefused(Line, frozen=True, kw_only=True):
    """A moment could not be had: ``taken``, ``not_offered``, ``past`` or ``gone``."""

    party: str
    reason: str
    start: datetime | None = None


class InvitationMailed(Line, frozen=True, kw_only=True):
    """A party was sent an appointment for their calendar by mail: ``request`` or ``cancel``."""

    party: str
    appointment: int
    method: str
    sequence: int = 0

    @property
    def owner(self) -> str:
        return self.party


class InvitationAnswered(Line, frozen=True, kw_only=True):
    """A calendar answered for its owner: ``accepted``, ``tentative`` or ``declined``."""

    appointment: int
    answer: str


class SessionOpened(Line, frozen=True, kw_only=True):
    """The time of an appointment has come."""

    appointment: int
    coach: str
    client: str
    modality: str
    start: datetime


class SessionClosed(Line, frozen=True, kw_only=True):
    """A session is over; what it took, in minutes."""

    appointment: int
    coach: str
    client: str
    modality: str
    start: datetime
    end: datetime
    minutes: int


class RecapStarted(Line, frozen=True, kw_only=True):
    """A coach is about to write a recap of a session: what she says next is its draft."""

    appointment: int


class RecapDrafted(Line, frozen=True, kw_only=True):
    """A coach wrote a recap; it goes to nobody before she says so."""

    SEALED = frozenset({"content"})
    appointment: int
    content: Content = Erased()


class RecapEnded(Line, frozen=True, kw_only=True):
    """A recap was sent (the message follows) or thrown away."""

    appointment: int
    sent: bool = False
