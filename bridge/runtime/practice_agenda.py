"""The part of a practice file that says when a coach can be met, read and checked."""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.recurrence import MIDNIGHT, Hours
from scheduling.calendar.slots import MODALITIES, Availability, Closed, Extra, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STRETCH = r"(\d\d:\d\d)-(\d\d:\d\d)"
_HOURS = re.compile(rf"([a-z]{{3}})(?:-([a-z]{{3}}))? {_STRETCH}")
_DAYS_OFF = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?")
_DAY = 24 * 60
EXAMPLE = "mon-thu 09:00-12:30"


class AvailabilityTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[person.availability]]: a kind of appointment, and when it can be had."""

    kind: str
    hours: tuple[str, ...]
    minutes: int = 50
    buffer: int = 10
    every: int = 30
    notice_hours: int = 24
    horizon_days: int = 28


class ExceptionTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[person.exception]]: days off, or with ``hours`` a day of its own beside the rule."""

    days: str
    hours: str = ""
    kind: str = ""


def offered(
    zone: str, rules: Sequence[AvailabilityTable], exceptions: Sequence[ExceptionTable]
) -> Availability:
    """Return what a coach offers. Raises ValueError that says what is wrong."""
    kinds = tuple(_kind(rule) for rule in rules)
    closed = tuple(_closed(one) for one in exceptions if not one.hours)
    extra = tuple(_extra(one) for one in exceptions if one.hours)
    if len({kind.modality for kind in kinds}) < len(kinds):
        raise ValueError("availability: name each kind once, with all of its hours")
    return Availability(zone, kinds, closed, extra)


def wrong(
    zone: str, rules: Sequence[AvailabilityTable], exceptions: Sequence[ExceptionTable]
) -> Iterator[str]:
    """Yield what is wrong with a coach's hours, if anything is."""
    try:
        offered(zone, rules, exceptions)
    except ValueError as error:
        yield str(error)


def _kind(rule: AvailabilityTable) -> Kind:
    _require_kind(rule.kind)
    for name, low, high in (
        ("minutes", 5, _DAY),
        ("buffer", 0, _DAY),
        ("every", 5, _DAY),
        ("notice_hours", 0, 24 * 365),
        ("horizon_days", 1, 366),
    ):
        if not low <= getattr(rule, name) <= high:
            raise ValueError(f"availability {rule.kind}, {name}: write {low} to {high}")
    return Kind(
        rule.kind,
        tuple(_hours(text) for text in rule.hours),
        rule.minutes,
        rule.buffer,
        rule.every,
        rule.notice_hours,
        rule.horizon_days,
    )


def _require_kind(kind: str) -> None:
    if kind not in MODALITIES:
        raise ValueError(f"kind: {kind!r} is not one of {', '.join(MODALITIES)}")


def _hours(text: str) -> Hours:
    found = _HOURS.fullmatch(text)
    if found is None or not {found[1], found[2] or found[1]} <= set(_DAYS):
        raise ValueError(f"hours: {text!r} cannot be read; write them like {EXAMPLE!r}")
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
    days = tuple((first + n) % 7 for n in range((last - first) % 7 + 1))
    return Hours(days, *_stretch(found[3], found[4], text))


def _stretch(start: str, end: str, text: str) -> tuple[time, time]:
    try:
        begins = time.fromisoformat(start)
        ends = MIDNIGHT if end == "24:00" else time.fromisoformat(end)
    except ValueError:
        raise ValueError(f"hours: {text!r} has a time that no clock shows") from None
    if ends != MIDNIGHT and ends <= begins:
        raise ValueError(f"hours: {text!r} ends before it begins")
    return begins, ends


def _closed(one: ExceptionTable) -> Closed:
    first, last = _days(one.days)
    return Closed(first, last)


def _extra(one: ExceptionTable) -> Extra:
    first, last = _days(one.days)
    found = re.fullmatch(_STRETCH, one.hours)
    if found is None or first != last:
        raise ValueError(f"exception {one.days}: extra hours are for one day, like 09:00-12:00")
    if one.kind:
        _require_kind(one.kind)
    return Extra(first, *_stretch(found[1], found[2], one.hours), one.kind)


def _days(text: str) -> tuple[date, date]:
    found = _DAYS_OFF.fullmatch(text)
    try:
        first = date.fromisoformat(found[1] if found else "")
        last = date.fromisoformat(found[2]) if found and found[2] else first
    except ValueError:
        raise ValueError(
            f"days: {text!r} cannot be read; write 2026-12-24, or 2026-12-24/2027-01-03"
        ) from None
    if last < first:
        raise ValueError(f"days: {text!r} ends before it begins")
    return first, last
