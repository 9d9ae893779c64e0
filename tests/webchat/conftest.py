"""A bridge to chat with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.webchat.ground import Ground, Tab, standing


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    """A running bridge."""
    async with standing(tmp_path) as running:
        yield running


@pytest.fixture
async def anna(ground: Ground) -> AsyncIterator[Tab]:
    """Anna's tab, who joined by her link."""
    async with Tab(ground) as tab:
        assert await tab.join(await ground.invite()) == 200
        await tab.load()
        tab.wake()
        yield tab
