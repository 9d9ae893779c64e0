"""Clocks that jump: the machine's clock steps back, leaps forward, and crosses a change of zone.

The bridge keeps instants in UTC and its order by sequence, so a jump may show in the times of the
log, and nowhere else.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.telegram import faults
from bridge.demo.house import open_house
from storage import queries
from storage.audit import audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.demo.house import House

pytestmark = [pytest.mark.slow, pytest.mark.fault]

JUMPS = (timedelta(0), timedelta(hours=-2), timedelta(days=3), timedelta(days=-400))


@pytest.fixture
def other_zone() -> Iterator[None]:
    """The process lives where the clock was just put back."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Amsterdam"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def set_clock(house: House, away: timedelta) -> None:
    """Let the bridge's clock be wrong by so much from now on."""
    house.app.writer._clock = lambda: datetime.now(UTC) + away


async def said(house: House, words: list[str]) -> None:
    """Bram says it all, and Noor sees it all, once and in order."""
    for text in words:
        await house.bram.send(text)
    for text in words:
        await house.noor.wait_for(text, within=15)


def posted(house: House) -> list[tuple[str, datetime]]:
    lines = queries.log(house.app.store, "bram-2026")
    return [(line.text or "", line.at) for line in lines if line.kind == "message_posted"]


async def test_a_clock_that_jumps_loses_and_doubles_nothing(
    tmp_path: Path, other_zone: None
) -> None:
    expected: list[str] = []
    async with open_house(tmp_path, 0) as house:
        for number, away in enumerate(JUMPS):
            set_clock(house, away)
            words = [f"jump {number} line {n}" for n in range(5)]
            expected += words
            await said(house, words)
        lines = posted(house)
        assert [text for text, _ in lines] == expected
        times = [at for _, at in lines]
        assert times == sorted(times), "a log's times never go back"
        seen = [line.text for line in house.noor.screen() if "jump" in line.text]
        assert [text.rpartition("jump")[2] for text in seen] == [
            text.rpartition("jump")[2] for text in expected
        ]
        assert audit(house.app.store).holds


async def test_a_wait_the_network_asked_for_does_not_grow_with_a_jump(tmp_path: Path) -> None:
    """What waits a second must not wait for hours because the clock stepped back meanwhile."""
    async with open_house(tmp_path, 0) as house:
        await said(house, ["before"])
        house.telegram.faults.plan(faults.too_many(1), method="sendMessage")
        await house.bram.send("during")
        await asyncio.sleep(0.3)
        set_clock(house, timedelta(hours=-2))
        await house.noor.wait_for("during", within=15)
        await said(house, ["after"])
        assert audit(house.app.store).holds
