"""HTTP in front of the service: the routes of the Bot API, and the faults on the wire.

https://core.telegram.org/bots/api#making-requests: `/bot<token>/<method>` by GET or POST with a
query, a form, multipart or JSON; files at `/file/bot<token>/<file_path>`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import BodyPartReader, web

from adapters.emulators import wire
from adapters.emulators.telegram.errors import ApiError, bad_request, too_many
from adapters.emulators.telegram.journal import Call
from adapters.emulators.telegram.methods import ASYNC_METHODS, METHODS, Ask, get_updates
from adapters.emulators.telegram.params import Params, Upload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.emulators.faults import Fault
    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram.chats import Bot
    from adapters.emulators.telegram.service import Service

_LIMITED = ("send", "edit", "copy", "forward")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a body; `retry_after` in seconds goes into the header."""

    status: int
    body: bytes
    retry_after: int = 0


def _refusal(error: ApiError) -> Answer:
    wait = int((error.parameters or {}).get("retry_after", 0))
    return Answer(error.code, msgspec.json.encode(error.body()), wait)


class BotApi:
    """The aiohttp handlers; `refuse_for` is called when a fault takes the listener down."""

    def __init__(self, service: Service, refuse_for: Callable[[float], Awaitable[None]]) -> None:
        self._service = service
        self._refuse_for = refuse_for
        self._closing = asyncio.Event()
        service.obey = self._obey

    def routes(self) -> list[web.RouteDef]:
        """The routes of the Bot API."""
        return [
            web.route("*", "/bot{token:[^/]+}/{method:[^/]*}", self.call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self.download),
        ]

    def close(self) -> None:
        """Let go of everybody who waits for an answer that never comes."""
        self._closing.set()

    async def download(self, request: web.Request) -> web.StreamResponse:
        """https://core.telegram.org/bots/api#getfile"""
        bot = self._service.world.bots.get(request.match_info["token"])
        if bot is None:
            return _response(_refusal(ApiError(401, "Unauthorized")))
        path = request.match_info["path"]
        record = self._record(bot, "file", Params({"file_path": path}))
        fault = self._service.faults.on_call("file", None, bot.user.id)
        stored = self._service.files.by_path(path)
        record.processed, record.ok = True, stored is not None
        if stored is None:
            answer = _refusal(ApiError(404, "Not Found"))
            return await self._deliver(request, record, fault, answer)
        answer = Answer(200, stored.data)
        return await self._deliver(
            request, record, fault, answer, content_type="application/octet-stream"
        )

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One method call."""
        bot = self._service.world.bots.get(request.match_info["token"])
        if bot is None:
            return _response(_refusal(ApiError(401, "Unauthorized")))
        method = request.match_info["method"]
        try:
            params = await _params(request)
        except ApiError as error:
            return _response(_refusal(error))
        record = self._record(bot, method, params)
        fault = self._service.faults.on_call(method, record.chat, bot.user.id)
        if fault is not None:
            record.fault = fault.kind
            instead = await self._instead(request, record, fault)
            if instead is not None:
                return instead
        answer = await self._process(bot, params, record, lambda: wire.is_alive(request))
        return await self._deliver(request, record, fault, answer)

    def _record(self, bot: Bot, method: str, params: Params) -> Call:
        given = params.text("chat_id")
        record = Call(
            **self._service.journal.stamp(),
            bot=bot.user.id,
            method=method,
            chat=params.integer("chat_id", 0) or given or None,
            thread=params.integer("message_thread_id") or None,
            params=params.plain(),
        )
        self._service.journal.calls.append(record)
        return record

    async def _instead(
        self, request: web.Request, record: Call, fault: Fault
    ) -> web.StreamResponse | None:
        """The answer of a fault that keeps the call from being processed."""

        def refused() -> web.Response:
            parameters = {"retry_after": fault.retry_after} if fault.retry_after else None
            record.error = fault.description
            return _response(_refusal(ApiError(fault.code, fault.description, parameters)))

        return await wire.instead(request, fault, self._refuse_for, self._closing, refused)

    async def _process(
        self, bot: Bot, params: Params, record: Call, is_alive: Callable[[], bool]
    ) -> Answer:
        """Do what is asked; a sync method is atomic, whatever happens to the connection."""
        name = record.method.lower()
        ask = Ask(self._service, bot, params, record)
        try:
            if name == "getupdates":
                batch = await get_updates(ask, is_alive)
                body = b'{"ok":true,"result":[' + b",".join(i.body for i in batch) + b"]}"
                record.processed = record.ok = True
                return Answer(200, body)
            self._check_rate(ask, name)
            result = await self._run(ask, name)
        except ApiError as error:
            record.processed, record.error = True, error.description
            return _refusal(error)
        record.processed = record.ok = True
        return Answer(200, msgspec.json.encode({"ok": True, "result": result}))

    async def _run(self, ask: Ask, name: str) -> Any:
        try:
            if name in ASYNC_METHODS:
                return await ASYNC_METHODS[name](ask)
            if name in METHODS:
                return METHODS[name](ask)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            # JSON of a wrong shape somewhere deep in a parameter
            raise bad_request(f"can't parse parameters: {error}") from error
        raise ApiError(404, "Not Found: method not found")

    def _check_rate(self, ask: Ask, name: str) -> None:
        chat = ask.call.chat
        if name == "sendchataction" or not name.startswith(_LIMITED) or not isinstance(chat, int):
            return
        wait = self._service.limits.wait_for(ask.bot.user.id, chat, group=chat < 0)
        if wait is not None:
            raise too_many(wait)

    async def _obey(self, bot: Bot, asked: Json) -> None:
        """A method in the answer to a webhook; its result is known to nobody."""
        values = {key: value for key, value in asked.items() if key != "method"}
        record = self._record(bot, str(asked["method"]), params := Params(values))
        await self._process(bot, params, record, lambda: True)

    async def _deliver(
        self,
        request: web.Request,
        record: Call,
        fault: Fault | None,
        answer: Answer,
        content_type: str = "application/json",
    ) -> web.StreamResponse:
        """Write the answer, or do to it what the fault says."""
        response = _response(answer, content_type)
        garbage = b'{"ok":true,"result":'
        done, record.answered = await wire.deliver(request, fault, response, self._closing, garbage)
        return done


def _response(answer: Answer, content_type: str = "application/json") -> web.Response:
    headers = {"Retry-After": str(answer.retry_after)} if answer.retry_after else None
    return web.Response(
        status=answer.status, body=answer.body, content_type=content_type, headers=headers
    )


async def _params(request: web.Request) -> Params:
    """All parameters of a request, from wherever they are."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        try:
            decoded = msgspec.json.decode(body) if body else {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise bad_request("can't parse JSON object") from None
        if not isinstance(decoded, dict):
            raise bad_request("can't parse JSON object")
        return Params(values | decoded)
    if request.content_type == "multipart/form-data":
        return await _multipart(request, values)
    try:
        form = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    return Params(values | {name: value for name, value in form.items() if isinstance(value, str)})


async def _multipart(request: web.Request, values: Json) -> Params:
    """Read part by part into memory: a call that breaks off leaves no temporary file open."""
    files: dict[str, Upload] = {}
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("can't parse the request body")
        data = bytes(await part.read(decode=True))
        size += len(data)
        if size > request.client_max_size:
            raise ApiError(413, "Request Entity Too Large")
        mime = part.headers.get("Content-Type")
        if part.filename:
            files[part.name] = Upload(part.filename, mime or "application/octet-stream", data)
        elif mime is None or mime.startswith("text/"):
            values[part.name] = data.decode("utf-8", "replace")
        else:
            files[part.name] = Upload(None, None, data)
    return Params(values, files)
