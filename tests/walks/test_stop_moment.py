"""A coach's stop moment comes while the network is busy: nothing rings, all is there at nine."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.telegram import faults
from tests.walks.bridge import Member, Options, lines, practice
from tests.walks.scene import ANNA, NOOR, TOKEN
from tests.walks.story import StoryBridge, kinds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.telegram import TelegramEmulator
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow]

LOG = "anna-2026"
WORK = """
[person.work]
mon = "09:00-17:00"
tue = "09:00-17:00"
stop = "18:00"

"""
PEOPLE = (Member("noor", (NOOR,)), Member("anna", (ANNA,)))
PRACTICE = PEOPLE[0].table() + WORK + practice(PEOPLE[1:], {LOG: (["noor"], ["anna"])})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def bridge(
    request: pytest.FixtureRequest, emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> AsyncIterator[StoryBridge]:
    url = store_url(request.param, tmp_path)
    options = Options(token=TOKEN)
    async with StoryBridge(tmp_path, url, emu.api_url, options, "2027-03-01 17:50") as made:
        await made.apply(PRACTICE)
        await made.start()
        yield made


async def _until(bridge: StoryBridge, kind: str) -> None:
    until = time.monotonic() + 30
    while kind not in kinds(await bridge.log(LOG), "rest_.*"):
        assert time.monotonic() < until, f"{kind} is not in the log"
        await asyncio.sleep(0.1)


async def test_what_waited_for_the_network_waits_for_the_morning(
    emu: TelegramEmulator, bridge: StoryBridge
) -> None:
    noor = emu.person(NOOR, "Noor", language_code="en", started=True)
    anna = emu.person(ANNA, "Anna", language_code="en", started=True)
    await anna.send("before")
    await noor.wait_for("before", 20)
    slow = emu.faults.plan(faults.too_many(3), method="sendMessage", chat=NOOR)
    await anna.send("one")
    until = time.monotonic() + 20
    while not slow.hits:
        assert time.monotonic() < until, "nothing was sent to her"
        await asyncio.sleep(0.05)
    bridge.leap("2027-03-01 18:00:01")
    await _until(bridge, "rest_kept")
    await anna.send("two")
    await anna.wait_for("not working now", 20)
    await bridge.at("2027-03-02 08:59")
    assert [line.text for line in noor.screen()] == ["before"]
    await bridge.at("2027-03-02 09:00:01")
    await noor.wait_for("two", 20)
    assert [line.text for line in noor.screen()] == ["before", "one", "two"]
    log = (await bridge.settled(LOG))[LOG]
    assert kinds(log, "rest_.*") == ["rest_kept", "rest_ended"]
    assert [line["text"] for line in lines(log)] == ["before", "one", "two"]
    await bridge.audit()
