"""The emulator, an app's adapter on it, and people in the workspace."""

from collections.abc import AsyncIterator

import pytest

from adapters.emulators.slack import Person, SlackEmulator
from adapters.slack import SlackAdapter
from tests.slack.kit import ANNA, adapter, emulator


@pytest.fixture
async def emu() -> AsyncIterator[SlackEmulator]:
    """A running emulator."""
    async with emulator() as running:
        yield running


@pytest.fixture
def anna(emu: SlackEmulator) -> Person:
    """A person in the workspace."""
    return emu.person(ANNA, "Anna")


@pytest.fixture
async def bot(emu: SlackEmulator) -> AsyncIterator[SlackAdapter]:
    """Our adapter."""
    built = adapter(emu.api_url)
    yield built
    await built.close()
