"""A client with an old phone, a coach on Telegram: both ways, and what the carriers make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.emulators.twilio import TwilioEmulator, faults
from tests.twilio.kit import ANNA, OURS, OURS_WHATSAPP, SID, TOKEN
from tests.walks.bridge import Bridge, Options, lines
from tests.walks.scene import NOOR
from tests.walks.scene import TOKEN as BOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.telegram import Person, TelegramEmulator
    from adapters.emulators.twilio import Line, Phone
    from tests.walks.bridge import Json
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow]

PRACTICE = f"""
[[person]]
id = "noor"
name = "Noor"
language = "nl"
endpoints = ["telegram:main:{NOOR}"]

[[person]]
id = "anna"
name = "Anna"
language = "nl"
endpoints = ["NETWORK:main:{ANNA}"]

[[trajectory]]
id = "anna-2026"
coaches = ["noor"]
clients = ["anna"]
consent = "recorded"
"""
ACCOUNT = f"""
[twilio.main]
account_sid = "{SID}"
auth_token = "{TOKEN}"
numbers = ["{OURS}"]
whatsapp = "{OURS_WHATSAPP}"
rate_per_second = 0
chat_rate_per_second = 0
"""


class Stage:
    """Both networks, the bridge between them, and two people."""

    def __init__(self, telegram: TelegramEmulator, twilio: TwilioEmulator, bridge: Bridge) -> None:
        self.telegram = telegram
        self.twilio = twilio
        self.bridge = bridge
        self.noor: Person = telegram.person(NOOR, "Noor", language_code="nl", started=True)
        self.anna: Phone = twilio.person(ANNA, "Anna")

    async def begin(self, network: str = "sms") -> None:
        """Serve a practice in which Anna is on this network."""
        self.twilio.world.accounts[SID].webhook = f"{self.bridge.url}/webhooks/twilio/main/message"
        await self.bridge.apply(PRACTICE.replace("NETWORK", network))
        await self.bridge.start()

    async def log(self) -> list[Json]:
        """Wait until all is settled and proven, and return the log."""
        await self.twilio.quiet()
        logs = await self.bridge.settled("anna-2026")
        await self.bridge.audit()
        return logs["anna-2026"]

    async def sees(self, words: str) -> Line:
        """Wait until Anna's phone shows words."""
        return await self.anna.wait_for(words, 15)


