"""Going on from another messenger while the first is away, through a running bridge."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.content import Text
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import MessageIn, Sender
from bridge.runtime.handle import handle
from tests.webchat.ground import Ground, Tab, until

if TYPE_CHECKING:
    from storage.unit import Unit

ANNA = 222


async def _noor_says(ground: Ground, text: str) -> None:
    """Noor writes on the console, for her messenger is away, too."""
    sender = Sender(Endpoint("console", "main", "noor"))
    place = Place("console", "main", "anna-2026")

    def work(unit: Unit) -> None:
        said = MessageIn(place, sender, text, Text((text,)), unit.now)
        handle(unit, "anna-2026", c.Receive("noor", said), ground.app.catalogue)

    await ground.app.writer.submit(work)


async def test_what_waits_for_a_network_that_is_away_comes_to_the_page_once(
    ground: Ground, anna: Tab
) -> None:
    phone = ground.telegram.person(ANNA, "Anna", started=True)
    there = Endpoint("telegram", "main", str(ANNA))
    await ground.app.writer.submit(lambda unit: unit.put_endpoint(there, "anna", rank=0))
    await _noor_says(ground, "by Telegram")
    await ground.heard(phone, "by Telegram")
    await ground.telegram.down()
    for text in ("one", "two", "three"):
        await _noor_says(ground, text)
    await asyncio.sleep(0.3)  # the first of them is tried, and tried again
    await anna.say("I am here")
    for text in ("one", "two", "three"):
        await anna.sees(text)
    await ground.telegram.up()
    await ground.heard(ground.noor, "I am here")
    await _noor_says(ground, "four")
    await anna.sees("four")
    assert [said for said in anna.words() if said in ("one", "two", "three", "four")] == [
        *("one", "two", "three", "four")
    ]
    await anna.say("telegram")
    await until(lambda: any("by Telegram" in said for said in anna.words()) or None)
    await _noor_says(ground, "five")
    await ground.heard(phone, "five")
    shown = [line.text for line in phone.screen() if not line.mine]
    assert shown == ["by Telegram", "five"]
