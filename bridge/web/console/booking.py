"""The forms of the page of appointments: to book, to move, and days that differ from the usual.

1. A moment is on the coach's own clock, as where she writes ``book anna tue 10:00 phone``.
2. Hours of every week stand in the practice file; here are days off and extra hours beside them.
"""

from __future__ import annotations

import asyncio
from datetime import date, time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from bridge.web import booking, nudging
from bridge.web.console import forms
from bridge.web.console.agenda import shown
from storage import persons
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import FormData
    from starlette.responses import Response

    from bridge.web.console.visit import Visit
    from storage.unit import Unit


async def book(visit: Visit) -> Response:
    """Book a moment for a client."""
    form = await visit.form()
    trajectory, _, client = forms.text(form, "client").partition("/")
    if not await asyncio.to_thread(persons.coaches, visit.store, visit.person.id, trajectory):
        return await _back(visit, "book", form, "not_a_client")
    start = nudging.at_wall(forms.text(form, "at"), visit.person.time_zone or "UTC")
    if start is None:
        return await _back(visit, "book", form, "no_moment")
    said = forms.text(form, "minutes").strip()
    if said and not (said.isascii() and said.isdecimal() and 0 < len(said) < 5):
        return await _back(visit, "book", form, "no_minutes")
    work = partial(
        booking.book,
        catalogue=visit.console.catalogue,
        trajectory=trajectory,
        coach=visit.person.id,
        client=client,
        modality=forms.text(form, "kind"),
        start=start,
        minutes=int(said or 0),
    )
    return await _carry_out(visit, "book", form, work, "booked", trajectory)


async def move(visit: Visit) -> Response:
    """Give one of her appointments another moment."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    start = nudging.at_wall(forms.text(form, "at"), visit.person.time_zone or "UTC")
    number = int(visit.request.path_params["number"])
    name = f"move-{trajectory}-{number}"
    if start is None:
        return await _back(visit, name, form, "no_moment")
    work = partial(
        booking.move,
        catalogue=visit.console.catalogue,
        trajectory=trajectory,
        coach=visit.person.id,
        number=number,
        start=start,
    )
    return await _carry_out(visit, name, form, work, "moved", trajectory)


async def days_off(visit: Visit) -> Response:
    """Offer nothing on some days."""
    form = await visit.form()
    first = _day(forms.text(form, "first"))
    last = _day(forms.text(form, "last") or forms.text(form, "first"))
    if first is None or last is None:
        return await _back(visit, "off", form, "no_day")
    work = partial(booking.close_days, coach=visit.person.id, first=first, last=last)
    return await _carry_out(visit, "off", form, work, "off")


async def extra_hours(visit: Visit) -> Response:
    """Offer more hours on one day."""
    form = await visit.form()
    day = _day(forms.text(form, "first"))
    start, end = _clock(forms.text(form, "start")), _clock(forms.text(form, "end"))
    if day is None or start is None or end is None:
        return await _back(visit, "extra", form, "no_day" if day is None else "no_hours")
    work = partial(
        booking.open_hours,
        coach=visit.person.id,
        day=day,
        start=start,
        end=end,
        modality=forms.text(form, "kind"),
    )
    return await _carry_out(visit, "extra", form, work, "extra")


async def as_usual(visit: Visit) -> Response:
    """Let a day be as usual again."""
    form = await visit.form()
    work = partial(booking.forget, coach=visit.person.id, name=forms.text(form, "name"))
    return await _carry_out(visit, "usual", form, work, "usual")


async def _carry_out(
    visit: Visit,
    name: str,
    form: FormData,
    work: Callable[[Unit], str],
    done: str,
    trajectory: str = "",
) -> Response:
    wants = Wants(trajectories=(trajectory,) if trajectory else (), people=(visit.person.id,))
    why = await visit.console.writer.submit(work, wants)
    return await _back(visit, name, form, why) if why else visit.back(f"/agenda?done={done}")


async def _back(visit: Visit, name: str, form: FormData, code: str) -> Response:
    if name == "book" and code == "no_kind":
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return await shown(visit, forms.sent_back(name, form, code, visit.words))


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
