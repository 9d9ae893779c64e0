"""GET /files/<link>: a file for somebody whose messenger could not carry it.

1. The link says which row of the outbox it was made for. Each time it is opened the bridge looks
   whether that message was really sent, whether its reader still takes part (I4), and whether the
   endpoint it went to is still theirs.
2. Whoever may not see it, for whatever reason, is told the same: there is nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bridge.core import entries as e
from bridge.core.content import Attachment, attachment
from bridge.core.delivery import DeliveryState
from bridge.core.errors import StoreError
from bridge.runtime.links import LASTS
from bridge.runtime.pictures import course_of
from bridge.web.attachments import attachment_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from bridge.core.adapter import Files
    from bridge.runtime.links import Links
    from storage.outbox_rows import OutboxRow
    from storage.unit import Unit
    from storage.writer import Writer

_SEEN = frozenset(
    {
        DeliveryState.SENDING,  # some messengers look at a link before they answer us
        DeliveryState.UNCERTAIN,
        DeliveryState.SENT,
        DeliveryState.DELIVERED,
        DeliveryState.READ,
    }
)


def file_routes(links: Links, writer: Writer, files: Files) -> list[Route]:
    """Return the route of links to files."""

    async def show(request: Request) -> Response:
        row = links.row(request.path_params["link"])
        try:
            file = None if row is None else await writer.submit(lambda unit: _file(unit, row))
            if file is None:
                return _nothing()
            chunks = files.read(file.id)
            first = await anext(aiter(chunks), b"")
        except StoreError:
            return _nothing()
        return attachment_response(file, _from(first, chunks))

    return [Route("/files/{link}", show, methods=["GET"])]


def _file(unit: Unit, number: int) -> Attachment | None:
    """Return the file a row shows its party, None when there is none for them any more."""
    row = unit.outbox_row_by_id(number)
    if row is None or row.state not in _SEEN or unit.now - row.created_at > LASTS:
        return None
    logged = unit.entry(row.trajectory, row.seq) if is_still_theirs(unit, row) else None
    if logged is None:
        return None
    match logged.entry:
        case e.MessagePosted(content=content) | e.MessageEdited(content=content):
            file = attachment(content)
            return file if file is not None and file.id else None
        case e.NoticeGiven():
            return course_of(unit, row.trajectory, row.seq)
        case _:
            return None


def is_still_theirs(unit: Unit, row: OutboxRow) -> bool:
    """Tell whether the reader of a row takes part, and the endpoint it went to is still theirs."""
    state = unit.state(row.trajectory) if row.trajectory else None
    reader = state.parties.get(row.party) if state is not None else None
    bound = unit.goes_to(row.id)
    if reader is None or not reader.may_talk or bound is None:
        return False
    endpoint, epoch = unit.endpoint(bound[0]), bound[1]
    return (
        endpoint is not None
        and endpoint.usable
        and (endpoint.person, endpoint.epoch) == (row.party, epoch)
    )


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _nothing() -> Response:
    return PlainTextResponse(
        "There is nothing here (any more). Hier is niets (meer).\n",
        404,
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )
