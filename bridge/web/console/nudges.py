"""The page of nudges: what is planned, to move and take back, and what became of the others."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.exceptions import HTTPException

from bridge.web import nudge_picture, nudging
from bridge.web.console import phrases
from scheduling.calendar import zones
from storage import persons
from storage.wants import Wants

if TYPE_CHECKING:
    from starlette.responses import Response

    from bridge.web.console.visit import Visit
    from storage.nudge_lines import NudgeLine


async def page(visit: Visit) -> Response:
    """Show what is planned and what became of the others."""
    now = visit.console.now()
    found = await asyncio.to_thread(nudging.nudges, visit.store, visit.person.id, now)
    names = {who.id: who.name for who in found.clients}
    return visit.page(
        "nudges.html",
        planned=[(line, _local(line, found.zones), names[line.client]) for line in found.planned],
        settled=[(line, _told(visit, line), names[line.client]) for line in found.settled],
        zones=found.zones,
        weeks=found.weeks,
        any=any(week.given or week.withheld for week in found.weeks),
        drawn=Markup(nudge_picture.draw(found.weeks, visit.words.language)),  # noqa: S704 - numbers
        refused=_refused(visit),
    )


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
    return visit.back(f"/nudges?refused={why}" if why else "/nudges")


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
