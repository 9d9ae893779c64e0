"""The forms about a coach's time: when she works, what she offers, and days that differ.

1. Times are on her own clock. What she sets goes before the practice file (``runtime.hours``).
2. A week is one line, ``mon-thu 9:00-12:30, fri 9-12``, in the words of either language.
"""

from __future__ import annotations

from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING

from bridge.runtime import hours
from bridge.web.console import forms
from bridge.web.console.booking import back, carry_out
from scheduling.calendar.slots import Kind
from scheduling.calendar.week_words import read_clock_time, read_week

if TYPE_CHECKING:
    from starlette.responses import Response

    from bridge.web.console.visit import Visit

NUMBERS = ("minutes", "buffer", "every", "notice", "horizon")


async def days_off(visit: Visit) -> Response:
    """Offer nothing on some days."""
    form = await visit.form()
    first = _day(forms.text(form, "first"))
    last = _day(forms.text(form, "last") or forms.text(form, "first"))
    if first is None or last is None:
        return await back(visit, "off", form, "no_day")
    work = partial(
        hours.close_days,
        catalogue=visit.console.catalogue,
        coach=visit.person.id,
        first=first,
        last=last,
    )
    return await carry_out(visit, "off", form, work, "off")


async def extra_hours(visit: Visit) -> Response:
    """Offer more hours on one day."""
    form = await visit.form()
    day = _day(forms.text(form, "first"))
    start, end = _clock(forms.text(form, "start")), _clock(forms.text(form, "end"))
    if day is None or start is None or end is None:
        return await back(visit, "extra", form, "no_day" if day is None else "no_hours")
    work = partial(
        hours.open_hours,
        catalogue=visit.console.catalogue,
        coach=visit.person.id,
        day=day,
        start=start,
        end=end,
        modality=forms.text(form, "kind"),
    )
    return await carry_out(visit, "extra", form, work, "extra")


async def as_usual(visit: Visit) -> Response:
    """Let a day be as usual again."""
    form = await visit.form()
    work = partial(
        hours.forget,
        catalogue=visit.console.catalogue,
        coach=visit.person.id,
        name=forms.text(form, "name"),
    )
    return await carry_out(visit, "usual", form, work, "usual")


async def offer(visit: Visit) -> Response:
    """Offer a kind of appointment in some hours of the week, or no more."""
    form = await visit.form()
    modality, is_none = forms.text(form, "kind"), bool(forms.text(form, "none"))
    name = "offer" if forms.text(form, "form") else f"offer-{modality}"
    week = () if is_none else read_week(forms.text(form, "hours")) or None
    if week is None:
        return await back(visit, name, form, "no_week")
    if hours.overlaps(week):
        return await back(visit, name, form, "overlap")
    numbers = [_number(forms.text(form, one)) for one in NUMBERS]
    if None in numbers:
        return await back(visit, name, form, f"no_{NUMBERS[numbers.index(None)]}")
    kind = Kind(modality, hours.hours_of(week), *(number or 0 for number in numbers))
    work = partial(hours.offer, catalogue=visit.console.catalogue, coach=visit.person.id, kind=kind)
    return await carry_out(visit, name, form, work, "offer" if week else "offer_gone")


async def work(visit: Visit) -> Response:
    """Work in some hours of the week, and let nothing ring after the stop moment."""
    form = await visit.form()
    week, said = read_week(forms.text(form, "week")), forms.text(form, "stop").strip()
    stop = read_clock_time(said) if said else None
    if said and stop is None:
        return await back(visit, "work", form, "early_stop")
    change = partial(
        hours.work,
        catalogue=visit.console.catalogue,
        coach=visit.person.id,
        week=week or (),
        stop=stop,
    )
    return await carry_out(visit, "work", form, change, "work")


def _number(text: str) -> int | None:
    said = text.strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 5 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is not None else found.replace(second=0, microsecond=0)
