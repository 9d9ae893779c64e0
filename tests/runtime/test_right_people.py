"""Nothing ever goes to somebody who may not have it (I3, I4), whatever happens in any order.

People join, leave, link, move, stop, agree, withdraw, write, answer, correct, say asides; places
and policies change; the network takes rows at random moments. Beside the bridge stands a model of
what is true, which knows nothing of the engine: every word carries a token, and of each delivery
all that an adapter is handed is searched for tokens.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core.errors import StoreError
from storage.engine import open_store
from storage.keys import MasterKey
from storage.writer import Writer
from tests.runtime.crowd import BATCH, World
from tests.support.blank import blank

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from storage.unit import Unit


def run(folder: Path, steps: int, seed: int) -> Counter[str]:
    """Let so many things happen; return how many of each kind did."""
    store = open_store(blank(folder / "model.db"), MasterKey(os.urandom(32)))
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    writer = Writer(store, lambda: now)
    world = World(seed)
    try:
        writer.run(world.begin)
        for start in range(0, steps, BATCH):
            now += timedelta(minutes=11)

            def some(unit: Unit, count: int = min(BATCH, steps - start)) -> None:
                try:
                    for _ in range(count):
                        world.step(unit)
                except StoreError as error:
                    raise AssertionError(str(error)) from error

            writer.run(some)
    finally:
        writer.close()
        store.close()
    return world.counts


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_reaches_anybody_it_is_not_for(tmp_path: Path, seed: int) -> None:
    counts = run(tmp_path, 2_000, seed)
    assert counts["words delivered"] > 150, counts


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_reaches_anybody_it_is_not_for_in_a_hundred_thousand_steps(tmp_path: Path) -> None:
    counts = run(tmp_path, 100_000, 3)
    assert counts["words delivered"] > 4_000, counts
    assert counts["links instead"] > 500, counts
    assert counts["asides"] > 700, counts
