"""POST /webhooks/<network>/<account>: keep first, acknowledge second.

1. Verified, committed, then 200: nothing is acknowledged that is not kept (I2).
2. A call that proves nothing is answered 401 or 403; nothing of it is kept or logged.
3. When the store says no, the answer is 503, so that the network calls again.
4. A body has at most ``MAX_BODY`` bytes and ``BODY_SECONDS`` to arrive: a hostile or slow caller
   costs one connection for a while, and nobody else anything (I16).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog

from bridge.core.adapter import Answer, Answers, Hooks, Raw, Voice, Webhook
from bridge.core.errors import Forged, StoreError

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from bridge.core.speech import Answer as Spoken
    from bridge.runtime.metrics import Metrics

MAX_BODY = 1024 * 1024
BODY_SECONDS = 10.0
RETRY_AFTER = b"5"

Accept = Callable[[str, str, Sequence[Raw]], Awaitable[int]]
"""Commit payloads of (network, account) and return how many were new. Raises StoreError."""

Said = Callable[[str, str, str], Awaitable["Spoken | None"]]
"""Return what was answered to the payload of (network, account, key). Raises StoreError."""

_LENGTH = (b"content-length", b"0")
_log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """The body may not or did not come."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Webhooks:
    """The ASGI application under /webhooks/."""

    def __init__(
        self,
        accept: Accept,
        adapters: Mapping[tuple[str, str], object],
        metrics: Metrics,
        public_url: str = "",
        said: Said | None = None,
    ) -> None:
        self._accept = accept
        self._said = said
        self._metrics = metrics
        self._public_url = public_url
        self._hooks = {
            f"/webhooks/{path}": (network, account, adapter)
            for (network, account), adapter in adapters.items()
            if isinstance(adapter, Webhook)
            for path in (
                adapter.hooks() if isinstance(adapter, Hooks) else (f"{network}/{account}",)
            )
        }
        # Asked here and not for every call: to look whether an object keeps to a protocol takes as
        # long as all the rest of taking a call in.
        self._answers = {
            path: adapter
            for path, (_, _, adapter) in self._hooks.items()
            if isinstance(adapter, Answers)
        }
        self._voices = {
            (network, account): adapter
            for (network, account), adapter in adapters.items()
            if isinstance(adapter, Voice)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        hook = self._hooks.get(scope["path"]) or self._hooks.get(_above(scope["path"]))
        if hook is None:
            await _answer(send, 404)
        elif scope["method"] != "POST":
            await _answer(send, 405, (b"allow", b"POST"))
        else:
            network, account, adapter = hook
            await self._take(scope, receive, send, network, account, adapter)

    async def _take(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        network: str,
        account: str,
        adapter: Webhook,
    ) -> None:
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        try:
            body = await _read(headers, receive)
        except _RefusedError as refused:
            await _answer(send, refused.status)
            return
        try:
            raws = adapter.verify(headers, self._url(scope), body)
        except Exception as error:  # anything wrong with a stranger's call means: not proven
            status = 403 if isinstance(error, Forged) else 401
            self._metrics.forged.labels(network, account).inc()
            _log.warning("webhook_refused", network=network, account=account, status=status)
            await _answer(send, status)
            return
        status, *retry = await self._keep(network, account, raws)
        voice = self._voices.get((network, account))
        if voice is not None:
            answer = await self._speak(scope, network, account, voice, raws, status)
            await _say(send, answer) if answer or status == HTTPStatus.OK else await _answer(
                send, status, *retry
            )
            return
        answers = self._answers.get(scope["path"])
        if status == HTTPStatus.OK and answers is not None:
            await _say(send, answers.answer(scope["path"].removeprefix("/webhooks/"), body))
        else:
            await _answer(send, status, *retry)

    async def _speak(
        self,
        scope: Scope,
        network: str,
        account: str,
        adapter: Voice,
        raws: Sequence[Raw],
        status: int,
    ) -> Answer | None:
        """Return what to say, as it was committed; an apology where nothing was."""
        if status == HTTPStatus.OK and self._said is not None:
            try:
                said = await self._said(network, account, raws[0].keys[0])
                return adapter.spoken(scope["path"], raws[0], said)
            except StoreError as error:
                _log.error("call_not_answered", network=network, account=account, exc_info=error)
        return adapter.sorry(scope["path"], self._url(scope))

    async def _keep(
        self, network: str, account: str, raws: Sequence[Raw]
    ) -> tuple[int, tuple[bytes, bytes]] | tuple[int]:
        try:
            # One network after the other: a call that fails halfway is repeated, and what was
            # kept of it then counts as a repeat.
            if len(raws) == 1:
                await self._accept(raws[0].network or network, account, raws)
                return (200,)
            for of in dict.fromkeys(raw.network for raw in raws) or [""]:
                mine = [raw for raw in raws if raw.network == of]
                await self._accept(of or network, account, mine)
        except StoreError as error:
            _log.error("webhook_not_kept", network=network, account=account, exc_info=error)
        except Exception as error:  # whatever it is, the network has to call again
            _log.error("webhook_failed", network=network, account=account, exc_info=error)
        else:
            return (200,)
        return 503, (b"retry-after", RETRY_AFTER)

    def _url(self, scope: Scope) -> str:
        query = scope["query_string"]
        suffix = "?" + query.decode("latin-1") if query else ""
        return f"{self._public_url}{scope['path']}{suffix}"


def _above(path: str) -> str:
    """Return the name under which every path of its folder is known."""
    return f"{path.rpartition('/')[0]}/*"


async def _read(headers: Mapping[str, str], receive: Receive) -> bytes:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_BODY:
        raise _RefusedError(413)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
            body: bytes = message.get("body", b"")
            if not message.get("more_body") and message["type"] == "http.request":
                return body if len(body) <= MAX_BODY else _too_large()
            return await _read_rest(message, receive)
    except TimeoutError:
        raise _RefusedError(408) from None


async def _read_rest(message: Message, receive: Receive) -> bytes:
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise _RefusedError(400)
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            _too_large()
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()


def _too_large() -> bytes:
    raise _RefusedError(413)


async def _say(send: Send, answer: Answer | None) -> None:
    if answer is None:
        await _answer(send, 200)
        return
    headers = [
        (b"content-type", answer.media_type.encode("latin-1")),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _answer(send: Send, status: int, header: tuple[bytes, bytes] | None = None) -> None:
    headers = [_LENGTH] if header is None else [_LENGTH, header]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
