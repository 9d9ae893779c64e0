"""What is asked about appointments. ``party`` asks; ``appointment`` is the seq it was booked in."""

from __future__ import annotations

from datetime import datetime

import msgspec


class AskForSlots(msgspec.Struct, frozen=True):
    """A party wants to see free moments: of a modality, or to move an appointment; later ones."""

    party: str
    modality: str = ""
    moving: int = 0
    after: datetime | None = None


class BookSlot(msgspec.Struct, frozen=True):
    """A party wants this moment; ``moving`` = for an appointment that stands.

    A coach may name any moment, and how long; a client only takes what is free.
    """

    party: str
    modality: str
    start: datetime
    minutes: int = 0
    client: str = ""
    moving: int = 0
    how: str = "chosen"


class AskToChange(msgspec.Struct, frozen=True):
    """A party wants to ``move`` or ``cancel`` an appointment, perhaps without saying which."""

    party: str
    what: str
    appointment: int = 0


class CancelAppointment(msgspec.Struct, frozen=True):
    """A party calls an appointment off."""

    party: str
    appointment: int


class ShowAgenda(msgspec.Struct, frozen=True):
    """A party wants to know what is ahead in this trajectory."""

    party: str
