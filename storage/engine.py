"""Open the database: connections, schema, the key check and the lock against a second process.

1. SQLite runs in WAL mode with ``synchronous=FULL``: a commit that returned survives a power cut.
2. One writing connection (``BEGIN IMMEDIATE``) and a few reading ones that cannot write.
3. On SQLite one serving process at a time, proven by a lock that dies with it; short command line
   calls rely on the database's own lock. On PostgreSQL there may be several.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from bridge.core.errors import ConfigError, StoreError
from storage.columns import complete_for_postgresql
from storage.keys import BRIDGE_KEY, Keyring, MasterKey
from storage.tables import meta

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    import psycopg

HEAD = "0001"
"""The newest revision in storage/migrations; a test holds the two together."""

BUSY_MS = 10_000
CACHE_KIB = 2_048
READER_CACHE_KIB = 1_024
"""A page that looks back reads once; what every message touches is in the writer's cache."""

CHECKPOINT_PAGES = 16_000
"""64 MiB of write-ahead log: a page that changes in every commit is copied home once, not often."""
_READERS = 4
_STATEMENTS = 512  # kept ready by each connection; the batches' sizes make many of them
_MORE = 4  # connections beyond the pool's, for a moment
STOPPED_SECONDS = 10
"""How long PostgreSQL waits for a process that stands still inside a transaction of the writer. It
may hold the rows of a log and of timers; then its session is ended, what it did is undone, and the
others go on. A batch of ours takes milliseconds."""
_MIGRATION_LOCK = 0x636F616368  # any number, the same in every process


class Store:
    """An open database with its schema checked and its key known."""

    def __init__(self, url: URL, master: MasterKey, erasures: Path | None = None) -> None:
        self.url = url
        self.master = master
        self.erasures = erasures
        self.postgresql = url.get_backend_name() == "postgresql"
        if self.postgresql:
            complete_for_postgresql()
        self.writer = _engine(url, read_only=False)
        self.readers = _engine(url, read_only=True)
        self._lock: int | None = None

    @property
    def file(self) -> Path | None:
        """The database file, None on PostgreSQL."""
        return None if self.postgresql else Path(self.url.database or "")

    def derive(self, purpose: str) -> bytes:
        """Return 32 secret bytes that belong to this key and purpose."""
        return self.master.derive(purpose)

    def keyring(self) -> Keyring:
        """Return an empty keyring for one thread."""
        return Keyring(self.master)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Lend a connection that sees one moment of the database and cannot change it.

        Raises StoreError when the database is away.
        """
        try:
            with self.readers.connect() as connection, connection.begin():
                yield connection
        except sa.exc.DBAPIError as error:
            raise store_error(error) from error

    def lock_process(self) -> None:
        """Make this the one process that serves a SQLite database, until it ends.

        Raises ConfigError naming the process that has it. Does nothing on PostgreSQL.
        """
        if self._lock is None:
            self._lock = _locked(self.file)

    def close(self) -> None:
        """Let go of all connections and of the process lock."""
        self.readers.dispose()
        self.writer.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def lock_process(url: str) -> int | None:
    """Take the lock of a serving process before there is a store; close what this returns.

    Raises ConfigError naming the process that has it. None on PostgreSQL, which needs none.
    """
    parsed = parse_url(url)
    return _locked(Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None)


def _locked(file: Path | None) -> int | None:
    if file is None:
        return None
    path = file.with_name(file.name + "-lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 32).decode(errors="replace").strip() or "?"
        os.close(descriptor)
        raise ConfigError(
            f"{file} is already in use by process {holder}; SQLite serves one process "
            "at a time: stop that one first, or use PostgreSQL"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def store_error(error: sa.exc.DBAPIError) -> StoreError:
    """Return what went wrong in the database as our own error, without values of any row."""
    text = str(error.orig).strip().partition("\n")[0] if error.orig else type(error).__name__
    return StoreError(f"the database did not do it: {text}")


def parse_url(url: str) -> URL:
    """Return the address of a database we can use. Raises ConfigError."""
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigError("[store] url is not a database address") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed
    raise ConfigError("[store] url must be sqlite:///<file> or postgresql+psycopg://…")


def open_store(
    url: str, keys: MasterKey, *, create: bool = True, erasures: Path | None = None
) -> Store:
    """Open a database; with ``create`` make or migrate its schema first.

    ``erasures`` is the ledger of erasures beside the key; None = there is none but the table.

    Raises ConfigError when the schema or the key does not fit, StoreError when the database is
    away.
    """
    store = Store(parse_url(url), keys, erasures)
    try:
        if create:
            _prepare_file(store)
        revision = _revision(store)
        if revision != HEAD:
            if not create:
                raise ConfigError("the database is not at this version: run coachbridge migrate")
            _migrate(store)
        _check_key(store)
    except sa.exc.DBAPIError as error:
        store.close()
        raise store_error(error) from error
    except BaseException:
        store.close()
        raise
    return store


def migrate(url: str) -> None:
    """Bring the schema of a database to the newest version; does nothing when it is there.

    Raises ConfigError when a newer program made it, StoreError when the database is away.
    """
    store = Store(parse_url(url), MasterKey(bytes(32)))
    try:
        _prepare_file(store)
        _migrate(store)
    except sa.exc.DBAPIError as error:
        raise store_error(error) from error
    finally:
        store.close()


def _prepare_file(store: Store) -> None:
    if store.file is None or store.file.exists():
        return
    try:
        os.close(os.open(store.file, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise ConfigError(f"[store] url: {store.file} cannot be made: {error}") from error


def _revision(store: Store) -> str | None:
    """Return the schema's revision, None for an empty database."""
    with store.readers.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _migrate(store: Store) -> None:
    # Alembic takes a quarter of a second to import and is not needed when all is up to date.
    from storage.migrations.run import upgrade

    with store.writer.begin() as connection:
        if store.postgresql:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        upgrade(connection, HEAD)


