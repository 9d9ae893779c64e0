"""Telegram for the coach, telephones for both, and the bridge between them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.twilio import TwilioEmulator
from tests.twilio.kit import OURS, SID, TOKEN
from tests.walks import clocked
from tests.walks.bridge import Bridge, Options
from tests.walks.scene import ANNA, NOOR
from tests.walks.scene import TOKEN as BOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.emulators.telegram import Message, Person, TelegramEmulator
    from adapters.emulators.twilio import Telephone
    from tests.walks.bridge import Json
    from tests.walks.fixtures import StoreUrl

NOOR_AT, NOOR_TOO, ANNA_AT = "+31611110001", "+31611110002", "+31622220001"
STRANGER = "+31633330001"
CLOCK = "clock"
PRACTICE = f"""
[[person]]
id = "noor"
name = "Noor"
language = "nl"
endpoints = ["telegram:main:{NOOR}", "voice:main:{NOOR_AT}", "voice:main:{NOOR_TOO}"]

[[person]]
id = "anna"
name = "Anna"
language = "en"
endpoints = ["voice:main:{ANNA_AT}"]

[[trajectory]]
id = "anna-2026"
coaches = ["noor"]
clients = ["anna"]
consent = "recorded"
"""
ACCOUNT = f"""
[twilio.main]
account_sid = "{SID}"
auth_token = "{TOKEN}"
numbers = ["{OURS}"]
voice = true
record = "RECORD"
rate_per_second = 0
chat_rate_per_second = 0
"""


HEARS = """
[transcription]
command = ["wc", "-c"]
"""


SMALL_FILES = """
[media]
max_bytes = 1000
"""
"""Recordings are larger than any file that people send, and are kept all the same."""


class Stage:
    """Telegram for the coach, telephones for both, and the bridge between them."""

    def __init__(self, telegram: TelegramEmulator, twilio: TwilioEmulator, bridge: Bridge) -> None:
        self.telegram = telegram
        self.twilio = twilio
        self.bridge = bridge
        self.noor: Person = telegram.person(NOOR, "Noor", language_code="nl", started=True)
        self.hers: Telephone = twilio.telephone(NOOR_AT)
        self.hers_too: Telephone = twilio.telephone(NOOR_TOO)
        self.anna: Telephone = twilio.telephone(ANNA_AT)
        self.hers.keys, self.hers_too.keys = "1", "1"
        self.hers.voice, self.anna.voice = 440.0, 800.0

    async def begin(self, practice: str = PRACTICE) -> None:
        """Serve a practice whose people have telephones."""
        account = self.twilio.world.accounts[SID]
        account.voice_webhook = f"{self.bridge.url}/webhooks/twilio/main/voice"
        account.voice_status = f"{self.bridge.url}/webhooks/twilio/main/voice/status"
        await self.bridge.apply(practice)
        await self.bridge.start()

    def client(self) -> Person:
        """Anna, where she is on Telegram too."""
        return self.telegram.person(ANNA, "Anna", language_code="en", started=True)

    def ahead(self, moment: datetime) -> None:
        """Let it be that moment for the bridge; its timers fire within a second."""
        seconds = (moment - datetime.now(UTC)).total_seconds()
        (self.bridge.folder / CLOCK).write_text(str(seconds))

    async def log(self, trajectory: str = "anna-2026") -> list[Json]:
        """Wait until all is settled and proven, and return the log."""
        await self.twilio.quiet()
        logs = await self.bridge.settled(trajectory)
        await self.bridge.audit()
        return logs[trajectory]


@pytest.fixture(params=["never"])
async def stage(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage whose bridge does not serve yet; the parameter is the setting ``record``."""
    async with TwilioEmulator() as twilio:
        twilio.account(SID, TOKEN, (OURS,))
        record = request.param if request.param in ("ask", "never") else "never"
        hears = HEARS if request.param == "hears" else ""
        if request.param.startswith("http"):
            hears = f'[transcription]\nurl = "{request.param}"\n'
        more = f'{ACCOUNT.replace("RECORD", record)}api_url = "{twilio.api_url}"\n{hears}'
        if request.param == "ask":
            more += SMALL_FILES
        options = Options(
            token=BOT,
            more=more,
            script=str(Path(clocked.__file__)),
            environment={"TEST_CLOCK": str(tmp_path / CLOCK)},
        )
        bridge = Bridge(tmp_path, store_url("sqlite", tmp_path), emu.api_url, options)
        async with bridge:
            yield Stage(emu, twilio, bridge)


def is_voice(message: Message) -> bool:
    """Tell whether a message is a voice note."""
    return message.kind == "voice"


asks = pytest.mark.parametrize("stage", ["ask"], indirect=True)


def kinds(log: list[Json], *wanted: str) -> list[Json]:
    """Return the lines of these kinds."""
    return [line for line in log if line["kind"] in wanted]


def end(log: list[Json]) -> tuple[str, int]:
    """Return how the one call of a log ended, and how many seconds they talked."""
    (line,) = kinds(log, "call_ended")
    return line["details"]["outcome"], line["details"]["seconds"]


async def over(telephone: Telephone) -> None:
    """Wait until a telephone's call is over."""
    assert telephone.leg is not None
    await telephone.leg.over.wait()
