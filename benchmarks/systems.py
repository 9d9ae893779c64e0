"""The relays that are measured: the bridge and the two bare bots, each started the same way."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from benchmarks.processes import BenchError, Server, end, free_port, spawn
from benchmarks.traffic import chat_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE: Final = 60.0


class Running(msgspec.Struct):
    """A relay that is attached to the fake server; `ready` is seconds from start to serving."""

    pid: int
    ready: float


class Relay(Protocol):
    """A way to start one kind of relay."""

    name: str

    def prepare(self, directory: Path, persons: int) -> None:
        """Make `directory` ready once; a relay may be launched from it several times."""

    def launch(self, server: Server, mode: str, directory: Path) -> AbstractContextManager[Running]:
        """Run the relay until the block ends."""


class BareBot:
    """python-telegram-bot's echo bot turned relay, with or without one commit per message."""

    def __init__(self, commit: bool) -> None:
        """`commit`: one SQLite commit per message."""
        self.name = "bare bot + commit" if commit else "bare bot"
        self._commit = commit

    def prepare(self, directory: Path, persons: int) -> None:
        """Need nothing."""

    @contextmanager
    def launch(self, server: Server, mode: str, directory: Path) -> Iterator[Running]:
        """Run the bot until the block ends."""
        command = [sys.executable, "-m", "benchmarks.bare_bot", "--api-url", server.url]
        if mode == "webhook":
            command += ["--webhook-port", str(free_port())]
        if self._commit:
            command += ["--commit", str(directory / "bare.db")]
        with (directory / "bare.log").open("ab") as log:
            began = time.perf_counter()
            process = spawn(command, directory, log, {})
            try:
                server.wait_for("attached", PATIENCE)
                yield Running(process.pid, time.perf_counter() - began)
            finally:
                end(process)


class Bridge:
    """The product, driven only through its command line and its files."""

    name = "bridge"

    def __init__(self, command: str) -> None:
        """`command`: the coachbridge executable."""
        self._command = command
        self.apply_seconds = 0.0

    def prepare(self, directory: Path, persons: int) -> None:
        """Make the database and load `persons` / 2 trajectories; time the loading."""
        self._configure(directory, "http://127.0.0.1:9", "polling", free_port())
        (directory / "practice.toml").write_text(practice(persons))
        self.call(directory, "migrate")
        began = time.perf_counter()
        self.call(directory, "apply", "practice.toml")
        self.apply_seconds = time.perf_counter() - began

    @contextmanager
    def launch(
        self,
        server: Server,
        mode: str,
        directory: Path,
        *,
        audit: bool = True,
    ) -> Iterator[Running]:
        """Serve until the block ends, then have the bridge audit its own data.

        Without `audit` the caller does that, once, later.
        """
        port = free_port()
        self._configure(directory, server.url, mode, port)
        with (directory / "bridge.log").open("ab") as log:
            began = time.perf_counter()
            process = spawn([self._command, "serve"], directory, log, {})
            try:
                wait_ready(process, port, directory / "bridge.log")
                ready = time.perf_counter() - began
                server.wait_for("attached", PATIENCE)
                yield Running(process.pid, ready)
            finally:
                code = end(process)
        if code not in (0, -signal.SIGTERM):  # uvicorn ends by the signal after a clean stop
            raise BenchError(f"coachbridge serve ended with {code}:\n{tail(directory)}")
        if audit:
            self.call(directory, "audit")

    def call(self, directory: Path, *arguments: str) -> None:
        """Run one subcommand; `BenchError` unless it exits 0."""
        done = subprocess.run(
            [self._command, *arguments], cwd=directory, capture_output=True, check=False
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")[-2000:]
            raise BenchError(f"coachbridge {arguments[0]} exits {done.returncode}:\n{said}")

    def _configure(self, directory: Path, api_url: str, mode: str, port: int) -> None:
        (directory / "coachbridge.toml").write_text(
            '[store]\nurl = "sqlite:///coachbridge.db"\n\n'
            '[keys]\nfile = "coachbridge.key"\n\n'
            f'[web]\nhost = "127.0.0.1"\nport = {port}\n'
            f'public_url = "http://127.0.0.1:{port}"\n\n'
            '[notices]\nprotection = "never"\n'
            f'[telegram.main]\ntoken = "4242:bench"\nmode = "{mode}"\n'
            f'webhook_secret = "bench-secret"\napi_url = "{api_url}"\n'
            "rate_per_second = 0\nchat_rate_per_second = 0\n"
        )


def practice(persons: int) -> str:
    """Write practice.toml: even persons coach the odd one after them."""
    people = [
        f'[[person]]\nid = "p{number}"\nname = "P{number}"\nlanguage = "en"\n'
        f'time_zone = "Europe/Amsterdam"\nendpoints = ["telegram:main:{chat_of(number)}"]\n'
        for number in range(persons)
    ]
    trajectories = [
        f'[[trajectory]]\nid = "t{coach}"\ncoaches = ["p{coach}"]\nclients = ["p{coach + 1}"]\n'
        'consent = "recorded"\n'
        for coach in range(0, persons, 2)
    ]
    return "\n".join(people + trajectories)


def wait_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Ask /readyz every 5 ms until it says 200."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise BenchError(f"coachbridge serve ended at once:\n{tail(log.parent)}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.005)
    raise BenchError(f"/readyz did not say 200 in {PATIENCE:.0f} s:\n{tail(log.parent)}")


def tail(directory: Path) -> str:
    """Give the end of the bridge's output."""
    return (directory / "bridge.log").read_text(errors="replace")[-2000:]
