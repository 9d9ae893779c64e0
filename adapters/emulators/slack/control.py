"""The driving, fault and journal API as JSON over HTTP, for other processes (loopback only).

Every POST takes one JSON object and must say `Content-Type: application/json`; GET only reads.

    POST /control/people                   {id, name}
    POST /control/people/<id>/<action>     arguments of that method of Person; `data` is base64
    GET  /control/people/<id>/screen       ?chat=&thread=
    POST /control/channels                 {name, members: [id], private, bot}
    POST /control/faults                   {fault, …its arguments, method, chat, nth, count}
    GET  /control/faults                   how far each is;  DELETE: everything works again
    POST /control/limits                   {per_channel: [calls, seconds] or null}
    POST /control/events/<action>          url {request_url}; inject {raw, kind}; refresh;
                                           redeliver {update_id}; switch_off; revoke
    POST /control/down                     {seconds}; cuts every connection, this one too
    GET  /control/journal                  ?since=<seq>
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from adapters.emulators.slack.errors import ApiError, EmulatorMisuseError, Json
from adapters.emulators.slack.world import Message
from adapters.emulators.telegram.control import FAULTS, LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.emulators.slack.emulator import SlackEmulator
    from adapters.emulators.slack.person import Person

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PERSON_ACTIONS = frozenset(
    {
        "send",
        "send_file",
        "send_photo",
        "send_voice",
        "send_files",
        "command",
        "edit",
        "delete",
        "react",
        "unreact",
        "press",
        "join",
        "wait_for",
    }
)
_RULE_FIELDS = ("method", "chat", "nth", "count")


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
    except (EmulatorMisuseError, ApiError, TypeError, ValueError, LookupError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    except TimeoutError:
        return web.json_response({"error": "it did not happen in time"}, status=408)


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    body = msgspec.json.decode(raw) if raw else {}
    if not isinstance(body, dict):
        raise TypeError("send one JSON object")
    return body


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError("data is not base64") from error


def _plain(result: Any) -> Any:
    """What an action returned, as JSON."""
    if isinstance(result, Message):
        return {"message_id": result.ts, "text": result.text, "thread": result.thread_ts or None}
    return None


class Control:
    """The handlers; one per line of the table above."""

    def __init__(self, emulator: SlackEmulator) -> None:
        self._emu = emulator

    def routes(self) -> list[web.RouteDef]:
        """All routes under /control."""
        return [
            web.post("/control/people", self.people),
            web.post("/control/people/{id}/{action}", self.act),
            web.get("/control/people/{id}/screen", self.screen),
            web.post("/control/channels", self.channels),
            web.post("/control/faults", self.plan),
            web.get("/control/faults", self.planned),
            web.delete("/control/faults", self.clear),
            web.post("/control/limits", self.limit),
            web.post("/control/events/{action}", self.events),
            web.post("/control/down", self.down),
            web.get("/control/journal", self.journal),
        ]

    def _person(self, request: web.Request) -> Person:
        user = request.match_info["id"]
        if user not in self._emu.service.world.users:
            raise EmulatorMisuseError(f"there is no person {user}")
        return self._emu.person(user)

    async def people(self, request: web.Request) -> web.Response:
        """Make a person."""
        body = await _body(request)
        person = self._emu.person(str(body["id"]), str(body.get("name", "")))
        return web.json_response({"id": person.id, "chat": person.chat.id})

    async def act(self, request: web.Request) -> web.Response:
        """Do something in somebody's Slack."""
        action = request.match_info["action"]
        if action not in PERSON_ACTIONS:
            raise EmulatorMisuseError(f"people cannot {action}")
        body = await _body(request)
        if "data" in body:
            body["data"] = _bytes(body["data"])
        if "items" in body:
            body["items"] = [_bytes(data) for data in body["items"]]
        result = await getattr(self._person(request), action)(**body)
        return web.json_response({"result": _plain(result)})

    async def screen(self, request: web.Request) -> web.Response:
        """What somebody's Slack shows."""
        query = request.query
        lines = self._person(request).screen(query.get("chat"), query.get("thread"))
        return web.json_response({"lines": msgspec.to_builtins(lines)})

    async def channels(self, request: web.Request) -> web.Response:
        """Make a conversation."""
        body = await _body(request)
        members = [self._emu.person(str(member)) for member in body.pop("members", [])]
        made = self._emu.channel(str(body.pop("name")), members, **body)
        return web.json_response({"id": made.id})

    async def plan(self, request: web.Request) -> web.Response:
        """Plan a fault."""
        body = await _body(request)
        rule = {name: body.pop(name) for name in _RULE_FIELDS if name in body}
        self._emu.faults.plan(FAULTS[body.pop("fault")](**body), **rule)
        return await self.planned(request)

    async def planned(self, _request: web.Request) -> web.Response:
        """All planned faults."""
        return web.json_response({"rules": msgspec.to_builtins(self._emu.faults.rules)})

    async def clear(self, request: web.Request) -> web.Response:
        """No faults any more."""
        self._emu.faults.clear()
        return await self.planned(request)

    async def limit(self, request: web.Request) -> web.Response:
        """Set the rate limit."""
        given = (await _body(request))["per_channel"]
        self._emu.service.per_channel = (int(given[0]), float(given[1])) if given else None
        return web.json_response({"result": None})

    async def events(self, request: web.Request) -> web.Response:
        """Play with the app's events and connections."""
        body = await _body(request)
        match request.match_info["action"]:
            case "url":
                self._emu.events.request_url = str(body["request_url"])
            case "inject":
                place = self._emu.inject(body["raw"], str(body.get("kind", "events_api")))
                return web.json_response({"update_id": place})
            case "redeliver":
                self._emu.events.redeliver(int(body["update_id"]))
            case "refresh":
                await self._emu.refresh()
            case "switch_off":
                await self._emu.switch_off()
            case "revoke":
                self._emu.revoke()
            case other:
                raise EmulatorMisuseError(f"events cannot {other}")
        return web.json_response({"result": None})

    async def down(self, request: web.Request) -> web.Response:
        """Down for some seconds, this endpoint included."""
        await self._emu.refuse_for(float((await _body(request))["seconds"]))
        return web.Response()

    async def journal(self, request: web.Request) -> web.Response:
        """The judge's record."""
        since = int(request.query.get("since", "0"))
        body = msgspec.json.encode(self._emu.journal.to_json(since))
        return web.Response(body=body, content_type="application/json")
