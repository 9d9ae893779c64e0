"""Nudges: what a trajectory knows of those to come, and what a client lets us do.

1. An *encouragement* affirms before an event; a *prompt* asks for a step. Both are about something
   concrete and can be answered by a digit or a word.
2. The state keeps what is planned and, per client, the last one given that nobody answered yet;
   never words.
3. A pace belongs to a person and holds over all their trajectories and networks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from scheduling.calendar import zones
from scheduling.calendar.quiet import QuietHours

NUDGE = "nudge"
FOLLOW_UP = "nudge-after"
"""The concerns whose timers come back here; the seq of the plan or of what was given follows."""

SAME_WORDS = timedelta(days=60)
"""How long the same words are not said again to the same client."""

HALVED_AFTER = 2
STOPPED_AFTER = 4
"""Given in a row without an answer: then half as often, then no more."""

TALKING = timedelta(hours=4)
"""A client who wrote since this long ago is in conversation: a prompt would come between."""

LEAD = timedelta(minutes=15)
"""How long before its event an encouragement goes."""

PROMPT_KEEPS = timedelta(hours=24)
"""How long after its time a prompt still makes sense."""

FOLLOW_UP_AFTER = timedelta(hours=1)
"""How long after an event the coach is offered to ask how it went."""

LATER = timedelta(days=1)
"""For how long LATER puts off what is planned."""


class NudgeKind(StrEnum):
    """What a nudge is for."""

    ENCOURAGEMENT = "encouragement"
    PROMPT = "prompt"


class Pace(msgspec.Struct, frozen=True):
    """What a client lets us do: quiet hours, how many nudges, and until when none at all.

    ``per_day`` counts days of the client's own calendar, ``per_week`` any seven days.
    """

    quiet: QuietHours = QuietHours()
    per_day: int = 1
    per_week: int = 3
    paused_until: datetime | None = None
    later_until: datetime | None = None

    def paused(self, now: datetime) -> bool:
        """Tell whether the client wants none at all now."""
        return self.paused_until is not None and now < self.paused_until


STEPS = ((1, 1), (1, 2), (1, 3), (1, 5), (1, 7), (2, 14))
"""What LESS and MORE go along: nudges a day and a week."""


def less(pace: Pace) -> Pace:
    """Return the pace with fewer nudges; one a week is the least before none."""
    fewer = [step for step in STEPS if step[1] < pace.per_week] or [STEPS[0]]
    return msgspec.structs.replace(pace, per_day=fewer[-1][0], per_week=fewer[-1][1])


def more(pace: Pace) -> Pace:
    """Return the pace with more nudges; fourteen a week is the most."""
    further = [step for step in STEPS if step[1] > pace.per_week] or [STEPS[-1]]
    return msgspec.structs.replace(pace, per_day=further[0][0], per_week=further[0][1])


class Wanted(msgspec.Struct, frozen=True):
    """A moment and the words for it, as a coach asks for them."""

    at: datetime
    text: str


class Planned(msgspec.Struct, frozen=True):
    """A nudge to come: ``at`` when, ``until`` when it makes sense, ``event_at`` what it is before.

    ``series`` is the seq of the first of several; ``heard`` when the client wrote last since.
    """

    seq: int
    client: str
    coach: str
    nudge: NudgeKind
    at: datetime
    until: datetime
    event_at: datetime | None = None
    series: int = 0
    heard: datetime | None = None


class Proposal(msgspec.Struct, frozen=True):
    """A nudge the bridge drafted for a coach, who has not said yes or no yet."""

    seq: int
    client: str
    coach: str
    at: datetime
    until: datetime


class Open(msgspec.Struct, frozen=True):
    """The last nudge given to a client that was not answered yet."""

    client: str
    seq: int
    at: datetime
    event_at: datetime | None = None
    coach: str = ""
    planned: int = 0


class Nudges(msgspec.Struct, frozen=True):
    """What a trajectory knows of its nudges."""

    planned: tuple[Planned, ...] = ()
    proposed: tuple[Proposal, ...] = ()
    open: tuple[Open, ...] = ()

    def find(self, seq: int) -> Planned | None:
        """Return what is planned by an entry, None when it is over."""
        return next((one for one in self.planned if one.seq == seq), None)

    def proposal(self, seq: int) -> Proposal | None:
        """Return a draft that waits for its coach."""
        return next((one for one in self.proposed if one.seq == seq), None)

    def of_series(self, seq: int) -> tuple[Planned, ...]:
        """Return what is planned by an entry and by those that follow it in a series."""
        return tuple(one for one in self.planned if seq in (one.seq, one.series))

    def open_for(self, client: str) -> Open | None:
        """Return the last nudge a client has not answered."""
        return next((one for one in self.open if one.client == client), None)


class Given(msgspec.Struct, frozen=True):
    """A nudge that was given to a person, in whichever trajectory."""

    at: datetime
    answered: bool


class NudgeFacts(msgspec.Struct, frozen=True):
    """What one decision about nudges may depend on, over all trajectories of the client.

    ``given`` is the newest first; ``repeated`` = the same words are planned, or were said within
    ``SAME_WORDS``; ``text`` and ``event`` are the words of the nudge it is about, '' when erased;
    ``follow_up`` is the draft that asks how the event went.
    """

    pace: Pace = Pace()
    given: tuple[Given, ...] = ()
    repeated: bool = False
    text: str = ""
    event: str = ""
    follow_up: str = ""

    @property
    def unanswered(self) -> int:
        """How many in a row have not been answered, the newest counted first."""
        count = 0
        for one in self.given:
            if one.answered:
                break
            count += 1
        return count


def over_caps(facts: NudgeFacts, now: datetime, zone: str) -> str:
    """Return which cap one more nudge would break: ``cadence``, ``cap_day``, ``cap_week`` or ''.

    Halved = half as many a week (at least one), and not on two days in a row.
    """
    pace, halved = facts.pace, facts.unanswered >= HALVED_AFTER
    per_week = max(1, pace.per_week // 2) if halved else pace.per_week
    today = zones.wall(now, zone).date()
    days = [zones.wall(one.at, zone).date() for one in facts.given]
    if halved and any(day >= today - timedelta(days=1) for day in days):
        return "cadence"
    if sum(day == today for day in days) >= pace.per_day:
        return "cap_day"
    week = sum(one.at > now - timedelta(days=7) for one in facts.given)
    if week >= per_week:
        return "cadence" if halved and week < pace.per_week else "cap_week"
    return ""
