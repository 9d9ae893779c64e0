"""A coach's appointments over all of her trajectories, and the hours she offers.

What may be shown is what she coaches: the appointments with her, and no others.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException

from bridge.core import commands as c
from bridge.core.moments import DAYS, day_told
from bridge.runtime.handle import handle
from bridge.web import agreed, booking, nudging
from bridge.web.console import forms, phrases
from bridge.web.console.agreed import done_told
from bridge.web.console.words import city
from scheduling.calendar import zones
from scheduling.calendar.slots import Availability
from storage import agreements, appointments, persons
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from bridge.web.console.visit import Visit
    from scheduling.calendar.recurrence import Hours
    from scheduling.calendar.slots import Exceptions, Kind
    from storage.appointments import AppointmentLine
    from storage.engine import Store


class Line(msgspec.Struct, frozen=True):
    """One appointment as the page shows it."""

    trajectory: str
    number: int
    name: str
    kind: str
    when: str
    at: str
    minutes: int
    begun: bool


class Offer(msgspec.Struct, frozen=True):
    """One kind she offers, in words."""

    kind: str
    hours: str
    minutes: int
    buffer: int
    notice: int
    horizon: int


async def page(visit: Visit) -> Response:
    """Show what is ahead, soonest first, and what she offers."""
    return await shown(visit, forms.Forms())


async def shown(visit: Visit, filled: forms.Forms) -> Response:
    """Show the page, with a form as it was filled in where it could not be carried out."""
    store, person = visit.console.store, visit.person.id
    found = await asyncio.to_thread(agreed.agenda, store, person, visit.console.now())
    mine, offered = found.appointments, found.offered
    clients = {one.client for one in mine}
    known = await asyncio.to_thread(persons.persons, store, clients)
    names = {name: one.name for name, one in known.items()}
    may_book = await asyncio.to_thread(_may_book, store, person)
    kinds = [one.modality for one in offered.kinds]
    return visit.page(
        "agenda.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if filled.filled.name else HTTPStatus.OK,
        forms=filled,
        done=done_told(visit),
        clients=may_book,
        all_kinds=[
            (kind, visit.words(told))
            for kind, told in sorted(
                phrases.KINDS.items(),
                key=lambda one: kinds.index(one[0]) if one[0] in kinds else len(kinds),
            )
        ],
        kinds=[(kind, visit.words(phrases.KINDS[kind])) for kind in kinds],
        city=city(visit.person.time_zone or "UTC"),
        own=list(_own(visit, await asyncio.to_thread(appointments.own_exceptions, store, person))),
        lines=[_line(visit, one, names.get(one.client, one.client)) for one in mine],
        offers=[_offer(visit, one) for one in offered.kinds],
        zone=offered.zone,
        exceptions=list(_exceptions(visit, offered)),
    )


async def cancel(visit: Visit) -> Response:
    """Call one of her appointments off; both are told."""
    await visit.form()
    trajectory = str(visit.request.path_params["trajectory"])
    number = int(visit.request.path_params["number"])
    console, person = visit.console, visit.person.id
    if not await asyncio.to_thread(persons.coaches, console.store, person, trajectory):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    command = c.CancelAppointment(person, number)
    await console.writer.submit(
        lambda unit: handle(unit, trajectory, command, console.catalogue),
        Wants(trajectories=(trajectory,)),
    )
    return visit.back("/agenda?done=cancelled")


def _may_book(store: Store, coach: str) -> list[tuple[str, str]]:
    found = nudging.clients_in(store, agreements.states_of(store, coach))
    return [(f"{one.trajectory}/{one.id}", one.name) for one in found]


def _own(visit: Visit, own: Exceptions) -> Iterator[tuple[str, str]]:
    """Yield the names of her own exceptions, and what they say."""
    told = _exceptions(visit, Availability(closed=own.closed, extra=own.extra))
    yield from zip(booking.names_of(own), told, strict=True)


def _line(visit: Visit, one: AppointmentLine, name: str) -> Line:
    return Line(
        trajectory=one.trajectory,
        number=one.appointment,
        name=name,
        kind=visit.words(phrases.KINDS[one.modality]),
        when=visit.words.moment(one.start),
        at=zones.wall(one.start, visit.person.time_zone or "UTC").strftime("%Y-%m-%dT%H:%M"),
        minutes=(one.end - one.start) // timedelta(minutes=1),
        begun=one.state == "open",
    )


def _offer(visit: Visit, one: Kind) -> Offer:
    hours = ", ".join(_hours(visit, part) for part in one.hours)
    kind = visit.words(phrases.KINDS[one.modality])
    return Offer(kind, hours, one.minutes, one.buffer, one.notice, one.horizon)


def _hours(visit: Visit, hours: Hours) -> str:
    days = " ".join(DAYS[visit.words.language][day] for day in hours.days)
    return f"{days} {hours.start:%H:%M}–{hours.end:%H:%M}"


def _exceptions(visit: Visit, offered: Availability) -> Iterator[str]:
    language = visit.words.language
    for off in offered.closed:
        first, last = day_told(off.first, language), day_told(off.last, language)
        yield visit.words("{first} to {last}: closed", first=first, last=last)
    for extra in offered.extra:
        day = day_told(extra.day, language)
        times = f"{extra.start:%H:%M}–{extra.end:%H:%M}"
        kind = visit.words(phrases.KINDS[extra.modality]) if extra.modality else ""
        told = visit.words("{day}: also {times}", day=day, times=times)
        yield f"{told}, {kind}" if kind else told
