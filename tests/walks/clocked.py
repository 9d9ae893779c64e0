"""Run the program with the clock of a story: `python clocked.py serve …`, or any other command.

The file named by TEST_CLOCK says by how many seconds the story's clock is ahead of the machine's
(it may be behind); without the file they agree. It goes on as the machine's does, and is looked at
each time somebody asks.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """What time it is in the story."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written = 0
        self._away = timedelta()

    def __call__(self) -> datetime:
        """Return the moment, aware, in UTC."""
        written = self._file.stat().st_mtime_ns if self._file.exists() else 0
        if written != self._written:
            self._away = timedelta(seconds=float(self._file.read_text()))
            self._written = written
        return datetime.now(UTC) + self._away


def main() -> None:
    """Give the two that ask for the time another clock, then be the program."""
    from storage.blobs import Blobs
    from storage.writer import Writer

    clock = Clock(Path(os.environ["TEST_CLOCK"]))
    for kind in (Writer, Blobs):
        vars(kind)["__init__"].__defaults__ = (clock,)

    from bridge.cli import main as program

    program()


if __name__ == "__main__":
    main()
