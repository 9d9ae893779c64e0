"""Whatever people write stays text: the whole corpus through the bridge, looked at on the page."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from adapters.emulators.telegram import Person
from adapters.media import file_name
from bridge.demo.browser import Running, open_demo
from bridge.demo.cast import ANNA, NOOR_SLACK
from bridge.demo.phones import Open
from bridge.demo.picture import sunrise
from tests.browser import ground, hostile
from tests.browser.ground import Complaints

LONG = 90_000
_ELEMENTS = """() => [...new Set(
  [...document.querySelectorAll("main *")].map((it) => it.tagName.toLowerCase())
)].sort()"""
_TEXTS = """() => [...document.querySelectorAll("[data-phone=noor] .ch-text")].map(
  (it) => it.textContent
)"""
_LINKS = """() => [...document.querySelectorAll("main a")].map((it) => it.href)"""
_LEAKY = """() => [...document.querySelectorAll("main .ch-text, main .what")].filter(
  (it) => getComputedStyle(it).unicodeBidi !== "isolate"
).length"""


def test_the_corpus_is_large_and_each_string_its_own() -> None:
    assert len(hostile.STRINGS) >= 300
    assert len(set(hostile.STRINGS)) == len(hostile.STRINGS)
    assert all(text.strip() for text in hostile.STRINGS)
    assert max(map(len, hostile.STRINGS)) <= 3500
    assert min(map(len, hostile.FAMILIES.values())) >= 12


async def test_strings_that_run_are_caught(browser: Browser) -> None:
    """The corpus is sharp: put as markup, the families that can run do."""
    complaints = Complaints()
    put = "(all) => all.forEach((one) => document.body.insertAdjacentHTML('beforeend', one))"
    async with ground.watched(browser, complaints) as context:
        naive = await context.new_page()
        for family in ("attribute", "break out", "drawing"):
            complaints.found.clear()
            await naive.set_content("<main></main>")
            put = (
                "(all) => all.forEach((one) => document.body.insertAdjacentHTML('beforeend', one))"
            )
            await naive.evaluate(put, list(hostile.FAMILIES[family]))
            await naive.wait_for_timeout(300)
            assert len([one for one in complaints.found if "a script ran" in one]) >= 3, family


async def test_nothing_of_the_corpus_is_more_than_text(tmp_path: Path, page: Page) -> None:
    async with open_demo(tmp_path, 0, pace=0, play=False) as demo:
        await page.goto(demo.url)
        anna = await _joined(demo)
        await _harmless(demo, anna, "Just a word, and http://127.0.0.1/")
        await expect(page.locator("[data-phone=noor] .ch-text a")).to_have_count(1, timeout=LONG)
        known = await page.evaluate(_ELEMENTS)
        sent = [await _sent(anna, text) for text in hostile.STRINGS]
        await expect(page.locator("[data-phone=anna] .ch-row.mine")).to_have_count(
            len(sent) + 2, timeout=LONG
        )
        last = page.locator("[data-phone=anna] .ch-row").last
        await expect(last).to_contain_text("to Noor: sent", timeout=LONG)
        texts = [text for text in await page.evaluate(_TEXTS) if text.startswith("Anna: ")]
        assert [text.removeprefix("Anna: ") for text in texts][1:] == sent
        assert set(await page.evaluate(_ELEMENTS)) <= set(known)
        links = await page.evaluate(_LINKS)
        assert [url for url in links if not url.startswith(("http://", "https://"))] == []
        assert await page.evaluate(_LEAKY) == 0
        await ground.check_no_sideways_scroll(page)
        lines = page.locator('[data-trajectory="anna-2026"] .line.message_posted')
        await expect(lines).to_have_count(len(sent) + 1, timeout=LONG)
        await page.close()


async def test_names_of_files_and_captions_stay_text(tmp_path: Path, page: Page) -> None:
    async with open_demo(tmp_path, 0, pace=0, play=False) as demo:
        await page.goto(demo.url)
        anna = await _joined(demo)
        some = [family[0] for family in hostile.FAMILIES.values()]
        for text in some:
            await anna.send_document(
                b"<svg onload=alert(1)>", name=f"{text[:60]}.svg", mime="image/svg+xml"
            )
            await anna.send_photo(sunrise(), caption=text[:900], name="x.png", mime="image/png")
        files = page.locator("[data-phone=noor] .ch-row").filter(has=page.locator(".ch-file, img"))
        await expect(files).to_have_count(2 * len(some), timeout=LONG)
        link = page.locator("[data-phone=noor] a.ch-file").first
        async with page.expect_download() as download:
            await link.click()
        assert await (await download.value).failure() is None
        await page.close()


async def _joined(demo: Running) -> Person:
    """Let Anna come in; return her, on Telegram."""
    phone = demo.board.phones["anna"]
    anna = demo.rooms.telegram.person(ANNA)
    await phone.do(Open())
    question = await anna.wait_for(lambda message: message.markup is not None, 10)
    await anna.press(question.message_id, 0)
    await anna.wait_for("Thank you", 10)
    return anna


async def _harmless(demo: Running, anna: Person, words: str) -> None:
    await anna.send(words)
    await demo.rooms.networks.slack.person(NOOR_SLACK).wait_for(words, 10)


async def _sent(person: Person, text: str) -> str:
    """Send one; return what Telegram made of it, which trims and cleans a little."""
    message = await person.send(text)
    await asyncio.sleep(0)
    return message.text


def test_a_file_name_cannot_turn_what_one_reads() -> None:
    turned = [file_name(text, "", "file") for text in hostile.FAMILIES["bidi"]]
    assert [name for name in turned if set(name) & set(hostile.TURNING)] == []
    assert file_name("naïve 'résumé'; 2.pdf", "", "file") == "naïve 'résumé'_ 2.pdf"
