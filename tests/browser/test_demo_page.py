"""The demo's page as a visitor meets it: every phone, the switch, the logs, the tour."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bridge.demo.browser import Running, open_demo
from tests.browser import ground
from tests.browser.conftest import OpenPage
from tests.browser.ground import Complaints, Look, Scheme

SOON = 15_000
"""Milliseconds in which something happens, on a machine that does other things too."""


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    """A running demo whose phones are empty."""
    async with open_demo(tmp_path, 0, pace=0, play=False) as running:
        yield running


def phone(page: Page, who: str) -> Locator:
    """Somebody's phone."""
    return page.locator(f'[data-phone="{who}"]')


def bubble(page: Page, who: str, words: str) -> Locator:
    """The newest message with these words on somebody's phone."""
    return phone(page, who).locator(".tg-row").filter(has_text=words).last


def log(page: Page, who: str) -> Locator:
    """The lines of a client's log."""
    return page.locator(f'[data-trajectory="{who}-2026"] .line')


def wire(page: Page) -> Locator:
    """The switch of Telegram."""
    return page.locator('.wire[data-network="telegram"]')


async def write(page: Page, who: str, words: str) -> None:
    """Type on somebody's phone and press Enter."""
    box = phone(page, who).get_by_role("textbox")
    await box.fill(words)
    await box.press("Enter")


async def answer(page: Page, who: str, to: str, words: str) -> None:
    """Answer a message."""
    row = bubble(page, who, to)
    await row.get_by_role("button", name="More with this message").click()
    await row.get_by_role("button", name="Reply").click()
    await write(page, who, words)


async def test_what_is_typed_on_one_phone_shows_on_the_other_and_in_the_log(
    demo: Running, page: Page
) -> None:
    await page.goto(demo.url)
    await write(page, "bram", "Hello <b>Noor</b> 😀")
    await expect(bubble(page, "noor", "Bram: Hello <b>Noor</b> 😀")).to_be_visible(timeout=SOON)
    await expect(bubble(page, "bram", "Hello")).to_contain_text("to Noor: sent", timeout=SOON)
    await answer(page, "noor", "Hello", "And hello to you")
    await expect(bubble(page, "bram", "And hello to you")).to_be_visible(timeout=SOON)
    await expect(bubble(page, "bram", "And hello").locator(".tg-quoted")).to_have_text(
        "Hello <b>Noor</b> 😀"
    )
    posted = log(page, "bram").filter(has_text="message")
    await expect(posted.filter(has_text="Bram · Telegram")).to_have_count(1)
    await expect(posted.filter(has_text="Noor · Telegram")).to_have_count(1, timeout=SOON)
    await expect(log(page, "dewi").filter(has_text="hello")).to_have_count(0)


