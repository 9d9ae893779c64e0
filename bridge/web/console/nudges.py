"""The page of nudges: to plan one, to move and take back what is planned, and what became of all.

Forms cause the commands that a coach's one line in a messenger causes.
"""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.exceptions import HTTPException

from bridge.core.nudges import NudgeKind
from bridge.web import nudge_picture, nudging
from bridge.web.console import forms, phrases
from bridge.web.console.agreed import done_told
from bridge.web.picture import day_of
from scheduling.calendar import zones
from scheduling.calendar.phrases import FADING_DAYS
from storage import persons
from storage.wants import Wants

if TYPE_CHECKING:
    from starlette.responses import Response

    from bridge.web.console.visit import Visit
    from storage.nudge_lines import NudgeLine


async def page(visit: Visit) -> Response:
    """Show what is planned and what became of the others."""
    return await _shown(visit, forms.Forms())


async def _shown(visit: Visit, filled: forms.Forms) -> Response:
    now = visit.console.now()
    found = await asyncio.to_thread(nudging.nudges, visit.store, visit.person.id, now)
    names = {who.id: who.name for who in found.clients}
    return visit.page(
        "nudges.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if filled.filled.name else HTTPStatus.OK,
        forms=filled,
        done=done_told(visit),
        now=now,
        clients=[(f"{one.trajectory}/{one.id}", one.name) for one in found.may_plan],
        plans=[(" ".join(map(str, days)), _plan_told(visit, days)) for days in nudging.SERIES],
        templates=found.templates,
        named=[(one.name, one.name) for one in found.templates],
        drafts=[(line, names.get(line.client, line.client)) for line in found.drafts],
        planned=[(line, _local(line, found.zones), names[line.client]) for line in found.planned],
        settled=[(line, _told(visit, line), names[line.client]) for line in found.settled],
        zones=found.zones,
        weeks=[(day_of(one.week, visit.words.language), one) for one in found.weeks],
        any=any(week.given or week.withheld for week in found.weeks),
        drawn=Markup(nudge_picture.draw(found.weeks, visit.words.language)),  # noqa: S704 - numbers
        refused=_refused(visit),
    )


async def plan(visit: Visit) -> Response:
    """Plan a nudge, or a series."""
    form = await visit.form()
    trajectory, _, client = forms.text(form, "client").partition("/")
    kind, days = forms.text(form, "kind"), forms.text(form, "days")
    if kind not in set(NudgeKind) or days not in _PLANS:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    coach = visit.person.id
    if not await asyncio.to_thread(persons.coaches, visit.store, coach, trajectory):
        return await _shown(visit, forms.sent_back("nudge", form, "not_a_client", visit.words))
    zone = await asyncio.to_thread(_zone, visit, client)
    at = nudging.at_wall(forms.text(form, "at"), zone)
    if at is None:
        return await _shown(visit, forms.sent_back("nudge", form, "no_moment", visit.words))
    new = nudging.NewNudge(
        client,
        NudgeKind(kind),
        at,
        forms.text(form, "about"),
        forms.text(form, "words"),
        forms.text(form, "template"),
        tuple(int(day) for day in days.split()),
    )
    work = partial(
        nudging.plan,
        catalogue=visit.console.catalogue,
        trajectory=trajectory,
        coach=coach,
        new=new,
    )
    wants = Wants(trajectories=(trajectory,), people=(coach, client))
    why = await visit.console.writer.submit(work, wants)
    if why:
        return await _shown(visit, forms.sent_back("nudge", form, why, visit.words))
    return visit.back("/nudges?done=nudge")


async def answer(visit: Visit) -> Response:
    """Have a draft of the bridge planned, or let it be."""
    trajectory = await visit.trajectory()
    yes = forms.text(await visit.form(), "what") == "yes"
    work = partial(
        nudging.answer_draft,
        catalogue=visit.console.catalogue,
        trajectory=trajectory,
        coach=visit.person.id,
        seq=int(visit.request.path_params["seq"]),
        yes=yes,
    )
    wants = Wants(trajectories=(trajectory,), people=(visit.person.id,))
    why = await visit.console.writer.submit(work, wants)
    done = "draft" if yes else "draft_gone"
    return visit.back(f"/nudges?refused={why}" if why else f"/nudges?done={done}")


async def template(visit: Visit) -> Response:
    """Keep words of her own for nudges; without words they are forgotten."""
    form = await visit.form()
    name, text = forms.text(form, "name"), forms.text(form, "text")
    gone = forms.text(form, "what") == "forget"
    if not gone and not text.strip():
        return await _shown(visit, forms.sent_back("template", form, "no_words", visit.words))
    work = partial(
        nudging.keep_template, coach=visit.person.id, name=name, text="" if gone else text
    )
    why = await visit.console.writer.submit(work)
    if why:
        return await _shown(visit, forms.sent_back("template", form, why, visit.words))
    return visit.back("/nudges?done=" + ("template_gone" if gone else "template"))


async def change(visit: Visit) -> Response:
    """Move a nudge, put it off for a week, or take it back."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    what, seq = str(form.get("what", "")), int(visit.request.path_params["seq"])
    coach, catalogue = visit.person.id, visit.console.catalogue
    if what == "week":
        work = partial(
            nudging.pause, catalogue=catalogue, trajectory=trajectory, coach=coach, seq=seq
        )
    elif what in ("move", "cancel"):
        at = None
        if what == "move":
            zone = await asyncio.to_thread(_zone, visit, str(form.get("client", "")))
            at = nudging.at_wall(str(form.get("at", "")), zone)
            if at is None:
                raise HTTPException(HTTPStatus.BAD_REQUEST)
        work = partial(
            nudging.act, catalogue=catalogue, trajectory=trajectory, coach=coach, seq=seq, at=at
        )
    else:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    wants = Wants(trajectories=(trajectory,), people=(coach,))
    why = await visit.console.writer.submit(work, wants)
    return visit.back(f"/nudges?refused={why}" if why else f"/nudges?done=nudge_{what}")


_PLANS = {" ".join(map(str, days)) for days in nudging.SERIES}


def _plan_told(visit: Visit, days: tuple[int, ...]) -> str:
    say = visit.words
    if not days:
        return say("once")
    told = ", ".join(map(str, days))
    if days == FADING_DAYS:
        return say("less and less often: also {days} days later", days=told)
    if len(days) == 1:
        return say("twice: also a day later")
    return say("every week: also {days} days later", days=told)


def _zone(visit: Visit, client: str) -> str:
    known = persons.persons(visit.store, (client,)).get(client)
    return known.time_zone if known is not None and known.time_zone else "UTC"


def _local(line: NudgeLine, of: dict[str, str]) -> str:
    """Return a moment as a date field has it, in the client's zone."""
    return zones.wall(line.due_at, of[line.client]).strftime("%Y-%m-%dT%H:%M")


def _told(visit: Visit, line: NudgeLine) -> str:
    """Return in a few words what became of a nudge."""
    say = visit.words
    if line.state == "given":
        return say("sent, answered") if line.answered_at else say("sent, no answer")
    if line.state == "cancelled":
        return say("taken back")
    return say("not sent: {reason}", reason=say(phrases.REFUSALS.get(line.reason, "")))


def _refused(visit: Visit) -> str:
    code = visit.request.query_params.get("refused", "")
    known = phrases.REFUSALS.get(code)
    return visit.words(known) if known else ""
