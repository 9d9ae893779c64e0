"""Loops that must not die: each is restarted with a growing pause, and its trouble is visible."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from bridge.core.errors import AccountBroken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)

PAUSE = 0.5
MOST = 30.0


class Supervisor:
    """Keeps named loops running until they are stopped together."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.trouble: dict[str, str] = {}

    def start(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run a loop; when it raises it starts again, when it returns it is done."""
        self._tasks[name] = asyncio.create_task(self._keep(name, loop), name=name)

    def names(self) -> list[str]:
        """Return the names of the loops that were started."""
        return list(self._tasks)

    async def stop(self, *names: str) -> None:
        """Cancel some loops, or all, and wait for them to end."""
        chosen = [self._tasks.pop(name) for name in names or tuple(self._tasks)]
        for task in chosen:
            task.cancel()
        await asyncio.gather(*chosen, return_exceptions=True)

    async def _keep(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        pause = PAUSE
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                await loop()
            except AccountBroken as error:
                self.trouble[name] = str(error)
                log.error("account does not work; its credentials are refused", loop=name)
                pause = MOST
            except Exception as error:  # whatever it was, the loop has to go on
                self.trouble[name] = f"{type(error).__name__}: {error}"
                log.exception("a loop failed and is started again", loop=name)
            else:
                self.trouble.pop(name, None)
                return
            if clock() - began > MOST:
                pause = PAUSE
            await asyncio.sleep(pause)
            self.trouble.pop(name, None)
            pause = min(MOST, pause * 2)