async def test_the_log_is_a_chain(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await write(page, "dewi", "One more link")
    await expect(bubble(page, "dewi", "One more link")).to_contain_text("sent", timeout=SOON)
    await expect(log(page, "dewi").last).to_contain_text("sent", timeout=SOON)
    own = await log(page, "dewi").locator(".own").evaluate_all("them => them.map(x => x.title)")
    before = await log(page, "dewi").locator(".before").evaluate_all("x => x.map(y => y.title)")
    numbers = await log(page, "dewi").locator("b").all_inner_texts()
    assert len(own) >= 8
    assert own[:-1] == before
    assert numbers == [f"#{n}" for n in range(1, len(own) + 1)]


async def test_a_client_comes_in_by_invitation_and_is_asked_first(
    demo: Running, page: Page
) -> None:
    await page.goto(demo.url)
    await phone(page, "anna").get_by_role("button", name="Start").click()
    question = bubble(page, "anna", "Do you agree?")
    await expect(question).to_be_visible(timeout=SOON)
    await write(page, "anna", "May I write already?")
    await expect(wire(page)).to_contain_text("Kept, and not passed on", timeout=SOON)
    await expect(bubble(page, "noor", "May I write")).to_have_count(0)
    await question.get_by_role("button", name="Yes, I agree").click()
    await expect(bubble(page, "noor", "May I write already?")).to_be_visible(timeout=SOON)
    given = page.locator('[data-trajectory="anna-2026"] .line.consent_given')
    await expect(given).to_have_count(1)
    await expect(given).to_contain_text("consent given")


async def test_photos_voice_notes_reactions_and_edits_travel(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await phone(page, "bram").get_by_role("button", name="Send a photo").click()
    photo = phone(page, "noor").locator("img.tg-photo")
    await expect(photo).to_be_visible(timeout=SOON)
    assert await photo.evaluate("async (it) => (await it.decode(), it.naturalWidth)") == 96
    await phone(page, "bram").get_by_role("button", name="Send a voice note").click()
    voice = phone(page, "noor").locator("audio")
    await expect(voice).to_be_visible(timeout=SOON)
    seconds = await voice.evaluate(
        "(it) => new Promise((done) => {"
        "  it.onloadedmetadata = () => done(it.duration); it.onerror = () => done(0);"
        "  it.preload = 'metadata'; it.load(); })"
    )
    assert 4 < seconds < 7
    await write(page, "bram", "At 9:40")
    copy = bubble(page, "noor", "At 9:40")
    await copy.get_by_role("button", name="More with this message").click(timeout=SOON)
    await copy.get_by_role("button", name="React with 👏").click()
    await expect(bubble(page, "bram", "At 9:40").locator(".tg-reactions")).to_have_text(
        "👏", timeout=SOON
    )
    own = bubble(page, "bram", "At 9:40")
    await own.get_by_role("button", name="More with this message").click()
    await own.get_by_role("button", name="Edit").click()
    await write(page, "bram", "At 10:40")
    await expect(bubble(page, "noor", "At 10:40")).to_contain_text("edited", timeout=SOON)


async def test_a_message_for_nobody_in_particular_waits_for_a_choice(
    demo: Running, page: Page
) -> None:
    await page.goto(demo.url)
    await write(page, "noor", "Good luck!")
    question = bubble(page, "noor", "Who is this for?")
    await question.get_by_role("button", name="Dewi").click(timeout=SOON)
    await expect(bubble(page, "dewi", "Good luck!")).to_be_visible(timeout=SOON)
    await expect(bubble(page, "bram", "Good luck!")).to_have_count(0)


async def test_a_busy_network_is_waited_for(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await wire(page).get_by_role("button", name="busy (429)").click()
    await expect(wire(page)).to_contain_text("answers whatever the bridge sends", timeout=SOON)
    await write(page, "bram", "Are you there?")
    await expect(wire(page)).to_contain_text("said 429. In the outbox", timeout=SOON)
    await expect(bubble(page, "bram", "Are you there?")).to_contain_text("waits to be sent")
    await wire(page).get_by_role("button", name="working").click()
    await expect(bubble(page, "noor", "Are you there?")).to_be_visible(timeout=SOON)
    await expect(wire(page)).to_contain_text("is back", timeout=SOON)
    await expect(bubble(page, "bram", "Are you there?")).to_contain_text("to Noor: sent")


async def test_a_lost_answer_is_told_as_it_is(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await wire(page).get_by_role("button", name="losing an answer").click()
    await expect(wire(page)).to_contain_text("will take the next message", timeout=SOON)
    await write(page, "bram", "Did it arrive?")
    await expect(wire(page)).to_contain_text("its answer was lost", timeout=SOON)
    twice = phone(page, "noor").locator(".tg-row").filter(has_text="Did it arrive?")
    await expect(twice).to_have_count(2, timeout=SOON)
    await expect(log(page, "bram").filter(has_text="not clear whether it arrived")).to_have_count(1)
    await expect(bubble(page, "bram", "Did it arrive?")).to_contain_text("possibly sent twice")
    await expect(wire(page).get_by_role("button", name="working")).to_have_attribute(
        "aria-pressed", "true"
    )


async def test_a_network_that_is_down_loses_nothing(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await wire(page).get_by_role("button", name="down").click()
    await expect(wire(page)).to_contain_text("is cut", timeout=SOON)
    for words in ("first", "second", "third"):
        await write(page, "bram", words)
    await expect(wire(page)).to_contain_text("waiting at Telegram: 3", timeout=SOON)
    await wire(page).get_by_role("button", name="working").click()
    await expect(bubble(page, "noor", "third")).to_be_visible(timeout=2 * SOON)
    rows = await phone(page, "noor").locator(".tg-text").all_inner_texts()
    assert rows == ["Bram: first", "Bram: second", "Bram: third"]
    await expect(wire(page)).to_contain_text("in order, nothing lost", timeout=SOON)


async def test_two_pages_show_the_same(demo: Running, open_page: OpenPage) -> None:
    one, other = await open_page(), await open_page(ground.PHONE, "dark", "nl-NL")
    await one.goto(demo.url)
    await other.goto(demo.url)
    await write(one, "dewi", "Voor allebei")
    await other.get_by_role("button", name="Dewi").click()
    await expect(bubble(other, "dewi", "Voor allebei")).to_contain_text(
        "naar Noor: verstuurd", timeout=SOON
    )
    await expect(log(other, "dewi").last).to_contain_text("bezorging")


@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
async def test_the_tour_works_as_written(demo: Running, open_page: OpenPage, locale: str) -> None:
    page = await open_page(locale=locale)
    await page.goto(demo.url)
    play, step = page.locator("#tour-play"), page.locator("#tour-step")
    for n in range(1, 7):
        await expect(step).to_have_text(re.compile(f" {n} "))
        await play.click()
        await expect(step).to_have_text(re.compile(f" {n + 1} "), timeout=4 * SOON)
        await expect(play).to_be_enabled(timeout=SOON)
    await play.click()
    proof = page.locator("#proof")
    await expect(proof).to_contain_text("append-only", timeout=SOON)
    assert await proof.locator("li.holds").count() == 9
    assert await proof.locator("li.broken").count() == 0
    await ground.check_accessible(page)
    await page.keyboard.press("Escape")
    await expect(proof).to_be_hidden()


@pytest.mark.parametrize("look", ground.LOOKS, ids=lambda look: str(look.name))
@pytest.mark.parametrize("scheme", ground.SCHEMES)
async def test_everybody_can_use_it(
    tmp_path: Path, open_page: OpenPage, look: Look, scheme: Scheme
) -> None:
    async with open_demo(tmp_path, 0, pace=0) as demo:
        for locale in ("en-GB", "nl-NL"):
            page = await open_page(look, scheme, locale)
            await page.goto(demo.url)
            if look is ground.PHONE:
                await page.get_by_role("button", name="Bram").click()
            opened = phone(page, "bram").locator(".tg-more").first
            await opened.click(timeout=SOON)
            await ground.check_accessible(page)
            await ground.check_no_sideways_scroll(page)
            await page.close()


async def test_it_works_by_keyboard_only(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await expect(phone(page, "bram").get_by_role("textbox")).to_be_visible(timeout=SOON)
    there = "document.activeElement.matches('[data-phone=bram] textarea')"
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate(there):
            break
    await page.keyboard.type("Without a mouse")
    await page.keyboard.press("Enter")
    await expect(bubble(page, "noor", "Without a mouse")).to_be_visible(timeout=SOON)


async def test_the_theme_is_kept(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    ground_colour = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground_colour)
    await page.get_by_role("button", name="Light or dark").click()
    assert await page.evaluate(ground_colour) != light
    await page.reload()
    assert await page.evaluate(ground_colour) != light


async def test_the_page_says_when_the_demo_ended(
    tmp_path: Path, page: Page, complaints: Complaints
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET")
    async with open_demo(tmp_path, 0, pace=0, play=False) as demo:
        await page.goto(demo.url)
        await expect(wire(page)).to_contain_text("Telegram works", timeout=SOON)
    await expect(page.get_by_text("The demo has ended")).to_be_visible(timeout=SOON)


async def test_a_scene_can_be_played_only_once_at_a_time(
    tmp_path: Path, open_page: OpenPage
) -> None:
    async with open_demo(tmp_path, 0, play=False) as demo:
        one, other = await open_page(), await open_page()
        await asyncio.gather(one.goto(demo.url), other.goto(demo.url))
        await one.locator("#tour-play").click()
        await expect(other.locator("#tour-play")).to_be_disabled(timeout=SOON)
        await expect(other.locator("#tour-play")).to_be_enabled(timeout=2 * SOON)


async def test_the_coach_has_her_console_too(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Console").click()
    console = await opened.value
    await console.locator("form button.main").click()
    await expect(console).to_have_url(re.compile("/console/?$"))
    await write(page, "dewi", "On the screen as well")
    await expect(console.get_by_text("Dewi").first).to_be_visible(timeout=SOON)
    await console.goto(f"http://127.0.0.1:{demo.port}/console/t/dewi-2026")
    await expect(console.get_by_text("On the screen as well").first).to_be_visible(timeout=SOON)
