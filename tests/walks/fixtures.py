"""The fixtures of walks and fault tests; both conftests import them by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adapters.emulators.telegram import TelegramEmulator
from tests.support.blank import blank
from tests.walks.bridge import SHORT_LEASES
from tests.walks.scene import PLACES, TOKEN, Scene, build

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

StoreUrl = Callable[[str, Path], str]


def _named(place: tuple[str, str]) -> Any:
    marks = [pytest.mark.postgres] if place[0] == "postgresql" else []
    return pytest.param(place, id="-".join(place), marks=marks)


def on(*places: tuple[str, str]) -> pytest.MarkDecorator:
    """Run a test on these pairs of store and mode; without any, on all four."""
    chosen = [_named(place) for place in places or PLACES]
    return pytest.mark.parametrize("scene", chosen, indirect=True)


@pytest.fixture
async def emu() -> AsyncIterator[TelegramEmulator]:
    """A Telegram whose waits between webhook retries are a hundred times shorter."""
    async with TelegramEmulator(time_factor=0.01) as emulator:
        emulator.bot(TOKEN, "coachbridge_bot")
        yield emulator


@pytest.fixture
def store_url(request: pytest.FixtureRequest) -> Iterator[StoreUrl]:
    """Make the URL of a store as a first start finds it: `sqlite` in a folder, or `postgresql`."""
    with ExitStack() as stack:

        def make(kind: str, folder: Path) -> str:
            if kind == "sqlite":
                return f"sqlite:///{folder / 'coachbridge.db'}"
            server: Postgres = request.getfixturevalue("postgres_server")
            return stack.enter_context(server.database())

        yield make


@pytest.fixture
async def scene(
    request: pytest.FixtureRequest, emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> AsyncIterator[Scene]:
    """A stage on one pair of store and mode (see `on`)."""
    store, mode = request.param
    # A first start is for the fault tests; a walk begins with a migrated store.
    fresh = blank(tmp_path / "coachbridge.db") if store == "sqlite" else store_url(store, tmp_path)
    # On PostgreSQL what a killed process was sending waits for its lease, a minute by default.
    made = build(tmp_path, fresh, emu, mode, more=SHORT_LEASES)
    async with made.bridge:
        yield made
