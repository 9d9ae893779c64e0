"""The routes by which a coach sets when she works and what she offers, and days that differ."""

from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from bridge.runtime import hours
from bridge.web.api import Parts
from bridge.web.api.acts import REFUSALS, Posted
from bridge.web.api.answers import RefusedError, answered
from bridge.web.api.document import writes
from bridge.web.api.reading import caller_of
from bridge.web.api.writing import Body
from scheduling.calendar.slots import Kind
from scheduling.calendar.week_words import MOST, read_week
from storage.unit import Unit

NaiveTime = Annotated[time, Field(description="A time of day without a zone.")]
WeekLine = Annotated[str, Field(max_length=MOST, pattern=r"^[^\x00]*$")]


class DaysOff(Body):
    """Days on which nothing is offered, both included."""

    first: date
    last: date


class ExtraHours(Body):
    """More hours on one day, on the coach's own clock; no kind = for all that is offered."""

    day: date
    start: NaiveTime
    end: NaiveTime
    kind: Literal["", "chat", "phone", "video", "f2f", "intake"] = ""


class AsUsual(Body):
    """An exception that is taken back, by its name in GET /api/agenda."""

    name: str = Field(max_length=60)


class OfferedHours(Body):
    """A kind of appointment and its weekly hours, in place of what the practice file says of it."""

    kind: Literal["chat", "phone", "video", "f2f", "intake"]
    hours: WeekLine = Field(description="Like mon-thu 09:00-12:30, fri 13:00-17:00; '' = none.")
    minutes: int = Field(default=50, ge=5, le=1440)
    buffer: int = Field(default=10, ge=0, le=1440, description="Minutes kept free around it.")
    every: int = Field(default=30, ge=5, le=1440, description="One can begin so often, in minutes.")
    notice_hours: int = Field(default=24, ge=0, le=8760)
    horizon_days: int = Field(default=28, ge=1, le=366)


class WorkingWeek(Body):
    """When a coach works and has her stop moment, in place of what the practice file says."""

    week: WeekLine = Field(description="Like mon-thu 09:00-12:30 13:30-17:00, fri 09:00-12:00.")
    stop: NaiveTime | None = Field(default=None, description="After it nothing rings; null = none.")


def router(parts: Parts) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    _exceptions(routes, parts)
    _weekly(routes, parts)
    return routes


async def _kept(parts: Parts, work: Callable[[Unit], str]) -> Response:
    why = await parts.writer.submit(work)
    if why:
        raise RefusedError(409, why, REFUSALS.get(why, "Look at GET /api/agenda."))
    return answered(Posted(0), 201)


def _exceptions(routes: APIRouter, parts: Parts) -> None:
    catalogue = parts.catalogue

    @routes.post("/agenda/off", status_code=201, responses=writes(Posted))
    async def off(request: Request, days: DaysOff) -> Response:
        """Take days off: nothing is offered, nobody is taken to work; what is booked stays."""
        who = caller_of(request).person
        return await _kept(
            parts, lambda unit: hours.close_days(unit, catalogue, who, days.first, days.last)
        )

    @routes.post("/agenda/extra", status_code=201, responses=writes(Posted))
    async def extra(request: Request, more: ExtraHours) -> Response:
        """Offer more hours on one day."""
        who = caller_of(request).person
        start, end = (one.replace(tzinfo=None, microsecond=0) for one in (more.start, more.end))
        return await _kept(
            parts,
            lambda unit: hours.open_hours(unit, catalogue, who, more.day, start, end, more.kind),
        )

    @routes.post("/agenda/usual", status_code=201, responses=writes(Posted))
    async def usual(request: Request, one: AsUsual) -> Response:
        """Let a day, a kind of appointment or her working hours be as the file says again."""
        who = caller_of(request).person
        return await _kept(parts, lambda unit: hours.forget(unit, catalogue, who, one.name))


def _weekly(routes: APIRouter, parts: Parts) -> None:
    catalogue = parts.catalogue

    @routes.post("/agenda/offer", status_code=201, responses=writes(Posted))
    async def offer(request: Request, new: OfferedHours) -> Response:
        """Offer a kind of appointment in some hours of the week; without hours, no more."""
        who, week = caller_of(request).person, read_week(new.hours)
        if week is None:
            raise RefusedError(409, "no_week", REFUSALS["no_week"])
        kind = Kind(
            new.kind,
            hours.hours_of(week),
            new.minutes,
            new.buffer,
            new.every,
            new.notice_hours,
            new.horizon_days,
        )
        return await _kept(parts, lambda unit: hours.offer(unit, catalogue, who, kind))

    @routes.post("/agenda/work", status_code=201, responses=writes(Posted))
    async def work(request: Request, new: WorkingWeek) -> Response:
        """Work in some hours of the week, with a stop moment or without."""
        who, week = caller_of(request).person, read_week(new.week) or ()
        stop = None if new.stop is None else new.stop.hour * 60 + new.stop.minute
        return await _kept(parts, lambda unit: hours.work(unit, catalogue, who, week, stop))
