"""The emulator, a bot's adapter on it, and a person with a phone."""

from collections.abc import AsyncIterator

import pytest

from adapters.emulators.telegram import Person, TelegramEmulator
from adapters.telegram import TelegramAdapter
from tests.telegram.kit import TOKEN, adapter


@pytest.fixture
async def emu() -> AsyncIterator[TelegramEmulator]:
    """A running emulator with our bot."""
    async with TelegramEmulator(time_factor=0.01) as emulator:
        emulator.bot(TOKEN)
        yield emulator


@pytest.fixture
def anna(emu: TelegramEmulator) -> Person:
    """A person who pressed START earlier."""
    return emu.person(222, "Anna", started=True)


@pytest.fixture
async def bot(emu: TelegramEmulator) -> AsyncIterator[TelegramAdapter]:
    """Our adapter."""
    built = adapter(emu.api_url)
    yield built
    await built.close()
