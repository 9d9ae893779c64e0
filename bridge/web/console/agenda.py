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
from bridge.runtime import hours
from bridge.runtime.handle import handle
from bridge.web import agreed, nudging
from bridge.web.console import forms, phrases
from bridge.web.console.agreed import done_told
from bridge.web.console.words import city
from scheduling.calendar import zones
from scheduling.calendar.own import USUAL_WEEK
from scheduling.calendar.slots import Availability
from scheduling.calendar.week_words import write_week
from storage import agreements, appointments, persons
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from bridge.web.console.visit import Visit
    from scheduling.calendar.own import Own
    from scheduling.calendar.slots import Kind
    from scheduling.calendar.working import Working
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

    modality: str
    kind: str
    hours: str
    minutes: int
    buffer: int
    every: int
    notice: int
    horizon: int
    mine: bool


_NEW = Offer("", "", "", 50, 10, 30, 24, 28, mine=False)
"""What stands in the form of a kind that is not offered yet."""


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
    kept = await asyncio.to_thread(appointments.kept, store, person)
    rest = [one for one in phrases.KINDS if one not in kinds]
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
        own=list(_own(visit, kept.own)),
        lines=[_line(visit, one, names.get(one.client, one.client)) for one in mine],
        offers=[_offer(visit, one, one.modality in found.own_kinds) for one in offered.kinds],
        others=[(kind, visit.words(phrases.KINDS[kind])) for kind in rest],
        withdrawn=[
            (one.modality, visit.words(phrases.KINDS[one.modality]))
            for one in kept.own.kinds
            if one.modality in rest and kept.offered.kind(one.modality) is not None
        ],
        week=_week(visit, found.work),
        stop=_stop(found.work),
        work=found.work is not None,
        own_work=found.own_work,
        filed_work=kept.work is not None,
        filed_kinds=[one.modality for one in kept.offered.kinds],
        usual_week=write_week(USUAL_WEEK, DAYS[visit.words.language]),
        new_offer=_NEW,
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


def _own(visit: Visit, own: Own) -> Iterator[tuple[str, str]]:
    """Yield the names of her own exceptions, and what they say."""
    told = _exceptions(visit, Availability(closed=own.closed, extra=own.extra))
    yield from zip(hours.names_of(own), told, strict=True)


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


def _offer(visit: Visit, one: Kind, mine: bool) -> Offer:
    kind = visit.words(phrases.KINDS[one.modality])
    week = write_week(hours.week_from(one.hours), DAYS[visit.words.language])
    return Offer(
        modality=one.modality,
        kind=kind,
        hours=week,
        minutes=one.minutes,
        buffer=one.buffer,
        every=one.every,
        notice=one.notice,
        horizon=one.horizon,
        mine=mine,
    )


def _week(visit: Visit, work: Working | None) -> str:
    return write_week(work.week, DAYS[visit.words.language]) if work is not None else ""


def _stop(work: Working | None) -> str:
    if work is None or work.stop is None:
        return ""
    return f"{work.stop // 60:02}:{work.stop % 60:02}"


def _exceptions(visit: Visit, offered: Availability) -> Iterator[str]:
    language = visit.words.language
    for off in offered.closed:
        first, last = day_told(off.first, language), day_told(off.last, language)
        if off.first == off.last:
            yield visit.words("{day}: closed", day=first)
        else:
            yield visit.words("{first} to {last}: closed", first=first, last=last)
    for extra in offered.extra:
        day = day_told(extra.day, language)
        times = f"{extra.start:%H:%M}–{extra.end:%H:%M}"
        kind = visit.words(phrases.KINDS[extra.modality]) if extra.modality else ""
        told = visit.words("{day}: also {times}", day=day, times=times)
        yield f"{told}, {kind}" if kind else told
