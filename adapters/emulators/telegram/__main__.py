"""`python -m adapters.emulators.telegram --port N`: the emulator as a process of its own.

Prints one line of JSON with its `api_url` when it listens; ends on SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio

from adapters.emulators.driving import guard
from adapters.emulators.process import serve
from adapters.emulators.telegram.control import Control
from adapters.emulators.telegram.emulator import TelegramEmulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m adapters.emulators.telegram")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--bot", action="append", default=[], metavar="TOKEN=USERNAME")
    parser.add_argument("--time-factor", type=float, default=1.0, help="of webhook retry waits")
    return parser.parse_args()


async def run(port: int, bots: list[str], time_factor: float) -> None:
    """Serve until told to stop."""
    emulator = TelegramEmulator(port=port, time_factor=time_factor)
    emulator.add_routes(Control(emulator).routes(), guard)
    for bot in bots:
        token, _, username = bot.partition("=")
        emulator.bot(token, username or "coachbridge_bot")
    await serve(emulator)


if __name__ == "__main__":
    arguments = _arguments()
    asyncio.run(run(arguments.port, arguments.bot, arguments.time_factor))
