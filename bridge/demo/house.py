"""The demo's own little world: an emulated Telegram, a practice, and the bridge between them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from adapters.emulators.telegram import TelegramEmulator
from bridge.app import build, open_offline
from bridge.config import (
    KeySettings,
    LogSettings,
    MediaSettings,
    OutboxSettings,
    Settings,
    StoreSettings,
    TelegramSettings,
    WebSettings,
)
from bridge.runtime import invites, logging, practice
from bridge.runtime.practice_file import PersonTable, Practice, TrajectoryTable
from bridge.web import build_web
from bridge.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.telegram import Person
    from bridge.app import App

TOKEN = "100100:only-for-the-demo"  # noqa: S105 - of a bot that does not exist
NOOR, ANNA, BRAM = 111, 222, 333

PRACTICE = Practice(
    person=(
        PersonTable("noor", "Noor", "nl", "Europe/Amsterdam", (f"telegram:main:{NOOR}",)),
        PersonTable("anna", "Anna", "en", "Europe/Lisbon"),  # comes in by invitation
        PersonTable("bram", "Bram", "nl", "Europe/Amsterdam", (f"telegram:main:{BRAM}",)),
    ),
    trajectory=(
        TrajectoryTable("anna-2026", ("noor",), ("anna",), consent="ask"),
        TrajectoryTable("bram-2026", ("noor",), ("bram",), consent="recorded"),
    ),
)


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs during the demo."""

    telegram: TelegramEmulator
    app: App
    web: WebServer
    noor: Person
    anna: Person
    bram: Person

    async def invitation(self, trajectory: str, person: str) -> tuple[str, str]:
        """Make an invitation; return its link and the code in it."""
        issued = await self.app.writer.submit(lambda unit: invites.issue(unit, trajectory, person))
        name = self.telegram.bot(TOKEN).username
        return f"https://t.me/{name}?start={issued.link_code}", issued.link_code


@asynccontextmanager
async def open_house(folder: Path, port: int) -> AsyncIterator[House]:
    """Start everything, and end everything. Raises ConfigError, StoreError."""
    async with TelegramEmulator() as telegram:
        telegram.bot(TOKEN)
        settings = _settings(folder, port, telegram.api_url)
        logging.set_up(settings.log.level, settings.log.format, settings.secrets())
        await asyncio.to_thread(_prepare, settings)
        app = build(settings)
        try:
            async with _serving(app) as web:
                yield House(
                    telegram,
                    app,
                    web,
                    noor=telegram.person(NOOR, "Noor", language_code="nl", started=True),
                    anna=telegram.person(ANNA, "Anna", language_code="en"),
                    bram=telegram.person(BRAM, "Bram", language_code="nl", started=True),
                )
        finally:
            await asyncio.to_thread(app.close)


def _settings(folder: Path, port: int, api_url: str) -> Settings:
    """Construct the settings as they are: ``Settings(…)`` would let the environment have a say."""
    bot = TelegramSettings(
        token=SecretStr(TOKEN), api_url=api_url, rate_per_second=0, chat_rate_per_second=0
    )
    return Settings.model_construct(
        store=StoreSettings(url=f"sqlite:///{folder / 'coachbridge.db'}"),
        keys=KeySettings(file=folder / "coachbridge.key"),
        web=WebSettings(port=port),
        telegram={"main": bot},
        outbox=OutboxSettings(),
        media=MediaSettings(),
        log=LogSettings(level="error"),
        key=None,
    )


def _prepare(settings: Settings) -> None:
    """Do what `coachbridge apply` does."""
    with open_offline(settings) as offline:
        for _ in practice.apply(offline.store, offline.writer, PRACTICE, offline.catalogue):
            pass


@asynccontextmanager
async def _serving(app: App) -> AsyncIterator[WebServer]:
    """Run the bridge as `coachbridge serve` does."""
    service = app.service
    pages = build_web(service.inbox.accept, app.adapters, service.health, app.metrics)
    web = WebServer(pages, app.settings.web.host, app.settings.web.port)
    try:
        await service.start(listen=True)
        await web.start()
        yield web
    finally:
        await web.stop()
        await service.stop()
