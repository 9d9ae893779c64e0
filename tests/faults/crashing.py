"""Run the program with a power cut at the n-th commit: `python crashing.py serve …`.

The file named by TEST_FUSE tells where: `<id> <n> before|after`. From the moment an id is seen for
the first time the commits of the process are counted, and just before or right after the n-th one
it kills itself with SIGKILL. Not a hook in the product: the two database drivers are wrapped from
outside, below everything of ours. Reading transactions end with a commit too; dying there is as
good.
"""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg


class Fuse:
    """Counts commits over all connections and threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._id = ""
        self._left = 0
        self._when = ""

    def burn(self, commit: Callable[[], Any]) -> Any:
        """Commit, unless this is where it ends."""
        with self._lock:
            self._look()
            self._left -= 1
            mine = self._left == 0
        if mine and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = commit()
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def _look(self) -> None:
        try:
            found = self._file.read_text().split()
        except OSError:
            return
        if len(found) == 3 and found[0] != self._id:
            self._id, self._left, self._when = found[0], int(found[1]), found[2]


def main() -> None:
    """Wrap the drivers, then be the program."""
    fuse = Fuse(Path(os.environ["TEST_FUSE"]))

    class Connection(sqlite3.Connection):
        def commit(self) -> None:
            if self.in_transaction:
                fuse.burn(super().commit)
            else:
                super().commit()

        def execute(self, sql: str, /, *parameters: Any) -> sqlite3.Cursor:
            if sql.strip().upper().startswith("COMMIT"):
                cursor: sqlite3.Cursor = fuse.burn(lambda: super(Connection, self).execute(sql))
                return cursor
            return super().execute(sql, *parameters)

    connect = sqlite3.connect

    def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(*arguments, **{"factory": Connection, **options})
        return made

    for module in (sqlite3, sqlite3.dbapi2):
        vars(module)["connect"] = connected
    commit = psycopg.Connection.commit
    psycopg.Connection.commit = lambda self: fuse.burn(lambda: commit(self))  # type: ignore[method-assign]

    from bridge.cli import main as program

    program()


if __name__ == "__main__":
    main()
