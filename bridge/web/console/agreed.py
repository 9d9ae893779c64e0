"""What was agreed: promises soonest first and who stalled, and of one trajectory steps and scales.

A coach sees her own trajectories only; pages change nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup
from starlette.exceptions import HTTPException

from bridge.core.scale import shown
from bridge.web import agreed, course
from bridge.web.console.reading import title_of
from storage import agreements, persons

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.responses import Response

    from bridge.web.console.visit import Visit
    from storage.agreements import ScaleLine
    from storage.persons import PersonLine


class Line(msgspec.Struct, frozen=True):
    """One thing that presses, in words; ``look`` is a class of the page."""

    trajectory: str
    who: str
    what: str
    look: str = ""


class Course(msgspec.Struct, frozen=True):
    """One scale: its question, the picture and the rows of its table."""

    question: str
    drawn: Markup
    rows: tuple[tuple[str, str], ...]


async def due(visit: Visit) -> Response:
    """Show what is promised, soonest first, how much was kept, and who stalled."""
    return await asyncio.to_thread(_due, visit)


async def of_trajectory(visit: Visit) -> Response:
    """Show the promise, the steps and the scales of one trajectory."""
    name = await visit.trajectory()
    return await asyncio.to_thread(_of_trajectory, visit, name)


def _due(visit: Visit) -> Response:
    now = visit.console.now()
    found = agreed.pressing(visit.store, visit.person.id, now)
    clients = {one.client for one in found.promised} | {one.client for one in found.stalled}
    people = persons.persons(visit.store, clients)
    promised = [
        Line(
            one.trajectory,
            _name(people, one.client),
            _promise(visit, one.due, now, broken=one.broken),
            "bad" if one.broken or one.due < now else "",
        )
        for one in found.promised
    ]
    stalled = [
        Line(one.trajectory, _name(people, one.client), _why(visit, one)) for one in found.stalled
    ]
    return visit.page(
        "due.html", promised=promised, stalled=stalled, kept=found.kept, ended=found.ended
    )


def _of_trajectory(visit: Visit, name: str) -> Response:
    state = persons.state_of(visit.store, name)
    if state is None:
        raise HTTPException(404)
    people = persons.persons(visit.store, set(state.parties))
    now = visit.console.now()
    found = agreed.agreed(visit.store, state)
    promised = [
        Line(
            name,
            _name(people, one.client),
            _promise(visit, one.due, now, broken=one.broken),
            "bad" if one.broken else "",
        )
        for one in found.promised
    ]
    return visit.page(
        "agreed.html",
        trajectory=name,
        title=title_of(visit, name),
        promised=promised,
        kept=found.kept,
        ended=found.ended,
        steps=[(_name(people, one.client), one.text, _step(visit, one)) for one in found.steps],
        courses=[_course(visit, number, one, people) for number, one in enumerate(found.scales)],
    )


def _why(visit: Visit, one: agreements.Stalled) -> str:
    say, when = visit.words, visit.words.day(one.since)
    if one.why == "silence":
        return say("silent since {when}", when=when)
    return say("has not said how a step went, since {when}", when=when)


def _promise(visit: Visit, moment: datetime, now: datetime, *, broken: bool) -> str:
    """Return how long there still is to answer, in words."""
    say, when = visit.words, visit.words.moment(moment)
    if broken or moment < now:
        return say("was promised an answer by {when}", when=when)
    minutes = int((moment - now).total_seconds() // 60)
    left = f"{minutes // 60}:{minutes % 60:02}"
    return say("is promised an answer by {when}; {left} hours left", when=when, left=left)


def _step(visit: Visit, step: agreements.StepLine) -> str:
    say, when = visit.words, visit.words.moment(step.due)
    if step.not_yet:
        return say("not yet, said the client")
    if step.asked:
        return say("asked about {when}, no answer yet", when=when)
    return say("is asked about {when}", when=when)


def _course(
    visit: Visit, number: int, scale: ScaleLine, people: Mapping[str, PersonLine]
) -> Course:
    say = visit.words
    question = scale.question or say("withdrawn or erased")
    title = f"{_name(people, scale.client)}: {question}"
    numbers = [shown(point.value, say.language) for point in scale.points]
    told = say("From 0 to 10, oldest first: {numbers}.", numbers=", ".join(numbers))
    days = [say.moment(point.at).rpartition(" ")[0] for point in scale.points]
    values = [point.value for point in scale.points]
    rows = tuple(
        (say.moment(point.at), text) for point, text in zip(scale.points, numbers, strict=True)
    )
    drawn = course.draw(number, title, told, days, values)
    return Course(title, Markup(drawn), rows)  # noqa: S704 - it escapes the words itself


def _name(people: Mapping[str, PersonLine], person: str) -> str:
    known = people.get(person)
    return known.name if known is not None else person
