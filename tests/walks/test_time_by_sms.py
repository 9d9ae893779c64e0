"""Promises, a stop moment, steps and scales between an old phone and a coach on Telegram."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.twilio import TwilioEmulator
from tests.twilio.kit import OURS, OURS_WHATSAPP, SID, TOKEN
from tests.walks.bridge import Bridge, Options, lines, notices
from tests.walks.scene import TOKEN as BOT
from tests.walks.test_sms import ACCOUNT, PRACTICE, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.telegram import TelegramEmulator
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow]


def _work(day: datetime) -> str:
    """Return hours on that weekday alone, with a stop moment."""
    return f'[person.work]\n{day:%a} = "00:00-23:00"\nstop = "23:59"\n'.lower()


@pytest.fixture(params=["sqlite", "postgresql"])
async def stage(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage whose bridge does not serve yet."""
    async with TwilioEmulator() as twilio:
        twilio.account(SID, TOKEN, (OURS,), OURS_WHATSAPP)
        options = Options(token=BOT, more=ACCOUNT + f'api_url = "{twilio.api_url}"\n')
        bridge = Bridge(tmp_path, store_url(request.param, tmp_path), emu.api_url, options)
        async with bridge:
            yield Stage(emu, twilio, bridge)


async def begin(stage: Stage, work: str) -> None:
    """Serve a practice in which Noor works so, and Anna has an old phone."""
    stage.twilio.world.accounts[SID].webhook = f"{stage.bridge.url}/webhooks/twilio/main/message"
    text = PRACTICE.replace("NETWORK", "sms").replace('[[person]]\nid = "anna"', "%s", 1)
    text = text.replace("%s", work + '\n[[person]]\nid = "anna"', 1)
    await stage.bridge.apply("[promise]\nhours = 8\n" + text)
    await stage.bridge.start()


async def test_after_the_stop_moment_nothing_rings_but_what_is_urgent(stage: Stage) -> None:
    await begin(stage, _work(datetime.now(UTC) + timedelta(days=3)))
    await stage.anna.send("Ik kan niet slapen")
    await stage.sees("werkt nu niet")
    await stage.anna.send("DRINGEND: bel me")
    await stage.noor.wait_for("DRINGEND: bel me", 15)
    log = await stage.log()
    assert "Ik kan niet slapen" not in [line.text for line in stage.noor.screen()]
    assert len(lines(log)) == 2
    assert notices(log) == ["rest_answer", "rest_urgent"]
    assert [line["kind"] for line in log if line["kind"].startswith(("rest", "promise_m"))] == [
        "rest_kept",
        "promise_made",
    ]


async def test_a_scale_and_a_step_by_sms(stage: Stage) -> None:
    await begin(stage, "")
    await stage.noor.send("schaal anna: hoe zeker ben je?")
    await stage.sees("getal van 0 tot 10")
    await stage.anna.send("6-7")
    await stage.sees("Genoteerd: 6,5.")
    await stage.noor.wait_for("6-7", 15)
    await stage.noor.wait_for("Anna: 6,5", 15)
    await stage.noor.send("stap anna: als de vergadering begint, dan zeg ik één ding")
    await stage.sees("Een stap: als de vergadering begint")
    await stage.anna.send("stap: meer zelfvertrouwen")
    await stage.sees("waaraan merk je dat")
    await stage.bridge.settled()  # nobody answers faster than the network tells that it has it
    await stage.anna.send("1")
    await stage.sees("Genoteerd als jouw stap: meer zelfvertrouwen")
    await stage.noor.wait_for("Anna heeft een stap gekozen", 15)
    log = await stage.log()
    told = [line["kind"] for line in log if line["kind"].startswith(("step_", "scale_"))]
    assert told == [
        "scale_asked", "scale_answered", "step_agreed", "step_proposed", "step_agreed"
    ]  # fmt: skip
    assert [line["text"] for line in lines(log)] == ["6-7"]


HOURS = """
[[person.availability]]
kind = "phone"
hours = ["mon-sun 09:00-17:00"]
"""
PHOTO = b"\xff\xd8\xff\xe0" + b"een plattegrond" * 200


async def test_a_picture_takes_no_number_of_a_question_that_stands(stage: Stage) -> None:
    await begin(stage, HOURS)
    await stage.anna.send("AFSPRAAK")
    offered = (await stage.sees("1. ")).text
    assert "4. " in offered
    await stage.noor.send_photo(PHOTO, caption="Hier spreken we af")
    shown = (await stage.sees("Hier spreken we af")).text
    assert "5. Gezien" in shown
    assert "6. Vertel het me in woorden" in shown
    await stage.bridge.settled()
    await stage.anna.send("2")
    await stage.sees("Afgesproken")
    await stage.bridge.settled()
    await stage.anna.send("6")
    await stage.noor.wait_for("Anna kan je bestand op die telefoon niet openen", 15)
    log = await stage.log()
    assert not [line for line in lines(log) if line["text"] in ("2", "6")], "both were choices"
    await stage.anna.send("5")
    await stage.noor.wait_for(lambda message: message.text == "5", 15)
