"""`python -m adapters.emulators.twilio --port N`: the emulator as a process of its own.

Prints one line of JSON with its `api_url` when it listens; ends on SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio

from adapters.emulators.driving import guard
from adapters.emulators.process import serve
from adapters.emulators.twilio.control import Control
from adapters.emulators.twilio.emulator import TwilioEmulator


async def run(port: int) -> None:
    """Serve until told to stop."""
    emulator = TwilioEmulator(port)
    emulator.add_routes(Control(emulator).routes(), guard)
    await serve(emulator)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m adapters.emulators.twilio")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asyncio.run(run(parser.parse_args().port))
