"""The door of the API: who calls and what they may do is settled before anything is read.

1. No token that is good: 401. A token without the scope for the method: 403. Only then is there a
   body, a parameter, or a trajectory to talk about.
2. GET needs ``read``, everything else ``write``; what describes the API needs nothing.
3. A body has at most ``MAX_BODY`` bytes and ``BODY_SECONDS`` to come (I16). A file is let through
   as it comes: its route takes it in pieces and stops at its own limit.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import msgspec

from bridge.core.errors import StoreError
from bridge.runtime.tokens import PREFIX, Scope, token_hash
from bridge.web.api import answers
from bridge.web.api.answers import RefusedError
from storage import tokens

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Send
    from starlette.types import Scope as Call

    from bridge.web.api import Parts

MAX_BODY = 64 * 1024
BODY_SECONDS = 10.0
OPEN = frozenset({"/docs", "/docs.css", "/openapi.json"})
"""What needs no token, below /api."""

_READING = frozenset({"GET", "HEAD"})
_FILES = re.compile(r"/trajectories/[^/]+/files")
_LONGEST = 200


class Caller(msgspec.Struct, frozen=True):
    """Whose token it is and what it may do."""

    person: str
    scopes: tuple[str, ...]


class Door:
    """An application behind which every call has a caller, in ``state.caller``."""

    def __init__(self, parts: Parts, inner: ASGIApp) -> None:
        self._parts = parts
        self._inner = inner

    async def __call__(self, call: Call, receive: Receive, send: Send) -> None:
        if call["type"] != "http":
            return
        path = str(call["path"]).removeprefix(call.get("root_path", ""))
        if path in OPEN:
            await self._inner(call, receive, send)
            return
        try:
            caller = await self._caller(call)
            whole = call["method"] not in _READING and _FILES.fullmatch(path) is None
            body = await _read(receive) if whole else b""
        except RefusedError as error:
            await answers.refused(error)(call, receive, send)
            return
        call.setdefault("state", {})["caller"] = caller
        await self._inner(call, _again(body, receive) if whole else receive, send)

    async def _caller(self, call: Call) -> Caller:
        token = _token(call)
        if not token:
            raise answers.no_token()
        store, now = self._parts.store, self._parts.now()
        try:
            line = await asyncio.to_thread(tokens.find, store, token_hash(token), now)
        except StoreError:
            raise RefusedError(503, "away", "Try again in a few seconds.") from None
        if line is None:
            raise answers.no_token()
        needed = Scope.READ if call["method"] in _READING else Scope.WRITE
        if needed not in line.scopes:
            raise answers.no_scope(needed)
        return Caller(line.person, line.scopes)


def _token(call: Call) -> str:
    """Return the token of a call as it was sent, '' where there is none that could be one."""
    found = [value for name, value in call["headers"] if name == b"authorization"]
    if len(found) != 1 or len(found[0]) > _LONGEST:
        return ""
    kind, _, token = found[0].decode("latin-1").partition(" ")
    token = token.strip()
    return token if kind.lower() == "bearer" and token.startswith(PREFIX) else ""


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RefusedError(400, "cut_off", "Send the whole body.")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > MAX_BODY:
                    raise RefusedError(413, "too_large", f"Send at most {MAX_BODY} bytes.")
    except TimeoutError:
        raise RefusedError(408, "too_slow", f"Send it within {BODY_SECONDS:.0f} seconds.") from None
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once more, then whatever else comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        return waiting.pop() if waiting else await receive()

    return given
