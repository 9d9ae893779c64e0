"""A Telegram emulator, and python-telegram-bot talking to it."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from adapters.emulators.telegram import Person, TelegramEmulator

TOKEN = "123:abc"


@pytest.fixture
async def emu() -> AsyncIterator[TelegramEmulator]:
    """A running emulator with one bot; retry waits are a hundred times shorter."""
    async with TelegramEmulator(time_factor=0.01) as emulator:
        emulator.bot(TOKEN, "coachbridge_bot")
        yield emulator


@pytest.fixture
def anna(emu: TelegramEmulator) -> Person:
    """A person who pressed START earlier."""
    return emu.person(222, "Anna", language_code="en", started=True)


@pytest.fixture
async def bot(emu: TelegramEmulator) -> AsyncIterator[Bot]:
    """The real client library, with short timeouts."""
    requests = [
        # Reading certificates that plain HTTP never uses takes longer than most tests.
        HTTPXRequest(read_timeout=0.5, media_write_timeout=2, httpx_kwargs={"verify": False})
        for _ in range(2)
    ]
    client = Bot(
        TOKEN,
        base_url=f"{emu.api_url}/bot",
        base_file_url=f"{emu.api_url}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    async with client:
        yield client
