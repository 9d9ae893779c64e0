"""A bridge in a story: the real program, whose clock the test sets."""

from __future__ import annotations

import os
import re
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.walks import processes
from tests.walks.bridge import Bridge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.walks.bridge import Json, Options
    from tests.walks.processes import Process

SCRIPT = str(Path(__file__).with_name("clocked.py"))
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class StoryBridge(Bridge):
    """An installation whose every process goes by the clock of the story."""

    def __init__(
        self, folder: Path, store_url: str, api_url: str, options: Options, begins: str
    ) -> None:
        self._clock = folder / "clock"
        folder.mkdir(parents=True, exist_ok=True)
        self.set(begins)
        super().__init__(folder, store_url, api_url, options)

    def _begin(self, arguments: Sequence[str], out: int, err: int) -> Process:
        environment = {"COACHBRIDGE_CONFIG": str(self.config), "TEST_CLOCK": str(self._clock)}
        return processes.fork(arguments, self.folder, environment, out, err, SCRIPT)

    def set(self, wall: str) -> None:
        """Let it be that moment in Amsterdam, whatever is on its way."""
        moment = datetime.fromisoformat(wall).replace(tzinfo=AMSTERDAM)
        new = self._clock.with_suffix(".new")
        new.write_text(repr(moment.timestamp() - time.time()))
        os.replace(new, self._clock)  # noqa: PTH105 - at once, or a process would read half of it

    async def at(self, wall: str) -> None:
        """Let it be that moment in Amsterdam, once nothing is on its way any more.

        What becomes due by then happens within a second or two.
        """
        await self.settled()
        self.set(wall)

    def leap(self, wall: str) -> None:
        """Let it be that moment in Amsterdam at once, whatever is on its way."""
        self.set(wall)


def kinds(log: Sequence[Json], pattern: str) -> list[str]:
    """Return the kinds of a log's lines that a pattern fits, in order."""
    return [line["kind"] for line in log if re.fullmatch(pattern, line["kind"])]


def those(log: Sequence[Json], *wanted: str) -> list[Json]:
    """Return the lines of these kinds."""
    return [line for line in log if line["kind"] in wanted]
