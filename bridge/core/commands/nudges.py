"""What a coach asks for, and at which pace a client wants it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.core.nudges import NudgeKind, Pace, Wanted


class PlanNudge(msgspec.Struct, frozen=True):
    """A coach wants a client to be nudged, once or in a series.

    ``at`` of each is when an encouragement's event is, or when a prompt is to be said. ``dates`` =
    each moment is read back, and not only the first and the last.
    """

    party: str
    client: str
    nudge: NudgeKind
    wanted: tuple[Wanted, ...]
    event: str = ""
    dates: bool = False


class MoveNudge(msgspec.Struct, frozen=True):
    """A coach chooses another moment for what was planned in ``target``."""

    party: str
    target: int
    at: datetime


class CancelNudge(msgspec.Struct, frozen=True):
    """A coach takes back what was planned in ``target``, and what follows it in a series."""

    party: str
    target: int


class AnswerDraft(msgspec.Struct, frozen=True):
    """A coach has what the bridge drafted in ``target`` planned, or wants none of it."""

    party: str
    target: int
    yes: bool


class GiveLater(msgspec.Struct, frozen=True):
    """What was given in ``target`` could not go in time: it is the client's quiet hours by now."""

    target: int
    reason: str


class ChangePace(msgspec.Struct, frozen=True):
    """A client wants another pace; ``how`` is the word they used."""

    party: str
    how: str
    pace: Pace
