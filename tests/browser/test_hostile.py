"""Whatever people write stays text: the whole corpus through the bridge, looked at on the page."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from adapters.emulators.telegram import Person
from adapters.media import file_name
from bridge.demo.browser import Running, open_demo
from bridge.demo.picture import sunrise
from tests.browser import ground, hostile
from tests.browser.ground import Complaints

LONG = 90_000
_ELEMENTS = """() => [...new Set(
  [...document.querySelectorAll("main *")].map((it) => it.tagName.toLowerCase())
)].sort()"""
_TEXTS = """() => [...document.querySelectorAll("[data-phone=noor] .tg-text")].map(
  (it) => it.textContent
)"""
_LINKS = """() => [...document.querySelectorAll("main a")].map((it) => it.href)"""
_LEAKY = """() => [...document.querySelectorAll("main .tg-text, main .what")].filter(
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
        await _harmless(demo, "Just a word, and http://127.0.0.1/")
        await expect(page.locator("[data-phone=noor] .tg-text a")).to_have_count(1, timeout=LONG)
        known = await page.evaluate(_ELEMENTS)
        bram = demo.rooms.people["bram"]
        sent = [await _sent(bram, text) for text in hostile.STRINGS]
        await expect(page.locator("[data-phone=bram] .tg-row")).to_have_count(
            len(sent) + 1, timeout=LONG
        )
        last = page.locator("[data-phone=bram] .tg-row").last
        await expect(last).to_contain_text("to Noor: sent", timeout=LONG)
        shown = [text.removeprefix("Bram: ") for text in await page.evaluate(_TEXTS)]
        assert shown[1:] == sent
        assert set(await page.evaluate(_ELEMENTS)) <= set(known)
        links = await page.evaluate(_LINKS)
        assert [url for url in links if not url.startswith(("http://", "https://"))] == []
        assert await page.evaluate(_LEAKY) == 0
        await ground.check_no_sideways_scroll(page)
        lines = page.locator('[data-trajectory="bram-2026"] .line.message_posted')
        await expect(lines).to_have_count(len(sent) + 1, timeout=LONG)


async def test_names_of_files_and_captions_stay_text(tmp_path: Path, page: Page) -> None:
    async with open_demo(tmp_path, 0, pace=0, play=False) as demo:
        await page.goto(demo.url)
        bram = demo.rooms.people["bram"]
        some = [family[0] for family in hostile.FAMILIES.values()]
        for text in some:
            await bram.send_document(
                b"<svg onload=alert(1)>", name=f"{text[:60]}.svg", mime="image/svg+xml"
            )
            await bram.send_photo(sunrise(), caption=text[:900], name="x.png", mime="image/png")
        rows = page.locator("[data-phone=noor] .tg-row")
        await expect(rows).to_have_count(2 * len(some), timeout=LONG)
        link = page.locator("[data-phone=noor] a.tg-file").first
        async with page.expect_download() as download:
            await link.click()
        assert await (await download.value).failure() is None


async def _harmless(demo: Running, words: str) -> None:
    await demo.rooms.people["bram"].send(words)
    await demo.rooms.people["noor"].wait_for(words, 10)


async def _sent(person: Person, text: str) -> str:
    """Send one; return what Telegram made of it, which trims and cleans a little."""
    message = await person.send(text)
    await asyncio.sleep(0)
    return message.text


def test_a_file_name_cannot_turn_what_one_reads() -> None:
    turned = [file_name(text, "", "file") for text in hostile.FAMILIES["bidi"]]
    assert [name for name in turned if set(name) & set(hostile.TURNING)] == []
    assert file_name("naïve 'résumé'; 2.pdf", "", "file") == "naïve 'résumé'_ 2.pdf"
