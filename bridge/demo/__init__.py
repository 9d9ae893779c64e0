"""`coachbridge demo`: the real bridge, emulated networks and made-up people.

1. Nothing of the operator's is read or touched: neither settings files nor ``COACHBRIDGE_…``
   variables count, everything is on loopback and in a temporary folder that is gone afterwards.
2. Only the networks are emulated; the bridge is the one that ``coachbridge serve`` starts.
3. ``browser.serve`` shows it as a page until it is told to stop. ``play`` tells a story in the
   terminal: it ends by itself, in less than twenty seconds, and fails if the bridge does not do
   as told.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import uvloop

from bridge.core.errors import BridgeError
from bridge.demo.browser import serve
from bridge.demo.house import open_house
from bridge.demo.stage import Stage
from bridge.demo.story import tell

__all__ = ["play", "serve"]

LONGEST = 60.0
"""Seconds after which something must be wrong."""


def play() -> None:
    """Play the story and print it. Raises BridgeError when the bridge does not do what it tells."""
    with (
        tempfile.TemporaryDirectory(prefix="coachbridge-demo-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_play(Path(folder)))


async def _play(folder: Path) -> None:
    stage = Stage()
    try:
        async with asyncio.timeout(LONGEST), open_house(folder, 0) as house:
            await tell(stage, house)
    except TimeoutError:
        raise BridgeError(f"the demo got stuck in: {stage.title}; please report it") from None
    stage.say("That was all. Nothing of it is left on this machine.")
