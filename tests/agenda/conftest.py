"""A practice with an agenda on each database."""

from collections.abc import Iterator

import pytest

from storage.engine import Store
from tests.agenda.kit import Practice
from tests.storage.conftest import store

__all__ = ["practice", "store"]


@pytest.fixture
def practice(store: Store) -> Iterator[Practice]:
    made = Practice(store)
    yield made
    made.close()
