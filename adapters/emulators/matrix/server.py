"""HTTP in front of the service: calls, files, and the faults on the wire.

https://spec.matrix.org/v1.16/client-server-api/#api-standards
"""

from __future__ import annotations

import asyncio
import inspect
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from adapters.emulators import wire
from adapters.emulators.matrix.accounts import log_in
from adapters.emulators.matrix.errors import MatrixError, not_found, too_many
from adapters.emulators.matrix.journal import Call
from adapters.emulators.matrix.methods import MAX_UPLOAD, METHODS, Ask, Method
from adapters.emulators.matrix.world import SERVER, Account

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.emulators.faults import Fault
    from adapters.emulators.matrix.service import Service
    from adapters.emulators.misuse import Json

CLIENT = "/_matrix/client"
_BAD_SHAPE = MatrixError("M_BAD_JSON", HTTPStatus.BAD_REQUEST, "JSON of a wrong shape somewhere")


class ClientApi:
    """The aiohttp handlers; `refuse_for` is called when a fault takes the listener down."""

    def __init__(self, service: Service, refuse_for: Callable[[float], Awaitable[None]]) -> None:
        self._service = service
        self._refuse_for = refuse_for
        self._closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Everything a client calls; what is not among them is unrecognised."""
        media = f"{CLIENT}/v1/media/download/{{server}}/{{file}}"
        return [
            web.get(f"{CLIENT}/versions", self.versions),
            web.get(f"{CLIENT}/v3/login", self.flows),
            web.post(f"{CLIENT}/v3/login", self.log_in),
            *(
                web.route(verb, CLIENT + path, self._calling(name, method))
                for verb, path, name, method in METHODS
            ),
            web.post("/_matrix/media/v3/upload", self.upload),
            web.get(media, self.download),
            web.get(f"{media}/{{name}}", self.download),
            web.route("*", "/_matrix/{path:.*}", self.unrecognised),
        ]

    def close(self) -> None:
        """Let go of everybody who waits for an answer that never comes."""
        self._closing.set()

    # -- before one is anybody --------------------------------------------------------------

    async def versions(self, request: web.Request) -> web.StreamResponse:
        """https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientversions"""
        answer = {"versions": ["v1.11"], "unstable_features": {}}
        return await self._answer(request, self._record("versions", request), lambda _: answer)

    async def flows(self, request: web.Request) -> web.StreamResponse:
        """Passwords are all there is."""
        answer = {"flows": [{"type": "m.login.password"}]}
        return await self._answer(request, self._record("login", request), lambda _: answer)

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """Give a device its token."""
        record = self._record("login", request)
        return await self._answer(request, record, lambda body: log_in(self._service, body))

    async def unrecognised(self, request: web.Request) -> web.StreamResponse:
        """https://spec.matrix.org/v1.16/client-server-api/#common-error-codes"""
        error = MatrixError("M_UNRECOGNIZED", HTTPStatus.NOT_FOUND, "Unrecognized request")
        return await self._answer(request, self._record("unrecognised", request), _raising(error))

    # -- calls ------------------------------------------------------------------------------

    def _calling(
        self, name: str, method: Method
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            record = self._record(name, request)

            async def done(body: Json) -> Any:
                account, device = self._known(request, record)
                ask = Ask(
                    service=self._service,
                    call=record,
                    account=account,
                    device=device,
                    path=request.raw_path.partition("?")[0],
                    where=dict(request.match_info),
                    query=dict(request.query),
                    body=body,
                )
                found = method(ask)
                return await found if inspect.isawaitable(found) else found

            return await self._answer(request, record, done)

        return handler

    def _record(self, name: str, request: web.Request) -> Call:
        where = dict(request.match_info)
        record = Call(
            **self._service.journal.stamp(),
            method=name,
            chat=where.get("room"),
            params={**where, **request.query},
        )
        self._service.journal.calls.append(record)
        return record

    def _known(self, request: web.Request, record: Call) -> tuple[Account, str]:
        """Return who calls, and from which device. Raises MatrixError."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer").strip()
        if not token:
            raise MatrixError("M_MISSING_TOKEN", HTTPStatus.UNAUTHORIZED, "Missing access token")
        for account in self._service.world.accounts.values():
            if token in account.devices:
                record.user = account.user_id
                return account, account.devices[token]
        raise MatrixError(
            "M_UNKNOWN_TOKEN", HTTPStatus.UNAUTHORIZED, "Invalid access token passed."
        )

    async def _answer(
        self, request: web.Request, record: Call, do: Callable[[Json], Any]
    ) -> web.StreamResponse:
        """Do what is asked, unless a fault is in the way, and answer in JSON."""
        fault, instead = await self._hit(request, record)
        if instead is not None:
            return instead
        try:
            found = do(await _body(request))
            answer = await found if inspect.isawaitable(found) else found
            record.processed = record.ok = True
            response = _json(answer)
        except (MatrixError, TypeError, ValueError, LookupError, AttributeError) as error:
            refusal = error if isinstance(error, MatrixError) else _BAD_SHAPE
            record.processed, record.error = True, refusal.code
            response = _refusal(refusal)
        return await self._deliver(request, record, fault, response)

    async def _hit(
        self, request: web.Request, record: Call
    ) -> tuple[Fault | None, web.StreamResponse | None]:
        """The fault planned for a call, and its answer where that keeps it from being processed."""
        fault = self._service.faults.on_call(record.method, record.chat, 1)
        if fault is None:
            return None, None
        record.fault = fault.kind

        def refused() -> web.Response:
            error = MatrixError(fault.description, fault.code)
            if fault.retry_after:
                error = too_many(fault.retry_after)
            record.error = error.code
            return _refusal(error)

        instead = await wire.instead(request, fault, self._refuse_for, self._closing, refused)
        return fault, instead

    async def _deliver(
        self, request: web.Request, record: Call, fault: Fault | None, response: web.Response
    ) -> web.StreamResponse:
        """Write the answer, or do to it what the fault says."""
        garbage = b'{"event_'
        done, record.answered = await wire.deliver(request, fault, response, self._closing, garbage)
        return done

    # -- files ------------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav3upload"""
        record = self._record("upload", request)
        data = await request.read()

        def kept(_: Json) -> Json:
            self._known(request, record)
            if len(data) > MAX_UPLOAD:
                status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                raise MatrixError("M_TOO_LARGE", status, "Upload request body is too large")
            name = request.query.get("filename", "")
            file = self._service.world.store(data, request.content_type, name)
            record.params |= {"size": len(data), "name": name}
            return {"content_uri": file.uri}

        return await self._answer(request, record, kept)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Files are given to whoever has a login. Raises no error."""
        record = self._record("download", request)
        fault, instead = await self._hit(request, record)
        if instead is not None:
            return instead
        try:
            self._known(request, record)
            file = self._service.world.files.get(request.match_info["file"])
            if file is None or request.match_info["server"] != SERVER:
                raise not_found("Not found")
            record.processed = record.ok = True
            headers = {
                "Content-Disposition": "attachment",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            }
            kind = file.mime if file.mime.count("/") == 1 else "application/octet-stream"
            response = web.Response(body=file.data, content_type=kind, headers=headers)
        except MatrixError as error:
            record.processed, record.error = True, error.code
            response = _refusal(error)
        return await self._deliver(request, record, fault, response)


def _json(answer: object, status: int = HTTPStatus.OK) -> web.Response:
    body = msgspec.json.encode(answer)
    return web.Response(status=status, body=body, content_type="application/json")


def _refusal(error: MatrixError) -> web.Response:
    response = _json(error.body(), error.status)
    response.headers.update(error.headers())
    return response


def _raising(error: MatrixError) -> Callable[[Json], Json]:
    def do(_: Json) -> Json:
        raise error

    return do


async def _body(request: web.Request) -> Json:
    """Return the JSON object of a call; a file is none. Raises MatrixError."""
    if request.method == "GET" or "/media/" in request.path:
        return {}
    raw = await request.read()
    try:
        body = msgspec.json.decode(raw) if raw else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MatrixError("M_NOT_JSON", HTTPStatus.BAD_REQUEST, "Content not JSON.") from None
    if not isinstance(body, dict):
        raise MatrixError("M_BAD_JSON", HTTPStatus.BAD_REQUEST, "Content must be a JSON object.")
    return body
