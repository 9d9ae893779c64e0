"""Appointments through the whole bridge: Telegram, an old phone, and a driven clock."""

from __future__ import annotations

import asyncio
import time as monotonic
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.twilio import TwilioEmulator
from bridge.app import App, build, open_offline
from bridge.config import load
from bridge.runtime import practice
from bridge.runtime.practice_file import read_practice
from bridge.web import build_web
from bridge.web.pages import page_routes
from bridge.web.server import WebServer
from storage.audit import audit
from storage.logview import log
from tests.support.postgres import free_port
from tests.twilio.kit import ANNA, OURS, OURS_WHATSAPP, SID
from tests.twilio.kit import TOKEN as SECRET
from tests.walks.fixtures import emu, store_url
from tests.walks.scene import NOOR, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.telegram import Person, TelegramEmulator
    from adapters.emulators.twilio import Phone
    from tests.walks.fixtures import StoreUrl

__all__ = ["emu", "store_url"]

pytestmark = [pytest.mark.slow]

FRIDAY = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
"""The clocks change in the night to Sunday."""

PRACTICE = f"""
[[person]]
id = "noor"
name = "Noor"
language = "nl"
time_zone = "Europe/Amsterdam"
endpoints = ["telegram:main:{NOOR}"]

[[person.availability]]
kind = "phone"
hours = ["mon-fri 09:00-12:30"]

[[person.exception]]
days = "2026-03-30"

[[person]]
id = "anna"
name = "Anna"
language = "nl"
time_zone = "Europe/Lisbon"
endpoints = ["sms:main:{ANNA}"]

[[trajectory]]
id = "anna-2026"
coaches = ["noor"]
clients = ["anna"]
consent = "recorded"
"""


