"""Who waited for a log sees it, and its state, as they were left by whoever had it."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from bridge.core import entries as e
from storage.engine import open_store
from storage.keys import MasterKey
from storage.writer import Writer

if TYPE_CHECKING:
    from bridge.core.trajectory import Trajectory
    from storage.unit import Unit
    from tests.support.postgres import Postgres

pytestmark = [pytest.mark.postgres]

LOG = "anna-2026"


def test_a_state_is_as_new_as_the_log_that_was_waited_for(postgres_server: Postgres) -> None:
    key = MasterKey(os.urandom(32))
    with postgres_server.database() as url:
        stores = [open_store(url, key) for _ in range(2)]
        first, second = (Writer(store) for store in stores)
        first.run(lambda unit: unit.append(LOG, [e.TrajectoryOpened(title="x")]))
        locked = threading.Event()

        def slowly(unit: Unit) -> None:
            unit.append(LOG, [e.PartyAdded(party="anna", role="client", name="Anna")])
            locked.set()
            time.sleep(0.5)

        def look(unit: Unit) -> Trajectory | None:
            return unit.state(LOG)

        holding = threading.Thread(target=first.run, args=(slowly,))
        holding.start()
        locked.wait()
        state = second.run(look)
        holding.join()
        for writer, store in zip((first, second), stores, strict=True):
            writer.close()
            store.close()
    assert state is not None
    assert state.seq == 2
    assert "anna" in state.parties
