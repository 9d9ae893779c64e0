"""`coachbridge demo`: the real bridge, an emulated Telegram and three made-up people.

1. Nothing of the operator's is read or touched: neither settings files nor ``COACHBRIDGE_…``
   variables count, everything is on loopback and in a temporary folder that is gone afterwards.
2. Only Telegram is emulated; the bridge is the one that ``coachbridge serve`` starts.
3. It ends by itself, in less than twenty seconds; it fails if the bridge does not do as told.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import uvloop

from bridge.core.errors import BridgeError
from bridge.demo.house import open_house
from bridge.demo.stage import Stage
from bridge.demo.story import tell

__all__ = ["run"]

LONGEST = 60.0
"""Seconds after which something must be wrong."""


def run(port: int = 0) -> None:
    """Play the demo and print it; ``port`` is that of the bridge's web server, 0 = a free one.

    Raises BridgeError when the bridge did not do what the story tells.
    """
    with (
        tempfile.TemporaryDirectory(prefix="coachbridge-demo-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_play(Path(folder), port))


async def _play(folder: Path, port: int) -> None:
    stage = Stage()
    try:
        async with asyncio.timeout(LONGEST), open_house(folder, port) as house:
            await tell(stage, house)
    except TimeoutError:
        raise BridgeError(f"the demo got stuck in: {stage.title}; please report it") from None
    stage.say("That was all. Nothing of it is left on this machine.")
