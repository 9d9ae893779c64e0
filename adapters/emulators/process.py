"""An emulator as a process of its own: one line of JSON with its `api_url` when it listens.

It ends on SIGINT or SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

if TYPE_CHECKING:
    from types import TracebackType


class Emulator(Protocol):
    """Any emulator that listens while it is entered."""

    @property
    def api_url(self) -> str:
        """What a program uses in place of the network's own address."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


async def serve(emulator: Emulator) -> None:
    """Serve until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with emulator:
        sys.stdout.write(msgspec.json.encode({"api_url": emulator.api_url}).decode() + "\n")
        sys.stdout.flush()
        await stop.wait()
