"""The routes that arrange something with a client: the twins of the console's small forms."""

from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, Field

from bridge.core.nudges import NudgeKind
from bridge.runtime.nudge_texts import MOST_WORDS
from bridge.web import agreeing, booking, ending, nudging
from bridge.web.api import Parts
from bridge.web.api.acts import REFUSALS, Outcome, Posted, end_for
from bridge.web.api.answers import RefusedError, answered, not_there
from bridge.web.api.document import writes
from bridge.web.api.reading import TrajectoryId, caller_of
from bridge.web.api.writing import Body, Seq, carried_out
from scheduling.calendar.phrases import MOST_STEPS
from storage.unit import Unit

NaiveTime = Annotated[time, Field(description="A time of day without a zone.")]


class NewPromise(Body):
    """Within how many minutes of working time is answered, by network; '' = every other one."""

    within: dict[
        Annotated[str, Field(pattern=r"^[a-z]{0,16}$")],
        Annotated[int, Field(ge=0, le=agreeing.MOST_MINUTES)],
    ] = Field(max_length=16, description="0 = no promise there; {} = none at all.")
    pace_days: int = Field(default=0, ge=0, le=agreeing.MOST_DAYS)


class Over(Body):
    """That a trajectory is over, which cannot be undone."""

    sure: Literal[True]


class NewStep(Body):
    """A step for a client; without a moment it is asked about by the day its words name."""

    client: str = Field(max_length=64, description="Id of a client of the trajectory.")
    text: str = Field(min_length=1, max_length=agreeing.MOST_WORDS, pattern=r"^[^\x00]*$")
    due: AwareDatetime | None = Field(default=None, description="With an offset from UTC.")
    as_is: bool = Field(default=False, description="Also where nothing could be noticed.")


class StepChange(Body):
    """What becomes of a step: it was done, the client is asked now, or it is off the list."""

    what: Literal["done", "ask", "drop"]


class NewScale(Body):
    """A question that is answered by a number from 0 to 10."""

    client: str = Field(max_length=64, description="Id of a client of the trajectory.")
    text: str = Field(min_length=1, max_length=agreeing.MOST_WORDS, pattern=r"^[^\x00]*$")


class NewNudge(Body):
    """A nudge, or a series: for an event of the client's, or a question that is asked then."""

    client: str = Field(max_length=64, description="Id of a client of the trajectory.")
    kind: NudgeKind
    at: AwareDatetime = Field(description="When the event is, or when a prompt is to be said.")
    about: str = Field(min_length=1, max_length=MOST_WORDS, pattern=r"^[^\x00]*$")
    words: str = Field(default="", max_length=MOST_WORDS, pattern=r"^[^\x00]*$")
    template: str = Field(default="", max_length=40, description="Name of words of the coach's.")
    days: list[Annotated[int, Field(ge=1, le=366)]] = Field(
        default=[], max_length=MOST_STEPS, description="Days after the first it is said again."
    )


class DraftAnswer(Body):
    """Whether a drafted nudge is to be sent."""

    yes: bool


class NewTemplate(Body):
    """A coach's own words for nudges; without words those of the name are forgotten."""

    name: str = Field(min_length=1, max_length=40, pattern=r"^[^\x00]*$")
    text: str = Field(default="", max_length=MOST_WORDS, pattern=r"^[^\x00]*$")


class NewAppointment(Body):
    """A moment that is booked for a client; without minutes, as many as the coach offers."""

    client: str = Field(max_length=64, description="Id of a client of the trajectory.")
    kind: Literal["chat", "phone", "video", "f2f", "intake"]
    start: AwareDatetime = Field(description="With an offset from UTC.")
    minutes: int = Field(default=0, ge=0, le=booking.MOST_MINUTES)


class AppointmentMoved(Body):
    """Another moment for an appointment."""

    start: AwareDatetime = Field(description="With an offset from UTC.")


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


async def _arranged(
    parts: Parts, request: Request, trajectory: str, change: Callable[[Unit, str], str]
) -> Response:
    """Carry out what a coach of the trajectory asks for; ``change`` returns '' or a code."""
    who = caller_of(request).person

    def work(unit: Unit) -> Outcome:
        if end_for(unit, trajectory, who) is None:
            return not_there()
        why = change(unit, who)
        if why:
            return RefusedError(409, why, REFUSALS.get(why, "Look at the trajectory before."))
        state = unit.state(trajectory)
        return Posted(state.seq if state is not None else 0)

    return await carried_out(parts, trajectory, work)


def router(parts: Parts) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    _steps(routes, parts)
    _nudges(routes, parts)
    _appointments(routes, parts)
    _exceptions(routes, parts)
    return routes


