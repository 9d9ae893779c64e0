"""Nudges: planned, given or not given and why, answered; and the pace a client asks for."""

from __future__ import annotations

from datetime import datetime

from bridge.core.entries.base import Line
from bridge.core.nudges import NudgeKind, Pace
from scheduling.calendar.quiet import QuietHours


class NudgePlanned(Line, frozen=True, kw_only=True):
    """A coach (``author``) wants a client to be nudged; the sealed words are what will be said.

    ``until`` is when it makes no sense any more; ``series`` the seq of the first of several;
    ``draft`` the seq of the proposal it comes from.
    """

    SEALED = frozenset({"text", "event"})
    client: str
    nudge: NudgeKind
    at: datetime
    until: datetime
    event_at: datetime | None = None
    series: int = 0
    draft: int = 0
    text: str = ""
    event: str = ""


class NudgeProposed(Line, frozen=True, kw_only=True):
    """The bridge drafted a nudge for a coach, who decides."""

    SEALED = frozenset({"text"})
    coach: str
    client: str
    at: datetime
    until: datetime
    text: str = ""

    @property
    def owner(self) -> str:
        return self.coach


class NudgeMoved(Line, frozen=True, kw_only=True):
    """A coach chose another moment for what was planned in ``target``."""

    target: int
    at: datetime
    until: datetime


class NudgePostponed(Line, frozen=True, kw_only=True):
    """It was not the moment (``reason``: quiet_hours, later); ``at`` is the next one."""

    target: int
    at: datetime
    until: datetime
    reason: str


class NudgeCancelled(Line, frozen=True, kw_only=True):
    """What was planned or proposed in ``target`` is taken back; ``reason`` is a code."""

    target: int
    reason: str


class NudgeGiven(Line, frozen=True, kw_only=True):
    """What was planned in ``target`` is on its way to the client, in the name of its coach.

    ``quiet`` and ``zone`` are the client's quiet hours it was decided with.
    """

    SEALED = frozenset({"text"})
    target: int
    client: str
    nudge: NudgeKind
    until: datetime
    zone: str
    quiet: QuietHours
    event_at: datetime | None = None
    text: str = ""


class NudgeWithheld(Line, frozen=True, kw_only=True):
    """What was planned in ``target`` was not said; ``reason`` is a code."""

    target: int
    client: str
    reason: str


class NudgeAnswered(Line, frozen=True, kw_only=True):
    """A client answered the nudge given in ``target``, by what ``message`` says.

    ``key`` is the option chosen, '' for words.
    """

    target: int
    message: int
    key: str = ""


class PaceChanged(Line, frozen=True, kw_only=True):
    """How often and when a client may be nudged; ``how`` is the word they used, or ``file``."""

    party: str
    how: str
    pace: Pace
