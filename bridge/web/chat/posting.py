"""What a page posts: acts and files. Kept first, acknowledged second.

1. An act goes through the inbox like a call of any network: 202 means that it is committed. Its id
   is the page's own, so that a repeat over a slow line is known as one.
2. What cannot be understood is refused at once with 400; what the store cannot take now with 503,
   and the page tries again.
3. A file is streamed in, sealed chunk by chunk, and capped; memory holds a few chunks of it.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import structlog
from starlette.requests import ClientDisconnect

from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError, Rejected, StoreError
from bridge.core.inbound import Sender, TypingIn
from bridge.web.chat import visit as v
from bridge.web.sessions import is_same_site
from storage import webchat

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bridge.web.chat.visit import Chat, Visit
    from bridge.web.sessions import Limit

MAX_ACT = 65_536
ACT_SECONDS = 30.0
_UPLOAD = re.compile(r"[A-Za-z0-9-]{8,64}")
_log = structlog.get_logger(__name__)


class _TooLargeError(Exception):
    """The body is larger than it may be."""


async def act(chat: Chat, request: Request) -> Response:
    """Keep an act: a message, an edit, a deletion, a reaction, a choice, a receipt."""
    visit, refusal = await _may_post(chat, request, chat.acts)
    if visit is None or refusal is not None:
        return refusal or v.said(401, error="no_session")
    try:
        async with asyncio.timeout(ACT_SECONDS):
            body = await _small(request)
    except _TooLargeError:
        return v.said(413, error="too_large")
    except (TimeoutError, ClientDisconnect):
        return v.said(408, error="too_slow")
    return await keep(chat, visit.address, visit.language, body)


async def typing(chat: Chat, request: Request) -> Response:
    """Show to whom it concerns that the client is writing; nothing is kept of it."""
    visit, refusal = await _may_post(chat, request, chat.acts)
    if visit is None or refusal is not None:
        return refusal or v.said(401, error="no_session")
    endpoint = Endpoint(v.NETWORK, chat.account, visit.address)
    chat.typing(TypingIn(Place(v.NETWORK, chat.account, visit.address), Sender(endpoint)))
    return v.said(202, heard=True)


async def keep(chat: Chat, address: str, language: str, body: bytes) -> Response:
    """Commit one act of a page, and only then say so."""
    try:
        raw = chat.adapter.pack(address, language, v.now(), body)
        await chat.accept(v.NETWORK, chat.account, [raw])
    except ParseError:
        return v.said(400, error="not_understood")
    except StoreError as error:
        _log.error("an act of a page could not be kept", error=str(error))
        return _later()
    return v.said(202, kept=True)


def _later() -> Response:
    response = v.said(503, error="try_again")
    response.headers["Retry-After"] = "3"
    return response


async def _may_post(
    chat: Chat, request: Request, limit: Limit
) -> tuple[Visit | None, Response | None]:
    if not is_same_site(request.headers):
        return None, v.said(403, error="not_ours")
    visit = await v.visit_of(chat, request)
    if visit is None:
        return None, v.said(401, error="no_session")
    if not limit.takes(visit.address):
        response = v.said(429, error="too_many")
        response.headers["Retry-After"] = "10"
        return None, response
    return visit, None


async def _small(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_ACT:
            raise _TooLargeError
    return bytes(body)


async def upload(chat: Chat, request: Request) -> Response:
    """Take a file in, to be sent by a message afterwards; ``id`` is drawn by the page."""
    visit, refusal = await _may_post(chat, request, chat.uploads)
    if visit is None or refusal is not None:
        return refusal or v.said(401, error="no_session")
    id = request.path_params["id"]
    if _UPLOAD.fullmatch(id) is None:
        return v.said(400, error="not_understood")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > chat.max_bytes:
        return v.said(413, error="too_large")
    ref = f"{visit.address}/{id}"
    try:
        return await _store(chat, visit, ref, request)
    except Rejected:
        return v.said(413, error="too_large")
    except ClientDisconnect:
        return v.said(400, error="broken_off")
    except StoreError as error:
        _log.error("an upload could not be kept", error=str(error))
        return _later()


async def _store(chat: Chat, visit: Visit, ref: str, request: Request) -> Response:
    """Keep the bytes; what broke off before is begun anew, what is here stays."""
    address, account = visit.address, chat.account
    mime = request.headers.get("content-type", "")[:100]
    state = await chat.writer.submit(
        lambda unit: unit.web.begin_upload(ref, account, address, mime)
    )
    if state == "too_many":
        return v.said(429, error="too_many")
    if state == "wanted":
        name = webchat.upload_name(ref)
        await chat.blobs.store(name, request.stream(), chat.max_bytes)
    return v.said(201, kept=True)
