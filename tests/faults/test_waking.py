"""Processes on one PostgreSQL wake each other, and do without it when they cannot."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import psycopg
import pytest
from sqlalchemy.engine import make_url

from adapters.emulators.telegram import faults
from bridge.app import open_offline
from bridge.config import load
from bridge.core.content import Text
from bridge.web.api import acts
from tests.faults import seldom
from tests.faults.balancer import Balancer
from tests.walks.bridge import Bridge, Options
from tests.walks.scene import ANNA, NOOR, TOKEN, Scene, couple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.emulators.telegram import TelegramEmulator
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.postgres]

SELDOM = str(Path(seldom.__file__))
LISTENERS = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'"


def _options(name: str = "coachbridge", *, script: str = SELDOM, public_url: str = "") -> Options:
    mode = "webhook" if public_url else "polling"
    return Options(mode=mode, token=TOKEN, name=name, script=script, public_url=public_url)


@asynccontextmanager
async def _serving(
    emu: TelegramEmulator, url: str, folder: Path, options: Options
) -> AsyncIterator[Scene]:
    async with Bridge(folder, url, emu.api_url, options) as bridge:
        scene = Scene(emu, bridge)
        scene.person(ANNA, "Anna")
        scene.person(NOOR, "Noor")
        await scene.begin(*couple())
        yield scene


def _say(scene: Scene, text: str) -> None:
    """Say something as a page of another process would, which sends nothing itself."""
    with open_offline(load(scene.bridge.config)) as other:
        said = other.writer.run(
            lambda unit: acts.say(
                unit, other.catalogue, "anna-2026", "noor", text, Text((text,)), None
            )
        )
    assert isinstance(said, acts.Posted)


async def _listeners(url: str, *, end: bool = False) -> int:
    """Return how many connections listen; ``end`` them with it."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    what = "pg_terminate_backend(pid)" if end else "pid"
    async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection:
        found = await connection.execute(f"SELECT {what} {LISTENERS}".encode())
        return len(await found.fetchall())


async def test_what_another_process_left_is_sent_at_once(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    """It looks by itself once an hour: only a call explains what Anna sees."""
    url = store_url("postgresql", tmp_path)
    async with _serving(emu, url, tmp_path, _options()) as scene:
        for number in range(3):
            text = scene.words("anna-2026", f"from elsewhere {number}")
            await asyncio.to_thread(_say, scene, text)
            begun = time.monotonic()
            await scene.sees(scene.person(ANNA, "Anna"), text)
            assert time.monotonic() - begun < 1.5
        assert await _listeners(url) == 1


async def test_who_hears_nothing_for_a_moment_misses_nothing(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    """The listening connection is cut; what was said meanwhile is found when it hears again."""
    url = store_url("postgresql", tmp_path)
    async with _serving(emu, url, tmp_path, _options()) as scene:
        for number in range(2):
            assert await _listeners(url, end=True) == 1
            text = scene.words("anna-2026", f"cut off {number}")
            await asyncio.to_thread(_say, scene, text)
            await scene.sees(scene.person(ANNA, "Anna"), text, within=10)
        assert "not woken by other processes" in scene.bridge.errors


async def test_who_is_never_heard_is_found_by_the_rounds(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    """As often as it listens it is cut off: no fault, only a count, and a second later."""
    url = store_url("postgresql", tmp_path)
    async with _serving(emu, url, tmp_path, _options(script="")) as scene:

        async def cut() -> None:
            while True:
                await _listeners(url, end=True)
                await asyncio.sleep(0.01)

        cutting = asyncio.create_task(cut())
        text = scene.words("anna-2026", "by the rounds")
        await asyncio.to_thread(_say, scene, text)
        await scene.sees(scene.person(ANNA, "Anna"), text, within=10)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{scene.bridge.url}/readyz") as ready:
                assert ready.status == 200
            async with session.get(f"{scene.bridge.url}/metrics") as metrics:
                lines = (await metrics.text()).splitlines()
        cutting.cancel()
        lost = next(line for line in lines if line.startswith("coachbridge_wake_connections_lost"))
        assert float(lost.split()[1]) >= 1


async def test_a_lane_goes_on_though_another_process_got_its_next_message(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    """The first process sends, slowly; the second cannot send what it got, and calls the first."""
    url = store_url("postgresql", tmp_path)
    async with Balancer() as balancer:
        first = Bridge(tmp_path, url, emu.api_url, _options("first", public_url=balancer.url))
        second = Bridge(tmp_path, url, emu.api_url, _options("second", public_url=balancer.url))
        balancer.backends = [first.url]
        async with first, second:
            scene = Scene(emu, first)
            anna, noor = scene.person(ANNA, "Anna"), scene.person(NOOR, "Noor")
            await scene.begin(*couple())
            await second.start()
            emu.faults.plan(faults.slow(1.5), method="sendMessage", chat=NOOR)
            texts = [scene.words("anna-2026", f"line {number}") for number in (1, 2)]
            await anna.send(texts[0])
            await scene.until(lambda: emu.journal.calls_of("sendMessage"))
            balancer.backends = [second.url]
            await anna.send(texts[1])
            await scene.sees(noor, texts[1], within=6)
            lines = [line for line in scene.bot_lines(NOOR) if "line" in line]
            assert [text in line for text, line in zip(texts, lines, strict=True)] == [True, True]
            _, verdict = await scene.close()
            assert verdict.pardoned == []
