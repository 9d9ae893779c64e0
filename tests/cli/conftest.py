"""A practice in a folder, and the command line over it: in this process, or as a real one."""

import asyncio
import logging
import os
import socket
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from bridge.app import Offline, open_offline
from bridge.cli import main
from bridge.config import load

TOKEN = "123456789:AAE-secret-secret-secret-secret-12"

PRACTICE = """
[[person]]
id = "noor"
name = "Noor"
language = "nl"
time_zone = "Europe/Amsterdam"
endpoints = ["telegram:main:111"]

[[person]]
id = "anna"
name = "Anna"
language = "en"
time_zone = "Europe/Lisbon"
endpoints = ["telegram:main:222"]

[[trajectory]]
id = "anna-2026"
coaches = ["noor"]
clients = ["anna"]
consent = "recorded"
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


class Folder:
    """Where an operator works."""

    def __init__(self, path: Path, url: str, capfd: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capfd = capfd
        self.configure(url)
        self.practice(PRACTICE)

    def configure(self, url: str, api_url: str = "http://127.0.0.1:9", port: int = 0) -> None:
        (self.path / "coachbridge.toml").write_text(
            f'[store]\nurl = "{url}"\n[web]\nport = {port}\n'
            f'[telegram.main]\ntoken = "{TOKEN}"\napi_url = "{api_url}"\n',
            encoding="utf-8",
        )
        self.url = url

    def practice(self, text: str) -> None:
        (self.path / "practice.toml").write_text(text, encoding="utf-8")

    def opened(self) -> AbstractContextManager[Offline]:
        """Open the store as a command does."""
        return open_offline(load(self.path / "coachbridge.toml"))

    def run(self, *words: str) -> Ended:
        """Run a command within this process."""
        before = sys.argv, logging.getLogger().handlers[:], logging.getLogger().level
        self._capfd.readouterr()
        sys.argv = ["coachbridge", *words]
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code
        finally:
            sys.argv, logging.getLogger().handlers[:], logging.getLogger().level = before
            structlog.reset_defaults()
        said = self._capfd.readouterr()
        assert "Traceback" not in said.err
        return Ended(code if isinstance(code, int) else 0, said.out, said.err)

    def well(self, *words: str) -> str:
        """Run a command that has to succeed; return what it printed."""
        ended = self.run(*words)
        assert (ended.code, ended.err) == (0, ""), ended
        return ended.out

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", "from bridge.cli import main; main()", *words],
            cwd=self.path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    async def process(self, *words: str) -> Ended:
        """Run a command as a process of its own beside this loop."""
        running = self.start(*words)
        out, err = await asyncio.to_thread(running.communicate, None, 30)
        return Ended(running.returncode, out, err)


@pytest.fixture
def folder(
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Folder:
    """An operator's folder; the test runs once per store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path / "no-secrets"))
    for name in ("COACHBRIDGE_CONFIG", "COACHBRIDGE_KEY"):
        monkeypatch.delenv(name, raising=False)
    return Folder(tmp_path, database_url, capfd)


@pytest.fixture
def unused_port() -> int:
    """A port nothing listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
