"""What was agreed: promises soonest first and who stalled, and of one trajectory steps and scales.

A coach sees her own trajectories only. Forms agree on a step, note what became of one, and ask for
a number, by the commands that her words in a messenger cause.
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup
from starlette.exceptions import HTTPException

from bridge.core.calls import TELEPHONE
from bridge.core.moments import DAYS
from bridge.core.scale import shown
from bridge.runtime import network_names
from bridge.web import agreed, agreeing, course, nudging
from bridge.web import ending as closing
from bridge.web.console import ending, forms, minutes, phrases
from bridge.web.console.reading import title_of
from scheduling.calendar.week_words import write_week
from storage import agreements, persons
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from starlette.datastructures import FormData
    from starlette.responses import Response

    from bridge.core.trajectory import Trajectory
    from bridge.web.console.visit import Visit
    from storage.agreements import ScaleLine
    from storage.persons import PersonLine
    from storage.unit import Unit

_HOURS = re.compile(r"(?:\d{1,3}(?:[.,]\d{1,2})?)?")
STEP_ACTS = frozenset({"done", "ask", "drop"})


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
    return await asyncio.to_thread(_of_trajectory, visit, name, forms.Forms())


async def promise(visit: Visit) -> Response:
    """Promise an answer within so many working hours, on a network of its own or on all."""
    name = await visit.trajectory()
    form = await visit.form()
    within: dict[str, int] = {}
    for network in ("", *promised_on(visit)):
        said = forms.text(form, f"hours-{network}" if network else "hours").strip()
        promised = _minutes(said)
        if promised is None:
            return await answer(visit, name, "promise", form, "no_time")
        if said:
            within[network] = promised
    days = forms.text(form, "days").strip() or "0"
    if not (days.isascii() and days.isdecimal() and len(days) < 4):
        return await answer(visit, name, "promise", form, "no_days")
    work = partial(
        agreeing.promise,
        catalogue=visit.console.catalogue,
        trajectory=name,
        coach=visit.person.id,
        within=within,
        pace_days=int(days),
    )
    return await carry_out(visit, name, "promise", form, work)


def promised_on(visit: Visit) -> list[str]:
    """Return the networks that are connected here, on each of which a promise may differ."""
    found = {one.network for one in visit.console.adapters.values()} - {TELEPHONE}
    return sorted(found, key=network_names.title)


def _minutes(hours: str) -> int | None:
    """Return the minutes of hours as people write them, ``1.5`` or ``1,5``; None for no number."""
    if _HOURS.fullmatch(hours) is None:
        return None
    return round(float(hours.replace(",", ".") or 0) * 60)


async def step(visit: Visit) -> Response:
    """Agree on a step with a client."""
    name = await visit.trajectory()
    form = await visit.form()
    client, told = await asyncio.to_thread(_client, visit, name, forms.text(form, "client"))
    at = forms.text(form, "at")
    due = nudging.at_wall(at, client.time_zone or "UTC") if at and client is not None else None
    if at and due is None:
        return await answer(visit, name, "step", form, told or "no_moment")
    work = partial(
        agreeing.agree,
        catalogue=visit.console.catalogue,
        trajectory=name,
        coach=visit.person.id,
        client=client.id if client is not None else "",
        text=forms.text(form, "text"),
        due=due,
        as_is=bool(forms.text(form, "as_is")),
    )
    return await carry_out(visit, name, "step", form, work)


async def change_step(visit: Visit) -> Response:
    """Note that a step was done, ask now how it went, or take it off the list."""
    name = await visit.trajectory()
    form = await visit.form()
    what = forms.text(form, "what")
    if what not in STEP_ACTS:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    work = partial(
        agreeing.change,
        catalogue=visit.console.catalogue,
        trajectory=name,
        coach=visit.person.id,
        seq=int(visit.request.path_params["seq"]),
        what=what,
    )
    return await carry_out(visit, name, "step-change", form, work, f"step_{what}")


async def scale(visit: Visit) -> Response:
    """Ask a client for a number from 0 to 10."""
    name = await visit.trajectory()
    form = await visit.form()
    client, _ = await asyncio.to_thread(_client, visit, name, forms.text(form, "client"))
    work = partial(
        agreeing.ask,
        catalogue=visit.console.catalogue,
        trajectory=name,
        coach=visit.person.id,
        client=client.id if client is not None else "",
        text=forms.text(form, "text"),
    )
    return await carry_out(visit, name, "scale", form, work)


async def close(visit: Visit) -> Response:
    """End the trajectory, where whoever asks for it ticked that they mean it."""
    name = await visit.trajectory()
    form = await visit.form()
    if not forms.text(form, "sure"):
        return await answer(visit, name, "close", form, "not_sure")
    work = partial(
        closing.close,
        catalogue=visit.console.catalogue,
        trajectory=name,
        coach=visit.person.id,
    )
    return await carry_out(visit, name, "close", form, work, "closed")


async def carry_out(
    visit: Visit,
    trajectory: str,
    name: str,
    form: FormData,
    work: Callable[[Unit], str],
    done: str = "",
) -> Response:
    """Carry out what a form asks for, and go back to the page."""
    wants = Wants(trajectories=(trajectory,), people=(visit.person.id,))
    why = await visit.console.writer.submit(work, wants)
    return await answer(visit, trajectory, name, form, why, done)


async def answer(
    visit: Visit, trajectory: str, name: str, form: FormData, why: str, done: str = ""
) -> Response:
    """Go back to the page, or show it again with what is wrong beside the field."""
    if not why:
        return visit.back(f"/t/{trajectory}/agreed?done={done or name}")
    filled = forms.sent_back(name, form, why, visit.words)
    return await asyncio.to_thread(_of_trajectory, visit, trajectory, filled)


def _client(visit: Visit, trajectory: str, named: str) -> tuple[PersonLine | None, str]:
    """Return the client a form is about, the only one where none is named; else what is wrong."""
    state = persons.state_of(visit.store, trajectory)
    clients = state.with_role("client") if state is not None else ()
    chosen = named if named in clients else clients[0] if len(clients) == 1 and not named else ""
    found = persons.persons(visit.store, [chosen]).get(chosen) if chosen else None
    return found, "" if found is not None else "not_a_client"


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


def _of_trajectory(visit: Visit, name: str, filled: forms.Forms) -> Response:
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
        HTTPStatus.UNPROCESSABLE_ENTITY if filled.filled.name else HTTPStatus.OK,
        forms=filled,
        done=done_told(visit),
        open=state.open,
        ending=ending.shown(visit, state, people),
        clients=_clients(state, people),
        trajectory=name,
        title=title_of(visit, name),
        promised=promised,
        minutes=minutes.shown(visit, state, people),
        kept=found.kept,
        ended=found.ended,
        steps=[
            (one, _name(people, one.client), one.text, _step(visit, one)) for one in found.steps
        ],
        within=_within(found.within),
        pace=found.pace_days,
        networks=[(one, visit.words(network_names.title(one))) for one in promised_on(visit)],
        promise_told=_promise_told(visit, state, found),
        work_told=_work_told(visit, state),
        courses=[_course(visit, number, one, people) for number, one in enumerate(found.scales)],
        questions=sorted({one.question for one in found.scales if one.question}),
        asked=[_name(people, one.party) for one in state.steps.asked],
    )


def _within(within: Mapping[str, int]) -> dict[str, str]:
    """Return what stands in the fields of the promise: hours by network."""
    return {network: f"{minutes / 60:g}" for network, minutes in within.items()}


def _promise_told(visit: Visit, state: Trajectory, found: agreed.Agreed) -> str:
    """Return in a sentence how soon is answered, and who says so."""
    say, hours = visit.words, found.within.get("", 0) / 60
    if not any(found.within.values()):
        return say("No answer is promised within a time.")
    told = say("An answer is promised within {hours} working hours.", hours=f"{hours:g}")
    if state.promises.by:
        return told
    return f"{told} {say('It stands in the practice file.')}"


def _work_told(visit: Visit, state: Trajectory) -> str:
    """Return her own working hours and stop moment in this trajectory, '' where none are agreed."""
    work, say = state.promises.work.get(visit.person.id), visit.words
    if work is None:
        return ""
    told = say("You work {week}.", week=write_week(work.week, DAYS[say.language]))
    if work.stop is None:
        return told
    stop = say("Your stop moment is {at}.", at=f"{work.stop // 60}:{work.stop % 60:02}")
    return f"{told} {stop}"


def done_told(visit: Visit) -> str:
    """Return what a page says after a form was carried out, '' when it was just opened."""
    return visit.words(phrases.DONE.get(visit.request.query_params.get("done", ""), ""))


def _clients(state: Trajectory, people: Mapping[str, PersonLine]) -> list[tuple[str, str]]:
    """Return the clients with whom something can be agreed, as a form offers them."""
    return [
        (one, _name(people, one))
        for one in state.with_role("client")
        if state.parties[one].may_talk and state.open
    ]


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


def _step(visit: Visit, line: agreements.StepLine) -> str:
    say, when = visit.words, visit.words.moment(line.due)
    if line.not_yet:
        return say("not yet, said the client")
    if line.asked:
        return say("asked about {when}, no answer yet", when=when)
    return say("is asked about {when}", when=when)


def _course(visit: Visit, number: int, line: ScaleLine, people: Mapping[str, PersonLine]) -> Course:
    say = visit.words
    question = line.question or say("withdrawn or erased")
    title = f"{_name(people, line.client)}: {question}"
    numbers = [shown(point.value, say.language) for point in line.points]
    told = say("From 0 to 10, oldest first: {numbers}.", numbers=", ".join(numbers))
    days = [say.moment(point.at).rpartition(" ")[0] for point in line.points]
    values = [point.value for point in line.points]
    rows = tuple(
        (say.moment(point.at), text) for point, text in zip(line.points, numbers, strict=True)
    )
    drawn = course.draw(number, title, told, days, values)
    return Course(title, Markup(drawn), rows)  # noqa: S704 - it escapes the words itself


def _name(people: Mapping[str, PersonLine], person: str) -> str:
    known = people.get(person)
    return known.name if known is not None else person
