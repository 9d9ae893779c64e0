"""Attachments: played where that is harmless, handed over as a file where it is not.

1. The type is one of a short list, or it is bytes to save; the name is quoted by its own rules.
2. The policy of a file forbids everything: even a browser that guesses wrong runs nothing.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from bridge.core.errors import StoreError
from bridge.web.console.visit import HEADERS
from storage import timeline, uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from bridge.web.console.visit import Visit

PLAYABLE = frozenset(
    {
        "image/jpeg", "image/png", "image/gif", "image/webp",
        "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/webm", "audio/wav",
        "audio/x-m4a", "audio/opus", "video/mp4", "video/webm",
    }
)  # fmt: skip
"""Never SVG, never HTML: those can carry scripts."""
BYTES = "application/octet-stream"


async def file(visit: Visit) -> Response:
    """Hand over an attachment of a trajectory she coaches."""
    trajectory = await visit.trajectory()
    attachment = f"{trajectory}/{visit.request.path_params['attachment']}"
    kept = await asyncio.to_thread(uploads.kept, visit.store, attachment)
    if kept is None or kept.trajectory != trajectory or kept.state != "stored":
        raise HTTPException(HTTPStatus.NOT_FOUND)
    seen = await asyncio.to_thread(
        timeline.may_see_file, visit.store, trajectory, attachment, visit.person.id
    )
    if not seen:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    chunks = visit.console.blobs.read(attachment)
    try:
        first = await anext(chunks, b"")
    except StoreError:
        raise HTTPException(HTTPStatus.GONE) from None
    mime = kept.mime.partition(";")[0].strip().lower()
    playable = mime in PLAYABLE
    how = "inline" if playable else "attachment"
    name = quote(kept.name or "file", safe="")
    headers = {
        **HEADERS,
        "content-disposition": f"{how}; filename*=UTF-8''{name}",
        "content-security-policy": "default-src 'none'; sandbox",
        "content-length": str(kept.size),
        "cache-control": "private, no-store",
    }
    return StreamingResponse(
        _after(first, chunks), media_type=mime if playable else BYTES, headers=headers
    )


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
