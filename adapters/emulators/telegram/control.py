"""The driving, fault and journal API as JSON over HTTP, for other processes (loopback only).

Every POST takes one JSON object and must say `Content-Type: application/json`, which a page of a
foreign web site cannot send here without being asked first (CORS); GET only reads.

    POST /control/bots                     {token, username, name}
    POST /control/people                   {id, first_name, language_code, started, bot: token}
    POST /control/people/<id>/<action>     arguments of that method of Person; `data` is base64
    GET  /control/people/<id>/screen       ?chat=&thread=
    POST /control/groups                   {id, title, members: [id], forum, bot_status}
    POST /control/groups/<id>/<action>     add, remove {person}; topic {name, by}; migrate
    POST /control/faults                   {fault, …its arguments, method, chat, bot, nth, count}
    GET  /control/faults                   how far each is;  DELETE: everything works again
    POST /control/limits                   {per_chat: [calls, seconds] or null, per_group, overall}
    POST /control/updates/inject           {raw}; redeliver {update_id, times}; restart_at {id}
    POST /control/down                     {seconds}; cuts every connection, this one too
    GET  /control/journal                  ?since=<seq>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from adapters.emulators import faults
from adapters.emulators.driving import Driving, body_of, bytes_of
from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.telegram.chats import Message
from adapters.emulators.telegram.limits import Limit
from adapters.emulators.telegram.person import Person, Press

if TYPE_CHECKING:
    from adapters.emulators.telegram.emulator import BotAccount, TelegramEmulator

PERSON_ACTIONS = frozenset(
    {
        "start",
        "send",
        "send_file",
        "send_photo",
        "send_document",
        "send_voice",
        "send_video",
        "send_audio",
        "send_animation",
        "send_video_note",
        "send_sticker",
        "send_album",
        "send_location",
        "send_venue",
        "send_contact",
        "edit",
        "delete",
        "react",
        "press",
        "block",
        "unblock",
        "wait_for",
    }
)


def _plain(result: Any) -> Any:
    """What an action returned, as JSON."""
    match result:
        case Message():
            return {"message_id": result.message_id, "text": result.text, "kind": result.kind}
        case Press():
            return {"callback_query_id": result.callback.id, "answer": result.callback.answer}
        case list():
            return [_plain(item) for item in result]
        case _:
            return None


class Control(Driving):
    """The handlers; one per line of the table above."""

    kinds = faults.KINDS
    rule = ("method", "chat", "bot", "nth", "count")

    def __init__(self, emulator: TelegramEmulator) -> None:
        super().__init__(emulator, emulator.faults, emulator.journal)
        self._emu = emulator

    def routes(self) -> list[web.RouteDef]:
        """All routes under /control."""
        return [
            *self.shared_routes(),
            web.post("/control/bots", self.bots),
            web.post("/control/people", self.people),
            web.post(r"/control/people/{id:\d+}/{action}", self.act),
            web.get(r"/control/people/{id:\d+}/screen", self.screen),
            web.post("/control/groups", self.groups),
            web.post(r"/control/groups/{id:-\d+}/{action}", self.act_on_group),
            web.post("/control/limits", self.limit),
            web.post("/control/updates/{action}", self.updates),
        ]

    def _bot(self, body: Json) -> BotAccount:
        return self._emu.bot_of(body.pop("bot", None))

    def _person(self, user_id: int) -> Person:
        if user_id not in self._emu.service.world.people:
            raise EmulatorMisuseError(f"there is no person {user_id}")
        return self._emu.person(user_id)

    async def bots(self, request: web.Request) -> web.Response:
        """Make a bot."""
        bot = self._emu.bot(**await body_of(request))
        return web.json_response({"id": bot.id, "username": bot.username, "token": bot.token})

    async def people(self, request: web.Request) -> web.Response:
        """Make a person."""
        body = await body_of(request)
        bot = self._bot(body) if "bot" in body else None
        person = self._emu.person(int(body.pop("id")), bot=bot, **body)
        return web.json_response({"id": person.id})

    async def act(self, request: web.Request) -> web.Response:
        """Do something with a phone."""
        action = request.match_info["action"]
        if action not in PERSON_ACTIONS:
            raise EmulatorMisuseError(f"people cannot {action}")
        body = await body_of(request)
        person = self._person(int(request.match_info["id"]))
        if "data" in body:
            body["data"] = bytes_of(body["data"])
        if action == "send_album":
            body["items"] = [(kind, bytes_of(data), words) for kind, data, words in body["items"]]
        first = [body.pop("message_id"), *body.pop("emoji", [])] if action == "react" else []
        result = await getattr(person, action)(*first, **body)
        return web.json_response({"result": _plain(result)})

    async def screen(self, request: web.Request) -> web.Response:
        """What a phone shows."""
        person = self._person(int(request.match_info["id"]))
        chat, thread = request.query.get("chat"), request.query.get("thread")
        lines = person.screen(int(chat) if chat else None, int(thread) if thread else None)
        return web.json_response({"lines": msgspec.to_builtins(lines)})

    async def groups(self, request: web.Request) -> web.Response:
        """Make a group."""
        body = await body_of(request)
        members = [self._person(int(member)) for member in body.pop("members", [])]
        group = self._emu.group(int(body.pop("id")), members=members, **body)
        return web.json_response({"id": group.id})

    async def act_on_group(self, request: web.Request) -> web.Response:
        """Change a group."""
        body = await body_of(request)
        group = self._emu.group(int(request.match_info["id"]))
        match request.match_info["action"]:
            case "add":
                await group.add(self._person(int(body["person"])))
            case "remove":
                await group.remove(self._person(int(body["person"])))
            case "topic":
                by = self._person(int(body["by"])) if "by" in body else None
                topic = await group.topic(str(body["name"]), by)
                return web.json_response({"thread_id": topic.thread_id})
            case "migrate":
                return web.json_response({"id": (await group.migrate()).id})
            case other:
                raise EmulatorMisuseError(f"groups cannot {other}")
        return web.json_response({"result": None})

    async def limit(self, request: web.Request) -> web.Response:
        """Set rate limits."""
        for name, value in (await body_of(request)).items():
            if name not in {"per_chat", "per_group", "overall"}:
                raise ValueError(f"there is no limit {name}")
            limit = None if value is None else Limit(int(value[0]), float(value[1]))
            setattr(self._emu.limits, name, limit)
        return web.json_response({"result": None})

    async def updates(self, request: web.Request) -> web.Response:
        """Play with a bot's updates."""
        body = await body_of(request)
        queue = self._bot(body).queue
        match request.match_info["action"]:
            case "inject":
                return web.json_response({"place": queue.inject(body["raw"])})
            case "redeliver":
                queue.redeliver(int(body["update_id"]), int(body.get("times", 1)))
            case "restart_at":
                queue.restart_at(int(body["id"]))
            case other:
                raise EmulatorMisuseError(f"updates cannot {other}")
        return web.json_response({"result": None})
