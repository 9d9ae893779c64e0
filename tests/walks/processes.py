"""Start the program: as anybody would, or forked from a nursery, which takes milliseconds."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAM = str(Path(sys.executable).with_name("coachbridge"))
START_SECONDS = 60.0


class Process(Protocol):
    """What we do with a running process; `subprocess.Popen` is one."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


class Forked:
    """A process out of the nursery."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._heard = b""
        self.pid = int(self._read(START_SECONDS))
        self._code: int | None = None

    def _read(self, timeout: float | None) -> bytes:
        self._line.settimeout(timeout)
        while b"\n" not in self._heard:
            part = self._line.recv(64)
            if not part:
                raise ProcessLookupError("the nursery is gone")
            self._heard += part
        said, _, self._heard = self._heard.partition(b"\n")
        return said

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        if self._code is None:
            try:
                self._code = int(self._read(0))
            except BlockingIOError:
                return None
            self._line.close()
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises TimeoutError."""
        if self._code is None:
            self._code = int(self._read(timeout))
            self._line.close()
        return self._code

    def send_signal(self, sig: int) -> None:
        """Send a signal, unless it ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)


@cache
def _nursery() -> str:
    """Start the nursery of this test process; return where it listens."""
    folder = tempfile.mkdtemp(prefix="nursery-", dir=os.environ.get("COACHBRIDGE_TEST_RUN"))
    address = str(Path(folder) / "socket")
    script = str(Path(__file__).with_name("nursery.py"))
    parent = subprocess.Popen(
        [sys.executable, script, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(_end, parent)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"ready\n", "the nursery did not start"
    return address


def _end(parent: subprocess.Popen[bytes]) -> None:
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.close()
    parent.wait()
    parent.stdout.close()


def fork(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    out: int,
    err: int,
    script: str = "",
) -> Forked:
    """Start `coachbridge <arguments>` (or a script); `out` and `err` are descriptors."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(_nursery())
    wanted = {
        "arguments": list(arguments),
        "folder": str(folder),
        "environment": {**os.environ, **environment},
        "script": script,
    }
    socket.send_fds(line, [json.dumps(wanted).encode()], [out, err])
    return Forked(line)


def start(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], out: int, err: int
) -> subprocess.Popen[bytes]:
    """Start the installed `coachbridge` as anybody would."""
    return subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
    )


async def ended(process: Process, within: float) -> int:
    """Wait for the end of a process; kills it and raises AssertionError when it takes longer."""
    deadline = time.monotonic() + within
    while (code := process.poll()) is None:
        if time.monotonic() > deadline:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            raise AssertionError(f"process {process.pid} still ran after {within} s")
        await asyncio.sleep(0.01)
    return code
