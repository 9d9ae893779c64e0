"""The driving, fault and journal API as JSON over HTTP, for other processes (loopback only).

Every POST takes one JSON object and must say `Content-Type: application/json`, which a page of a
foreign web site cannot send here without being asked first (CORS); GET only reads.

    POST /control/accounts                   {sid, token, numbers, whatsapp, service, webhook}
    POST /control/people                     {number, name, sms, whatsapp, landline}
    POST /control/people/<number>/<action>   arguments of that method of Phone; `data` is base64
    GET  /control/people/<number>/screen     ?network=
    POST /control/faults                     {fault, …its arguments, on, to, nth, count}
    GET  /control/faults                     how far each is;  DELETE: everything works again
    POST /control/outcomes                   {to, code}: messages there end in this error; 0 = well
    POST /control/callbacks                  {order: in_order or reversed, early, silent: [state]}
    GET  /control/journal                    ?since=<seq>
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from adapters.emulators.twilio import faults
from adapters.emulators.twilio.errors import EmulatorMisuseError, Json
from adapters.emulators.twilio.world import Message

if TYPE_CHECKING:
    from adapters.emulators.twilio.emulator import TwilioEmulator
    from adapters.emulators.twilio.phone import Line, Phone

LOOPBACK = frozenset({"127.0.0.1", "::1"})
ACTIONS = frozenset(
    {"send", "send_file", "send_voice", "send_location", "reply", "press", "read", "switch"}
)
FAULTS: dict[str, Callable[..., faults.Fault]] = {
    "reset": faults.reset,
    "accept_then_drop": faults.accept_then_drop,
    "half_open": faults.half_open,
    "slow": faults.slow,
    "status": faults.status,
    "error": faults.error,
    "too_many": faults.too_many,
    "malformed": faults.malformed,
    "lost": faults.lost,
    "duplicate": faults.duplicate,
}
_RULE_FIELDS = ("on", "to", "nth", "count")
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
    except (EmulatorMisuseError, TypeError, ValueError, KeyError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    body = msgspec.json.decode(raw) if raw else {}
    if not isinstance(body, dict):
        raise TypeError("send one JSON object")
    return body


class Control:
    """The handlers; one per line of the table above."""

    def __init__(self, emulator: TwilioEmulator) -> None:
        self._emu = emulator

    def routes(self) -> list[web.RouteDef]:
        """All routes under /control."""
        return [
            web.post("/control/accounts", self.accounts),
            web.post("/control/people", self.people),
            web.post(r"/control/people/{number}/{action}", self.act),
            web.get(r"/control/people/{number}/screen", self.screen),
            web.post("/control/faults", self.plan),
            web.get("/control/faults", self.planned),
            web.delete("/control/faults", self.clear),
            web.post("/control/outcomes", self.outcomes),
            web.post("/control/callbacks", self.callbacks),
            web.get("/control/journal", self.journal),
        ]

    def _phone(self, request: web.Request) -> Phone:
        number = request.match_info["number"]
        if number not in self._emu.world.handsets:
            raise EmulatorMisuseError(f"there is no phone {number}")
        return self._emu.person(number)

    async def accounts(self, request: web.Request) -> web.Response:
        """Make an account."""
        account = self._emu.account(**await _body(request))
        return web.json_response({"sid": account.sid})

    async def people(self, request: web.Request) -> web.Response:
        """Make a person."""
        body = await _body(request)
        phone = self._emu.person(str(body.pop("number")), **body)
        return web.json_response({"number": phone.number})

    async def act(self, request: web.Request) -> web.Response:
        """Do something with a phone."""
        action = request.match_info["action"]
        if action not in ACTIONS:
            raise EmulatorMisuseError(f"people cannot {action}")
        body = await _body(request)
        if "data" in body:
            body["data"] = base64.b64decode(body["data"], validate=True)
        done: Any = getattr(self._phone(request), action)(**body)
        result = await done if action != "switch" else done
        sid = result.sid if isinstance(result, Message) else None
        return web.json_response({"sid": sid})

    async def screen(self, request: web.Request) -> web.Response:
        """What a phone shows."""
        wanted = request.query.get("network")
        lines = [
            _plain(line) for line in self._phone(request).screen() if wanted in (None, line.network)
        ]
        return web.json_response({"lines": lines})

    async def plan(self, request: web.Request) -> web.Response:
        """Plan a fault."""
        body = await _body(request)
        rule = {name: body.pop(name) for name in _RULE_FIELDS if name in body}
        fault = FAULTS[body.pop("fault")](**body)
        self._emu.faults.plan(fault, **rule)
        return await self.planned(request)

    async def planned(self, _request: web.Request) -> web.Response:
        """All planned faults."""
        return web.json_response({"rules": msgspec.to_builtins(self._emu.faults.rules)})

    async def clear(self, request: web.Request) -> web.Response:
        """No faults any more."""
        self._emu.faults.clear()
        return await self.planned(request)

    async def outcomes(self, request: web.Request) -> web.Response:
        """Let messages to somebody end in an error."""
        body = await _body(request)
        self._emu.outcomes[str(body["to"])] = int(body["code"])
        return web.json_response({})

    async def callbacks(self, request: web.Request) -> web.Response:
        """Say how states are told."""
        body = await _body(request)
        if body.get("order", "in_order") not in ("in_order", "reversed"):
            raise ValueError("order is in_order or reversed")
        self._emu.callbacks = body.get("order", self._emu.callbacks)
        self._emu.early = bool(body.get("early", self._emu.early))
        self._emu.silent = set(body.get("silent", self._emu.silent))
        return web.json_response({})

    async def journal(self, request: web.Request) -> web.Response:
        """The judge's record."""
        since = int(request.query.get("since", "0"))
        body = msgspec.json.encode(self._emu.journal.to_json(since))
        return web.Response(body=body, content_type="application/json")


def _plain(line: Line) -> Json:
    return {
        "sid": line.sid,
        "mine": line.mine,
        "network": line.network,
        "number": line.number,
        "text": line.text,
        "media": [file.mime for file in line.media],
        "location": line.location,
        "by_vendor": line.by_vendor,
    }
