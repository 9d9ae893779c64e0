"""Databases that have today's schema and nothing else, without migrating one for every test.

Migrating an empty SQLite file takes eighty milliseconds of a processor, copying a migrated one
less than one. What a test checks is the same: opening still looks at the revision and establishes
the key. Tests of the migration itself ask for ``unmade_database_url``.
"""

import os
import tempfile
from functools import cache
from pathlib import Path

from storage.engine import migrate


@cache
def _migrated() -> bytes:
    """Return a SQLite file as the migration leaves it; once per process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "blank.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


def blank(file: Path) -> str:
    """Write a SQLite database no key has opened yet, for its owner alone; return its URL."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(_migrated())
    return f"sqlite:///{file}"
