"""The ledger of erasures: a table beside the keys, and a file that no backup of the database holds.

1. A row is written in the commit that destroys a key. After the commit the file gets what the
   table has and the file lacks; a crash in between is made up for at the next start.
2. A restored database may be older than an erasure. The file knows, and who opens the store erases
   again before anything else runs: see ``bridge.runtime.erasing``.
3. A line is JSON and holds ids and instants only; ``trajectory`` '' stands for everything that told
   who a person was. Lines of other stores are left alone: the same key may serve a trial copy.
4. Lines are added under a lock and flushed to the disk. A last line that a crash cut short counts
   for nothing and is written anew; any other that cannot be read stops the program.
"""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from bridge.core.errors import ConfigError, StoreError
from storage.codec import instant
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import sqlalchemy as sa

    from storage.engine import Store
    from storage.transaction import Transaction

EVERYWHERE = ""
"""The trajectory of the line that a person was erased altogether."""

_NOTE = Sql(
    "INSERT INTO erasures (trajectory, person, at) VALUES (?, ?, ?) "
    "ON CONFLICT (trajectory, person) DO NOTHING"
)
_ALL = Sql("SELECT trajectory, person, at FROM erasures ORDER BY at, trajectory, person")
_LIVING = Sql(
    "SELECT k.trajectory, k.owner FROM data_keys k JOIN erasures e "
    "ON e.trajectory = k.trajectory AND e.person = k.owner WHERE k.wrapped IS NOT NULL "
    "UNION SELECT k.trajectory, k.owner FROM data_keys k JOIN erasures e "
    "ON e.trajectory = '' AND e.person = k.owner WHERE k.wrapped IS NOT NULL"
)
_KNOWN_AGAIN = Sql(
    "SELECT e.person FROM erasures e JOIN people p ON p.id = e.person "
    "WHERE e.trajectory = '' AND p.name <> p.id "
    "UNION SELECT e.person FROM erasures e JOIN endpoints p ON p.person = e.person "
    "WHERE e.trajectory = '' AND p.revoked_at IS NULL"
)
_STORE_ID = Sql("SELECT value FROM meta WHERE key = 'store_id'")


class Erasure(msgspec.Struct, frozen=True):
    """One line of the ledger."""

    trajectory: str
    person: str
    at: datetime

    @property
    def name(self) -> tuple[str, str]:
        """What was erased: the same for the same erasure, whenever it was."""
        return self.trajectory, self.person


class _Line(msgspec.Struct, frozen=True):
    store: str
    at: datetime
    trajectory: str
    person: str


class Erasures:
    """The table within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._noted: set[tuple[str, str]] | None = None
        self.changed = False

    def note(self, trajectory: str, person: str, at: int | None = None) -> None:
        """Note that a key is destroyed; ``at`` in microseconds, None = now. The first one stays."""
        instant_of = self._tx.at if at is None else at
        noted = _NOTE.run(self._tx.connection, trajectory, person, instant_of)
        self.changed |= noted == 1
        if self._noted is not None:
            self._noted.add((trajectory, person))

    def has(self, trajectory: str, person: str) -> bool:
        """Tell whether something was erased, by this very line."""
        if self._noted is None:
            rows = _ALL.rows(self._tx.connection)
            self._noted = {(str(one), str(who)) for one, who, _ in rows}
        return (trajectory, person) in self._noted


def of_table(connection: sa.Connection) -> list[Erasure]:
    """Return the lines of the table, the oldest first."""
    return [Erasure(one, person, instant(at)) for one, person, at in _ALL.rows(connection)]


def living_keys(connection: sa.Connection) -> list[tuple[str, str]]:
    """Return (trajectory, owner) of the keys that are there although they were destroyed."""
    return [(str(one), str(owner)) for one, owner in _LIVING.rows(connection)]


def known_again(connection: sa.Connection) -> list[str]:
    """Return the erased people whose name or endpoint is there again."""
    return [str(person) for (person,) in _KNOWN_AGAIN.rows(connection)]


def of_file(store: Store, connection: sa.Connection) -> list[Erasure]:
    """Return the file's lines about this store, in their order; none where there is no file.

    Raises ConfigError when the file cannot be read.
    """
    file = store.erasures
    if file is None:
        return []
    mine = _store_id(connection)
    return [Erasure(o.trajectory, o.person, o.at) for o in _lines(file) if o.store == mine]


def keep(store: Store) -> int:
    """Let the file have what the table has and it lacks; return how many lines that were.

    Raises StoreError when it cannot be written: then the erasure might not outlive a restore.
    """
    if store.erasures is None:
        return 0
    with store.reading() as connection:
        noted, mine = of_table(connection), _store_id(connection)
    if not noted:
        return 0
    try:
        return _add(store.erasures, [_Line(mine, o.at, o.trajectory, o.person) for o in noted])
    except OSError as error:
        raise StoreError(_not_written(store.erasures, error)) from error


def prepare(store: Store) -> None:
    """Make the file if there is none. Raises ConfigError when it could not be written later."""
    if store.erasures is None:
        return
    try:
        _add(store.erasures, ())
    except OSError as error:
        raise ConfigError(_not_written(store.erasures, error)) from error


def _not_written(file: Path, error: OSError) -> str:
    return (
        f"the ledger of erasures {file} cannot be written: {error.strerror}; "
        "set [keys] erasures to a file that can, for a restore needs it"
    )


def _store_id(connection: sa.Connection) -> str:
    return str(_STORE_ID.rows(connection)[0][0])


def _lines(file: Path) -> list[_Line]:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        msg = f"[keys] erasures = {str(file)!r} cannot be read: {error.strerror}"
        raise ConfigError(msg) from error
    return _parsed(data, file)


def _parsed(data: bytes, file: Path) -> list[_Line]:
    whole = data[: data.rfind(b"\n") + 1]
    lines: list[_Line] = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            lines.append(msgspec.json.decode(line, type=_Line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ConfigError(
                f"line {number} of the ledger of erasures {file} cannot be read: put the file back "
                "from its copy; it says who must stay erased"
            ) from None
    return lines


def _add(file: Path, wanted: Collection[_Line]) -> int:
    """Add the lines that are not there yet, under a lock, and flush them to the disk."""
    is_new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as opened:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        data = opened.read()
        known = {(one.store, one.trajectory, one.person) for one in _parsed(data, file)}
        added = [o for o in wanted if (o.store, o.trajectory, o.person) not in known]
        end = data.rfind(b"\n") + 1
        if added or end < len(data):
            opened.seek(end)
            opened.truncate()
            opened.write(b"".join(msgspec.json.encode(one) + b"\n" for one in added))
            opened.flush()
            os.fsync(descriptor)
    if is_new:
        _flush_folder(file.parent)
    return len(added)


def _flush_folder(folder: Path) -> None:
    """Let the name of a new file survive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
