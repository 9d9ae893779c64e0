"""What was agreed about answering: how soon, and in which hours."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from scheduling.calendar.working import Working


class SetPromise(msgspec.Struct, frozen=True):
    """An answer is promised within so many minutes of working time, by network ('' = others).

    ``party`` is the coach who says so herself; '' = the practice file does.
    """

    within: Mapping[str, int]
    pace_days: int = 0
    party: str = ""


class KeepRest(msgspec.Struct, frozen=True):
    """What was under way to a coach has to wait: her stop moment came before it went."""

    party: str


class SetWorkingHours(msgspec.Struct, frozen=True):
    """A coach works in these hours; None = nothing is agreed. ``own`` = she says so herself."""

    party: str
    work: Working | None = None
    own: bool = False
