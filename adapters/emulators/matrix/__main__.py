"""`python -m adapters.emulators.matrix --port N`: the emulator as a process of its own.

Prints one line of JSON with its `api_url` when it listens; ends on SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio

from adapters.emulators.driving import guard
from adapters.emulators.matrix.control import Control
from adapters.emulators.matrix.emulator import MatrixEmulator
from adapters.emulators.process import serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m adapters.emulators.matrix")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--account", action="append", default=[], metavar="NAME=PASSWORD")
    return parser.parse_args()


async def run(port: int, accounts: list[str]) -> None:
    """Serve until told to stop."""
    emulator = MatrixEmulator(port=port)
    emulator.add_routes(Control(emulator).routes(), guard)
    for account in accounts:
        name, _, password = account.partition("=")
        emulator.account(name, password)
    await serve(emulator)


if __name__ == "__main__":
    arguments = _arguments()
    asyncio.run(run(arguments.port, arguments.account))
