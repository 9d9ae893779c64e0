"""The demo in a browser: from the first print to the last file removed.

1. Ctrl-C, SIGTERM and a closed terminal end it in order; nothing is left behind.
2. The page is there before anything is played on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from bridge.demo.board import Board
from bridge.demo.cast import EVERYBODY
from bridge.demo.doors import ConsoleDoor, NextDoor, Sem
from bridge.demo.house import HOST, open_rooms
from bridge.demo.page import build_demo
from bridge.demo.tour import Player, opening
from bridge.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import FrameType

    from bridge.demo.house import Rooms

USUAL_PORT = 8080
NAMES = {person.id: person.name for person in EVERYBODY.person}
STOP_SECONDS = 2
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(port: int | None, *, open_browser: bool) -> None:
    """Serve the page until told to stop; without a port the usual one, else a free one.

    Raises ConfigError when the port that was asked for is taken.
    """
    for number in _ENDING:  # until the loop listens for them: unwind, so that the folder goes
        signal.signal(number, _end)
    with (
        tempfile.TemporaryDirectory(prefix="coachbridge-demo-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_until_stopped(Path(folder), _chosen(port), open_browser=open_browser))


async def _until_stopped(folder: Path, port: int, *, open_browser: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        loop.add_signal_handler(number, stopping.set)
    async with open_demo(folder, port) as demo:
        _say(f"Coachbridge demo: {demo.url}")
        _say("Everything runs on this machine only and is gone when you stop it with Ctrl-C.")
        if open_browser and _has_screen():
            await asyncio.to_thread(webbrowser.open, demo.url)
        await stopping.wait()
    _say("The demo has ended. Nothing of it is left on this machine.")


class Running:
    """A running demo: where it is, and what it is made of."""

    def __init__(self, rooms: Rooms, board: Board, port: int) -> None:
        self.rooms = rooms
        self.board = board
        self.port = port

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.port}/demo"


@asynccontextmanager
async def open_demo(
    folder: Path, port: int, *, pace: float = 1.0, play: bool = True
) -> AsyncIterator[Running]:
    """Start everything and the page; end everything.

    ``play`` fills the phones with a few messages. Raises ConfigError, StoreError.
    """
    async with open_rooms(folder, port, EVERYBODY) as rooms:
        link, code = await rooms.invitation("anna-2026", "anna")
        networks = rooms.networks
        phones, wires = networks.phones(link, code), networks.wires()
        board = Board(rooms, phones, wires, networks.receivers())
        sem = Sem(rooms)
        web = WebServer(
            build_demo(
                board,
                rooms.pages,
                NAMES,
                pace=pace,
                doors={
                    "console": ConsoleDoor(rooms, "noor"),
                    "colleague": NextDoor(ConsoleDoor(rooms, "mila")),
                    "chat": sem,
                },
            ),
            HOST,
            rooms.port,
            stop_seconds=STOP_SECONDS,
        )
        rooms.app.service.supervisor.start("demo board", board.run)
        await web.start()
        playing = asyncio.create_task(_open(board, sem, pace) if play else asyncio.sleep(0))
        try:
            yield Running(rooms, board, web.port)
        finally:
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await playing
            await sem.close()
            board.close()  # let go of whoever watches, or the server waits for them
            rooms.app.service.watch.close()
            await web.stop()


async def _open(board: Board, sem: Sem, pace: float) -> None:
    with contextlib.suppress(TimeoutError):  # a visitor was quicker; the page is none the worse
        await opening(Player(board, pace), sem)


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _chosen(port: int | None) -> int:
    """Return a port that is free now: the one asked for stands, whatever becomes of it."""
    if port is not None:
        return port
    for candidate in (USUAL_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 0


def _has_screen() -> bool:
    """Tell whether a browser would have a window; one within the terminal would take it over."""
    if sys.platform in {"darwin", "win32"} or os.environ.get("BROWSER"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()
