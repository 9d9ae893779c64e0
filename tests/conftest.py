"""What every test has: a run folder, the network guard, and a fresh database on each store.

Rules: one folder per run holds what workers share and goes with the run; no test leaves this
machine; a real part that is missing skips by name, and with CI=true fails.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.engine import make_url

from storage.engine import migrate
from tests.support import mail_servers as mail
from tests.support import network_guard, postgres
from tests.support.blank import blank
from tests.support.effort import QUICK
from tests.support.mail_servers import MailServers, MailServersMissingError
from tests.support.postgres import LocalPostgres, Postgres
from tests.support.postgres_binaries import PostgresMissingError

_RUN_FOLDER = "COACHBRIDGE_TEST_RUN"
_RUN_PROCESS = "COACHBRIDGE_TEST_PROCESS"
_WITH_SERVERS = {
    Path(__file__).parent / name
    for name in ("cli", "email", "emulators", "slack", "twilio", "web", "webchat")
}
_ALL_SLOW = {
    Path(__file__).parent / name
    for name in (
        *("agenda", "browser", "erasing", "faults", "walks", "web/test_api_schema.py"),
        *("runtime/test_handover.py", "runtime/test_hours.py", "runtime/test_nudge_edges.py"),
        *("runtime/test_postponing.py", "runtime/test_week.py", "runtime/test_weekly.py"),
        *("runtime/test_replacing.py", "scheduling/test_budget.py", "scheduling/test_parting.py"),
    )
}
_PURE = {
    *("test_page_texts.py", "test_phone.py", "test_reading.py", "test_recordings.py"),
    *("test_console_words.py", "test_picture.py", "test_views.py"),
    *("test_config.py", "test_logging.py", "test_practice_file.py"),
}
_STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
_GUARDED = Path(__file__).parent / "support" / "guarded"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew; look at the difference before committing it."""
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")


def pytest_configure(config: pytest.Config) -> None:
    """Guard this process and those it starts; the first process of the run makes its folder."""
    network_guard.install()
    network_guard.install_on_uvloop()
    if _leaves_out_slow(config):
        os.environ[QUICK] = "1"
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="coachbridge-tests-"))
    # PostgreSQL runs as another user when we are root, and has to pass through.
    folder.chmod(0o711)
    os.environ[_RUN_FOLDER] = str(folder)
    os.environ[_RUN_PROCESS] = str(os.getpid())
    paths = [str(_GUARDED), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)


def _leaves_out_slow(config: pytest.Config) -> bool:
    return "not slow" in str(config.getoption("markexpr"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what holds only slow tests in a run that leaves them out."""
    whole = collection_path in _ALL_SLOW or _runs_servers(collection_path)
    return True if whole and _leaves_out_slow(config) else None


def _runs_servers(path: Path) -> bool:
    return path.parent in _WITH_SERVERS and path.name.startswith("test_") and path.name not in _PURE


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to `make test` what runs servers, pages or programs of its own for each test."""
    for item in items:
        if _runs_servers(item.path) or not _ALL_SLOW.isdisjoint((item.path, *item.path.parents)):
            item.add_marker(pytest.mark.slow)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the run shared, also after Ctrl-C; workers leave it to the first process."""
    folder = os.environ.get(_RUN_FOLDER)
    if folder is None or hasattr(config, "workerinput"):
        return
    postgres.stop_shared(Path(folder))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:
    """Fail a test that tried to leave this machine, even if its code swallowed the refusal."""
    network_guard.REFUSED.clear()
    yield
    refused = list(network_guard.REFUSED)
    network_guard.REFUSED.clear()
    if refused:
        pytest.fail("; ".join(refused))


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder all workers of this run share."""
    return Path(os.environ[_RUN_FOLDER])


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> Postgres:
    """The run's PostgreSQL; a test creates databases on it and must not stop it."""
    try:
        return postgres.shared(run_folder, int(os.environ[_RUN_PROCESS]))
    except PostgresMissingError as missing:
        _missing(str(missing))


@pytest.fixture
def own_postgres(run_folder: Path, tmp_path: Path) -> Iterator[LocalPostgres]:
    """A started PostgreSQL of the test's own, to stop, crash and start again."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=run_folder))
    try:
        server = postgres.private(folder, int(os.environ[_RUN_PROCESS]))
        server.start()
    except PostgresMissingError as missing:
        _missing(str(missing))
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mail_servers(run_folder: Path) -> Iterator[MailServers]:
    """A Postfix and a Dovecot of the test's own, which know the bridge and Anna."""
    folder = Path(tempfile.mkdtemp(prefix="mail-", dir=run_folder))
    users = {"coach@practice.example": "the bridge's", "anna@example.org": "Anna's"}
    try:
        with mail.running(folder, users) as servers:
            yield servers
    except MailServersMissingError as missing:
        pytest.skip(str(missing))  # in CI too: not every machine has somebody to install them from
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def blank_template(postgres_server: Postgres) -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy; nobody is connected to it."""
    with postgres_server.database() as url:
        migrate(url)
        yield make_url(url).database or ""


@pytest.fixture(params=_STORES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh database with the schema and no row.

    The test runs once per store.
    """
    if request.param == "sqlite":
        yield blank(tmp_path / "coachbridge.db")
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database(request.getfixturevalue("blank_template")) as url:
        yield url


@pytest.fixture(params=_STORES)
def unmade_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database as a first start finds it, without even a schema; once per store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'coachbridge.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


def _missing(capability: str) -> NoReturn:
    """Skip because a real part is missing; in CI that is a failure."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"CI=true, but {capability}")
    pytest.skip(capability)
