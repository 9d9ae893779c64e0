"""Prepaid time: what was granted, what was counted, and what both were told of it.

Minutes stand in the envelope: they stay counted after an erasure.
"""

from __future__ import annotations

from bridge.core.entries.base import Line


class TimeGranted(Line, frozen=True, kw_only=True):
    """A package of minutes was agreed, by a coach or by the practice file (``bridge``).

    Fewer than none corrects what was granted before.
    """

    SEALED = frozenset({"text"})
    minutes: int
    text: str = ""


class TimeCounted(Line, frozen=True, kw_only=True):
    """A time entry: minutes that were spent; fewer than none corrects what was counted before.

    ``what``: ``call``, ``session``, ``f2f``, ``written``, ``noted`` (by a coach) or ``correction``.
    ``target`` is the line they come of: a call's end, an appointment, a session that was logged,
    what was proposed; 0 = the coach says so.
    """

    SEALED = frozenset({"text"})
    minutes: int
    what: str
    target: int = 0
    text: str = ""


class TimeProposed(Line, frozen=True, kw_only=True):
    """What a coach (``party``) wrote comes to so many minutes, up to the line ``last``.

    Nothing is counted before she says so; a later one takes the place of an earlier one.
    """

    party: str
    minutes: int
    last: int


class TimeDeclined(Line, frozen=True, kw_only=True):
    """A coach does not want counted what was proposed in ``target``."""

    target: int


class TimeWarned(Line, frozen=True, kw_only=True):
    """Of a package no more than ``percent`` is left, 0 = nothing: both are told, once."""

    percent: int
    left: int
