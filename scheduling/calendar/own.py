"""What a coach says of her time herself, beside what the practice file says of it.

1. What she says goes before the file, thing by thing: a kind of appointment, her working week with
   its stop moment. What she says nothing of is as the file says.
2. Days off and extra hours come on top of those of the file. On her own days off she does not work
   either.
3. Pure: the file's word and hers are given.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.recurrence import DAY
from scheduling.calendar.slots import Availability, Closed, Extra, Kind
from scheduling.calendar.working import Interval, Working, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL_WEEK = tuple(Interval(day, 9 * 60, 17 * 60) for day in range(5))
"""When somebody is taken to work of whom nobody wrote it down."""


class Week(msgspec.Struct, frozen=True):
    """A working week and its stop moment, in minutes after midnight; None = it may always ring."""

    week: tuple[Interval, ...]
    stop: int | None = None


class Own(msgspec.Struct, frozen=True):
    """What a coach set herself; ``zone`` is hers, for where the file offers nothing.

    A kind without hours is one she does not offer, whatever the file says.
    """

    closed: tuple[Closed, ...] = ()
    extra: tuple[Extra, ...] = ()
    kinds: tuple[Kind, ...] = ()
    work: Week | None = None
    zone: str = ""


def offered(filed: Availability, own: Own) -> Availability:
    """Return what a coach offers."""
    mine = {one.modality: one for one in own.kinds}
    kinds = [mine.pop(one.modality, one) for one in filed.kinds]
    return Availability(
        filed.zone if filed.kinds or not own.zone else own.zone,
        tuple(one for one in (*kinds, *mine.values()) if one.hours),
        (*filed.closed, *own.closed),
        (*filed.extra, *own.extra),
    )


def working(filed: Working | None, own: Own, zone: str, *, promised: bool) -> Working | None:
    """Return when a coach works, None where nothing is agreed.

    ``promised``: an answer is promised within working time, so that her days off count although
    nobody wrote down her hours.
    """
    days = tuple(sorted({*(filed.days_off if filed else ()), *days_off(own)}))
    if own.work is not None:
        made = Working(zone, own.work.week, days, own.work.stop)
        return None if wrong(made) else made
    if filed is not None:
        return msgspec.structs.replace(filed, days_off=days)
    return Working(zone, USUAL_WEEK, days) if promised and days else None


def days_off(own: Own) -> Iterator[str]:
    """Yield the ISO dates on which she is off by her own word."""
    return chain.from_iterable(_dates(one) for one in own.closed)


def _dates(one: Closed) -> Iterator[str]:
    day = one.first
    while day <= one.last:
        yield day.isoformat()
        day += DAY
