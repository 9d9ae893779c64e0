"""Fault tests use the stage of the walks, with short leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.walks.bridge import SHORT_LEASES
from tests.walks.fixtures import emu, store_url
from tests.walks.scene import Scene, build

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.telegram import TelegramEmulator
from tests.walks.fixtures import StoreUrl

__all__ = ["emu", "store_url"]


@pytest.fixture
async def scene(
    request: pytest.FixtureRequest,
    emu: TelegramEmulator,
    store_url: StoreUrl,
    tmp_path: Path,
) -> AsyncIterator[Scene]:
    """A stage on one pair of store and mode, on which a dead sender is noticed soon."""
    store, mode = request.param
    made = build(tmp_path, store_url(store, tmp_path), emu, mode, more=SHORT_LEASES)
    async with made.bridge:
        yield made
