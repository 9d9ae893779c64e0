"""The demo's own little world: emulated networks, a practice, and the bridge between them."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from bridge.demo.cast import ANNA, BRAM, NOOR, STORY
from bridge.demo.networks import TOKEN, open_networks
from bridge.runtime import invites, logging, practice
from bridge.web import build_web
from bridge.web.pages import page_routes
from bridge.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from starlette.types import ASGIApp

    from adapters.emulators.telegram import Person, TelegramEmulator
    from bridge.app import App
    from bridge.demo.networks import Networks
    from bridge.runtime.practice_file import Practice

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything that runs, but for a web server; ``pages`` is what the bridge itself serves."""

    networks: Networks
    app: App
    pages: ASGIApp
    port: int

    @property
    def telegram(self) -> TelegramEmulator:
        """The emulated Telegram."""
        return self.networks.telegram

    async def invitation(self, trajectory: str, person: str) -> tuple[str, str]:
        """Make an invitation; return its link and the code in it."""
        issued = await self.app.writer.submit(lambda unit: invites.issue(unit, trajectory, person))
        name = self.telegram.bot(TOKEN).username
        return f"https://t.me/{name}?start={issued.link_code}", issued.link_code


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs, the bridge's own web server included; all are on Telegram."""

    rooms: Rooms
    web: WebServer
    people: Mapping[str, Person]

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
        return self.people["noor"]

    @property
    def anna(self) -> Person:
        """A client who is invited."""
        return self.people["anna"]

    @property
    def bram(self) -> Person:
        """A client who is there already."""
        return self.people["bram"]


@asynccontextmanager
async def open_house(folder: Path, port: int, cast: Practice = STORY) -> AsyncIterator[House]:
    """Start everything with the bridge's web server; end everything.

    Raises ConfigError, StoreError.
    """
    async with open_rooms(folder, port, cast) as rooms:
        telegram = rooms.telegram
        people = {
            "noor": telegram.person(NOOR, "Noor", language_code="nl", started=True),
            "anna": telegram.person(ANNA, "Anna", language_code="en"),
            "bram": telegram.person(BRAM, "Bram", language_code="nl", started=True),
        }
        web = WebServer(rooms.pages, HOST, rooms.port)
        await web.start()
        try:
            yield House(rooms, web, people)
        finally:
            await web.stop()


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def open_rooms(folder: Path, port: int, cast: Practice) -> AsyncIterator[Rooms]:
    """Start everything but a web server, and end it; port 0 stands for a free one.

    The port has to be known before anything starts, for networks call the bridge by its address.
    Raises ConfigError, StoreError.
    """
    port = port or free_port()
    async with open_networks(f"http://{HOST}:{port}") as networks:
        settings = _settings(folder, port, networks)
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
        try:
            await app.start()
            yield Rooms(networks, app, pages, port)
        finally:
            await networks.up()
            service.watch.close()
            await app.stop()
            await asyncio.to_thread(app.close)


def _settings(folder: Path, port: int, networks: Networks) -> Settings:
    """Construct the settings as they are: ``Settings(…)`` would let the environment have a say."""
    return Settings.model_construct(
        store=StoreSettings(url=f"sqlite:///{folder / 'coachbridge.db'}"),
        keys=KeySettings(file=folder / "coachbridge.key"),
        web=WebSettings(port=port, public_url=f"http://{HOST}:{port}"),
        outbox=OutboxSettings(),
        notices=NoticeSettings(protection="never"),  # the page tells it beside each phone
        media=MediaSettings(),
        log=LogSettings(level="error"),
        key=None,
        **networks.accounts(folder),
    )


def _prepare(settings: Settings, cast: Practice) -> None:
    """Do what `coachbridge apply` does."""
    with open_offline(settings) as offline:
        for _ in practice.apply(offline.store, offline.writer, cast, offline.catalogue):
            pass
