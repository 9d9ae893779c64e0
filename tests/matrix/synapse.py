"""A real homeserver for the tests: Synapse from its own environment, one for the whole run.

The environment is `.venv/synapse`, made from requirements-synapse.lock by `make test` (and by
`make .venv/synapse/.installed`), or what TEST_SYNAPSE names. Whoever needs the server first starts
it under a file lock; a keeper ends it with the run. It keeps everything in one SQLite file, listens
on loopback only, speaks to no other server and limits nobody.
https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.postgres import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
SERVER_NAME = "localhost"
_KEEPER = ROOT / "tests/support/postgres_keeper.py"
_UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}
_CLIENT = "/_matrix/client/v3"

_STARTED_HERE: list[subprocess.Popen[bytes]] = []
"""Keeps hold of the keeper: one that is forgotten while it runs is a warning."""


class SynapseMissingError(RuntimeError):
    """There is no Synapse here, or it does not start."""


class RefusedError(RuntimeError):
    """Synapse said no; ``status`` and ``body`` are its answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body!r}")
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Account:
    """Somebody's login, with a client of few words; every call waits for its answer."""

    url: str
    user_id: str
    token: str
    device_id: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Make one call below /_matrix/client/v3. Raises RefusedError."""
        return call(method, f"{self.url}{_CLIENT}{path}", body, self.token)

    def say(self, room_id: str, content: Mapping[str, object], kind: str = "m.room.message") -> str:
        """Send an event; return its id."""
        path = f"/rooms/{quote(room_id)}/send/{kind}/{secrets.token_hex(8)}"
        return str(self.call("PUT", path, content)["event_id"])

    def room(self, *invited: str, **more: object) -> str:
        """Make a room and invite people; return its id."""
        body = {"preset": "trusted_private_chat", "invite": invited, **more}
        return str(self.call("POST", "/createRoom", body)["room_id"])

    def join(self, room_id: str) -> None:
        """Accept an invitation."""
        self.call("POST", f"/join/{quote(room_id)}", {})

    def rooms(self) -> list[str]:
        """Return the rooms this account is in."""
        return list(self.call("GET", "/joined_rooms")["joined_rooms"])

    def invitations(self) -> list[str]:
        """Return the rooms this account is invited to."""
        return list(self.call("GET", "/sync").get("rooms", {}).get("invite", {}))

    def events(self, room_id: str) -> list[dict[str, Any]]:
        """Return the events of a room, oldest first."""
        path = f"/rooms/{quote(room_id)}/messages?dir=b&limit=1000"
        return list(reversed(self.call("GET", path)["chunk"]))

    def state(self, room_id: str) -> list[dict[str, Any]]:
        """Return the state of a room."""
        return list(self.call("GET", f"/rooms/{quote(room_id)}/state"))


@dataclass(frozen=True)
class Synapse:
    """A running homeserver."""

    url: str
    secret: str

    def register(self, name: str, password: str) -> Account:
        """Make an account under a name nobody has yet; return it logged in.

        https://element-hq.github.io/synapse/latest/admin_api/register_api.html
        """
        where = f"{self.url}/_synapse/admin/v1/register"
        nonce = call("GET", where)["nonce"]
        name = f"{name}-{secrets.token_hex(4)}"
        said = b"\0".join(part.encode() for part in (nonce, name, password, "notadmin"))
        mac = hmac.new(self.secret.encode(), said, hashlib.sha1).hexdigest()
        known = {"nonce": nonce, "username": name, "password": password, "mac": mac}
        made = call("POST", where, {**known, "admin": False})
        return Account(self.url, made["user_id"], made["access_token"], made["device_id"])


def call(method: str, url: str, body: object = None, token: str = "") -> Any:
    """Make one call in JSON. Raises RefusedError."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            raise RefusedError(error.code, error.read()) from None


def shared() -> Synapse:
    """Return the run's homeserver, started if need be; skips the test where there is none."""
    try:
        return _shared(
            Path(os.environ["COACHBRIDGE_TEST_RUN"]), int(os.environ["COACHBRIDGE_TEST_PROCESS"])
        )
    except SynapseMissingError as missing:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"CI=true, but {missing}")
        pytest.skip(str(missing))


def _shared(run_folder: Path, watched: int) -> Synapse:
    address = run_folder / "synapse.json"
    with (run_folder / "synapse.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            started = _start(run_folder / "synapse", watched)
            address.write_text(json.dumps({"url": started.url, "secret": started.secret}))
    return Synapse(**json.loads(address.read_text()))


def _python() -> Path:
    folder = Path(os.environ.get("TEST_SYNAPSE") or ROOT / ".venv/synapse")
    python = folder / "bin/python"
    if not python.exists():
        raise SynapseMissingError("no Synapse: run `make .venv/synapse/.installed`")
    return python


def _start(folder: Path, watched: int) -> Synapse:
    python = _python()
    folder.mkdir(mode=0o700)
    port, secret = free_port(), secrets.token_hex(16)
    config = folder / "homeserver.yaml"
    config.write_text(json.dumps(_config(folder, port, secret)))  # JSON is YAML
    command = [str(python), "-m", "synapse.app.homeserver", "-c", str(config)]
    with (folder / "log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-S", str(_KEEPER), str(watched), str(folder), "", *command],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _STARTED_HERE.append(keeper)
    synapse = Synapse(f"http://127.0.0.1:{port}", secret)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and keeper.poll() is None:
        with suppress(OSError):
            call("GET", f"{synapse.url}/_matrix/client/versions")
            return synapse
        time.sleep(0.05)
    keeper.send_signal(signal.SIGTERM)
    keeper.wait(30)
    words = (folder / "log").read_text(errors="replace")[-2000:]
    raise SynapseMissingError(f"Synapse does not start: {words}")


def _config(folder: Path, port: int, secret: str) -> dict[str, object]:
    seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    (folder / "signing.key").write_text(f"ed25519 a_test {seed}\n")
    logs = {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"out": {"class": "logging.StreamHandler", "level": "ERROR"}},
        "root": {"level": "ERROR", "handlers": ["out"]},
    }
    (folder / "log.yaml").write_text(json.dumps(logs))
    login = dict.fromkeys(("address", "account", "failed_attempts"), _UNLIMITED)
    joins = dict.fromkeys(("local", "remote"), _UNLIMITED)
    invites = dict.fromkeys(("per_room", "per_user", "per_issuer"), _UNLIMITED)
    listener = {
        "port": port,
        "type": "http",
        "bind_addresses": ["127.0.0.1"],
        "resources": [{"names": ["client"], "compress": False}],
    }
    return {
        "server_name": SERVER_NAME,
        "pid_file": str(folder / "pid"),
        "listeners": [listener],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": secret,
        "macaroon_secret_key": secrets.token_hex(16),
        "form_secret": secrets.token_hex(16),
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "report_stats": False,
        "federation_domain_whitelist": [],
        "password_config": {"enabled": True},
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        "url_preview_enabled": False,
        "caches": {"sync_response_cache_duration": "0s"},  # the same question, a new answer
        "max_upload_size": "50M",
        "rc_message": _UNLIMITED,
        "rc_registration": _UNLIMITED,
        "rc_admin_redaction": _UNLIMITED,
        "rc_media_create": _UNLIMITED,
        "rc_login": login,
        "rc_joins": joins,
        "rc_joins_per_room": _UNLIMITED,
        "rc_invites": invites,
    }
