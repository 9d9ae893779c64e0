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
    POST /control/down                       {seconds}; cuts every connection, this one too
    GET  /control/journal                    ?since=<seq>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from adapters.emulators.driving import Driving, body_of, bytes_of
from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.twilio import faults
from adapters.emulators.twilio.world import Message

if TYPE_CHECKING:
    from adapters.emulators.twilio.emulator import TwilioEmulator
    from adapters.emulators.twilio.phone import Line, Phone

ACTIONS = frozenset(
    {"send", "send_file", "send_voice", "send_location", "reply", "press", "read", "switch"}
)


class Control(Driving):
    """The handlers; one per line of the table above."""

    kinds = faults.KINDS
    rule = ("on", "to", "nth", "count")

    def __init__(self, emulator: TwilioEmulator) -> None:
        super().__init__(emulator.server, emulator.faults, emulator.journal)
        self._emu = emulator

    def routes(self) -> list[web.RouteDef]:
        """All routes under /control."""
        return [
            *self.shared_routes(),
            web.post("/control/accounts", self.accounts),
            web.post("/control/people", self.people),
            web.post(r"/control/people/{number}/{action}", self.act),
            web.get(r"/control/people/{number}/screen", self.screen),
            web.post("/control/outcomes", self.outcomes),
            web.post("/control/callbacks", self.callbacks),
        ]

    def _phone(self, request: web.Request) -> Phone:
        number = request.match_info["number"]
        if number not in self._emu.world.handsets:
            raise EmulatorMisuseError(f"there is no phone {number}")
        return self._emu.person(number)

    async def accounts(self, request: web.Request) -> web.Response:
        """Make an account."""
        account = self._emu.account(**await body_of(request))
        return web.json_response({"sid": account.sid})

    async def people(self, request: web.Request) -> web.Response:
        """Make a person."""
        body = await body_of(request)
        phone = self._emu.person(str(body.pop("number")), **body)
        return web.json_response({"number": phone.number})

    async def act(self, request: web.Request) -> web.Response:
        """Do something with a phone."""
        action = request.match_info["action"]
        if action not in ACTIONS:
            raise EmulatorMisuseError(f"people cannot {action}")
        body = await body_of(request)
        if "data" in body:
            body["data"] = bytes_of(body["data"])
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

    async def outcomes(self, request: web.Request) -> web.Response:
        """Let messages to somebody end in an error."""
        body = await body_of(request)
        self._emu.outcomes[str(body["to"])] = int(body["code"])
        return web.json_response({})

    async def callbacks(self, request: web.Request) -> web.Response:
        """Say how states are told."""
        body = await body_of(request)
        if body.get("order", "in_order") not in ("in_order", "reversed"):
            raise ValueError("order is in_order or reversed")
        self._emu.callbacks = body.get("order", self._emu.callbacks)
        self._emu.early = bool(body.get("early", self._emu.early))
        self._emu.silent = set(body.get("silent", self._emu.silent))
        return web.json_response({})


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
