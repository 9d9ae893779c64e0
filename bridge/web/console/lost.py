"""A lost phone: a coach makes a code for a client, which the page shows once."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from bridge.web import lost
from bridge.web.console import forms
from bridge.web.console.reading import title_of
from storage import persons
from storage.wants import Wants

if TYPE_CHECKING:
    from starlette.responses import Response

    from bridge.web.console.visit import Visit


async def code(visit: Visit) -> Response:
    """Make a code for a client whose phone is lost, and show it; an earlier one is good no more."""
    trajectory = await visit.trajectory()
    client = forms.text(await visit.form(), "whom")[:64]
    work = partial(lost.issue, trajectory=trajectory, client=client)
    wants = Wants(trajectories=(trajectory,), people=(client,))
    issued = await visit.console.writer.submit(work, wants)
    if isinstance(issued, str):
        raise HTTPException(HTTPStatus.CONFLICT)
    people = await asyncio.to_thread(persons.persons, visit.store, (client,))
    return visit.page(
        "lost.html",
        trajectory=trajectory,
        title=await asyncio.to_thread(title_of, visit, trajectory),
        name=people[client].name,
        code=issued.typed_code,
        until=visit.words.moment(issued.expires_at),
    )