def _check_key(store: Store) -> None:
    """Compare the key with the one the store was made with; a new store takes this one."""
    with store.readers.connect() as connection:
        known = _meta(connection, "key_check")
    if known is None:
        with store.writer.begin() as connection:
            known = _establish(connection, store)
    if not store.master.made(bytes.fromhex(known)):
        raise ConfigError(
            "this key is not the one the database was made with: put the right key into "
            "COACHBRIDGE_KEY or the file of [keys], or restore it from your backup of keys"
        )


def _establish(connection: sa.Connection, store: Store) -> str:
    if store.postgresql:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    known = _meta(connection, "key_check")
    if known is not None:
        return known
    mine = store.master.check_value().hex()
    rows = {"key_check": mine, "store_id": secrets.token_hex(8), "registry_version": "0"}
    connection.execute(meta.insert(), [{"key": k, "value": v} for k, v in rows.items()])
    store.keyring().make(connection, *BRIDGE_KEY, at=0)
    return mine


def _meta(connection: sa.Connection, key: str) -> str | None:
    return connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).scalar()


def _engine(url: URL, *, read_only: bool) -> sa.Engine:
    size = _READERS if read_only else 2
    if url.get_backend_name() == "postgresql":
        # Positional parameters, so that rows can be handed to the driver as tuples.
        engine = sa.create_engine(
            url, paramstyle="format", pool_size=size, max_overflow=_MORE, pool_pre_ping=True
        )
        if not read_only:
            sa.event.listen(engine, "connect", _as_writer)
            return engine
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    engine = sa.create_engine(
        url,
        pool_size=size,
        max_overflow=_MORE,
        connect_args={"cached_statements": _STATEMENTS},
    )
    sa.event.listen(engine, "connect", _read_pragmas if read_only else _pragmas)
    sa.event.listen(engine, "begin", _begin_read if read_only else _begin_write)
    return engine


def _as_writer(connection: psycopg.Connection, _record: object) -> None:
    """Let PostgreSQL undo the transaction of a process that was stopped in the middle of it.

    The writer looks up by key or takes the first rows of an index. A bitmap has no order: without
    fresh statistics it was chosen for the timers that are due, and all of them sorted each time.
    """
    connection.execute(f"SET idle_in_transaction_session_timeout = '{STOPPED_SECONDS}s'")
    connection.execute("SET enable_bitmapscan = off")
    connection.commit()


def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin too late and commit before DDL: we begin them ourselves.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "recursive_triggers=ON",  # so that REPLACE fires the triggers of entries
        f"cache_size=-{CACHE_KIB}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _read_pragmas(connection: sqlite3.Connection, record: object) -> None:
    _pragmas(connection, record)
    connection.execute(f"PRAGMA cache_size=-{READER_CACHE_KIB}")
    connection.execute("PRAGMA query_only=ON")


def _begin_write(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_read(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")
