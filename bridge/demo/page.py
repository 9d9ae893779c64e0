"""The demo's own web application, around the bridge's: /demo and what it needs.

1. It exists only while ``coachbridge demo`` runs. It answers only calls for this machine by name
   (no foreign name that resolves here), and writes only for its own pages, never for others.
2. Whatever people wrote goes to the page as data and is put there as text. Files come from a path
   of their own, with a policy that lets nothing in them run.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bridge.demo import cast
from bridge.demo.answers import HEADERS, as_json, file_part, language_of, read_body, refused
from bridge.demo.cast import TRAJECTORIES
from bridge.demo.doors import frameable
from bridge.demo.guard import guarded
from bridge.demo.ledger import tamper
from bridge.demo.phones import SHOWN, Act, CannotError, Trouble
from bridge.demo.phones.receiver import Use
from bridge.demo.telling import Viewer
from bridge.demo.tour import SCENES, TEXTS, Player
from bridge.demo.words import LANGUAGES, NETWORKS, PROMISES, page_words, say
from bridge.runtime.texts import Catalogue
from storage.audit import audit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bridge.demo.board import Board
    from bridge.demo.doors import Door

ALIVE_EVERY = 15.0
"""Seconds after which a silent stream says that it is still there."""
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class _Wanted(msgspec.Struct, frozen=True):
    trouble: Trouble


_ACT: msgspec.json.Decoder[Act] = msgspec.json.Decoder(Act)
_USE: msgspec.json.Decoder[Use] = msgspec.json.Decoder(Use)
_WANTED = msgspec.json.Decoder(_Wanted)
_NOTHING = msgspec.json.Decoder(dict[str, str])


def build_demo(
    board: Board,
    pages: ASGIApp,
    names: Mapping[str, str],
    *,
    pace: float = 1.0,
    doors: Mapping[str, Door] | None = None,
) -> ASGIApp:
    """Build the application; ``pages`` answers everything that is not the demo's.

    ``names`` are how people are called; ``pace`` 0 plays scenes without pauses. ``doors`` lead to
    what else there is among ``pages``: the coach's console, a client's web chat.
    """
    pages = frameable(pages)
    demo = guarded(_Demo(board, names, pace, doors or {}).routes())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        mine = scope["type"] == "http" and (path in {"/", "/demo"} or path.startswith("/demo/"))
        await (demo if mine else pages)(scope, receive, send)

    return app


class _Demo:
    def __init__(
        self, board: Board, names: Mapping[str, str], pace: float, doors: Mapping[str, Door]
    ) -> None:
        self._board = board
        self._doors = doors
        self._names = names
        self._pace = pace
        self._catalogue = Catalogue()
        self._static = _read_static()
        folder = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
        environment = jinja2.Environment(
            loader=folder, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
        )
        self._template = environment.get_template("demo.html")

    def routes(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self._home),
                Route("/demo", self._page),
                Route("/demo/to/{door}", self._to_door),
                Route("/demo/live", self._live),
                Route("/demo/static/{name:path}", self._file_of_ours),
                Route("/demo/file/{phone}/{name}", self._file),
                Route("/demo/phones/{phone}", self._act, methods=["POST"]),
                Route("/demo/telephones/{name}", self._use, methods=["POST"]),
                Route("/demo/networks/{network}", self._network, methods=["POST"]),
                Route("/demo/scenes/{scene}", self._scene, methods=["POST"]),
                Route("/demo/proof", self._proof, methods=["POST"]),
            ],
            exception_handlers={CannotError: refused},
        )

    # -- pages ----------------------------------------------------------------------------------

    async def _home(self, request: Request) -> Response:
        del request
        return RedirectResponse("/demo")

    async def _page(self, request: Request) -> Response:
        language = language_of(request)
        words = page_words(language)
        at = LANGUAGES.index(language)
        phones = [
            {
                "id": name,
                "name": self._names[phone.person],
                "network": phone.network,
                "network_name": say(NETWORKS, phone.network, language),
                "trajectory": TRAJECTORIES.get(phone.person, ""),
            }
            for name, phone in self._board.phones.items()
        ]
        html = self._template.render(
            lang=language,
            other=next(one for one in LANGUAGES if one != language),
            words=words,
            clients=[phone for phone in phones if phone["trajectory"]],
            coach=next(phone for phone in phones if not phone["trajectory"]),
            logs=[
                {"id": own, "name": self._names[one]}
                for one, own in TRAJECTORIES.items()
                if one not in self._board.receivers
            ],
            ring=self._ring(phones),
            wires=[
                {"id": name, "name": say(NETWORKS, name, language), "refusal": wire.refusal}
                for name, wire in self._board.wires.items()
            ],
            drawings=sorted({str(phone["network"]) for phone in phones}),
            troubles=[trouble.value for trouble in Trouble],
            scenes=[
                {"key": key, "title": title[at], "text": text[at]}
                for key, (title, text) in TEXTS.items()
            ],
            doors=self._doors,
            data=msgspec.json.encode(words).decode(),
        )
        return HTMLResponse(html, headers=HEADERS)

    def _ring(self, phones: Sequence[Mapping[str, str]]) -> dict[str, object]:
        """Return who has a telephone, and what else of theirs stands beside it."""
        owners = self._board.receivers
        client = next(one for one in owners if one in TRAJECTORIES)
        return {
            "telephones": [
                {"id": one, "name": self._names[one], "client": one in TRAJECTORIES}
                for one in owners
            ],
            "phone": next(phone for phone in phones if phone["id"] in owners),
            "log": {"id": TRAJECTORIES[client], "name": self._names[client]},
            "number": cast.OUR_SMS,
        }

    async def _to_door(self, request: Request) -> Response:
        """Lead to a page of the bridge."""
        door = self._doors.get(request.path_params["door"])
        if door is None:
            raise HTTPException(404)
        return await door(request)

    async def _file_of_ours(self, request: Request) -> Response:
        name = request.path_params["name"]
        data = self._static.get(name)
        if data is None:
            raise HTTPException(404)
        kind = next((kind for end, kind in _TYPES.items() if name.endswith(end)), "audio/ogg")
        return Response(data, media_type=kind, headers=HEADERS)

    async def _file(self, request: Request) -> Response:
        phone = self._board.phones.get(request.path_params["phone"])
        file = None if phone is None else phone.file(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        mime = "audio/wav" if _is_wav(file.data) else file.mime
        shown = mime in SHOWN
        headers = HEADERS | {
            "content-security-policy": "default-src 'none'; sandbox",
            "content-disposition": "inline" if shown else "attachment",
        }
        kind = mime if shown else "application/octet-stream"
        return file_part(file.data, request.headers.get("range", ""), kind, headers)

    # -- live -----------------------------------------------------------------------------------

    async def _live(self, request: Request) -> Response:
        viewer = Viewer(self._board, self._catalogue, self._names, language_of(request))
        headers = HEADERS | {"x-accel-buffering": "no"}
        return StreamingResponse(self._stream(viewer), 200, headers, "text/event-stream")

    async def _stream(self, viewer: Viewer) -> AsyncIterator[bytes]:
        sign = self._board.attach()
        try:
            while not self._board.closed:
                sign.clear()
                for event, data in viewer.news():
                    yield b"event: %s\ndata: %s\n\n" % (event.encode(), data)
                try:
                    async with asyncio.timeout(ALIVE_EVERY):
                        await sign.wait()
                except TimeoutError:
                    yield b": alive\n\n"
        finally:
            self._board.detach(sign)

    # -- what one can do ------------------------------------------------------------------------

    async def _act(self, request: Request) -> Response:
        phone = self._board.phones.get(request.path_params["phone"])
        if phone is None:
            raise HTTPException(404)
        await phone.do(await read_body(request, _ACT))
        return as_json({})

    async def _use(self, request: Request) -> Response:
        receiver = self._board.receivers.get(request.path_params["name"])
        if receiver is None:
            raise HTTPException(404)
        receiver.use(await read_body(request, _USE))
        return as_json({})

    async def _network(self, request: Request) -> Response:
        wanted = await read_body(request, _WANTED)
        await self._board.make(request.path_params["network"], wanted.trouble)
        return as_json({})

    async def _scene(self, request: Request) -> Response:
        await read_body(request, _NOTHING)
        scene = SCENES.get(request.path_params["scene"])
        if scene is None:
            raise HTTPException(404)
        if self._board.playing:
            raise CannotError(f"{self._board.playing} is being played")
        self._board.play(request.path_params["scene"])
        try:
            await scene(Player(self._board, self._pace))
        except TimeoutError:
            raise CannotError("something the scene waits for does not come") from None
        finally:
            self._board.play("")
        return as_json({})

    async def _proof(self, request: Request) -> Response:
        await read_body(request, _NOTHING)
        language = language_of(request)
        store = self._board.rooms.app.store
        found = await asyncio.to_thread(audit, store)
        refusal = await asyncio.to_thread(tamper, store.file) if store.file else ""
        checks = [
            {
                "invariant": check.invariant,
                "promise": say(PROMISES, check.invariant, language)
                if check.invariant in PROMISES
                else check.promise,
                "holds": check.holds,
                "checked": check.checked,
            }
            for check in found.checks
        ]
        return as_json({"holds": found.holds, "checks": checks, "refusal": refusal})


def _is_wav(data: bytes) -> bool:
    """Tell a WAV file: what is asked for as MP3, the emulated Twilio has as WAV only."""
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def _read_static() -> dict[str, bytes]:
    """Read all files once; nothing but these can be asked for."""
    folder = Path(__file__).parent / "static"
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
