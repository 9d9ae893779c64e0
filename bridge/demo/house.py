"""The demo's own little world: an emulated Telegram, a practice, and the bridge between them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from adapters.emulators.telegram import TelegramEmulator
from bridge.accounts import TelegramSettings
from bridge.app import build, open_offline
from bridge.config import (
    KeySettings,
    LogSettings,
    MediaSettings,
    OutboxSettings,
    Settings,
    StoreSettings,
    WebSettings,
)
from bridge.demo.cast import ANNA, BRAM, DEWI, NOOR, STORY
from bridge.runtime import invites, logging, practice
from bridge.web import build_web
from bridge.web.pages import page_routes
from bridge.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from starlette.types import ASGIApp

    from adapters.emulators.telegram import Person
    from bridge.app import App
    from bridge.runtime.practice_file import Practice

TOKEN = "100100:only-for-the-demo"  # noqa: S105 - of a bot that does not exist


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything that runs, but for a web server; ``pages`` is what the bridge itself serves."""

    telegram: TelegramEmulator
    app: App
    people: Mapping[str, Person]
    pages: ASGIApp

    async def invitation(self, trajectory: str, person: str) -> tuple[str, str]:
        """Make an invitation; return its link and the code in it."""
        issued = await self.app.writer.submit(lambda unit: invites.issue(unit, trajectory, person))
        name = self.telegram.bot(TOKEN).username
        return f"https://t.me/{name}?start={issued.link_code}", issued.link_code


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs, the bridge's own web server included."""

    rooms: Rooms
    web: WebServer

    @property
    def telegram(self) -> TelegramEmulator:
        """The emulated network."""
        return self.rooms.telegram

    @property
    def app(self) -> App:
        """The bridge."""
        return self.rooms.app

    @property
    def noor(self) -> Person:
        """The coach."""
        return self.rooms.people["noor"]

    @property
    def anna(self) -> Person:
        """A client who is invited."""
        return self.rooms.people["anna"]

    @property
    def bram(self) -> Person:
        """A client who is there already."""
        return self.rooms.people["bram"]


@asynccontextmanager
async def open_house(folder: Path, port: int, cast: Practice = STORY) -> AsyncIterator[House]:
    """Start everything with the bridge's web server; end everything.

    Raises ConfigError, StoreError.
    """
    async with open_rooms(folder, port, cast) as rooms:
        web = WebServer(rooms.pages, "127.0.0.1", port)
        await web.start()
        try:
            yield House(rooms, web)
        finally:
            await web.stop()


@asynccontextmanager
async def open_rooms(folder: Path, port: int, cast: Practice) -> AsyncIterator[Rooms]:
    """Start everything but a web server, and end it. Raises ConfigError, StoreError."""
    async with TelegramEmulator() as telegram:
        telegram.bot(TOKEN)
        settings = _settings(folder, port, telegram.api_url)
        logging.set_up(settings.log.level, settings.log.format, settings.secrets())
        await asyncio.to_thread(_prepare, settings, cast)
        app = build(settings)
        service = app.service
        pages = build_web(
            service.inbox.accept,
            app.adapters,
            service.health,
            app.metrics,
            public_url=settings.web.public_url,
            routes=page_routes(app),
            said=app.service.said,
        )
        people = {
            "noor": telegram.person(NOOR, "Noor", language_code="nl", started=True),
            "anna": telegram.person(ANNA, "Anna", language_code="en"),
            "bram": telegram.person(BRAM, "Bram", language_code="nl", started=True),
            "dewi": telegram.person(DEWI, "Dewi", language_code="nl", started=True),
        }
        try:
            await app.start()
            yield Rooms(telegram, app, people, pages)
        finally:
            await telegram.up()  # what is under way may end, instead of trying again
            service.watch.close()
            await app.stop()
            await asyncio.to_thread(app.close)


def _settings(folder: Path, port: int, api_url: str) -> Settings:
    """Construct the settings as they are: ``Settings(…)`` would let the environment have a say."""
    bot = TelegramSettings(
        token=SecretStr(TOKEN), api_url=api_url, rate_per_second=0, chat_rate_per_second=0
    )
    return Settings.model_construct(
        store=StoreSettings(url=f"sqlite:///{folder / 'coachbridge.db'}"),
        keys=KeySettings(file=folder / "coachbridge.key"),
        web=WebSettings(port=port, public_url=f"http://127.0.0.1:{port}"),
        telegram={"main": bot},
        outbox=OutboxSettings(),
        media=MediaSettings(),
        log=LogSettings(level="error"),
        key=None,
    )


def _prepare(settings: Settings, cast: Practice) -> None:
    """Do what `coachbridge apply` does."""
    with open_offline(settings) as offline:
        for _ in practice.apply(offline.store, offline.writer, cast, offline.catalogue):
            pass
