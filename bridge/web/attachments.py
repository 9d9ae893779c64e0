"""Files of people in a response: they are hostile until shown otherwise.

1. Only kinds that a browser shows without running anything are shown in place; all others, SVG and
   HTML among them, are saved. The name is people's text: quoted and encoded, never raw.
2. Nothing is sniffed, scripted, framed, cached or told to other pages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bridge.core.content import Attachment

SHOWN = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "audio/ogg",
        "audio/mpeg",
        "audio/mp4",
        "audio/webm",
        "audio/wav",
        "audio/aac",
        "video/mp4",
        "video/webm",
        "video/ogg",
    }
)
"""MIME types that are shown in place."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\"<>:|?*]+')
_LONGEST = 120


def attachment_response(file: Attachment, chunks: AsyncIterator[bytes]) -> StreamingResponse:
    """Return a response with the bytes of a file; its size is not told before it is known."""
    mime = file.mime.partition(";")[0].strip().lower()
    name = _UNSAFE.sub("_", file.name).strip(" ._")[-_LONGEST:] or "file"
    how = "inline" if mime in SHOWN else "attachment"
    return StreamingResponse(
        chunks,
        media_type=mime if mime in SHOWN else "application/octet-stream",
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        },
    )
