"""Prepaid time: what is granted, noted, proposed, and answered."""

from __future__ import annotations

import msgspec


class GrantTime(msgspec.Struct, frozen=True):
    """A package of minutes is agreed; fewer than none corrects an earlier one.

    ``party`` is the coach who says so; '' = the practice file does.
    """

    minutes: int
    party: str = ""
    reason: str = ""


class NoteTime(msgspec.Struct, frozen=True):
    """A coach says what was spent; fewer than none corrects what was counted.

    0 = nothing is to be counted of what was proposed to her.
    """

    party: str
    minutes: int
    reason: str = ""


class TakeTime(msgspec.Struct, frozen=True):
    """A coach has counted, or not, what was proposed to her in ``target``."""

    party: str
    target: int
    yes: bool


class CountWritten(msgspec.Struct, frozen=True):
    """It is the end of a coach's day: what she wrote, up to the line ``last``, in minutes."""

    coach: str
    minutes: int
    last: int
