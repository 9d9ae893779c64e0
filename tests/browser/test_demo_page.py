"""The demo's page as a visitor meets it: every phone, the switch, the logs, the tour."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bridge.demo.browser import Running, open_demo
from bridge.demo.tour import SCENES
from bridge.demo.words import PROMISES
from tests.browser import ground
from tests.browser.conftest import OpenPage
from tests.browser.ground import Complaints, Look, Scheme
from tests.browser.touching import SOON, answer, bubble, join, log, phone, wire, write


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    """A running demo whose phones are empty."""
    async with open_demo(tmp_path, 0, pace=0, play=False) as running:
        yield running


async def test_what_is_typed_on_one_phone_shows_on_the_other_and_in_the_log(
    demo: Running, page: Page
) -> None:
    await page.goto(demo.url)
    await write(page, "bram", "Hello <b>Noor</b> 😀")
    await expect(bubble(page, "noor", "Bram: Hello <b>Noor</b> 😀")).to_be_visible(timeout=SOON)
    await expect(bubble(page, "bram", "Hello")).to_contain_text("to Noor: sent", timeout=SOON)
    await answer(page, "noor", "Hello", "And hello to you")
    await expect(bubble(page, "bram", "And hello to you")).to_be_visible(timeout=SOON)
    own = bubble(page, "noor", "And hello to you")
    await expect(own).to_contain_text("to Bram: delivered", timeout=SOON)
    await expect(own.locator(".ch-quoted")).to_contain_text("Hello <b>Noor</b> 😀")
    posted = log(page, "bram").filter(has_text="message")
    await expect(posted.filter(has_text="Bram · SMS")).to_have_count(1)
    await expect(posted.filter(has_text="Noor · Slack")).to_have_count(1, timeout=SOON)
    await expect(log(page, "dewi").filter(has_text="hello")).to_have_count(0)


async def test_the_log_is_a_chain(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await write(page, "eva", "One more link")
    await expect(bubble(page, "eva", "One more link")).to_contain_text("sent", timeout=SOON)
    await expect(log(page, "eva").last).to_contain_text("sent", timeout=SOON)
    await expect(log(page, "eva").last).to_be_visible()
    own = await log(page, "eva").locator(".own").evaluate_all("them => them.map(x => x.title)")
    before = await log(page, "eva").locator(".before").evaluate_all("x => x.map(y => y.title)")
    numbers = await log(page, "eva").locator("b").all_inner_texts()
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
    telegram = await wire(page, "telegram")
    await expect(telegram).to_contain_text("Kept, and not passed on", timeout=SOON)
    await expect(bubble(page, "noor", "May I write")).to_have_count(0)
    await question.get_by_role("button", name="Yes, I agree").click()
    await expect(bubble(page, "noor", "May I write already?")).to_be_visible(timeout=SOON)
    given = page.locator('[data-trajectory="anna-2026"] .line.consent_given')
    await expect(given).to_have_count(1)
    await expect(given).to_contain_text("consent given")


async def test_photos_voice_notes_reactions_and_edits_travel(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    await join(page)
    await phone(page, "anna").get_by_role("button", name="Send a photo").click()
    photo = phone(page, "noor").locator("img.ch-photo")
    await expect(photo).to_be_visible(timeout=SOON)
    assert await photo.evaluate("async (it) => (await it.decode(), it.naturalWidth)") == 96
    await phone(page, "anna").get_by_role("button", name="Send a voice note").click()
    voice = phone(page, "noor").locator("audio")
    await expect(voice).to_be_visible(timeout=SOON)
    seconds = await voice.evaluate(
        "(it) => new Promise((done) => {"
        "  it.onloadedmetadata = () => done(it.duration); it.onerror = () => done(0);"
        "  it.preload = 'metadata'; it.load(); })"
    )
    assert 4 < seconds < 7
    await write(page, "anna", "At 9:40")
    copy = bubble(page, "noor", "At 9:40")
    await copy.get_by_role("button", name="More with this message").click(timeout=SOON)
    await copy.get_by_role("button", name="React with 👏").click()
    await expect(bubble(page, "anna", "At 9:40").locator(".ch-reactions")).to_have_text(
        "👏", timeout=SOON
    )
    own = bubble(page, "anna", "At 9:40")
    await own.get_by_role("button", name="More with this message").click()
    await own.get_by_role("button", name="Edit").click()
    await write(page, "anna", "At 10:40")
    await expect(bubble(page, "noor", "At 10:40")).to_contain_text("edited", timeout=SOON)


async def test_a_matrix_room_shows_who_is_there_and_what_became_of_words(
    demo: Running, page: Page
) -> None:
    await page.goto(demo.url)
    room = phone(page, "finn")
    people = room.get_by_role("button", name="2 people")
    await people.click()
    await expect(room.locator(".mx-people")).to_contain_text("FinnBBridge")
    await people.click()
    await expect(room.locator(".mx-people")).to_be_hidden()
    await expect(room.locator(".mx-happened").last).to_have_text("Bridge joined the room")
    await write(page, "finn", "I raed <b>a book</b>")
    await expect(bubble(page, "noor", "Finn: I raed <b>a book</b>")).to_be_visible(timeout=SOON)
    own = bubble(page, "finn", "I raed")
    await expect(own).to_contain_text("to Noor: sent", timeout=SOON)
    await own.get_by_role("button", name="More with this message").click()
    await own.get_by_role("button", name="Edit").click()
    await write(page, "finn", "I read a book")
    await expect(bubble(page, "noor", "I read a book")).to_contain_text("edited", timeout=SOON)
    await expect(bubble(page, "finn", "I read a book")).to_contain_text("edited")
    copy = bubble(page, "noor", "I read a book")
    await copy.get_by_role("button", name="More with this message").click()
    await copy.get_by_role("button", name="React with 🎉").click()
    set_ = bubble(page, "finn", "I read a book").locator(".ch-reactions")
    await expect(set_).to_have_text("🎉", timeout=SOON)
    await answer(page, "noor", "I read a book", "Which one?")
    asked = bubble(page, "finn", "Which one?")
    await expect(asked.locator(".ch-quoted")).to_have_text("I read a book", timeout=SOON)
    await expect(asked.locator(".mx-sender")).to_contain_text("Bridge")
    await asked.get_by_role("button", name="More with this message").click()
    await asked.get_by_role("button", name="React with ❤️").click()
    hers = bubble(page, "noor", "Which one?").locator(".ch-reactions")
    await expect(hers).to_have_text("❤️", timeout=SOON)
    await phone(page, "finn").get_by_role("button", name="Send a voice note").click()
    await expect(phone(page, "noor").locator("audio")).to_be_visible(timeout=SOON)
    posted = log(page, "finn").filter(has_text="Finn · Matrix").filter(has_text="message")
    await expect(posted).to_have_count(2)


@pytest.mark.parametrize("who", ["bram", "eva", "dewi", "finn"])
async def test_a_photo_comes_from_every_network(demo: Running, page: Page, who: str) -> None:
    await page.goto(demo.url)
    await phone(page, who).get_by_role("button", name="Send a photo").click()
    if who == "dewi":  # who never got a mail of the bridge's is asked to answer one
        await expect(phone(page, who).locator(".ch-row")).to_have_count(2, timeout=SOON)
        await phone(page, who).get_by_role("button", name="Send a photo").click()
    photo = phone(page, "noor").locator("img.ch-photo")
    await expect(photo).to_be_visible(timeout=SOON)
    assert await photo.evaluate("async (it) => (await it.decode(), it.naturalWidth)") == 96


async def test_a_message_for_nobody_in_particular_waits_for_a_choice(
    demo: Running, page: Page
) -> None:
    await page.goto(demo.url)
    await write(page, "noor", "Good luck!")
    question = bubble(page, "noor", "Who is this for?")
    await question.get_by_role("button", name="Dewi").click(timeout=SOON)
    mail = bubble(page, "dewi", "Good luck!")
    await expect(mail).to_be_visible(timeout=SOON)
    await expect(mail.locator(".em-subject")).to_have_text("Praktijk Noor")
    await expect(bubble(page, "bram", "Good luck!")).to_have_count(0)
    await answer(page, "dewi", "Good luck!", "Dank je 🌷")
    await expect(bubble(page, "noor", "Dewi: Dank je 🌷")).to_be_visible(timeout=SOON)
    await expect(bubble(page, "dewi", "Dank je 🌷")).not_to_contain_text("Good luck!")


# Who hears of trouble with a network, when whom writes.
TROUBLED = [
    ("slack", "bram", "noor", "429"),
    ("twilio", "noor", "bram", "429"),
    ("email", "noor", "dewi", "451"),
    ("matrix", "noor", "finn", "429"),
    ("telegram", "noor", "anna", "429"),
]


async def say(page: Page, who: str, to: str, words: str) -> None:
    """Write to somebody; Noor is asked to whom."""
    await write(page, who, words)
    if who == "noor":
        question = bubble(page, "noor", "Who is this for?")
        await question.get_by_role("button", name=to.capitalize()).click(timeout=SOON)


@pytest.mark.parametrize(("which", "who", "to", "refusal"), TROUBLED)
async def test_a_busy_network_is_waited_for(
    demo: Running, page: Page, which: str, who: str, to: str, refusal: str
) -> None:
    await page.goto(demo.url)
    if which == "telegram":
        await join(page)
    switch = await wire(page, which)
    await switch.get_by_role("button", name=f"busy ({refusal})").click()
    await expect(switch).to_contain_text("answers whatever the bridge sends", timeout=SOON)
    await say(page, who, to, "Are you there?")
    await expect(switch).to_contain_text(f"said {refusal}. In the outbox", timeout=SOON)
    await expect(bubble(page, who, "Are you there?")).to_contain_text("waits to be sent")
    await switch.get_by_role("button", name="working").click()
    if which == "email":  # says nothing of how long, so the bridge waits a minute
        await expect(switch).to_contain_text(re.compile("next try in [1-9][0-9] s"), timeout=SOON)
        return
    await expect(bubble(page, to, "Are you there?")).to_be_visible(timeout=2 * SOON)
    await expect(switch).to_contain_text("is back", timeout=SOON)
    await expect(bubble(page, who, "Are you there?")).to_contain_text(
        re.compile(f"to {to.capitalize()}: (sent|delivered)")
    )


@pytest.mark.parametrize(("which", "who", "to", "refusal"), TROUBLED)
async def test_a_lost_answer_is_told_as_it_is(
    demo: Running, page: Page, which: str, who: str, to: str, refusal: str
) -> None:
    blind = which in {"telegram", "email"}
    await page.goto(demo.url)
    if which == "telegram":
        await join(page)
    switch = await wire(page, which)
    if who == "noor":  # the question must not be what gets lost
        await write(page, who, "Did it arrive?")
        await expect(bubble(page, "noor", "Who is this for?")).to_be_visible(timeout=SOON)
    await switch.get_by_role("button", name="losing an answer").click()
    await expect(switch).to_contain_text("will take the next message", timeout=SOON)
    if who == "noor":
        question = bubble(page, "noor", "Who is this for?")
        await question.get_by_role("button", name=to.capitalize()).click()
    else:
        await write(page, who, "Did it arrive?")
    await expect(switch).to_contain_text("its answer was lost", timeout=SOON)
    copies = phone(page, to).locator(".ch-row").filter(has_text="Did it arrive?")
    await expect(copies).to_have_count(2 if blind else 1, timeout=2 * SOON)
    client = to if who == "noor" else who
    lines = log(page, client).filter(has_text="not clear whether it arrived")
    await expect(lines).to_have_count(1, timeout=SOON)
    fate = bubble(page, who, "Did it arrive?").locator(".fate")
    if blind:
        await expect(fate).to_contain_text("possibly sent twice", timeout=SOON)
    else:
        await expect(fate).to_have_text(re.compile("(sent|delivered)$"), timeout=2 * SOON)
        await expect(copies).to_have_count(1)
    await expect(switch.get_by_role("button", name="working")).to_have_attribute(
        "aria-pressed", "true"
    )
    del refusal


@pytest.mark.parametrize("which", ["slack", "twilio", "email", "matrix"])
async def test_a_network_that_is_down_loses_nothing(demo: Running, page: Page, which: str) -> None:
    who = {"slack": "noor", "twilio": "bram", "email": "dewi", "matrix": "finn"}[which]
    await page.goto(demo.url)
    if which == "email":
        await say(page, "noor", "dewi", "Well?")
        await expect(bubble(page, "dewi", "Well?")).to_be_visible(timeout=SOON)
    switch = await wire(page, which)
    await switch.get_by_role("button", name="down", exact=True).click()
    await expect(switch).to_contain_text("is cut", timeout=SOON)
    writer = "bram" if which == "slack" else who
    for words in ("first", "second", "third"):
        await write(page, writer, words)
    waiting = "in the outbox: 3" if which == "slack" else re.compile("waiting at [-A-Za-z]+: 3")
    await expect(switch).to_contain_text(waiting, timeout=SOON)
    await switch.get_by_role("button", name="working").click()
    await expect(bubble(page, "noor", "third")).to_be_visible(timeout=3 * SOON)
    rows = await phone(page, "noor").locator(".ch-text").all_inner_texts()
    heard = [row.split()[-1] for row in rows if f"{writer.capitalize()}: " in row]
    assert heard == ["first", "second", "third"]
    await expect(switch).to_contain_text("in order, nothing lost", timeout=2 * SOON)


async def test_the_client_without_a_messenger_is_on_the_page(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    sem = page.frame_locator('iframe[title="Sem’s web chat"]')
    await sem.get_by_role("textbox").fill("Only a browser here")
    await sem.get_by_role("button", name="Send", exact=True).click(timeout=SOON)
    await expect(bubble(page, "noor", "Sem: Only a browser here")).to_be_visible(timeout=SOON)
    await answer(page, "noor", "Only a browser here", "That is enough")
    await expect(sem.get_by_text("That is enough")).to_be_visible(timeout=SOON)
    await expect(log(page, "sem").filter(has_text="Sem · web chat")).to_have_count(1)


async def test_the_coach_has_her_console_beside_it(demo: Running, page: Page) -> None:
    await page.goto(demo.url)
    console = page.frame_locator('iframe[title="Noor’s console"]')
    await write(page, "eva", "On the screen as well")
    await expect(console.get_by_text("Eva").first).to_be_visible(timeout=SOON)
    await console.get_by_role("link", name=re.compile("Eva")).first.click(timeout=SOON)
    await expect(console.get_by_text("On the screen as well").first).to_be_visible(timeout=SOON)
    await console.locator(".say textarea").fill("From the console")
    await console.get_by_role("button", name="Send").first.click()
    await expect(bubble(page, "eva", "From the console")).to_be_visible(timeout=SOON)


async def test_two_pages_show_the_same(demo: Running, open_page: OpenPage) -> None:
    one, other = await open_page(), await open_page(ground.PHONE, "dark", "nl-NL")
    await one.goto(demo.url)
    await other.goto(demo.url)
    await write(one, "eva", "Voor allebei")
    await other.locator('[data-tab="client eva"]').click()
    await expect(bubble(other, "eva", "Voor allebei")).to_contain_text(
        "naar Noor: verstuurd", timeout=SOON
    )
    await expect(log(other, "eva").last).to_contain_text("bezorging")


@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
async def test_the_tour_works_as_written(demo: Running, open_page: OpenPage, locale: str) -> None:
    page = await open_page(locale=locale)
    await page.goto(demo.url)
    play, step = page.locator("#tour-play"), page.locator("#tour-step")
    for n in range(1, len(SCENES) + 1):
        await expect(step).to_have_text(re.compile(f" {n} "))
        await play.click()
        await expect(step).to_have_text(re.compile(f" {n + 1} "), timeout=4 * SOON)
        await expect(play).to_be_enabled(timeout=SOON)
    await play.click()
    proof = page.locator("#proof")
    await expect(proof).to_contain_text("append-only", timeout=SOON)
    assert await proof.locator("li.holds").count() == len(PROMISES)
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
            for name in ("anna", "bram", "dewi", "sem", "finn", "eva"):
                tab = page.locator(f'[data-tab="client {name}"]')
                if look is ground.PHONE:
                    await tab.click()
                    await ground.check_accessible(page)
            opened = phone(page, "eva").locator(".ch-more").first
            await opened.click(timeout=2 * SOON)
            people = phone(page, "finn").locator(".mx-count")
            if await people.is_visible():
                await people.click()
            opened = phone(page, "noor").locator(".ch-more").first
            await opened.click(timeout=2 * SOON)
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
        await expect(await wire(page, "telegram")).to_contain_text("Telegram works", timeout=SOON)
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
        await asyncio.gather(one.close(), other.close())
