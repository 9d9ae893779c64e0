"""The tools of the tests do what the tests trust them to do: each guard is tried with its fault."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import uvloop

from tests.support import network_guard, postgres
from tests.support.network_guard import NetworkRefusedError
from tests.support.postgres import LocalPostgres, Postgres
from tests.support.postgres_binaries import PostgresMissingError

# TEST-NET-1 (RFC 5737): never routed, so a broken guard shows as a time-out, not as traffic.
OUTSIDE = "192.0.2.1"


@pytest.fixture
def refusals() -> list[str]:
    """What the guard refused in this test; the test clears it, or the guard's fixture fails."""
    return network_guard.REFUSED


def _refused(refusals: list[str]) -> bool:
    found = bool(refusals)
    refusals.clear()
    return found


@pytest.mark.parametrize("host", [None, "", "localhost", "127.0.0.1", "127.9.9.9", "::1", b"::1"])
def test_loopback_counts_as_local(host: object) -> None:
    assert network_guard.is_local(host)


@pytest.mark.parametrize("host", [OUTSIDE, "example.org", "localhost.example.org", "fe80::1%lo", 7])
def test_anything_else_does_not_count_as_local(host: object) -> None:
    assert not network_guard.is_local(host)


def test_a_connection_to_the_outside_is_refused(refusals: list[str]) -> None:
    with socket.socket() as outward:
        outward.settimeout(1)
        with pytest.raises(NetworkRefusedError):
            outward.connect((OUTSIDE, 80))
        with pytest.raises(NetworkRefusedError):
            outward.connect_ex((OUTSIDE, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as outward, pytest.raises(NetworkRefusedError):
        outward.sendto(b"?", (OUTSIDE, 53))
    assert len(refusals) == 3
    refusals.clear()


def test_a_name_is_not_looked_up(refusals: list[str]) -> None:
    with pytest.raises(NetworkRefusedError):
        socket.getaddrinfo("example.org", 80)
    assert _refused(refusals)


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_no_event_loop_gets_out(factory: object, refusals: list[str]) -> None:
    assert callable(factory)

    async def leave() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(NetworkRefusedError):
            await loop.create_connection(asyncio.Protocol, OUTSIDE, 80)
        with pytest.raises(NetworkRefusedError):
            await loop.getaddrinfo("example.org", 80)
        with socket.socket() as outward:
            outward.setblocking(False)
            with pytest.raises(NetworkRefusedError):
                await loop.sock_connect(outward, (OUTSIDE, 80))

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(leave())
    assert _refused(refusals)


def test_a_started_python_is_guarded_too(tmp_path: Path) -> None:
    program = f"import socket; socket.create_connection(('{OUTSIDE}', 80), timeout=1)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "tests reach loopback only" in done.stderr


@pytest.mark.slow
def test_a_swallowed_refusal_still_fails_its_test(tmp_path: Path) -> None:
    support = Path(__file__).parent
    (tmp_path / "conftest.py").write_text((support / "conftest.py").read_text())
    (tmp_path / "test_swallow.py").write_text(
        "import contextlib, socket\n"
        "def test_swallow():\n"
        "    with contextlib.suppress(Exception):\n"
        f"        socket.create_connection(('{OUTSIDE}', 80), timeout=1)\n"
    )
    before = os.environ["PYTHONPATH"].split(os.pathsep)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(support.parent), *before])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "tests reach loopback only" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED


def test_the_database_is_fresh_and_takes_writes(unmade_database_url: str) -> None:
    engine = sa.create_engine(unmade_database_url)
    table = sa.Table("person", sa.MetaData(), sa.Column("id", sa.Text, primary_key=True))
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        table.create(connection)
        connection.execute(table.insert(), [{"id": "noor"}])
    with engine.connect() as connection:
        assert connection.execute(sa.select(table.c.id)).scalars().all() == ["noor"]
    engine.dispose()


@pytest.mark.postgres
def test_two_tests_never_share_a_database(postgres_server: Postgres) -> None:
    with postgres_server.database() as one, postgres_server.database() as other:
        assert one != other


@pytest.mark.postgres
def test_the_server_is_durable_and_on_loopback(postgres_server: Postgres) -> None:
    plain = postgres_server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.slow
@pytest.mark.fault
@pytest.mark.postgres
def test_a_crashed_server_keeps_what_was_committed(own_postgres: LocalPostgres) -> None:
    url = own_postgres.create_database()
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 41 AS seq")
    own_postgres.crash()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain, connect_timeout=2)
    own_postgres.start()
    with psycopg.connect(plain) as connection:
        assert connection.execute("SELECT seq FROM kept").fetchone() == (41,)


@pytest.mark.slow
@pytest.mark.postgres
def test_the_server_ends_with_a_run_that_was_killed(tmp_path: Path, run_folder: Path) -> None:
    run = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    server = postgres.private(run_folder / f"killed-{run.pid}", run.pid)
    server.start()
    run.send_signal(signal.SIGKILL)
    run.wait()
    deadline = time.monotonic() + 20
    while server.folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.folder.exists()
    server.stop()


@pytest.mark.slow
@pytest.mark.postgres
def test_the_bundled_server_works_where_the_system_has_none(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "system_binaries", lambda: None)
    server = postgres.private(run_folder / "bundled", os.getpid())
    server.start()
    try:
        with server.database() as url:
            assert url.startswith("postgresql+psycopg://coachbridge@127.0.0.1:")
    finally:
        server.stop()


def test_a_missing_server_is_named(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "system_binaries", lambda: None)
    monkeypatch.setattr(postgres, "bundled_binaries", lambda _folder: None)
    with pytest.raises(PostgresMissingError, match="no TEST_DATABASE_URL"):
        postgres.private(run_folder / "none", os.getpid())
