"""Response promises, working hours and stop moments: what was agreed, and what became of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.core.entries.base import Line
from scheduling.calendar.working import Working


class PromiseSet(Line, frozen=True, kw_only=True):
    """Within how much working time an answer is promised, by network, in minutes.

    The network '' stands for all others, 0 is no promise. ``pace_days`` is how long a client may
    be silent by agreement, 0 = as long as they like.
    """

    within: dict[str, int] = msgspec.field(default_factory=dict)
    pace_days: int = 0


class WorkingHoursSet(Line, frozen=True, kw_only=True):
    """When a coach works, her days off and her stop moment; None = nothing is agreed."""

    party: str
    work: Working | None = None


class PromiseMade(Line, frozen=True, kw_only=True):
    """A client's message in ``target`` is to be answered by ``due``; the coach is warned before."""

    party: str
    target: int
    due: datetime
    warn_at: datetime


class PromiseWarned(Line, frozen=True, kw_only=True):
    """The coaches were told that the promise about ``target`` will soon be broken."""

    party: str
    target: int


class PromiseKept(Line, frozen=True, kw_only=True):
    """A coach answered in time: ``answer`` is the line that did."""

    party: str
    target: int
    answer: int


class PromiseBroken(Line, frozen=True, kw_only=True):
    """The time was over and nobody had answered; the client was told so."""

    party: str
    target: int


class PromiseMended(Line, frozen=True, kw_only=True):
    """A coach answered after all, too late."""

    party: str
    target: int
    answer: int


class PromiseDropped(Line, frozen=True, kw_only=True):
    """Nothing is to be answered any more; ``reason`` is a code."""

    party: str
    target: int
    reason: str


class RestKept(Line, frozen=True, kw_only=True):
    """It is after a coach's stop moment: what comes for her waits until ``until``."""

    party: str
    until: datetime


class RestEnded(Line, frozen=True, kw_only=True):
    """What waited for a coach was let go, in the order of the log."""

    party: str
