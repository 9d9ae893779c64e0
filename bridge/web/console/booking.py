"""The forms of the page of appointments: to book and to move.

A moment is on the coach's own clock, as where she writes ``book anna tue 10:00 phone``.
"""

from __future__ import annotations

import asyncio
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
        return await back(visit, "book", form, "not_a_client")
    start = nudging.at_wall(forms.text(form, "at"), visit.person.time_zone or "UTC")
    if start is None:
        return await back(visit, "book", form, "no_moment")
    said = forms.text(form, "minutes").strip()
    if said and not (said.isascii() and said.isdecimal() and 0 < len(said) < 5):
        return await back(visit, "book", form, "no_minutes")
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
    return await carry_out(visit, "book", form, work, "booked", trajectory)


async def move(visit: Visit) -> Response:
    """Give one of her appointments another moment."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    start = nudging.at_wall(forms.text(form, "at"), visit.person.time_zone or "UTC")
    number = int(visit.request.path_params["number"])
    name = f"move-{trajectory}-{number}"
    if start is None:
        return await back(visit, name, form, "no_moment")
    work = partial(
        booking.move,
        catalogue=visit.console.catalogue,
        trajectory=trajectory,
        coach=visit.person.id,
        number=number,
        start=start,
    )
    return await carry_out(visit, name, form, work, "moved", trajectory)


async def carry_out(
    visit: Visit,
    name: str,
    form: FormData,
    work: Callable[[Unit], str],
    done: str,
    trajectory: str = "",
) -> Response:
    wants = Wants(trajectories=(trajectory,) if trajectory else (), people=(visit.person.id,))
    why = await visit.console.writer.submit(work, wants)
    return await back(visit, name, form, why) if why else visit.back(f"/agenda?done={done}")


async def back(visit: Visit, name: str, form: FormData, code: str) -> Response:
    if name == "book" and code == "no_kind":
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return await shown(visit, forms.sent_back(name, form, code, visit.words))
