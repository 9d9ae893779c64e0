"""Sample a process from inside; Python imports this at start when the folder is on its path.

Every 2 ms each thread's CPU time since the last look is charged to the code on top of its stack,
so waiting costs nothing and time spent in C counts for the Python line that called it. It begins
when the benchmark makes the file with the suffix `.go`, so the start is left out. At exit, seconds
by `thread: code` go to the file named by `COACHBRIDGE_BENCH_PROFILE`. Only the profiling run of
the benchmark starts a process with that set; nothing of the product is imported.
"""

import atexit
import json
import os
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

INTERVAL = 0.002
ROOMS = ("bridge", "adapters", "storage", "scheduling")


def label(frame: FrameType) -> str:
    """Name the code of a frame: a module of ours, else its package, else the standard library's."""
    module = str(frame.f_globals.get("__name__", "?"))
    top = module.partition(".")[0]
    if top in ROOMS:
        return module
    if "site-packages" in frame.f_code.co_filename:
        return top
    return f"python {top}"


def clock(thread: int) -> float:
    """Give the CPU seconds of a thread, 0.0 when it just ended."""
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    except OSError:
        return 0.0


def sample(spent: dict[str, float], begin: Path) -> None:
    """Look at all threads for ever, once `begin` exists."""
    own = threading.get_ident()
    while not begin.exists():
        time.sleep(0.02)
    last: dict[int, float] = {}
    while True:
        time.sleep(INTERVAL)
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        for ident, frame in sys._current_frames().items():
            # A thread Python does not list may be ending; its clock must not be asked for.
            if ident == own or ident not in names:
                continue
            now = clock(ident)
            spent[f"{names[ident]}: {label(frame)}"] += max(0.0, now - last.get(ident, now))
            last[ident] = now


def start(path: Path) -> None:
    """Sample from when `path`.go exists until the process ends, then write to `path`."""
    spent: dict[str, float] = defaultdict(float)
    atexit.register(lambda: path.write_text(json.dumps(spent)))
    threading.Thread(
        target=sample, args=(spent, path.with_suffix(".go")), name="sampler", daemon=True
    ).start()


if wanted := os.environ.get("COACHBRIDGE_BENCH_PROFILE"):
    start(Path(wanted))
