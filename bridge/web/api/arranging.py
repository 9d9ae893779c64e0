"""The routes that arrange something with a client: the twins of the console's small forms."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, Field

from bridge.core.budget import MOST_GRANTED
from bridge.core.endpoint import ID_PATTERN
from bridge.core.entries import MOST_MINUTES
from bridge.core.nudges import NudgeKind
from bridge.runtime.invites import Issued
from bridge.runtime.nudge_texts import MOST_WORDS
from bridge.web import agreeing, booking, budgeting, ending, lost, nudging
from bridge.web.api import Parts
from bridge.web.api.acts import REFUSALS, Outcome, Posted, end_for
from bridge.web.api.answers import RefusedError, answered, not_there
from bridge.web.api.document import writes
from bridge.web.api.reading import TrajectoryId, caller_of
from bridge.web.api.shapes import LostCode
from bridge.web.api.writing import Body, Seq, carried_out
from scheduling.calendar.phrases import MOST_STEPS
from storage.unit import Unit
from storage.wants import Wants


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


class Package(Body):
    """Minutes of coaching time that were agreed on; fewer than none corrects an earlier package."""

    minutes: int = Field(ge=-MOST_GRANTED, le=MOST_GRANTED)
    reason: str = Field(default="", max_length=budgeting.MOST_REASON, pattern=r"^[^\x00]*$")


class Spent(Body):
    """Minutes that were spent; fewer than none takes some back."""

    minutes: int = Field(ge=-MOST_MINUTES, le=MOST_MINUTES)
    reason: str = Field(default="", max_length=budgeting.MOST_REASON, pattern=r"^[^\x00]*$")


class WrittenAnswer(Body):
    """Whether written work that was proposed is counted."""

    yes: bool


class LostPhone(Body):
    """Whose phone is lost."""

    client: str = Field(max_length=64, description="Id of a client of the trajectory.")


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
    _lost(routes, parts)
    _steps(routes, parts)
    _minutes(routes, parts)
    _nudges(routes, parts)
    _appointments(routes, parts)
    return routes


def _lost(routes: APIRouter, parts: Parts) -> None:
    @routes.post("/trajectories/{trajectory}/lost", status_code=201, responses=writes(LostCode))
    async def code(request: Request, trajectory: TrajectoryId, whose: LostPhone) -> Response:
        """Make a code for a client who lost the phone; an earlier one is good no more."""
        who = caller_of(request).person
        if ID_PATTERN.fullmatch(trajectory) is None:
            raise not_there()

        def work(unit: Unit) -> Issued | str | None:
            if end_for(unit, trajectory, who) is None:
                return None
            return lost.issue(unit, trajectory, whose.client)

        issued = await parts.writer.submit(work, Wants(trajectories=(trajectory,)))
        if issued is None:
            raise not_there()
        if isinstance(issued, str):
            raise RefusedError(409, issued, REFUSALS[issued])
        return answered(LostCode(issued.typed_code, issued.expires_at), 201)


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


def _minutes(routes: APIRouter, parts: Parts) -> None:
    catalogue, of = parts.catalogue, "/trajectories/{trajectory}"

    @routes.post(f"{of}/package", status_code=201, responses=writes(Posted))
    async def package(request: Request, trajectory: TrajectoryId, new: Package) -> Response:
        """Agree on a package of coaching time; the others are told.

        The same package within two minutes is taken for the same call.
        """
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: budgeting.grant(
                unit, catalogue, trajectory, who, new.minutes, new.reason
            ),
        )

    @routes.post(f"{of}/time", status_code=201, responses=writes(Posted))
    async def spent(request: Request, trajectory: TrajectoryId, new: Spent) -> Response:
        """Count minutes; the same within two minutes is taken for the same call."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: budgeting.note(
                unit, catalogue, trajectory, who, new.minutes, new.reason
            ),
        )

    @routes.post(f"{of}/time/{{seq}}", status_code=201, responses=writes(Posted))
    async def written(
        request: Request, trajectory: TrajectoryId, seq: Seq, answer: WrittenAnswer
    ) -> Response:
        """Count the written work that was proposed to the person, or leave it."""
        return await _arranged(
            parts,
            request,
            trajectory,
            lambda unit, who: budgeting.take(unit, catalogue, trajectory, who, seq, yes=answer.yes),
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
