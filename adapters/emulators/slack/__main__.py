"""`python -m adapters.emulators.slack --port N`: the emulator as a process of its own.

Prints one line of JSON with its `api_url` when it listens; ends on SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio

from adapters.emulators.driving import guard
from adapters.emulators.process import serve
from adapters.emulators.slack.control import Control
from adapters.emulators.slack.emulator import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    SlackEmulator,
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m adapters.emulators.slack")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--bot-token", default=BOT_TOKEN)
    parser.add_argument("--app-token", default=APP_TOKEN)
    parser.add_argument("--signing-secret", default=SIGNING_SECRET)
    parser.add_argument("--request-url", default="", help="for events; none = Socket Mode")
    parser.add_argument("--time-factor", type=float, default=1.0, help="of retry waits")
    return parser.parse_args()


async def run(arguments: argparse.Namespace) -> None:
    """Serve until told to stop."""
    emulator = SlackEmulator(
        port=arguments.port,
        time_factor=arguments.time_factor,
        bot_token=arguments.bot_token,
        app_token=arguments.app_token,
        signing_secret=arguments.signing_secret,
    )
    emulator.events.request_url = arguments.request_url
    emulator.add_routes(Control(emulator).routes(), guard)
    await serve(emulator)


if __name__ == "__main__":
    asyncio.run(run(_arguments()))
