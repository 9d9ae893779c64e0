"""Opening a store: the schema is the migrated one, one process serves a file, readers only read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.core.errors import ConfigError, StoreError
from storage import engine
from storage.engine import Store, migrate, open_store
from storage.keys import MasterKey
from storage.migrations.run import config
from storage.tables import metadata

SERVE = """
import sys
from storage.engine import open_store
from storage.keys import MasterKey
store = open_store(sys.argv[1], MasterKey(bytes(32)))
store.lock_process()
print("locked", flush=True)
sys.stdin.read()
"""


def _definitions(connection: sa.Connection) -> dict[str, str]:
    """Everything SQLite was told to make, by name."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def _indexes(connection: sa.Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )
    return {name: sql for name, sql in rows if "alembic" not in name}


def test_the_migrated_schema_is_the_metadata(unmade_database_url: str) -> None:
    store = open_store(unmade_database_url, MasterKey(bytes(32)))
    with store.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    store.close()


def test_the_migrated_sqlite_tables_are_written_alike(tmp_path: Path) -> None:
    migrated = open_store(f"sqlite:///{tmp_path / 'a.db'}", MasterKey(bytes(32)))
    direct = sa.create_engine(f"sqlite:///{tmp_path / 'b.db'}")
    metadata.create_all(direct)
    with migrated.writer.connect() as left, direct.connect() as right:
        made, wanted = _definitions(left), _definitions(right)
        triggers = {name for name in made if name.startswith("entries_no_")}
        assert triggers == {"entries_no_update", "entries_no_delete"}
        assert {name: sql for name, sql in made.items() if name not in triggers} == wanted
    direct.dispose()
    migrated.close()


@pytest.mark.postgres
def test_the_migrated_postgresql_indexes_are_the_same(store: Store) -> None:
    if not store.postgresql:
        return
    with store.writer.begin() as connection:
        made = _indexes(connection)
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        metadata.create_all(connection)
        assert made == _indexes(connection)


def test_the_program_knows_its_newest_revision() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == engine.HEAD


def test_migrating_again_changes_nothing(store: Store, database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)
    open_store(database_url, store.master, create=False).close()


def test_an_empty_database_is_not_opened_without_being_asked_to(unmade_database_url: str) -> None:
    with pytest.raises(ConfigError, match="migrate"):
        open_store(unmade_database_url, MasterKey(bytes(32)), create=False)


def test_a_newer_schema_is_refused(store: Store, database_url: str) -> None:
    with store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer"):
        open_store(database_url, store.master)


def test_readers_cannot_write(store: Store) -> None:
    with (
        pytest.raises(StoreError),
        store.reading() as connection,
    ):
        connection.exec_driver_sql("UPDATE meta SET value = 'x'")


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.reading() as reader:
        assert reader.exec_driver_sql("SELECT COUNT(*) FROM people").scalar_one() == 0
        with store.writer.begin() as connection:
            connection.exec_driver_sql("INSERT INTO people VALUES ('anna', 'Anna', 'en', 'UTC')")
        assert reader.exec_driver_sql("SELECT COUNT(*) FROM people").scalar_one() == 0
    with store.reading() as reader:
        assert reader.exec_driver_sql("SELECT COUNT(*) FROM people").scalar_one() == 1


@pytest.mark.parametrize("verb", ["UPDATE entries SET kind = 'x'", "DELETE FROM entries"])
def test_entries_are_append_only(store: Store, verb: str) -> None:
    insert = (
        "INSERT INTO entries (trajectory, seq, at, kind, author, owner, envelope, prev_hash, hash) "
        "VALUES ('t', 1, 0, 'k', 'a', 'a', '', '', '')"
    )
    with store.writer.begin() as connection:
        connection.exec_driver_sql(insert)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.writer.begin() as connection:
        connection.exec_driver_sql(verb)


def test_entries_can_be_neither_replaced_nor_truncated(store: Store) -> None:
    columns = "INTO entries (trajectory, seq, at, kind, author, owner, envelope, prev_hash, hash)"
    values = "VALUES ('t', 1, 0, 'k', 'a', 'a', '', '', '')"
    with store.writer.begin() as connection:
        connection.exec_driver_sql(f"INSERT {columns} {values}")
    statement = f"INSERT OR REPLACE {columns} {values}"
    if store.postgresql:
        statement = "TRUNCATE entries"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.writer.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "no address", ""]
)
def test_an_address_that_cannot_be_used_names_the_setting(url: str) -> None:
    with pytest.raises(ConfigError, match="store"):
        open_store(url, MasterKey(bytes(32)))


def test_a_database_that_is_away_is_a_store_error() -> None:
    with pytest.raises(StoreError):
        open_store("postgresql+psycopg://nobody@127.0.0.1:9/none", MasterKey(bytes(32)))


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database, just some bytes " * 100)
    with pytest.raises(StoreError):
        open_store(f"sqlite:///{tmp_path / 'x.db'}", MasterKey(bytes(32)))


def test_a_new_database_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'x.db'}", MasterKey(bytes(32))).close()
    assert (tmp_path / "x.db").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    command = [sys.executable, "-c", SERVE, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"locked\n"
        store = open_store(url, MasterKey(bytes(32)))
        with pytest.raises(ConfigError, match=f"in use by process {first.pid};"):
            store.lock_process()
        first.kill()
        first.wait()
        store.lock_process()
        store.lock_process()
        assert (tmp_path / "x.db-lock").read_text() == f"{os.getpid()}\n"
        store.close()


@pytest.mark.postgres
def test_several_processes_may_serve_one_postgresql(store: Store, database_url: str) -> None:
    if not store.postgresql:
        return
    other = open_store(database_url, store.master)
    store.lock_process()
    other.lock_process()
    other.close()
