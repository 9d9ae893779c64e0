"""The demo's telephones as a visitor meets them: call in, be called, leave a message."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bridge.demo.browser import Running, open_demo
from bridge.demo.cast import MILA_AT, TOM_AT
from tests.browser import ground
from tests.browser.conftest import OpenPage
from tests.browser.ground import Look, Scheme
from tests.browser.touching import SOON, log, phone, write

LONG = 3 * SOON


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    """A running demo whose phones are empty."""
    async with open_demo(tmp_path, 0, pace=0, play=False) as running:
        yield running


def telephone(page: Page, who: str) -> Locator:
    """Somebody's telephone."""
    return page.locator(f'[data-telephone="{who}"]')


async def press(page: Page, who: str, name: str) -> None:
    """Press a key or a button on somebody's telephone."""
    await telephone(page, who).get_by_role("button", name=name, exact=True).click(timeout=LONG)


async def says(page: Page, who: str, words: str) -> None:
    """Wait until a telephone says words, on its display or into the ear."""
    await expect(telephone(page, who)).to_contain_text(words, timeout=LONG)


async def test_a_client_calls_in_and_the_coach_answers(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await press(page, "tom", "Call the practice")
    await says(page, "mila", "It rings")
    await says(page, "tom", "Een ogenblik. We bellen Mila.")
    await expect(telephone(page, "tom").locator(".tel-words").first).to_have_attribute("lang", "nl")
    await press(page, "mila", "Answer")
    await says(page, "mila", "Tom is calling you. Press 1 to take the call.")
    await press(page, "mila", "Key 1")
    for who in ("tom", "mila"):
        await says(page, who, "Talking")
    await press(page, "mila", "Speak")
    await says(page, "mila", "Mila speaks")
    await says(page, "tom", "the other one speaks")
    await expect(telephone(page, "tom").locator(".tel-clock")).to_have_text(
        re.compile("0:0[1-9]"), timeout=SOON
    )
    await press(page, "tom", "Hang up")
    await says(page, "mila", "Call ended")
    ended = log(page, "tom").filter(has_text="call ended")
    await expect(ended).to_contain_text(re.compile(r"talked for 0:\d\d min"), timeout=SOON)
    began = log(page, "tom").filter(has_text="telephone call").locator("b").first
    await expect(ended).to_contain_text(f"session of line {await began.inner_text()}")
    page_text = await page.locator("#telephones").inner_text()
    assert MILA_AT not in page_text.replace(" ", "")


async def test_the_coach_writes_on_telegram_and_is_called(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await write(page, "mila", "bel Tom")
    await press(page, "mila", "Answer")
    await says(page, "mila", "with a call to Tom. Press 1")
    await telephone(page, "mila").get_by_role("button", name="Key 5").focus()
    await page.keyboard.press("1")
    await press(page, "tom", "Answer")
    await says(page, "tom", "Mila belt je")
    await press(page, "tom", "Key 1")
    await says(page, "tom", "Talking")
    await press(page, "mila", "Hang up")
    await says(page, "tom", "Call ended")
    await page.get_by_text("The TwiML behind it").click()
    steps = page.locator('[data-twiml="mila"] pre')
    await expect(steps.first).to_contain_text("<Gather")
    await expect(steps.filter(has_text="<Dial")).to_contain_text(f"{TOM_AT}</Number>")
    await expect(page.locator('[data-twiml="tom"]')).not_to_contain_text(MILA_AT)


async def test_a_message_arrives_as_a_voice_note_that_plays(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await press(page, "tom", "Call the practice")
    await press(page, "mila", "Decline")
    await says(page, "tom", "After the tone: speak, then #")
    await press(page, "tom", "Speak")
    await press(page, "tom", "Key hash")
    voice = phone(page, "mila").locator("audio")
    await expect(voice).to_be_visible(timeout=SOON)
    seconds = await voice.evaluate(
        "async (it) => { it.muted = true; await it.play(); return it.duration; }"
    )
    assert 2 < seconds < 4
    await expect(log(page, "tom").filter(has_text="left a message")).to_have_count(1, timeout=SOON)
    await expect(log(page, "tom").filter(has_text="[voice note]")).to_have_count(1)


async def test_its_log_leaves_the_other_logs_where_they_are(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await page.locator('[data-log="eva-2026"]').click()
    await press(page, "tom", "Call the practice")
    await press(page, "mila", "Decline")
    await says(page, "tom", "After the tone")
    await press(page, "tom", "Hang up")
    await expect(log(page, "tom").last).to_be_visible(timeout=SOON)
    await expect(log(page, "eva").first).to_be_visible()


async def test_the_line_can_fail(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await page.locator('[data-wire-tab="twilio"]').click()
    switch = page.locator('.wire[data-network="twilio"]')
    await switch.get_by_role("button", name="down", exact=True).click()
    await expect(switch).to_contain_text("is cut", timeout=SOON)
    await press(page, "tom", "Call the practice")
    await says(page, "tom", "No line")


@pytest.mark.parametrize("look", ground.LOOKS, ids=lambda look: str(look.name))
@pytest.mark.parametrize("scheme", ground.SCHEMES)
async def test_everybody_can_use_it(
    demo: Running, open_page: OpenPage, look: Look, scheme: Scheme
) -> None:
    page = await open_page(look, scheme, "nl-NL")
    await page.goto(demo.url)
    await page.locator(".twiml summary").click()
    await press(page, "tom", "Bel de praktijk")
    await says(page, "mila", "Hij gaat over")
    await ground.check_accessible(page)
    await press(page, "mila", "Neem op")
    await says(page, "mila", "De brug wacht op een toets")
    await press(page, "mila", "Toets 1")
    await says(page, "tom", "In gesprek")
    await press(page, "tom", "Spreek")
    await says(page, "tom", "Tom spreekt")
    await ground.check_accessible(page)
    await ground.check_no_sideways_scroll(page)
    await press(page, "tom", "Hang op")
    await says(page, "mila", "Gesprek voorbij")
    await ground.check_accessible(page)
