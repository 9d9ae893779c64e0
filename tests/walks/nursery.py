"""Processes of the program in milliseconds: fork one that has imported everything already.

    python nursery.py SOCKET

Importing the program costs most of a second of a core, and these tests start it a thousand times.
Each request names arguments, folder, environment and two descriptors for what is said; the answer
is the process id, and later its exit code. What is forked has no threads and has run nothing yet.
It ends, and its children with it, when standard input does. Standard library only above the line.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn, TextIO

PRELOAD = (
    "adapters.telegram",
    "adapters.telegram.request",
    "aiohttp",
    "bridge.app",
    "bridge.cli.applying",
    "bridge.cli.commands",
    "bridge.cli.inviting",
    "bridge.cli.options",
    "bridge.cli.serving",
    "bridge.cli.show",
    "bridge.config",
    "bridge.runtime.outbox",
    "bridge.runtime.service",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "storage.audit",
    "storage.migrations.run",
    "storage.queries",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)


class Nursery:
    """The loop of the parent: fork on request, tell when one has ended."""

    def __init__(self, address: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address)
        self._listener.listen(64)
        self._children: dict[int, socket.socket] = {}
        self._woken, self._waking = socket.socketpair()
        for end in (self._woken, self._waking):
            end.setblocking(False)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Serve until standard input ends."""
        with selectors.DefaultSelector() as selector:
            for source in (self._listener, self._woken, sys.stdin):
                selector.register(source, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if sys.stdin in ready:
                    break
                if self._woken in ready:
                    self._woken.recv(4096)
                    self._bury()
                if self._listener in ready:
                    self._fork(self._listener.accept()[0])
        for child in self._children:
            os.kill(child, signal.SIGKILL)

    def _bury(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with self._children.pop(pid) as asked:
                code = os.waitstatus_to_exitcode(status)
                asked.sendall(f"{code}\n".encode())

    def _fork(self, asked: socket.socket) -> None:
        message, descriptors, _, _ = socket.recv_fds(asked, 1 << 20, 2)
        pid = os.fork()
        if pid == 0:
            _live(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children[pid] = asked
        asked.sendall(f"{pid}\n".encode())


def _said(descriptor: int) -> TextIO:
    return open(descriptor, "w", buffering=1, errors="backslashreplace", closefd=False)


def _live(wanted: dict[str, Any], out: int, err: int) -> NoReturn:
    """Be the process that was asked for."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(source, target)
    os.closerange(3, 256)
    # What they remember is of the descriptors of the nursery.
    sys.stdout, sys.stderr = _said(1), _said(2)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    sys.argv = [wanted["script"] or "coachbridge", *wanted["arguments"]]
    code = 1
    try:
        if wanted["script"]:
            runpy.run_path(wanted["script"], run_name="__main__")
        else:
            importlib.import_module("bridge.cli").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])
    for name in PRELOAD:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    nursery = Nursery(sys.argv[1])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    nursery.run()
