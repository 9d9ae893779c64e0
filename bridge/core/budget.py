"""The time budget of a trajectory: prepaid minutes, and what is left of them.

1. The balance is what was granted less what was counted, each a sum over the log; it may be less
   than nothing, for nothing is cut off when it is used up.
2. Where nothing was ever granted there is no budget, and nothing of this changes.
3. A meeting is counted once: by the minutes two people were connected where the bridge rang them
   at an appointment, else by the minutes agreed, else by what the coach said it took.
4. Everything here follows from the envelopes of entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from bridge.core import entries as e
from bridge.core.content import Content, VoiceNote, words
from bridge.core.entries.base import FACE_TO_FACE, MOST_MINUTES

LEVELS = (0, 10, 25)
"""Per cent of a package at which both are told what is left."""
FULL = 100
MOST_GRANTED = 60_000
"""Minutes of one package: a thousand hours."""
SAME_MEETING = timedelta(hours=12)
"""So long after a face-to-face appointment the coach may say how long it really was."""

WORDS_A_MINUTE = 25
SECONDS_A_MESSAGE = 30
LEAST_PROPOSED = 5
"""Minutes; less than that waits for another day."""


class Met(msgspec.Struct, frozen=True):
    """The last meeting in one room: by which line, how long, and whether the coach said so."""

    target: int
    minutes: int
    at: datetime
    said: bool


class Proposed(msgspec.Struct, frozen=True):
    """Written work of a coach that waits for her answer, up to the line ``last``."""

    seq: int
    minutes: int
    last: int
    at: datetime


class Budget(msgspec.Struct, frozen=True):
    """What a trajectory knows of its prepaid minutes.

    ``filed`` is what the practice file granted; ``base`` is what there was when the last package
    came, and ``told`` the level that was reached since. ``since`` is the line of the first grant,
    0 = there is no budget. ``proposed`` and ``through`` (the last line whose writing is settled)
    are by coach. ``last`` is the newest line about minutes, written at ``last_at``.
    """

    granted: int = 0
    spent: int = 0
    filed: int = 0
    base: int = 0
    told: int = FULL
    since: int = 0
    met: Met | None = None
    proposed: Mapping[str, Proposed] = {}
    through: Mapping[str, int] = {}
    last: int = 0
    last_at: datetime | None = None

    @property
    def left(self) -> int:
        """The balance, in minutes."""
        return self.granted - self.spent

    def settled(self, coach: str) -> int:
        """Return the line up to which a coach's writing is settled."""
        return max(self.since, self.through.get(coach, 0))


NO_BUDGET = Budget()


def not_granted(state: Budget, minutes: int) -> str:
    """Return the code of why minutes cannot be granted, or taken back, '' when they can."""
    if not minutes or abs(minutes) > MOST_GRANTED:
        return "no_minutes"
    if minutes < 0 and not state.since:
        return "no_budget"
    return "more_than_granted" if state.granted + minutes < 0 else ""


def not_noted(state: Budget, coach: str, minutes: int, reason: str = "") -> str:
    """Return the code of why a coach's minutes are not counted, '' when they are."""
    if not state.since:
        return "no_budget"
    nothing = not minutes and (coach not in state.proposed or bool(reason.strip()))
    if nothing or abs(minutes) > MOST_MINUTES:
        return "no_minutes"
    return "more_than_spent" if state.spent + minutes < 0 else ""


BudgetEntry = e.TimeGranted | e.TimeCounted | e.TimeProposed | e.TimeDeclined | e.TimeWarned


def level(base: int, left: int) -> int:
    """Return which level a balance is at: one of ``LEVELS``, or ``FULL``."""
    if left <= 0:
        return 0
    return next((one for one in LEVELS if left * FULL <= base * one), FULL)


def rounded(seconds: int) -> int:
    """Return a talk in whole minutes, half a minute and more rounded up."""
    return (seconds + 30) // 60


def written(contents: Iterable[Content]) -> int:
    """Return the minutes it takes to write messages, about, any part of a minute counted.

    Half a minute for each, and a minute for every 25 words; what was spoken takes as long as it is.
    """
    seconds = 0
    for one in contents:
        seconds += SECONDS_A_MESSAGE
        if isinstance(one, VoiceNote):
            seconds += one.file.seconds
        else:
            seconds += len(words(one).split()) * 60 // WORDS_A_MINUTE
    return -(-seconds // 60)


def apply_budget(state: Budget, entry: BudgetEntry, seq: int, at: datetime) -> Budget:
    """Return the budget after an entry about it, which has this seq."""
    match entry:
        case e.TimeGranted():
            return _granted(state, entry, seq, at)
        case e.TimeCounted():
            return _counted(state, entry, seq, at)
        case e.TimeProposed(party=party, minutes=minutes, last=last):
            made = {**state.proposed, party: Proposed(seq, minutes, last, at)}
            return msgspec.structs.replace(state, proposed=made)
        case e.TimeDeclined(target=target):
            return _settled(state, target)
        case e.TimeWarned(percent=percent):
            return msgspec.structs.replace(state, told=percent)


def _granted(state: Budget, entry: e.TimeGranted, seq: int, at: datetime) -> Budget:
    granted, left = state.granted + entry.minutes, state.left + entry.minutes
    filed = state.filed + (entry.minutes if entry.author == e.BRIDGE else 0)
    if entry.minutes > 0:  # another package: its levels are told anew
        base = max(0, left)
        told = level(base, left)
    else:
        base, told = max(0, state.base + entry.minutes), state.told
    return msgspec.structs.replace(
        state,
        granted=granted,
        filed=filed,
        base=base,
        told=told,
        since=state.since or seq,
        last=seq,
        last_at=at,
    )


def _counted(state: Budget, entry: e.TimeCounted, seq: int, at: datetime) -> Budget:
    state = msgspec.structs.replace(state, spent=state.spent + entry.minutes, last=seq, last_at=at)
    if entry.what == FACE_TO_FACE:
        known = state.met
        before = known.minutes if known is not None and known.target == entry.target else 0
        said = entry.author != e.BRIDGE
        met = Met(entry.target, before + entry.minutes, at, said)
        return msgspec.structs.replace(state, met=met)
    return _settled(state, entry.target) if entry.what == "written" else state


def _settled(state: Budget, target: int) -> Budget:
    """Return the budget after a proposal was answered."""
    found = next((one for one in state.proposed.items() if one[1].seq == target), None)
    if found is None:
        return state
    coach, one = found
    left = {name: other for name, other in state.proposed.items() if name != coach}
    through = {**state.through, coach: one.last}
    return msgspec.structs.replace(state, proposed=left, through=through)
