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

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from adapters.emulators import faults
from adapters.emulators.driving import Driving, body_of, bytes_of
from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.slack.world import Message

if TYPE_CHECKING:
    from adapters.emulators.slack.emulator import SlackEmulator
    from adapters.emulators.slack.person import Person


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


def _plain(result: Any) -> Any:
    """What an action returned, as JSON."""
    if isinstance(result, Message):
        return {"message_id": result.ts, "text": result.text, "thread": result.thread_ts or None}
    return None


class Control(Driving):
    """The handlers; one per line of the table above."""

    kinds = faults.KINDS

    def __init__(self, emulator: SlackEmulator) -> None:
        super().__init__(emulator, emulator.faults, emulator.journal)
        self._emu = emulator

    def routes(self) -> list[web.RouteDef]:
        """All routes under /control."""
        return [
            *self.shared_routes(),
            web.post("/control/people", self.people),
            web.post("/control/people/{id}/{action}", self.act),
            web.get("/control/people/{id}/screen", self.screen),
            web.post("/control/channels", self.channels),
            web.post("/control/limits", self.limit),
            web.post("/control/events/{action}", self.events),
        ]

    def _person(self, request: web.Request) -> Person:
        user = request.match_info["id"]
        if user not in self._emu.service.world.users:
            raise EmulatorMisuseError(f"there is no person {user}")
        return self._emu.person(user)

    async def people(self, request: web.Request) -> web.Response:
        """Make a person."""
        body = await body_of(request)
        person = self._emu.person(str(body["id"]), str(body.get("name", "")))
        return web.json_response({"id": person.id, "chat": person.chat.id})

    async def act(self, request: web.Request) -> web.Response:
        """Do something in somebody's Slack."""
        action = request.match_info["action"]
        if action not in PERSON_ACTIONS:
            raise EmulatorMisuseError(f"people cannot {action}")
        body = await body_of(request)
        if "data" in body:
            body["data"] = bytes_of(body["data"])
        if "items" in body:
            body["items"] = [bytes_of(data) for data in body["items"]]
        result = await getattr(self._person(request), action)(**body)
        return web.json_response({"result": _plain(result)})

    async def screen(self, request: web.Request) -> web.Response:
        """What somebody's Slack shows."""
        query = request.query
        lines = self._person(request).screen(query.get("chat"), query.get("thread"))
        return web.json_response({"lines": msgspec.to_builtins(lines)})

    async def channels(self, request: web.Request) -> web.Response:
        """Make a conversation."""
        body = await body_of(request)
        members = [self._emu.person(str(member)) for member in body.pop("members", [])]
        made = self._emu.channel(str(body.pop("name")), members, **body)
        return web.json_response({"id": made.id})

    async def limit(self, request: web.Request) -> web.Response:
        """Set the rate limit."""
        given = (await body_of(request))["per_channel"]
        self._emu.service.per_channel = (int(given[0]), float(given[1])) if given else None
        return web.json_response({"result": None})

    async def events(self, request: web.Request) -> web.Response:
        """Play with the app's events and connections."""
        body = await body_of(request)
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