class Stage:
    """The bridge, its clock, and two people."""

    def __init__(self, app: App, noor: Person, anna: Phone) -> None:
        self.app = app
        self.noor = noor
        self.anna = anna
        self.away = FRIDAY - datetime.now(UTC)
        app.writer._clock = lambda: datetime.now(UTC) + self.away

    def at(self, moment: datetime) -> None:
        """Let it be that moment now; timers fire within a second."""
        self.away = moment - datetime.now(UTC)

    async def noor_sees(self, words: str) -> str:
        return (await self.noor.wait_for(words, 20)).text

    async def anna_sees(self, words: str) -> str:
        return (await self.anna.wait_for(words, 20)).text

    async def anna_has(self, count: int, words: str) -> None:
        deadline = monotonic.monotonic() + 20
        while sum(words in line.text for line in self.anna.screen()) < count:
            assert monotonic.monotonic() < deadline, [line.text for line in self.anna.screen()]
            await asyncio.sleep(0.05)

    async def logged(self, kind: str) -> None:
        deadline = monotonic.monotonic() + 20
        while not [one for one in log(self.app.store, "anna-2026") if one.kind == kind]:
            assert monotonic.monotonic() < deadline, kind
            await asyncio.sleep(0.05)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def stage(
    request: pytest.FixtureRequest, emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> AsyncIterator[Stage]:
    async with TwilioEmulator() as twilio:
        twilio.account(SID, SECRET, (OURS,), OURS_WHATSAPP)
        port = free_port()
        config = tmp_path / "coachbridge.toml"
        config.write_text(
            f'[store]\nurl = "{store_url(request.param, tmp_path)}"\n'
            f'[web]\nport = {port}\npublic_url = "http://127.0.0.1:{port}"\n'
            f'[telegram.main]\ntoken = "{TOKEN}"\napi_url = "{emu.api_url}"\n'
            f"rate_per_second = 0\nchat_rate_per_second = 0\n"
            f'[twilio.main]\naccount_sid = "{SID}"\nauth_token = "{SECRET}"\n'
            f'numbers = ["{OURS}"]\nwhatsapp = "{OURS_WHATSAPP}"\napi_url = "{twilio.api_url}"\n'
            f"rate_per_second = 0\nchat_rate_per_second = 0\n"
        )
        (tmp_path / "practice.toml").write_text(PRACTICE)
        settings = load(config)
        with open_offline(settings) as offline:
            asked = read_practice(tmp_path / "practice.toml")
            for _ in range(2):
                done = practice.apply(offline.store, offline.writer, asked, offline.catalogue)
                changes = [change for _, some in done for change in some]
            assert changes == [], "applying it again changes nothing"
        app = build(settings)
        noor = emu.person(NOOR, "Noor", language_code="nl", started=True)
        anna = twilio.person(ANNA, "Anna")
        twilio.world.accounts[SID].webhook = f"http://127.0.0.1:{port}/webhooks/twilio/main/message"
        pages = build_web(
            app.service.inbox.accept,
            app.adapters,
            app.service.health,
            app.metrics,
            public_url=settings.web.public_url,
            routes=page_routes(app),
        )
        web = WebServer(pages, "127.0.0.1", port)
        made = Stage(app, noor, anna)
        await app.start()
        await web.start()
        yield made
        await web.stop()
        await app.stop()
        await asyncio.to_thread(app.close)


async def test_she_books_by_digit_is_reminded_and_reads_the_recap(stage: Stage) -> None:
    await stage.anna.send("AFSPRAAK")
    offered = await stage.anna_sees("1. di 31 mrt 08:00")  # Monday is closed; nine at Noor's
    assert "2. di 31 mrt 10:00" in offered
    assert "4. Andere momenten" in offered
    await stage.anna.send("2")
    await stage.anna_sees("Afgesproken: di 31 mrt 10:00, een telefoongesprek met Noor, 50 minuten")
    await stage.noor_sees("Nieuwe afspraak met Anna: di 31 mrt 11:00")

    await stage.anna.send("VERZET")
    await stage.anna_has(2, "1. di 31 mrt 08:00")
    await stage.anna.send("3")
    await stage.noor_sees("Verzet naar wo 1 apr 09:00")
    start = datetime(2026, 4, 1, 7, 0, tzinfo=UTC)

    stage.at(start - timedelta(hours=24))
    await stage.anna_sees("Een herinnering: wo 1 apr 08:00")
    await stage.anna.send("1")
    await stage.noor_sees("Anna is er: wo 1 apr 09:00")

    stage.at(start - timedelta(minutes=10))
    await stage.anna_sees("pak iets te drinken")
    await stage.noor_sees("pak iets te drinken")

    stage.at(start)
    await stage.logged("session_opened")
    stage.at(start + timedelta(minutes=50))
    offer = await stage.noor.wait_for("Je sessie met Anna is voorbij", 20)
    await stage.logged("session_closed")
    await stage.noor.press(offer.message_id, "Ja, schrijven")
    await stage.noor_sees("Wat je nu schrijft, is je concept")
    await stage.noor.send("Wat mij opviel: je nam de tijd.")
    preview = await stage.noor.wait_for("Dit is nog niet naar Anna gegaan", 20)
    assert not [line for line in stage.anna.screen() if "opviel" in line.text]
    await stage.noor.press(preview.message_id, "Versturen")
    await stage.anna_sees("Wat mij opviel: je nam de tijd.")
    await _settled(stage)


async def test_a_coach_books_in_one_line_and_a_client_cancels(stage: Stage) -> None:
    await stage.noor.send("boek anna di 16:00 f2f 90")
    await stage.anna_sees("Afgesproken: di 31 mrt 15:00, een gesprek op locatie met Noor, 90 min")
    await stage.noor.send("boek anna di 17:00 telefoon 30")
    await stage.noor_sees("om di 31 mrt 17:00 heb je al iets")
    await stage.anna.send("AFZEGGEN")
    await stage.anna_sees("1. Ja, afzeggen")
    await stage.anna.send("1")
    await stage.noor_sees("Afgezegd: di 31 mrt 16:00")
    await stage.noor.send("boek anna ergens")
    await stage.noor_sees("Schrijf het zo: boek anna")
    await _settled(stage)


async def _settled(stage: Stage) -> None:
    deadline = monotonic.monotonic() + 20
    while not (found := audit(stage.app.store)).holds:
        assert monotonic.monotonic() < deadline, [one for one in found.checks if not one.holds]
        await asyncio.sleep(0.2)
