"""What the demo's pages are asked with and answered with: small bodies, headers, parts of files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bridge.demo.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

MAX_BODY = 64 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
T = TypeVar("T")


async def read_body(request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """Read a small JSON body. Raises HTTPException."""
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > MAX_BODY:
            raise HTTPException(413)
    try:
        return decoder.decode(bytes(read))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(400, str(error)) from None


def language_of(request: Request) -> str:
    """Return the language that was chosen, else the first of ours the browser asks for."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    tags = request.headers.get("accept-language", "").split(",")
    spoken = [tag.strip().partition("-")[0].partition(";")[0].lower() for tag in tags]
    return next((one for one in spoken if one in LANGUAGES), LANGUAGES[0])


def file_part(data: bytes, asked: str, kind: str, headers: Mapping[str, str]) -> Response:
    """Answer with a file, or the part of it that a player asks for to learn how long it is.

    https://www.rfc-editor.org/rfc/rfc9110#name-range; what is not one plain range is ignored.
    """
    headers = {**headers, "accept-ranges": "bytes"}
    found = re.fullmatch(r"bytes=(\d{1,12})-(\d{0,12})", asked)
    if found is None:
        return Response(data, 200, headers, kind)
    first, last = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
    if first > last:
        return Response(b"", 416, {**headers, "content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, headers, kind)


def as_json(value: object, status: int = 200) -> Response:
    """Answer with JSON."""
    data = msgspec.json.encode(value)
    return Response(data, status, HEADERS, media_type="application/json")


async def refused(request: Request, error: Exception) -> Response:
    """Answer that a phone cannot do this."""
    del request
    return as_json({"error": str(error)}, 409)
