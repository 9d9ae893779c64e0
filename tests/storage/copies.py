"""Fixtures of the read side's tests: copies of one store that was filled once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.storage.book import Book, make_sound, opened
from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database to copy."""
    path = tmp_path_factory.mktemp("sound") / "coachbridge.db"
    make_sound(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sound_template(postgres_server: Postgres) -> Iterator[str]:
    """The name of a PostgreSQL database to copy; nobody is connected to it."""
    with postgres_server.database() as url:
        make_sound(url)
        yield make_url(url).database or ""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    """A sound book, to write into; the test runs once per store."""
    if request.param == "sqlite":
        path = tmp_path / "coachbridge.db"
        shutil.copy(request.getfixturevalue("sound_file"), path)
        store = opened(f"sqlite:///{path}")
        yield Book(store)
        store.close()
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create_database(request.getfixturevalue("sound_template"))
    store = opened(url)
    yield Book(store)
    store.close()
    server.drop_database(url)
