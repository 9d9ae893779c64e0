"""The workers of `benchmarks.due`: processes that decide, and what happens to them meanwhile."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.processes import ROOT, BenchError, cpu_seconds, environment

if TYPE_CHECKING:
    import random

    from storage.engine import Store

_TICK = os.sysconf("SC_CLK_TCK")


def start(url: str) -> subprocess.Popen[bytes]:
    """Start a worker; it waits for a line before it begins."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.due", "--work", url],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _begin(worker: subprocess.Popen[bytes]) -> None:
    if worker.stdin is None:
        raise BenchError("a worker has no input")
    worker.stdin.write(b"go\n")
    worker.stdin.flush()


class Crowd:
    """Workers; some are killed and stopped while they work. A stopped one goes on after a while."""

    def __init__(self, url: str, workers: int, stopped_for: float) -> None:
        """Start them and wait until they are ready to begin."""
        self._url = url
        self._stopped_for = stopped_for
        self._asleep: dict[int, float] = {}
        self.killed = self.stopped = 0
        self.workers = [start(url) for _ in range(workers)]
        for worker in self.workers:
            if worker.stdout is None or not worker.stdout.readline():
                raise BenchError("a worker did not start")

    def begin(self) -> None:
        """Let them decide."""
        for worker in self.workers:
            _begin(worker)

    def make_trouble(self, chance: random.Random) -> None:
        """Do one bad thing to one worker, and let those go on that slept long enough."""
        now = time.monotonic()
        for number, until in list(self._asleep.items()):
            if now >= until:
                os.kill(self.workers[number].pid, signal.SIGCONT)
                del self._asleep[number]
        awake = [n for n in range(len(self.workers)) if n not in self._asleep]
        if not awake:
            return
        number = chance.choice(awake)
        if not self._asleep:
            os.kill(self.workers[number].pid, signal.SIGSTOP)
            self._asleep[number] = now + self._stopped_for
            self.stopped += 1
        else:
            _end(self.workers[number])
            self.workers[number] = start(self._url)
            _begin(self.workers[number])
            self.killed += 1

    def cpu(self) -> float:
        """Return the CPU seconds of this process and its workers, those that ended included."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cpu_seconds(os.getpid()) + ended.ru_utime + ended.ru_stime

    def end(self) -> None:
        """End every worker that was started."""
        for worker in self.workers:
            _end(worker)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def database_cpu(store: Store) -> float:
    """Return the CPU seconds of a PostgreSQL on this machine, 0 for any other store."""
    if not store.postgresql:
        return 0.0
    with store.readers.connect() as connection:
        backend = int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    with suppress(OSError):
        server = int(_stat(backend)[1])
        if Path(f"/proc/{server}/comm").read_text().startswith("postgres"):
            children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
            spent = _stat(server)[13:15]  # of its children that ended
            for pid in (server, *map(int, children)):
                spent += _stat(pid)[11:13]
            return sum(int(ticks) for ticks in spent) / _TICK
    return 0.0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat behind the name, as proc_pid_stat(5) has them."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
