"""Open pages hear at once that something is new, and ask for it by the log's sequence.

1. An event carries a sequence and no words: what there is to see is asked for like any page.
2. A stream ends when its session does, when she takes part no more, or when the bridge stops;
   the browser comes back by itself, and nothing is lost because the sequence is the cursor.
3. One session has at most ``MOST_STREAMS`` streams (I16).
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from bridge.web.console.visit import HEADERS
from storage import persons

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from starlette.responses import Response

    from bridge.web.console.visit import Visit

MOST_STREAMS = 12
LOOK_EVERY = 5.0
"""Seconds after which a stream looks by itself: other processes give no sign."""
STREAM_ROUNDS = 360


async def of_trajectory(visit: Visit) -> Response:
    """Tell of one trajectory."""
    trajectory = await visit.trajectory()
    return _stream(visit, (trajectory,))


async def of_inbox(visit: Visit) -> Response:
    """Tell of all of hers."""
    mine = await asyncio.to_thread(persons.coached, visit.store, visit.person.id)
    return _stream(visit, mine)


def _stream(visit: Visit, trajectories: Collection[str]) -> Response:
    streams, session = visit.console.streams, visit.session.id
    if streams.get(session, 0) >= MOST_STREAMS:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
    headers = {**HEADERS, "x-accel-buffering": "no"}
    return StreamingResponse(
        _counted(visit, trajectories), media_type="text/event-stream", headers=headers
    )


async def _counted(visit: Visit, trajectories: Collection[str]) -> AsyncIterator[str]:
    streams, session = visit.console.streams, visit.session.id
    streams[session] = streams.get(session, 0) + 1
    try:
        async for event in _events(visit, trajectories):
            yield event
    finally:
        streams[session] -= 1
        if not streams[session]:
            del streams[session]


async def _events(visit: Visit, trajectories: Collection[str]) -> AsyncIterator[str]:
    console = visit.console
    yield "retry: 2000\n\n"
    known: dict[str, int] = {}
    with console.watch.watching(trajectories) as watcher:
        for _ in range(STREAM_ROUNDS):
            heads = await asyncio.to_thread(persons.heads, visit.store, trajectories)
            grown = {name: seq for name, seq in heads.items() if known.get(name) != seq}
            known = dict(heads)
            for name, seq in grown.items():
                yield f"id: {seq}\nevent: grown\ndata: {name} {seq}\n\n"
            if not grown:
                yield ": still here\n\n"
            if await watcher.next(LOOK_EVERY):
                continue
            if console.watch.closed or not await asyncio.to_thread(_still_in, visit, known):
                return


def _still_in(visit: Visit, trajectories: Collection[str]) -> bool:
    """Tell whether the session is good and she still coaches what she watches."""
    if not visit.is_alive():
        return False
    mine = persons.coached(visit.store, visit.person.id)
    return set(trajectories) <= set(mine)
