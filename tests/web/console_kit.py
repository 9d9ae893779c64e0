"""A bridge that serves, with an emulated Telegram, made-up people, and browsers that sign in.

Two coaches, so that every test can ask what the other one sees: Noor has Anna and Bram, Lars has
Carla.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from adapters.emulators.telegram import TelegramEmulator
from bridge.accounts import TelegramSettings
from bridge.app import build, open_offline
from bridge.config import (
    KeySettings,
    LogSettings,
    MediaSettings,
    NoticeSettings,
    OutboxSettings,
    Settings,
    StoreSettings,
    WebSettings,
)
from bridge.runtime import practice, sign_in
from bridge.runtime.practice_file import PersonTable, Practice, TrajectoryTable
from bridge.web import build_web
from bridge.web.pages import page_routes
from bridge.web.server import WebServer
from storage import queries
from storage.writer import Writer
from tests.support.blank import blank

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from pathlib import Path

    from adapters.emulators.telegram import Person
    from bridge.app import App
    from storage.logview import LogLine

TOKEN = "100100:only-for-tests"
NOOR, ANNA, BRAM, LARS, CARLA = 111, 222, 333, 444, 555
HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}

PRACTICE = Practice(
    person=(
        PersonTable("noor", "Noor", "en", "Europe/Amsterdam", (f"telegram:main:{NOOR}",)),
        PersonTable("anna", "Anna", "en", "Europe/Lisbon", (f"telegram:main:{ANNA}",)),
        PersonTable("bram", "Bram", "nl", "Europe/Amsterdam", (f"telegram:main:{BRAM}",)),
        PersonTable("lars", "Lars", "nl", "Europe/Amsterdam", (f"telegram:main:{LARS}",)),
        PersonTable("carla", "Carla", "nl", "Europe/Amsterdam", (f"telegram:main:{CARLA}",)),
    ),
    trajectory=(
        TrajectoryTable("anna-2026", ("noor",), ("anna",), consent="recorded"),
        TrajectoryTable("bram-2026", ("noor",), ("bram",), consent="recorded"),
        TrajectoryTable("carla-2026", ("lars",), ("carla",), consent="recorded"),
    ),
)


@dataclass(slots=True)
class Desk:
    """A running bridge, its people, and its address."""

    app: App
    telegram: TelegramEmulator
    url: str
    people: dict[str, Person] = field(default_factory=dict)

    async def link(self, person: str) -> str:
        """Make a sign-in link, as the operator would."""
        code = await self.app.writer.submit(lambda unit: sign_in.issue(unit, person))
        return f"{self.url}/console/sign-in/{code}"

    async def says(self, who: str, text: str, trajectory: str = "") -> None:
        """Somebody writes on Telegram; wait until it is in the log."""
        await self.people[who].send(text)
        name = trajectory or {"anna": "anna-2026", "bram": "bram-2026"}.get(who, "carla-2026")
        await self.until(name, text)

    async def until(self, trajectory: str, text: str) -> LogLine:
        """Wait until a text is in a log."""
        await eventually(lambda: any(line.text == text for line in self.log(trajectory)))
        return next(line for line in self.log(trajectory) if line.text == text)

    def log(self, trajectory: str) -> list[LogLine]:
        """Return the lines of a log."""
        return list(queries.log(self.app.store, trajectory))


async def eventually(is_so: Callable[[], bool], within: float = 8.0) -> None:
    """Wait until something is so; TimeoutError when it does not become so in ``within`` seconds."""
    async with asyncio.timeout(within):
        for _ in count():
            if is_so():
                return
            await asyncio.sleep(0.03)


@asynccontextmanager
async def open_desk(
    folder: Path, clock: Callable[[], datetime] | None = None
) -> AsyncIterator[Desk]:
    """Start everything, and end everything; a ``clock`` is driven by the test."""
    async with TelegramEmulator() as telegram:
        telegram.bot(TOKEN)
        settings = _settings(folder, telegram.api_url)
        await asyncio.to_thread(_prepare, settings, clock)
        app = build(settings, clock)
        service = app.service
        pages = build_web(
            service.inbox.accept,
            app.adapters,
            service.health,
            app.metrics,
            routes=page_routes(app),
        )
        web = WebServer(pages, "127.0.0.1", 0)
        try:
            await service.start(listen=True)
            await web.start()
            ids = {"noor": NOOR, "anna": ANNA, "bram": BRAM, "lars": LARS, "carla": CARLA}
            yield Desk(
                app,
                telegram,
                f"http://127.0.0.1:{web.port}",
                {
                    name: telegram.person(chat, name.capitalize(), started=True)
                    for name, chat in ids.items()
                },
            )
        finally:
            service.watch.close()
            await web.stop()
            await service.stop()
            await asyncio.to_thread(app.close)


def _settings(folder: Path, api_url: str) -> Settings:
    bot = TelegramSettings(
        token=SecretStr(TOKEN), api_url=api_url, rate_per_second=0, chat_rate_per_second=0
    )
    return Settings.model_construct(
        store=StoreSettings(url=blank(folder / "coachbridge.db")),
        keys=KeySettings(file=folder / "coachbridge.key"),
        web=WebSettings(port=0),
        telegram={"main": bot},
        outbox=OutboxSettings(),
        media=MediaSettings(max_bytes=1_000_000),
        log=LogSettings(level="error"),
        notices=NoticeSettings(protection="never"),
        key=None,
    )


def _prepare(settings: Settings, clock: Callable[[], datetime] | None) -> None:
    """Apply the practice by the same clock, for a log never goes back in time."""
    with open_offline(settings) as offline:
        writer = offline.writer if clock is None else Writer(offline.store, clock)
        for _ in practice.apply(offline.store, writer, PRACTICE, offline.catalogue):
            pass
        if clock is not None:
            writer.close()


class Browser:
    """A browser without scripts: cookies, and the token that the forms carry."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        # Without encryption here; the authorities of the default context take 20 ms to load.
        unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.http = httpx.AsyncClient(base_url=desk.url, headers=HTML, verify=unused)
        self.csrf = ""

    async def sign_in(self, person: str) -> httpx.Response:
        """Open a link and press the button."""
        link = await self.desk.link(person)
        token = token_in(await self.http.get(link))
        answer = await self.http.post(link, data={"csrf": token})
        page = await self.http.get("/console/sessions")
        self.csrf = token_in(page)
        return answer

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.http.get(f"/console{path}")

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the page, as its script does."""
        data = {"csrf": self.csrf, **fields}
        return await self.http.post(f"/console{path}", data=data, headers=JSON)


@asynccontextmanager
async def browser(desk: Desk, person: str = "") -> AsyncIterator[Browser]:
    """Open a browser, signed in as somebody unless nobody is named."""
    opened = Browser(desk)
    try:
        if person:
            await opened.sign_in(person)
        yield opened
    finally:
        await opened.http.aclose()


def token_in(page: httpx.Response) -> str:
    """Return the token in the first form of a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    return found[1] if found else ""
