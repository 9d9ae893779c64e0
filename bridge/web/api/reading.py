"""The routes that read: the same views as the pages, as JSON, or as a file."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from bridge.core.content import Attachment
from bridge.core.errors import StoreError
from bridge.web import agreed, nudging, picture, views
from bridge.web.agreed import Agenda, Agreed, Pressing
from bridge.web.api import Parts
from bridge.web.api.answers import HEADERS, RefusedError, answered, not_there
from bridge.web.api.document import reads, sends
from bridge.web.api.door import Caller
from bridge.web.api.shapes import Me, SearchAnswer, SessionLine, Sessions
from bridge.web.attachments import attachment_response
from bridge.web.export import Exporter
from bridge.web.nudging import Nudges
from bridge.web.shapes import Activity, Found, Inbox, People, TrajectoryPage
from storage import persons, sessions, uploads
from storage.scan import Progress
from storage.timeline import MOST, may_see_file

MOST_HITS = 200
_SEQ = 2**31 - 1
_EXPORTS = 2
"""Exports and searches at a time, each: a program that asks for many cannot take all readers."""

_ATTACHMENT = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+){1,4}")

TrajectoryId = Annotated[str, Path(description="The trajectory's id.")]
Before = Annotated[int | None, Query(ge=1, le=_SEQ, description="Only items before this seq.")]
After = Annotated[
    int | None, Query(ge=0, le=_SEQ, description="What is new or changed after this seq.")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Items at most.")]
Words = Annotated[str, Query(max_length=views.MOST_QUERY, description="All have to be there.")]
Hits = Annotated[int, Query(ge=1, le=MOST_HITS, description="Hits at most.")]


def caller_of(request: Request) -> Caller:
    """Return who calls; the door has made sure that there is somebody."""
    caller: Caller = request.state.caller
    return caller


def router(parts: Parts) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    _about_the_person(routes, parts)
    _about_a_trajectory(routes, parts)
    _files(routes, parts)
    return routes


def _about_the_person(routes: APIRouter, parts: Parts) -> None:
    store = parts.store
    searching = asyncio.Semaphore(_EXPORTS)

    @routes.get("/me", responses=reads(Me))
    async def me(request: Request) -> Response:
        """Tell whose token it is and what it may do."""
        caller = caller_of(request)
        who = await asyncio.to_thread(views.reader, store, caller.person)
        return answered(Me(caller.person, who.name, caller.scopes))

    @routes.get("/inbox", responses=reads(Inbox))
    async def inbox(request: Request) -> Response:
        """List the trajectories the person coaches, by what needs attention."""
        return answered(await asyncio.to_thread(views.inbox, store, caller_of(request).person))

    @routes.get("/search", responses=reads(SearchAnswer))
    async def search(request: Request, q: Words, limit: Hits = 50) -> Response:
        """Look for words in all conversations of the person; the newest come first."""
        async with _one_of(searching):
            return answered(
                await asyncio.to_thread(_search, parts, caller_of(request).person, q, limit)
            )

    @routes.get("/nudges", responses=reads(Nudges))
    async def planned(request: Request) -> Response:
        """Return the nudges the person has planned, and what became of the others."""
        person = caller_of(request).person
        return answered(await asyncio.to_thread(nudging.nudges, store, person, parts.now()))

    @routes.get("/due", responses=reads(Pressing))
    async def due(request: Request) -> Response:
        """Return the promises of the person, soonest first, and who stalled."""
        person = caller_of(request).person
        return answered(await asyncio.to_thread(agreed.pressing, store, person, parts.now()))

    @routes.get("/agenda", responses=reads(Agenda))
    async def ahead(request: Request) -> Response:
        """Return the appointments of the person that are ahead, and the hours they offer."""
        person = caller_of(request).person
        return answered(await asyncio.to_thread(agreed.agenda, store, person, parts.now()))

    @routes.get("/sessions", responses=reads(Sessions))
    async def list_sessions(request: Request) -> Response:
        """List the browsers the person is signed in with."""
        found = await asyncio.to_thread(
            sessions.of_person, store, caller_of(request).person, parts.now()
        )
        lines = (SessionLine(s.id, s.agent, s.created_at, s.last_at, s.expires_at) for s in found)
        return answered(Sessions(tuple(lines)))


def _search(parts: Parts, person: str, query: str, limit: int) -> SearchAnswer:
    hits: list[Found] = []
    done = Progress(0, 0)
    for step in views.search(parts.store, person, query):
        if isinstance(step, Progress):
            done = step
        elif len(hits) == limit:
            return SearchAnswer(tuple(hits), done.done, done.total, more=True)
        else:
            hits.append(step)
    return SearchAnswer(tuple(hits), done.done, done.total, more=False)


def _about_a_trajectory(routes: APIRouter, parts: Parts) -> None:
    store = parts.store

    @routes.get("/trajectories/{trajectory}", responses=reads(TrajectoryPage, trajectory=True))
    async def timeline(
        request: Request,
        trajectory: TrajectoryId,
        before: Before = None,
        after: After = None,
        limit: Limit = 50,
    ) -> Response:
        """Return a page of a timeline; without a cursor the newest items.

        Go back with ``before`` = the first item's seq; follow with ``after`` = the page's seq.
        """
        person = caller_of(request).person
        return answered(
            await asyncio.to_thread(
                views.trajectory, store, person, trajectory, before, after, limit
            )
        )

    @routes.get("/trajectories/{trajectory}/agreed", responses=reads(Agreed, trajectory=True))
    async def agreed_there(request: Request, trajectory: TrajectoryId) -> Response:
        """Return the promises, the steps, the scales and the prepaid minutes of a trajectory."""
        person = caller_of(request).person
        await asyncio.to_thread(views.require, store, person, trajectory)
        state = await asyncio.to_thread(persons.state_of, store, trajectory)
        if state is None:
            raise not_there()
        return answered(await asyncio.to_thread(agreed.agreed, store, state))

    @routes.get("/trajectories/{trajectory}/people", responses=reads(People, trajectory=True))
    async def people(request: Request, trajectory: TrajectoryId) -> Response:
        """List who takes part and where they are reached."""
        person = caller_of(request).person
        return answered(
            await asyncio.to_thread(views.people, store, person, trajectory, parts.protection)
        )

    @routes.get("/trajectories/{trajectory}/activity", responses=reads(Activity, trajectory=True))
    async def activity(request: Request, trajectory: TrajectoryId) -> Response:
        """Count the messages per week, network and author."""
        person = caller_of(request).person
        return answered(await asyncio.to_thread(views.activity, store, person, trajectory))

    @routes.get("/trajectories/{trajectory}/activity.svg", responses=sends("image/svg+xml"))
    async def activity_picture(request: Request, trajectory: TrajectoryId) -> Response:
        """Draw the messages per week; the twin without .svg has the figures."""
        person = caller_of(request).person
        found = await asyncio.to_thread(views.activity, store, person, trajectory)
        drawn = picture.draw(found, found.reader.language)
        return Response(drawn, headers=HEADERS, media_type="image/svg+xml")


def _files(routes: APIRouter, parts: Parts) -> None:
    exporting = asyncio.Semaphore(_EXPORTS)
    exporter = Exporter(parts.store, parts.blobs, parts.catalogue)

    @routes.get("/trajectories/{trajectory}/export", responses=sends("application/zip"))
    async def export(request: Request, trajectory: TrajectoryId) -> Response:
        """Return the trajectory as one zip, made while it is sent."""
        person = caller_of(request).person
        await asyncio.to_thread(views.require, parts.store, person, trajectory)
        who = await asyncio.to_thread(views.reader, parts.store, person)
        if exporting.locked():
            raise _busy()
        made = exporter.export(
            trajectory,
            language=who.language,
            zone=views.zone_of(who),
            now=parts.now(),
            coach=person,
        )

        async def sent() -> AsyncIterator[bytes]:
            async with exporting, aclosing(made):
                async for part in made:
                    yield part

        saved = {"Content-Disposition": f'attachment; filename="{trajectory}.zip"'}
        return StreamingResponse(sent(), media_type="application/zip", headers=HEADERS | saved)

    @routes.get("/files/{attachment:path}", responses=sends("application/octet-stream"))
    async def file(request: Request, attachment: str) -> Response:
        """Return an attachment by its id in the timeline."""
        if _ATTACHMENT.fullmatch(attachment) is None:
            raise not_there()
        kept = await asyncio.to_thread(uploads.kept, parts.store, attachment)
        if kept is None or kept.state != "stored":
            raise not_there()
        person = caller_of(request).person
        await asyncio.to_thread(views.require, parts.store, person, kept.trajectory)
        seen = await asyncio.to_thread(
            may_see_file, parts.store, kept.trajectory, attachment, person
        )
        if not seen:
            raise not_there()
        chunks = parts.blobs.read(attachment)
        try:
            first = await anext(chunks, b"")
        except StoreError:
            raise not_there() from None
        return attachment_response(
            Attachment(id=attachment, mime=kept.mime, name=kept.name), _after(first, chunks)
        )


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _busy() -> RefusedError:
    return RefusedError(503, "busy", "Try again when the others of this kind are done.")


def _one_of(places: asyncio.Semaphore) -> asyncio.Semaphore:
    """Return a place to wait in. Raises RefusedError when all are taken."""
    if places.locked():
        raise _busy()
    return places
