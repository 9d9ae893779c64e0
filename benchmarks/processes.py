"""Start, pin, measure and end the processes of a benchmark, read from /proc (Linux only)."""

from __future__ import annotations

import os
import platform
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

from benchmarks.traffic import RunOrder, RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent


class BenchError(Exception):
    """A measured process did not do what the benchmark needs; the text says what and where."""


def cores() -> tuple[set[int], set[int]]:
    """Give the fake server's core and the others, for the system under test."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        return set(available), set(available)
    return {available[0]}, set(available[1:])


def environment() -> dict[str, str]:
    """Give the environment of what we start: this checkout on the path."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "NO_PROXY": "127.0.0.1,localhost",
    }


def spawn(
    command: Sequence[str], directory: Path, log: IO[bytes], extra: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a system under test in `directory`, off the fake server's core, output to `log`."""
    _, rest = cores()
    process = subprocess.Popen(
        list(command),
        cwd=directory,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**environment(), **extra},
    )
    os.sched_setaffinity(process.pid, rest)
    return process


def family(pid: int) -> list[int]:
    """Give a process and its descendants."""
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def cpu_seconds(pid: int) -> float:
    """Give user plus system time of a process and its living descendants, all threads.

    Linux numbers the CPU clock of process p as `~p << 3 | 2` (clock_getcpuclockid(3)); unlike
    /proc/<pid>/stat it counts nanoseconds, and a run can be shorter than a second.
    """
    spent = 0.0
    for member in family(pid):
        with suppress(OSError):
            spent += time.clock_gettime(~member << 3 | 2)
    return spent


def resident_mb(pid: int) -> float:
    """Give the resident memory of a process and its descendants in MB (10⁶ bytes)."""
    kilobytes = 0
    for member in family(pid):
        try:
            lines = Path(f"/proc/{member}/status").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes * 1024 / 1e6


def free_port() -> int:
    """Give a loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def end(process: subprocess.Popen[bytes], patience: float = 15.0) -> int:
    """Ask a process to stop and give its exit code; kill it when it does not."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return -9


class Server:
    """The fake Bot API server as its own process; a context manager."""

    def __enter__(self) -> Server:
        """Start it on its core and wait until it listens."""
        core = min(cores()[0])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fast_server", "--core", str(core)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._buffer = b""
        port = msgspec.convert(self.wait_for("listening", 15.0)["port"], int)
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        end(self._process)

    def wait_for(self, event: str, patience: float) -> dict[str, object]:
        """Read until `event` comes; `BenchError` after `patience` seconds."""
        assert self._process.stdout is not None
        until = time.monotonic() + patience
        while True:
            line, newline, rest = self._buffer.partition(b"\n")
            if newline:
                self._buffer = rest
                said = msgspec.json.decode(line, type=dict[str, object])
                if said["event"] == event:
                    return said
                continue
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise BenchError(f"the fake server did not report {event!r} in {patience:.0f} s")
            piece = os.read(self._process.stdout.fileno(), 65536)
            if not piece:
                raise BenchError("the fake server ended")
            self._buffer += piece

    def run(self, order: RunOrder) -> RunResult:
        """Carry out one run; it ends by itself when the bot stalls."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        return msgspec.convert(self.wait_for("result", 1800.0), RunResult)


def machine_line(directory: Path) -> str:
    """Describe the machine without naming it."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    kind = ""
    best = -1
    for line in Path("/proc/mounts").read_text().splitlines():
        point, file_system = line.split()[1:3]
        if directory.resolve().is_relative_to(point) and len(point) > best:
            best, kind = len(point), file_system
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB, database files on {kind}, "
        f"Linux, Python {platform.python_version()}, "
        f"python-telegram-bot {version('python-telegram-bot')}"
    )
