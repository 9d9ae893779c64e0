"""Where a running bridge spends its time: py-spy looks from outside, this file reads what it saw.

A sampler inside the process sees a thread only where that lets go of the interpreter, which is in C
most of the time; one from outside stops it wherever it is. Threads that wait are not counted.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.processes import ROOT, BenchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RATE: Final = 250
"""Looks a second; each stops the process for a tenth of a millisecond."""

PATIENCE: Final = 30.0

WRITER: Final = (
    ("takes in, decides, logs", "bridge/runtime/inbox.py:"),
    ("claims rows", "bridge/runtime/claiming.py:claim"),
    ("notes what was sent", "bridge/runtime/sending.py:sent"),
    ("writes rows", "storage/unit.py:flush"),
    ("reads ahead", "storage/unit.py:fetch"),
    ("commits", "storage/writer.py:_commit"),
)
LOOP: Final = (
    ("takes payloads in", "bridge/runtime/inbox.py:"),
    ("answers webhooks", "bridge/web/"),
    ("calls the network", "adapters/telegram/cal"),
    ("renders", "adapters/telegram/render.py:"),
    ("polls", "adapters/telegram/listen.py:"),
    ("lanes and couriers", "bridge/runtime/"),
    ("hears of commits", "storage/writer.py:"),
)
"""What a stack is a part of: the first of these with which one of its frames begins."""


WAITING: Final = "concurrent/futures/thread.py:_worker"
"""Where a thread of a pool waits for work: on some machines py-spy takes that for work."""


@contextmanager
def watched(pid: int, output: Path) -> Iterator[None]:
    """Look at a process while the block runs; the stacks go to ``output``. Raises BenchError."""
    command = [str(Path(sys.executable).parent / "py-spy"), "record", "--pid", str(pid)]
    command += ["--rate", str(RATE), "--format", "raw", "--full-filenames", "--threads"]
    command += ["--duration", "unlimited", "--output", str(output)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as spy:
        time.sleep(1.0)  # until it found the interpreter's threads
        try:
            yield
        finally:
            spy.send_signal(signal.SIGINT)
            _, said = spy.communicate(timeout=PATIENCE)
    if not output.exists():
        raise BenchError(f"py-spy wrote nothing: {said.decode(errors='replace')[-500:]}")


def shares(stacks: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return the shares of stages, and of the code on top of the stack, in py-spy's raw lines."""
    stages: Counter[str] = Counter()
    tops: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [_frame(one) for one in stack.split(";")]
        if frames[-1].endswith(WAITING):
            continue
        stages[_stage(frames)] += int(count)
        tops[_module(frames[-1])] += int(count)
    total = stages.total() or 1
    return (
        {name: count / total for name, count in stages.items()},
        {name: count / total for name, count in tops.items()},
    )


def _frame(text: str) -> str:
    """Return ``file:function`` of one frame: ``Logs.append (/path/log.py:40)``."""
    function, _, where = text.partition(" (")
    file = where.rpartition(":")[0].removeprefix(f"{ROOT}/")
    return f"{file}:{function.rpartition('.')[2]}"


def _stage(frames: Sequence[str]) -> str:
    writes = "storage/writer.py:_serve" in frames
    for name, begins in WRITER if writes else LOOP:
        if any(frame.startswith(begins) for frame in frames):
            return f"writer: {name}" if writes else f"loop: {name}"
    return "writer: the rest" if writes else "loop: the rest"


def _module(frame: str) -> str:
    """Name the code of a frame: a module of ours, else its package, else the standard library's."""
    file = frame.rpartition(":")[0]
    if "site-packages/" in file:
        return file.rpartition("site-packages/")[2].partition("/")[0].removesuffix(".py")
    if file.startswith("/"):
        return f"python {Path(file).stem}"
    return file.removesuffix(".py").replace("/", ".") or "python"
