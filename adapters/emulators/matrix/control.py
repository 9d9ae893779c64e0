"""The driving, fault and journal API as JSON over HTTP, for other processes (loopback only).

Every POST takes one JSON object and must say `Content-Type: application/json`; GET only reads.

    POST /control/accounts                 {id, password, name}: for a program
    POST /control/people                   {id, name}
    POST /control/people/<id>/<action>     arguments of that method of Person; `data` is base64
    GET  /control/people/<id>/screen       ?room=
    POST /control/people/<id>/rooms        {invite: [address], name}
    GET  /control/people/<id>/rooms        joined and invited
    POST /control/faults                   {fault, …its arguments, method, chat, nth, count}
    GET  /control/faults                   how far each is;  DELETE: everything works again
    POST /control/revoke                   {user}: no token of theirs works any more
    POST /control/down                     {seconds}; cuts every connection, this one too
    GET  /control/journal                  ?since=<seq>
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from adapters.emulators import faults
from adapters.emulators.driving import Driving, body_of, bytes_of
from adapters.emulators.matrix.timeline import Line
from adapters.emulators.matrix.world import Event, Room
from adapters.emulators.misuse import EmulatorMisuseError

if TYPE_CHECKING:
    from adapters.emulators.matrix.emulator import MatrixEmulator
    from adapters.emulators.matrix.person import Person

_KINDS = {name: make for name, make in faults.KINDS.items() if name not in faults.HAND_OUTS}
PERSON_ACTIONS = frozenset(
    {
        "send",
        "send_file",
        "send_photo",
        "send_voice",
        "edit",
        "delete",
        "react",
        "unreact",
        "read",
        "join",
        "leave",
        "wait_for",
    }
)


def _plain(result: Any) -> Any:
    """What an action returned, as JSON."""
    match result:
        case Event(id=event_id):
            return {"message_id": event_id}
        case Line():
            return msgspec.to_builtins(result)
        case Room(id=room_id):
            return {"id": room_id}
        case _:
            return None


class Control(Driving):
    """The handlers; one per line of the table above."""

    kinds = _KINDS

    def __init__(self, emulator: MatrixEmulator) -> None:
        super().__init__(emulator, emulator.faults, emulator.journal)
        self._emu = emulator

    def routes(self) -> list[web.RouteDef]:
        """All routes under /control."""
        return [
            *self.shared_routes(),
            web.post("/control/accounts", self.accounts),
            web.post("/control/people", self.people),
            web.get("/control/people/{id}/screen", self.screen),
            web.get("/control/people/{id}/rooms", self.rooms),
            web.post("/control/people/{id}/rooms", self.make_room),
            web.post("/control/people/{id}/{action}", self.act),
            web.post("/control/revoke", self.revoke),
        ]

    def _person(self, request: web.Request) -> Person:
        return self._emu.person(request.match_info["id"])

    async def accounts(self, request: web.Request) -> web.Response:
        """Make an account for a program."""
        body = await body_of(request)
        name = str(body.get("name", ""))
        made = self._emu.account(str(body["id"]), str(body["password"]), name)
        return web.json_response({"user_id": made.user_id})

    async def people(self, request: web.Request) -> web.Response:
        """Make a person."""
        body = await body_of(request)
        person = self._emu.person(str(body["id"]), str(body.get("name", "")))
        return web.json_response({"user_id": person.id})

    async def make_room(self, request: web.Request) -> web.Response:
        """Make a room."""
        body = await body_of(request)
        invited = [str(user) for user in body.get("invite", [])]
        made = self._person(request).make_room(*invited, name=str(body.get("name", "")))
        return web.json_response({"id": made.id})

    async def rooms(self, request: web.Request) -> web.Response:
        """The rooms somebody is in, and those they could come into."""
        person = self._person(request)
        joined, invited = person.rooms(), person.invitations()
        return web.json_response(
            {"join": [r.id for r in joined], "invite": [r.id for r in invited]}
        )

    async def act(self, request: web.Request) -> web.Response:
        """Do something in somebody's client."""
        action = request.match_info["action"]
        if action not in PERSON_ACTIONS:
            raise EmulatorMisuseError(f"people cannot {action}")
        body = await body_of(request)
        if "data" in body:
            body["data"] = bytes_of(body["data"])
        result = getattr(self._person(request), action)(**body)
        done = await result if inspect.isawaitable(result) else result
        return web.json_response({"result": _plain(done)})

    async def screen(self, request: web.Request) -> web.Response:
        """What somebody's client shows."""
        lines = self._person(request).screen(request.query.get("room"))
        return web.json_response({"lines": msgspec.to_builtins(lines)})

    async def revoke(self, request: web.Request) -> web.Response:
        """Log somebody's devices out."""
        user = str((await body_of(request))["user"])
        self._emu.revoke(self._emu.service.account(user))
        return web.json_response({"result": None})
