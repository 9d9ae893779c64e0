"""Copies of the database: made while it is served, put back before anything else runs on it.

1. A copy is one file with mode 0600 and holds no key; nothing is ever overwritten by making one.
2. SQLite: its online backup, one moment of the database in one file. PostgreSQL: pg_dump and
   pg_restore, which have to be there, and no older than the server.
3. Putting a copy back replaces a store only when that is asked for, and none that is in use. What
   the old store knew of erasures is in the ledger's file first.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.core.errors import BridgeError, StoreError
from storage.engine import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import URL

PROGRAMS = ("/usr/lib/postgresql", "/usr/pgsql")
"""Where systems keep the programs of PostgreSQL that are not in the PATH."""

_IN_USE = (
    "SELECT COUNT(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_LOOKS, _PAUSE = 10, 0.2
_MAGIC = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}


def back_up(url: str, file: Path) -> None:
    """Write a copy of a database to a new file; the bridge may serve meanwhile.

    Raises BridgeError when the file is there or a program is missing, StoreError, OSError.
    """
    parsed = parse_url(url)
    if file.exists():
        raise BridgeError(f"{file} is there already; name another file")
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if parsed.get_backend_name() == "sqlite":
            _copy(_database(parsed), aside)
        else:
            _dump(parsed, aside)
        _flush(aside)
        _name(aside, file)
    finally:
        aside.unlink(missing_ok=True)
    _flush(file.parent)


def _name(aside: Path, file: Path) -> None:
    """Give a whole copy its name, unless somebody made such a file meanwhile."""
    try:
        os.link(aside, file)
    except FileExistsError:
        raise BridgeError(f"{file} is there already; name another file") from None


def is_there(url: str) -> bool:
    """Tell whether a store is at that address. Raises StoreError when that cannot be said."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _database(parsed).exists()
    with _connected(parsed) as connection:
        return sa.inspect(connection).has_table("alembic_version")


def put_back(url: str, file: Path, *, replace: bool) -> None:
    """Put a copy where the store is to be. Raises BridgeError, StoreError, OSError.

    What it says of erasures is older than the ledger: that is the caller's to see to.
    """
    parsed = parse_url(url)
    kind = parsed.get_backend_name()
    if _kind_of(file) != kind:
        raise BridgeError(f"{file} is no backup of a {_NAMES[kind]} database; see [store] url")
    if is_there(url) and not replace:
        raise BridgeError(
            "there is a store already; --replace puts the backup in its place, and what was said "
            "since the backup is gone then"
        )
    if kind == "sqlite":
        _copy_back(file, _database(parsed))
    else:
        _load(parsed, file, replace=replace)


_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _kind_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            head = opened.read(16)
    except FileNotFoundError:
        raise BridgeError(f"there is no file {file}") from None
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- SQLite ----------------------------------------------------------------------------------------


def _database(url: URL) -> Path:
    return Path(url.database or "")


def _copy(source: Path, target: Path) -> None:
    """Copy one moment of a database, what is still in its write-ahead log too, into one file."""
    if not source.exists():
        raise BridgeError(f"there is no database {source} to back up")
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
            (sound,) = new.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"the database could not be copied: {error}") from error
    if sound != "ok":
        raise StoreError("the copy is damaged, as the database is: see docs/operations.md")


def _copy_back(file: Path, target: Path) -> None:
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy(file, aside)
        _flush(aside)
        for left in ("-wal", "-shm"):
            target.with_name(target.name + left).unlink(missing_ok=True)
        aside.replace(target)
        _flush(target.parent)
    finally:
        aside.unlink(missing_ok=True)


# -- PostgreSQL ------------------------------------------------------------------------------------


@contextmanager
def _connected(url: URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.OperationalError as error:
        told = str(error.orig).strip().partition("\n")[0]
        raise StoreError(f"the database is away: {told}") from error
    finally:
        engine.dispose()


def _dump(url: URL, file: Path) -> None:
    command = f"pg_dump --format=custom --file=FILE {_shown(url)}"
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"]
    _run(url, "pg_dump", options, command)


def _load(url: URL, file: Path, *, replace: bool) -> None:
    others = _in_use(url)
    if others:
        raise BridgeError(
            f"{others} others are connected to the database: stop every bridge that uses it first"
        )
    command = f"pg_restore --single-transaction --no-owner --dbname={_shown(url)} {file}"
    options = ["--single-transaction", "--no-owner", "--no-privileges", "--exit-on-error"]
    options += ["--clean", "--if-exists"] if replace else []
    _run(url, "pg_restore", [*options, f"--dbname={_address(url)}", str(file)], command)


def _in_use(url: URL) -> int:
    """Return how many others are connected; one that just left is waited for."""
    others = 0
    for _ in range(_LOOKS):
        with _connected(url) as connection:
            others = int(connection.exec_driver_sql(_IN_USE).scalar_one())
        if not others:
            break
        time.sleep(_PAUSE)
    return others


def _run(url: URL, program: str, options: Sequence[str], command: str) -> None:
    """Run a program of PostgreSQL; the password goes by its environment, never as an argument."""
    found = _found(program)
    if found is None:
        raise BridgeError(
            f"{program} is not installed: get the client programs of PostgreSQL, or run it where "
            f"they are: {command}"
        )
    given = [found, *options]
    if program == "pg_dump":
        given.append(f"--dbname={_address(url)}")
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603 - a program of the system, and no shell
        given, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise StoreError(f"{program} did not do it: {lines[0] if lines else done.returncode}")


def _address(url: URL) -> str:
    """Return the address without its password, as the programs of PostgreSQL read it."""
    bare = url.set(drivername="postgresql", password=None)
    return bare.render_as_string(hide_password=False)


def _shown(url: URL) -> str:
    return url.set(drivername="postgresql", password=None, query={}).render_as_string()


def _found(program: str) -> str | None:
    """Return the newest there is: an old one refuses a newer server."""
    folders = [folder for root in PROGRAMS for folder in Path(root).glob("*/bin")]
    versions = sorted(folders, key=lambda folder: _number(folder.parent.name))
    for folder in reversed(versions):
        if (folder / program).is_file():
            return str(folder / program)
    return shutil.which(program)


def _number(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return 0.0


# -- free pages ------------------------------------------------------------------------------------

REWRITTEN = (
    *("people", "endpoints", "places", "states", "invites", "invite_hashes", "strangers", "asks"),
    *("questions", "waits", "chat_sessions", "chat_codes", "chat_notes", "chat_uploads"),
    *("sign_in_links", "web_sessions", "tokens", "agenda_links", "data_keys", "blobs"),
    *("blob_chunks", "outbox", "inbox", "message_ids", "message_ids_young", "call_answers"),
)
"""The tables whose old rows could still tell who was erased."""


def rewrite(url: str) -> str:
    """Write the database anew, so that nothing erased stays in free pages.

    Returns why that was not possible just now, '' when all is done: a bridge at work is waited for
    some seconds only.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _rewrite_file(_database(parsed))
    engine = sa.create_engine(parsed, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET lock_timeout = '10s'")
            for table in REWRITTEN:
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
    except sa.exc.DBAPIError as error:
        return str(error.orig).strip().partition("\n")[0]
    finally:
        engine.dispose()
    return ""


def _rewrite_file(file: Path) -> str:
    try:
        with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("VACUUM")
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "somebody was reading, so the write-ahead log could not be emptied" if busy else ""
