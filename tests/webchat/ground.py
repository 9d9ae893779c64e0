"""A running bridge with an emulated Telegram for the coach and web chat for the client."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import aiohttp
from pydantic import SecretStr

from adapters.emulators.telegram import TelegramEmulator
from bridge.accounts import TelegramSettings
from bridge.app import App, build, open_offline
from bridge.config import (
    KeySettings,
    LogSettings,
    MediaSettings,
    NoticeSettings,
    Settings,
    StoreSettings,
    WebSettings,
)
from bridge.runtime import invites, practice
from bridge.runtime.practice_file import PersonTable, Practice, TrajectoryTable
from bridge.web import build_web
from bridge.web.chat import chat_routes
from bridge.web.server import WebServer
from tests.support.blank import blank
from tests.support.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from adapters.emulators.telegram import Person

TOKEN = "123:abc"
NOOR, CARLA = 111, 444
T = TypeVar("T")
Json = dict[str, Any]


def a_practice(consent: Literal["ask", "recorded"] = "recorded", language: str = "en") -> Practice:
    """Noor coaches Anna and Bram; Carla coaches Dirk. The clients come by invitation."""
    zone = "Europe/Amsterdam"
    return Practice(
        person=(
            PersonTable("noor", "Noor", "nl", zone, (f"telegram:main:{NOOR}",)),
            PersonTable("carla", "Carla", "en", zone, (f"telegram:main:{CARLA}",)),
            PersonTable("anna", "Anna", language, zone),
            PersonTable("bram", "Bram", "nl", zone),
            PersonTable("dirk", "Dirk", "en", zone),
        ),
        trajectory=(
            TrajectoryTable("anna-2026", ("noor",), ("anna",), consent=consent),
            TrajectoryTable("dirk-2026", ("carla",), ("dirk",), consent="recorded"),
        ),
    )


class Ground:
    """The bridge, its emulated network, and its address."""

    def __init__(self, folder: Path, telegram: TelegramEmulator, store_url: str = "") -> None:
        self.telegram = telegram
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.noor = telegram.person(NOOR, "Noor", language_code="nl", started=True)
        self.carla = telegram.person(CARLA, "Carla", started=True)
        self.settings = Settings.model_construct(
            store=StoreSettings(url=store_url or blank(folder / "bridge.db")),
            keys=KeySettings(file=folder / "bridge.key"),
            web=WebSettings(port=self.port, public_url=self.url),
            telegram={
                "main": TelegramSettings(
                    token=SecretStr(TOKEN),
                    api_url=telegram.api_url,
                    rate_per_second=0,
                    chat_rate_per_second=0,
                )
            },
            media=MediaSettings(max_bytes=1_000_000),
            log=LogSettings(level="error"),
            notices=NoticeSettings(protection="never"),
            key=None,
        )
        self.store_file = None if store_url else folder / "bridge.db"
        self._app: App | None = None
        self._web: WebServer | None = None

    @property
    def app(self) -> App:
        """The bridge that runs."""
        assert self._app is not None
        return self._app

    def prepare(self, what: Practice) -> None:
        """Do what `coachbridge apply` does."""
        with open_offline(self.settings) as offline:
            for _ in practice.apply(offline.store, offline.writer, what, offline.catalogue):
                pass

    async def start(self) -> None:
        """Serve."""
        self._app = app = build(self.settings)
        pages = build_web(
            app.service.inbox.accept,
            app.adapters,
            app.service.health,
            app.metrics,
            routes=chat_routes(app),
        )
        self._web = WebServer(pages, "127.0.0.1", self.port)
        await app.service.start(listen=True)
        await self._web.start()

    async def stop(self) -> None:
        """Stop in the order in which `serve` stops."""
        if self._app is None or self._web is None:
            return
        self._app.service.watch.close()
        await self._web.stop()
        await self._app.service.stop()
        await asyncio.to_thread(self._app.close)
        self._app = self._web = None

    async def invite(self, trajectory: str = "anna-2026", person: str = "anna") -> str:
        """Return the code of an invitation link."""
        issued = await self.app.writer.submit(
            lambda unit: invites.issue(unit, trajectory, person, "web")
        )
        return issued.link_code

    async def heard(self, person: Person, text: str, within: float = 10.0) -> int:
        """Wait until somebody's phone shows a text; return its message id."""
        return (await person.wait_for(text, within)).message_id