@pytest.fixture
async def stage(emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose bridge does not serve yet."""
    async with TwilioEmulator() as twilio:
        twilio.account(SID, TOKEN, (OURS,), OURS_WHATSAPP)
        options = Options(token=BOT, more=ACCOUNT + f'api_url = "{twilio.api_url}"\n')
        bridge = Bridge(tmp_path, store_url("sqlite", tmp_path), emu.api_url, options)
        async with bridge:
            yield Stage(emu, twilio, bridge)


def _ends(log: list[Json]) -> list[str]:
    """Return what became of each message for its one reader."""
    return [line["deliveries"][0]["state"] for line in lines(log)]


async def test_words_go_both_ways_and_the_log_knows_that_they_arrived(stage: Stage) -> None:
    await stage.begin()
    await stage.anna.send("Het lukte! 🎉")
    await stage.noor.wait_for("Het lukte! 🎉", 15)
    await stage.noor.send("Wat goed, ë en al")
    assert (await stage.sees("Wat goed, ë en al")).number == OURS
    log = await stage.log()
    assert len(lines(log)) == 2
    assert _ends(log) == ["sent", "delivered"]


async def test_a_long_answer_arrives_in_numbered_parts_in_order(stage: Stage) -> None:
    await stage.begin()
    said = " ".join(f"woord{n}" for n in range(110))
    await stage.noor.send(said)
    await stage.sees("woord109")
    await stage.log()
    texts = [line.text for line in stage.anna.screen()]
    total = len(texts)
    assert total > 1
    assert [text[:6] for text in texts] == [f"({n}/{total}) " for n in range(1, total + 1)]
    assert "".join(text[6:] for text in texts).split() == said.split()


async def test_stop_is_final_until_start_and_nobody_answers_it_twice(stage: Stage) -> None:
    await stage.begin()
    await stage.anna.send("hallo")
    await stage.noor.wait_for("hallo", 15)
    await stage.anna.send("STOP")
    await stage.log()
    await stage.noor.send("ben je er nog?")
    await stage.anna.send("nog iets")
    log = await stage.log()
    assert [line.text for line in stage.anna.screen() if not line.mine and not line.by_vendor] == []
    assert len(stage.twilio.journal.calls_of("create")) == 0, "nothing was even tried"
    await stage.anna.send("START")
    await stage.log()
    await stage.noor.send("welkom terug")
    await stage.sees("welkom terug")
    log = await stage.log()
    assert lines(log, "opted_out"), log
    assert lines(log, "opted_in"), log


async def test_a_dutch_stop_word_is_ours_and_is_answered_once(stage: Stage) -> None:
    await stage.begin()
    await stage.anna.send("Afmelden")
    await stage.log()
    ours = [line for line in stage.anna.screen() if not line.mine]
    assert len(ours) == 1
    assert not ours[0].by_vendor


async def test_early_and_reversed_callbacks_settle_at_delivered(stage: Stage) -> None:
    stage.twilio.early = True
    stage.twilio.callbacks = "reversed"
    await stage.begin()
    await stage.noor.send("vroeg")
    await stage.sees("vroeg")
    log = await stage.log()
    assert _ends(log) == ["delivered"]


async def test_a_message_taken_without_an_answer_arrives_once(stage: Stage) -> None:
    await stage.begin()
    stage.twilio.faults.plan(faults.accept_then_drop())
    await stage.noor.send("eenmaal")
    await stage.sees("eenmaal")
    log = await stage.log()
    assert [line.text for line in stage.anna.screen()] == ["eenmaal"]
    assert _ends(log) == ["delivered"]


async def test_the_coach_is_told_that_the_whatsapp_window_is_closed(stage: Stage) -> None:
    await stage.begin("whatsapp")
    await stage.noor.send("lang niet gesproken")
    await stage.noor.wait_for("24 uur", 15)
    log = await stage.log()
    assert _ends(log) == ["failed"]
    assert lines(log)[0]["deliveries"][0]["reason"] == "window_closed"


async def test_a_picture_on_whatsapp_arrives_as_one(stage: Stage) -> None:
    await stage.begin("whatsapp")
    await stage.anna.send_file("foto.jpg", b"\xff\xd8\xff" + b"x" * 5000, network="whatsapp")
    await stage.noor.wait_for(lambda message: message.kind == "photo", 15)
    await stage.noor.send_photo(b"\xff\xd8\xff" + b"y" * 5000, caption="kijk")
    line = await stage.anna.wait_for(lambda one: bool(one.media), 15)
    assert line.text == "kijk"
    assert line.media[0].data == b"\xff\xd8\xff" + b"y" * 5000
    await stage.log()


async def test_a_crash_while_the_answer_is_awaited_repeats_nothing(stage: Stage) -> None:
    await stage.begin()
    stage.twilio.faults.plan(faults.half_open())
    await stage.noor.send("precies een keer")
    await stage.sees("precies een keer")
    await stage.twilio.quiet()
    stage.bridge.kill()
    await stage.bridge.start()
    log = await stage.log()
    assert [line.text for line in stage.anna.screen()] == ["precies een keer"]
    assert _ends(log) == ["delivered"]


@pytest.mark.parametrize("again", [False, True])
async def test_a_crash_that_no_callback_settles_repeats_nothing(stage: Stage, again: bool) -> None:
    """Twilio calls nobody back; the list alone tells, also where the same words went before."""
    stage.twilio.silent = {"queued", "sent", "delivered"}
    await stage.begin()
    if again:
        await stage.noor.send("precies een keer")
        await stage.sees("precies een keer")
        await stage.log()
    stage.twilio.faults.plan(faults.half_open())
    await stage.noor.send("precies een keer")
    shown = ["precies een keer"] * (1 + again)
    await stage.twilio.until(
        lambda: [line.text for line in stage.anna.screen()] == shown or None, 15
    )
    stage.bridge.kill()
    await stage.bridge.start()
    log = await stage.log()
    assert [line.text for line in stage.anna.screen()] == shown
    assert set(_ends(log)) == {"sent"}
    assert "possibly_twice" not in str(log)
    made = [line["deliveries"][0] for line in lines(log)]
    assert not any(one.get("twice") for one in made)


async def test_words_that_were_not_taken_are_not_found_in_the_same_ones_before(
    stage: Stage,
) -> None:
    stage.twilio.silent = {"queued", "sent", "delivered"}
    await stage.begin()
    await stage.noor.send("oké")
    await stage.sees("oké")
    await stage.log()
    stage.twilio.faults.plan(faults.reset())
    await stage.noor.send("oké")
    await stage.log()
    assert [line.text for line in stage.anna.screen()] == ["oké", "oké"]


async def test_a_part_that_fails_is_told_though_others_arrived(stage: Stage) -> None:
    await stage.begin()
    stage.twilio.faults.plan(faults.error(30007), nth=2)
    await stage.noor.send(" ".join(f"woord{n}" for n in range(80)))
    await stage.noor.wait_for("houdt zulke woorden tegen", 15)
    log = await stage.log()
    assert _ends(log) == ["failed"]
    assert len(stage.anna.screen()) == 1
