"""Several processes on one store, and processes that are asked to end."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.telegram import faults
from tests.faults.balancer import Balancer
from tests.faults.traffic import Traffic
from tests.walks.bridge import SHORT_LEASES, Bridge, Options
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, NOOR, TOKEN, Scene

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.emulators.telegram import TelegramEmulator
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow, pytest.mark.fault]


@on()
async def test_asked_to_end_under_traffic_it_ends_quickly_and_in_order(scene: Scene) -> None:
    traffic = Traffic(scene)
    await traffic.begin()
    async with traffic.running():
        for _ in range(3):
            await asyncio.sleep(0.4)
            begun = time.monotonic()
            assert await scene.bridge.stop() == 0
            assert time.monotonic() - begun < 5
            await scene.bridge.start()
    _, verdict = await scene.close()
    assert verdict.pardoned == [], "an orderly end leaves no doubt"
    assert verdict.acknowledged == traffic.sent
    assert "Traceback" not in scene.bridge.errors


@on(ACROSS[0])
async def test_interrupted_at_the_keyboard(scene: Scene) -> None:
    traffic = Traffic(scene)
    await traffic.begin()
    await traffic.some(5)
    assert scene.bridge.process is not None
    scene.bridge.process.send_signal(signal.SIGINT)
    assert await scene.bridge.ended() in (0, 130)
    assert "Traceback" not in scene.bridge.errors
    await scene.bridge.start()
    await scene.close()


def _two(
    emu: TelegramEmulator, url: str, folder: Path, balancer: Balancer, mode: str = "webhook"
) -> tuple[Scene, Bridge]:
    """Two bridges on one store, with one key, behind one address."""
    bridges = [
        Bridge(
            folder,
            url,
            emu.api_url,
            Options(mode=mode, token=TOKEN, name=name, public_url=balancer.url, more=SHORT_LEASES),
        )
        for name in ("first", "second")
    ]
    balancer.backends = [bridge.url for bridge in bridges]
    return Scene(emu, bridges[0]), bridges[1]


@pytest.mark.postgres
async def test_two_processes_share_the_traffic(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    async with Balancer() as balancer:
        url = store_url("postgresql", tmp_path)
        scene, second = _two(emu, url, tmp_path, balancer)
        async with scene.bridge, second:
            traffic = Traffic(scene)
            await traffic.begin()
            await second.start()
            async with traffic.running():
                await asyncio.sleep(2)
            _, verdict = await scene.close(within=50)
            assert verdict.pardoned == []
            assert verdict.acknowledged == traffic.sent
            assert set(balancer.handed) == set(balancer.backends)


@pytest.mark.postgres
async def test_one_of_two_processes_dies_again_and_again(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    async with Balancer() as balancer:
        url = store_url("postgresql", tmp_path)
        scene, second = _two(emu, url, tmp_path, balancer)
        async with scene.bridge, second:
            traffic = Traffic(scene, seed=2)
            await traffic.begin()
            await second.start()
            async with traffic.running():
                for victim in (second, scene.bridge, second, scene.bridge):
                    await asyncio.sleep(0.6)
                    victim.kill()
                    await victim.start()
            scene.bridge.kills += second.kills
            _, verdict = await scene.close(within=60)
            assert verdict.acknowledged == traffic.sent


@pytest.mark.postgres
async def test_what_a_dead_process_had_in_hand_goes_on_once_its_lease_ran_out(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    """Not only when somebody happens to look: the lease is 2 s, and they look every second."""
    async with Balancer() as balancer:
        scene, second = _two(emu, store_url("postgresql", tmp_path), tmp_path, balancer)
        first, balancer.backends = scene.bridge, balancer.backends[:1]
        async with first, second:
            traffic = Traffic(scene)
            await traffic.begin()
            noor = traffic.person(NOOR)
            emu.faults.plan(faults.slow(30), method="sendMessage", chat=NOOR)
            text = scene.words("anna-2026", "in hand")
            await traffic.person(ANNA).send(text)
            await scene.sees(noor, text)
            await second.start()
            first.kill()
            begun = time.monotonic()
            await scene.until(lambda: sum(text in m.text for m in noor.chat.shown()) == 2)
            assert time.monotonic() - begun < 8
            second.kills += first.kills
            scene.bridge = second
            _, verdict = await scene.close()
            assert len(verdict.pardoned) == 1


@pytest.mark.postgres
async def test_two_pollers_take_turns(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    """One reads the account, the other takes over when that one is gone."""
    async with Balancer() as balancer:
        url = store_url("postgresql", tmp_path)
        scene, second = _two(emu, url, tmp_path, balancer, mode="polling")
        async with scene.bridge, second:
            traffic = Traffic(scene)
            await traffic.begin()
            await second.start()
            async with traffic.running():
                await asyncio.sleep(0.7)
                scene.bridge.kill()
                await asyncio.sleep(1.5)
            noor = traffic.person(NOOR)
            text = scene.words("anna-2026", "the second reads now")
            await traffic.person(ANNA).send(text)
            await scene.sees(noor, text, within=40)
            calls = scene.emu.journal.calls_of("getUpdates")
            assert not any("terminated by other" in call.error for call in calls)
            _, verdict = await scene.close(within=50)
            assert verdict.acknowledged == verdict.said


@pytest.mark.postgres
async def test_a_process_that_was_frozen_does_no_harm(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    """SIGSTOP for longer than its leases: the other one goes on, and the frozen one wakes up."""
    async with Balancer() as balancer:
        url = store_url("postgresql", tmp_path)
        scene, second = _two(emu, url, tmp_path, balancer)
        async with scene.bridge, second:
            traffic = Traffic(scene, seed=3)
            await traffic.begin()
            await second.start()
            assert second.process is not None
            async with traffic.running(0.02, 0.08):
                await asyncio.sleep(0.5)
                frozen = time.monotonic()
                os.kill(second.process.pid, signal.SIGSTOP)
                balancer.backends = [scene.bridge.url]
                await asyncio.sleep(3.5)
                os.kill(second.process.pid, signal.SIGCONT)
                balancer.backends = [scene.bridge.url, second.url]
                await asyncio.sleep(0.7)
            # To the others a frozen process is as good as a dead one.
            scene.bridge.kills += [frozen, time.monotonic()]
            _, verdict = await scene.close(within=60)
            assert verdict.acknowledged == traffic.sent