async def until(look: Callable[[], T | None], within: float = 10.0) -> T:
    """Wait until something is so."""
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline, f"not so after {within} s"
        await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def standing(
    folder: Path, what: Practice | None = None, store_url: str = ""
) -> AsyncIterator[Ground]:
    """Run everything."""
    async with TelegramEmulator(time_factor=0.01) as telegram:
        telegram.bot(TOKEN, "coachbridge_bot")
        ground = Ground(folder, telegram, store_url)
        await asyncio.to_thread(ground.prepare, what or a_practice())
        await ground.start()
        try:
            yield ground
        finally:
            await ground.stop()


class Tab:
    """A browser tab without a browser: a cookie jar that keeps what the page was told."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.lines: dict[str, Json] = {}
        self.notes: list[Json] = []
        self.cursor = 0
        self.typing = 0
        self._live: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        live = self._live
        self.sleep()
        if live is not None:
            await asyncio.wait([live])
        await self.session.close()

    async def join(self, code: str, seed: str = "") -> int:
        """Open a link and press the button."""
        form = {"code": code, "seed": seed or uuid.uuid4().hex}
        async with self.session.post(f"{self.ground.url}/chat/join", data=form) as answer:
            await answer.read()
            return answer.status

    async def get(self, path: str, **params: str | int) -> tuple[int, Json]:
        """Read JSON."""
        async with self.session.get(f"{self.ground.url}/chat/{path}", params=params) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, **body: Any) -> tuple[int, Json]:
        """Post JSON."""
        async with self.session.post(f"{self.ground.url}/chat/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def act(self, **act: Any) -> str:
        """Post an act; it has to be kept; return its id."""
        act.setdefault("id", str(uuid.uuid4()))
        status, said = await self.post("messages", **act)
        assert (status, said) == (202, {"kept": True})
        return str(act["id"])

    async def say(self, text: str, **more: Any) -> str:
        """Write."""
        return await self.act(type="message", text=text, **more)

    async def load(self, **params: str | int) -> Json:
        """Read lines and remember them."""
        status, page = await self.get("messages", **params)
        assert status == 200, page
        self._take(page)
        self.cursor = max(self.cursor, page["cursor"])
        return page

    def _take(self, told: Json) -> None:
        self.lines |= {line["key"]: line for line in told.get("lines", ())}
        self.notes = told.get("notes", self.notes)

    def wake(self) -> None:
        """Listen from where we were."""
        self._live = asyncio.create_task(self._listen())

    def sleep(self) -> None:
        """Listen no more."""
        if self._live is not None:
            self._live.cancel()
            self._live = None

    async def _listen(self) -> None:
        """Do what an EventSource does: come back with the last id."""
        while True:
            headers = {"Last-Event-ID": str(self.cursor)}
            try:
                async with self.session.get(
                    f"{self.ground.url}/chat/events", headers=headers
                ) as answer:
                    async for raw in answer.content:
                        line = raw.decode().rstrip("\n")
                        if line.startswith("id: "):
                            self.cursor = int(line[4:])
                        elif line == "event: typing":
                            self.typing += 1
                        elif line.startswith("data: "):
                            self._take(json.loads(line[6:]))
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)

    def words(self) -> list[str]:
        """Return what the page shows, in order, plain."""
        shown = [*self.lines.values(), *self.notes]
        shown.sort(key=lambda line: (line["at"], line.get("seq", 0)))
        return [_plain(line["body"]) for line in shown]

    def line(self, text: str) -> Json | None:
        """Return the line with a text."""
        return next((o for o in self.lines.values() if text in _plain(o["body"])), None)

    async def sees(self, text: str, within: float = 10.0) -> Json:
        """Wait for a line."""
        try:
            return await until(lambda: self.line(text), within)
        except AssertionError:
            raise AssertionError(f"{text!r} is not in {self.words()}") from None


def _plain(nodes: list[Any]) -> str:
    return "".join(one if isinstance(one, str) else _plain(one["c"]) for one in nodes)
