"""Several workers, many nudges due at once, and workers that are killed or stopped meanwhile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from benchmarks import due
from storage.engine import STOPPED_SECONDS, open_store
from storage.keys import MasterKey

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.postgres]


def test_each_has_one_effect_whoever_is_killed_or_stopped(postgres_server: Postgres) -> None:
    with postgres_server.database() as url:
        result = due.run(url, 250, 4, 3, trouble=True, stopped_for=STOPPED_SECONDS + 2)
    assert result.faults == ()
    assert result.due == result.given + result.withheld + result.postponed == 1000


@pytest.mark.timeout(60)
def test_a_session_that_stands_still_in_a_transaction_lets_go(postgres_server: Postgres) -> None:
    """What a stopped process holds is let go by the database, not by the process."""
    with postgres_server.database() as url:
        store = open_store(url, MasterKey(os.urandom(32)))
        try:
            with store.writer.connect() as stopped, store.writer.connect() as other:
                lock = sa.text("SELECT value FROM meta WHERE key = 'store_id' FOR UPDATE")
                stopped.execute(lock)
                other.execute(sa.text("SET lock_timeout = '30s'"))
                assert other.execute(lock).scalar()  # after the database ended the other session
                with pytest.raises(sa.exc.DBAPIError):
                    stopped.execute(lock)
        finally:
            store.close()