def _steps(routes: APIRouter, parts: Parts) -> None:
    catalogue, of = parts.catalogue, "/trajectories/{trajectory}"

    @routes.post(f"{of}/promise", status_code=201, responses=writes(Posted))
    async def promise(request: Request, trajectory: TrajectoryId, new: NewPromise) -> Response:
        """Promise how soon is answered; applying the practice file does not change it."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: agreeing.promise(
                unit, catalogue, trajectory, who, new.within, new.pace_days
            ),
        )

    @routes.post(f"{of}/close", status_code=201, responses=writes(Posted))
    async def close(
        request: Request,
        trajectory: TrajectoryId,
        over: Over,  # noqa: ARG001 - that it is there is what counts
    ) -> Response:
        """End the trajectory; each client is asked what happens to what was written."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: ending.close(unit, catalogue, trajectory, who),
        )

    @routes.post(f"{of}/steps", status_code=201, responses=writes(Posted))
    async def step(request: Request, trajectory: TrajectoryId, new: NewStep) -> Response:
        """Agree on a step with a client; both are told."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: agreeing.agree(
                unit, catalogue, trajectory, who, new.client, new.text, new.due, as_is=new.as_is
            ),
        )

    @routes.post(f"{of}/steps/{{seq}}", status_code=201, responses=writes(Posted))
    async def change_step(
        request: Request, trajectory: TrajectoryId, seq: Seq, change: StepChange
    ) -> Response:
        """Note that a step was done, ask now how it went, or take it off the list."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: agreeing.change(unit, catalogue, trajectory, who, seq, change.what),
        )

    @routes.post(f"{of}/scales", status_code=201, responses=writes(Posted))
    async def scale(request: Request, trajectory: TrajectoryId, new: NewScale) -> Response:
        """Ask a client for a number from 0 to 10."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: agreeing.ask(unit, catalogue, trajectory, who, new.client, new.text),
        )


def _nudges(routes: APIRouter, parts: Parts) -> None:
    catalogue, of = parts.catalogue, "/trajectories/{trajectory}"

    @routes.post(f"{of}/nudges", status_code=201, responses=writes(Posted))
    async def plan(request: Request, trajectory: TrajectoryId, new: NewNudge) -> Response:
        """Plan a nudge, or a series of them."""
        days = tuple(sorted(set(new.days)))
        asked = nudging.NewNudge(
            new.client, new.kind, new.at, new.about, new.words, new.template, days
        )
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: nudging.plan(unit, catalogue, trajectory, who, asked),
        )

    @routes.post(f"{of}/drafts/{{seq}}", status_code=201, responses=writes(Posted))
    async def answer_draft(
        request: Request, trajectory: TrajectoryId, seq: Seq, answer: DraftAnswer
    ) -> Response:
        """Have what the bridge drafted planned, or let it be."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: nudging.answer_draft(
                unit, catalogue, trajectory, who, seq, yes=answer.yes
            ),
        )

    @routes.post("/templates", status_code=201, responses=writes(Posted))
    async def template(request: Request, new: NewTemplate) -> Response:
        """Keep the person's own words for nudges; without words they are forgotten."""
        who = caller_of(request).person
        why = await parts.writer.submit(
            lambda unit: nudging.keep_template(unit, who, new.name, new.text)
        )
        if why:
            raise RefusedError(409, why, REFUSALS.get(why, "Look at your words for nudges."))
        return answered(Posted(0), 201)


def _appointments(routes: APIRouter, parts: Parts) -> None:
    catalogue, of = parts.catalogue, "/trajectories/{trajectory}/appointments"

    @routes.post(of, status_code=201, responses=writes(Posted))
    async def book(request: Request, trajectory: TrajectoryId, new: NewAppointment) -> Response:
        """Book a moment for a client; both are told."""
        wanted = (new.client, new.kind, new.start, new.minutes)
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: booking.book(unit, catalogue, trajectory, who, *wanted),
        )

    @routes.post(f"{of}/{{seq}}/move", status_code=201, responses=writes(Posted))
    async def move(
        request: Request, trajectory: TrajectoryId, seq: Seq, moved: AppointmentMoved
    ) -> Response:
        """Move an appointment; both are told. ``seq`` is that of its booking."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: booking.move(unit, catalogue, trajectory, who, seq, moved.start),
        )


def _exceptions(routes: APIRouter, parts: Parts) -> None:
    async def kept(work: Callable[[Unit], str]) -> Response:
        why = await parts.writer.submit(work)
        if why:
            raise RefusedError(409, why, REFUSALS.get(why, "Look at GET /api/agenda."))
        return answered(Posted(0), 201)

    @routes.post("/agenda/off", status_code=201, responses=writes(Posted))
    async def off(request: Request, days: DaysOff) -> Response:
        """Offer nothing on some days; what is booked stays."""
        who = caller_of(request).person
        return await kept(lambda unit: booking.close_days(unit, who, days.first, days.last))

    @routes.post("/agenda/extra", status_code=201, responses=writes(Posted))
    async def extra(request: Request, more: ExtraHours) -> Response:
        """Offer more hours on one day."""
        who = caller_of(request).person
        start, end = (one.replace(tzinfo=None, microsecond=0) for one in (more.start, more.end))
        return await kept(
            lambda unit: booking.open_hours(unit, who, more.day, start, end, more.kind)
        )

    @routes.post("/agenda/usual", status_code=201, responses=writes(Posted))
    async def usual(request: Request, one: AsUsual) -> Response:
        """Let a day be as usual again."""
        who = caller_of(request).person
        return await kept(lambda unit: booking.forget(unit, who, one.name))
