"""A front desk where Anna left something everywhere, on both stores."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from storage.engine import open_store
from storage.keys import MasterKey
from tests.cli.conftest import folder as folder
from tests.erasing.canary import leave_traces
from tests.runtime.desk_kit import FrontDesk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def canary(database_url: str, tmp_path: Path) -> Iterator[FrontDesk]:
    """Each row of each table that is about Anna would give her away."""
    store = open_store(database_url, MasterKey(os.urandom(32)), erasures=tmp_path / "desk.erasures")
    desk = FrontDesk(store)
    leave_traces(desk)
    try:
        yield desk
    finally:
        desk.writer.close()
        store.close()
