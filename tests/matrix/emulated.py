"""The emulated homeserver in the stead of the real one, as a process of its own."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.matrix.synapse import Account, call

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Emulated:
    """A running emulator; it has what tests ask of Synapse."""

    url: str

    def register(self, name: str, password: str) -> Account:
        """Make an account under a name nobody has yet; return it logged in."""
        name = f"{name}-{secrets.token_hex(4)}"
        made = call("POST", f"{self.url}/control/accounts", {"id": name, "password": password})
        identifier = {"type": "m.id.user", "user": made["user_id"]}
        login = {"type": "m.login.password", "identifier": identifier, "password": password}
        given = call("POST", f"{self.url}/_matrix/client/v3/login", login)
        return Account(self.url, given["user_id"], given["access_token"], given["device_id"])

    def revoke(self, account: Account) -> None:
        """Log all devices of somebody out."""
        call("POST", f"{self.url}/control/revoke", {"user": account.user_id})


@contextmanager
def emulated() -> Iterator[Emulated]:
    """Run the emulator."""
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters.emulators.matrix"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield Emulated(json.loads(process.stdout.readline())["api_url"])
    finally:
        process.terminate()
        process.communicate(timeout=10)
