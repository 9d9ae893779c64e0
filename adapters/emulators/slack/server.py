"""HTTP in front of the service: methods, files, Socket Mode, and the faults on the wire.

`/api/<method>` by POST with a form or JSON, https://docs.slack.dev/apis/web-api/#basics;
`/upload/v1/<file>`, `/files-pri/…` and `/link/` are addresses that methods give out.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from aiohttp import WSMsgType, web

from adapters.emulators import wire
from adapters.emulators.slack.errors import ApiError
from adapters.emulators.slack.files import FILE_METHODS
from adapters.emulators.slack.journal import Call
from adapters.emulators.slack.methods import METHODS, Ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.emulators.faults import Fault
    from adapters.emulators.misuse import Json
    from adapters.emulators.slack.service import Service

_ALL = {**METHODS, **FILE_METHODS}
_LIMITED = frozenset({"chat.postMessage", "files.completeUploadExternal"})


class WebApi:
    """The aiohttp handlers; `refuse_for` is called when a fault takes the listener down."""

    def __init__(
        self,
        service: Service,
        refuse_for: Callable[[float], Awaitable[None]],
        base: Callable[[], str],
    ) -> None:
        self._service = service
        self._refuse_for = refuse_for
        self._base = base
        self._closing = asyncio.Event()
        self._times: dict[str, deque[float]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Everything a client of Slack calls."""
        return [
            web.post("/api/{method}", self.call),
            web.get("/api/{method}", self.call),
            web.post("/upload/v1/{file}", self.upload),
            web.get("/files-pri/{file}/download/{name}", self.download),
            web.get("/link/", self.link),
        ]

    def close(self) -> None:
        """Let go of everybody who waits for an answer that never comes."""
        self._closing.set()

    # -- methods ----------------------------------------------------------------------------

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One method call."""
        method = request.match_info["method"]
        params = await _params(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer").strip()
        token = str(params.pop("token", "")) or token
        record = self._record(method, params)
        fault, instead = await self._hit(request, record)
        if instead is not None:
            return instead
        answer, status, headers = self._process(record, params, token, method)
        return await self._deliver(
            request,
            record,
            fault,
            web.Response(
                status=status,
                body=msgspec.json.encode(answer),
                content_type="application/json",
                headers=headers,
            ),
        )

    def _record(self, method: str, params: Json) -> Call:
        given = str(params.get("channel") or params.get("channel_id") or "")
        channel = self._service.world.channels.get(given)
        record = Call(
            **self._service.journal.stamp(),
            method=method,
            chat=self._service.world.name_of(channel) if channel else given or None,
            thread=str(params["thread_ts"]) if "thread_ts" in params else None,
            params=params,
        )
        self._service.journal.calls.append(record)
        return record

    def _process(
        self, record: Call, params: Json, token: str, method: str
    ) -> tuple[Json, int, dict[str, str]]:
        """Do what is asked; a method is atomic, whatever happens to the connection."""
        try:
            self._check(token, method, record)
            result = self._run(Ask(self._service, record, params, self._base()), method)
        except ApiError as error:
            record.processed, record.error = True, error.code
            headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
            return error.body(), error.status, headers
        record.processed = record.ok = True
        # https://docs.slack.dev/authentication/installing-with-oauth#inspecting
        told = {"X-OAuth-Scopes": ",".join(sorted(self._service.scopes))}
        return {"ok": True, **result}, HTTPStatus.OK, told

    def _run(self, ask: Ask, method: str) -> Json:
        if method not in _ALL:
            raise ApiError("unknown_method")
        try:
            return _ALL[method](ask)
        except (TypeError, ValueError, KeyError, AttributeError):
            # JSON of a wrong shape somewhere deep in a parameter
            raise ApiError("invalid_arguments") from None

    def _check(self, token: str, method: str, record: Call) -> None:
        service = self._service
        wanted = service.app_token if method == "apps.connections.open" else service.bot_token
        if not token:
            raise ApiError("not_authed")
        if token != wanted:
            raise ApiError("invalid_auth")
        if service.revoked:
            raise ApiError(service.revoked)
        if service.per_channel is not None and method in _LIMITED and record.chat:
            calls, seconds = service.per_channel
            times = self._times.setdefault(record.chat, deque())
            now = time.monotonic()
            while times and times[0] <= now - seconds:
                times.popleft()
            if len(times) >= calls:
                raise ApiError("ratelimited", max(1, round(times[0] + seconds - now)))
            times.append(now)

    # -- faults -----------------------------------------------------------------------------

    async def _hit(
        self, request: web.Request, record: Call
    ) -> tuple[Fault | None, web.StreamResponse | None]:
        """The fault planned for a call, and its answer where that keeps it from being processed."""
        fault = self._service.faults.on_call(record.method, record.chat, 1)
        if fault is None:
            return None, None
        record.fault = fault.kind

        def refused() -> web.Response:
            code = "ratelimited" if fault.retry_after else fault.description
            error = ApiError(code, fault.retry_after)
            record.error = code
            headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
            return web.json_response(error.body(), status=error.status, headers=headers)

        instead = await wire.instead(request, fault, self._refuse_for, self._closing, refused)
        return fault, instead

    async def _deliver(
        self,
        request: web.Request,
        record: Call,
        fault: Fault | None,
        response: web.Response,
    ) -> web.StreamResponse:
        """Write the answer, or do to it what the fault says."""
        garbage = b'{"ok":true,"ts":'
        done, record.answered = await wire.deliver(request, fault, response, self._closing, garbage)
        return done

    # -- files ------------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of a file. https://docs.slack.dev/messaging/working-with-files#upload"""
        stored = self._service.world.files.get(request.match_info["file"])
        record = self._record("upload", {"file": request.match_info["file"]})
        fault, instead = await self._hit(request, record)
        if instead is not None:
            return instead
        data = await request.read()
        if stored is None or len(data) != stored.size:
            return web.Response(status=400, text="bad size")
        stored.data = data
        digest = hashlib.sha256(data).hexdigest()
        record.params |= {"size": len(data), "sha256": digest, "name": stored.name}
        record.processed = record.ok = True
        return await self._deliver(request, record, fault, web.Response(text=f"OK - {len(data)}"))

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give a private file to whoever has the token; a page to sign in to anybody else."""
        if request.headers.get("Authorization") != f"Bearer {self._service.bot_token}":
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        stored = self._service.world.files.get(request.match_info["file"].partition("-")[2])
        record = self._record("download", {"file": request.match_info["file"]})
        fault, instead = await self._hit(request, record)
        if instead is not None:
            return instead
        record.processed = True
        if stored is None or stored.data is None:
            return web.Response(status=404)
        record.ok = True
        answer = web.Response(body=stored.data, content_type="application/octet-stream")
        return await self._deliver(request, record, fault, answer)

    # -- Socket Mode ------------------------------------------------------------------------

    async def link(self, request: web.Request) -> web.StreamResponse:
        """One connection. https://docs.slack.dev/apis/events-api/using-socket-mode"""
        socket = web.WebSocketResponse(heartbeat=10.0, timeout=1.0)
        await socket.prepare(request)
        deliveries = self._service.deliveries
        number = len(deliveries.connections) + 1
        await socket.send_json(
            {"type": "hello", "num_connections": number, "connection_info": {"app_id": "A0"}}
        )
        deliveries.connections.append(socket)
        self._service.touch()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    deliveries.acknowledge(str(msgspec.json.decode(message.data)["envelope_id"]))
        finally:
            deliveries.drop(socket)
        return socket


async def _params(request: web.Request) -> Json:
    """All parameters of a call, from wherever they are."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        decoded = msgspec.json.decode(body) if body else {}
        return {**values, **decoded}
    form = await request.post()
    return {**values, **{name: value for name, value in form.items() if isinstance(value, str)}}
