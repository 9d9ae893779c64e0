"""A store, its writer, and the two people most tests need; on each database."""

import os
from collections.abc import Iterator

import pytest

from bridge.core import entries as e
from storage.engine import Store, open_store
from storage.keys import MasterKey
from storage.unit import Unit
from storage.writer import Writer
from tests.storage.book import ANNA, NOOR
from tests.storage.copies import book, sound_file, sound_template

__all__ = ["book", "practice", "sound_file", "sound_template", "store", "writer"]

TRAJECTORY = "anna-2026"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A fresh store with a key of its own."""
    opened = open_store(database_url, MasterKey(os.urandom(32)))
    yield opened
    opened.close()


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    """The store's writer; nothing is in the store yet."""
    made = Writer(store)
    yield made
    made.close()


@pytest.fixture
def practice(writer: Writer) -> Writer:
    """A writer whose store knows Noor, her client Anna and their log of three entries."""

    def work(unit: Unit) -> None:
        unit.put_person("noor", "Noor", "nl", "Europe/Amsterdam")
        unit.put_person("anna", "Anna", "en", "Europe/Lisbon")
        unit.put_endpoint(NOOR, "noor")
        unit.put_endpoint(ANNA, "anna")
        unit.append(
            TRAJECTORY,
            [
                e.TrajectoryOpened(title="Presenting"),
                e.PartyAdded(party="noor", role="coach", name="Noor"),
                e.PartyAdded(party="anna", role="client", name="Anna"),
            ],
        )
        unit.put_party(TRAJECTORY, "noor", "coach", active=True)
        unit.put_party(TRAJECTORY, "anna", "client", active=True)
        unit.registry_changed()

    writer.run(work)
    return writer
