"""What all control endpoints share: their guard, their JSON, faults and the judge's record.

Every POST takes one JSON object and must say `Content-Type: application/json`, which a page of a
foreign web site cannot send here without being asked first (CORS); GET only reads.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec
from aiohttp import web

from adapters.emulators.misuse import EmulatorMisuseError, Json, RefusalError

if TYPE_CHECKING:
    from adapters.emulators.faults import Fault, Rule
    from adapters.emulators.listener import Listener
    from adapters.emulators.record import Record

LOOPBACK = frozenset({"127.0.0.1", "::1"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only this machine, only JSON, and refusals as JSON."""
    if not request.path.startswith("/control"):
        return await handler(request)
    if request.remote not in LOOPBACK:
        return web.json_response({"error": "loopback only"}, status=403)
    if request.method == "POST" and request.content_type != "application/json":
        return web.json_response({"error": "send application/json"}, status=415)
    try:
        return await handler(request)
    except (EmulatorMisuseError, RefusalError, TypeError, ValueError, LookupError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    except TimeoutError:
        return web.json_response({"error": "it did not happen in time"}, status=408)


async def body_of(request: web.Request) -> Json:
    """Return the JSON object of a request. Raises TypeError, ValueError."""
    raw = await request.read()
    body = msgspec.json.decode(raw) if raw else {}
    if not isinstance(body, dict):
        raise TypeError("send one JSON object")
    return body


def bytes_of(data: str) -> bytes:
    """Return what base64 stands for. Raises ValueError."""
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError("data is not base64") from error


class Plan(Protocol):
    """Planned faults; what narrows one differs between networks."""

    @property
    def rules(self) -> list[Rule]:
        """What is planned, and how far each is."""

    @property
    def plan(self) -> Callable[..., object]:
        """Plan one."""

    def clear(self) -> None:
        """Everything works again."""


class Driving:
    """The part of every control endpoint that is the same on all networks.

    `kinds` are the faults by name, `rule` the names of what a planned fault may be narrowed by.
    """

    kinds: Mapping[str, Callable[..., Fault]]
    rule: Sequence[str] = ("method", "chat", "nth", "count")

    def __init__(self, listener: Listener, faults: Plan, record: Record) -> None:
        self._listener = listener
        self._faults = faults
        self._record = record

    def shared_routes(self) -> list[web.RouteDef]:
        """The routes of what is the same on all networks."""
        return [
            web.post("/control/faults", self.plan),
            web.get("/control/faults", self.planned),
            web.delete("/control/faults", self.clear),
            web.post("/control/down", self.down),
            web.get("/control/journal", self.journal),
        ]

    async def plan(self, request: web.Request) -> web.Response:
        """Plan a fault."""
        body = await body_of(request)
        rule = {name: body.pop(name) for name in self.rule if name in body}
        self._faults.plan(self.kinds[body.pop("fault")](**body), **rule)
        return await self.planned(request)

    async def planned(self, _request: web.Request) -> web.Response:
        """All planned faults."""
        return web.json_response({"rules": msgspec.to_builtins(self._faults.rules)})

    async def clear(self, request: web.Request) -> web.Response:
        """No faults any more."""
        self._faults.clear()
        return await self.planned(request)

    async def down(self, request: web.Request) -> web.Response:
        """Down for some seconds, this endpoint included."""
        await self._listener.refuse_for(float((await body_of(request))["seconds"]))
        return web.Response()

    async def journal(self, request: web.Request) -> web.Response:
        """The judge's record."""
        since = int(request.query.get("since", "0"))
        body = msgspec.json.encode(self._record.to_json(since))
        return web.Response(body=body, content_type="application/json")
