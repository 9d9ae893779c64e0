"""What the tests of pages share: a sound store with names, read by its coach."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.storage.book import Book
from tests.storage.copies import book as book
from tests.storage.copies import sound_file as sound_file
from tests.storage.copies import sound_template as sound_template
from tests.web.console_kit import Browser, Desk, browser, open_desk
from tests.web.kit import Api, served

PEOPLE = {
    "noor": ("Noor", "nl", "Europe/Amsterdam"),
    "anna": ("Anna", "en", "Europe/Lisbon"),
    "bram": ("Bram", "nl", "Europe/Amsterdam"),
    "sara": ("Sara", "en", "UTC"),
}


@pytest.fixture
def named(book: Book) -> Book:
    """The sound book, whose people have names."""
    for person, (name, language, zone) in PEOPLE.items():
        book.run(
            "INSERT INTO people (id, name, language, time_zone) VALUES (:id, :name, :lang, :zone)",
            id=person,
            name=name,
            lang=language,
            zone=zone,
        )
    return book


@pytest.fixture
async def running(named: Book) -> AsyncIterator[Api]:
    """The API of a sound store."""
    async with served(named) as found:
        yield found


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A bridge that serves, with its emulated Telegram."""
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def noor(desk: Desk) -> AsyncIterator[Browser]:
    """Noor's browser, signed in."""
    async with browser(desk, "noor") as signed_in:
        yield signed_in
