"""Web chat in a real Chromium: join, chat both ways, come back, look hostile words in the eye."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, FilePayload, Page, async_playwright, expect

from tests.webchat.ground import Ground, a_practice, standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("CI", "").lower() not in {"1", "true"},
        reason="browser: there is no chromium",
    ),
]
FAKED = ("device", "ui")
PHONE, DESKTOP = (390, 844), (1280, 800)
HOSTILE = (
    "<script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "\"><svg onload=document.title='taken'>",
    "javascript:document.title='taken'",
    "https://example.org/\" onmouseover=\"document.title='taken'",
    "</textarea></li></ol><h1>taken</h1>",
    "{{ 7*7 }} ${7*7} <%= 7*7 %>",
    "\u202egnikat\u202c \u200b\u200d\ufeff",
    "&lt;b&gt; &#x3c;script&#x3e;",
)


@asynccontextmanager
async def browsing(
    size: tuple[int, int], scheme: str = "light"
) -> AsyncIterator[tuple[BrowserContext, list[str]]]:
    """Run a Chromium; the list collects errors of scripts and breaches of the policy."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                *(f"--use-fake-{it}-for-media-stream" for it in ("device", "ui")),
            ],
        )
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="nl-NL",
            color_scheme="dark" if scheme == "dark" else "light",
            permissions=["microphone"],
        )
        found: list[str] = []
        context.on("weberror", lambda error: found.append(str(error.error)))
        context.on(
            "console",
            lambda said: (
                found.append(said.text) if "Content Security Policy" in said.text else None
            ),
        )
        try:
            yield context, found
        finally:
            await browser.close()


async def _join(ground: Ground, page: Page) -> None:
    await page.goto(f"{ground.url}/chat/join/{await ground.invite()}")
    await page.get_by_role("button", name="Naar het gesprek").click()
    await expect(page.locator("#status")).to_have_text("Verbonden")


async def _write(page: Page, text: str) -> None:
    await page.get_by_label("Schrijf een bericht").fill(text)
    await page.get_by_label("Schrijf een bericht").press("Enter")


async def test_join_agree_and_chat_both_ways_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with (
        standing(tmp_path, a_practice("ask", "nl")) as ground,
        browsing(DESKTOP) as (context, breaches),
    ):
        page = await context.new_page()
        await page.goto(f"{ground.url}/chat/join/{await ground.invite()}")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        yes = page.get_by_role("button", name="Ja, akkoord")
        await yes.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("in je eigen tempo")
        await page.get_by_label("Schrijf een bericht").focus()
        await page.keyboard.type("Hoi Noor 🚲")
        await page.keyboard.press("Enter")
        shown = await ground.noor.wait_for("Hoi Noor 🚲", 10)
        await ground.noor.send("Dag Anna!", reply_to=shown.message_id)
        await expect(page.get_by_role("log")).to_contain_text("Dag Anna!")
        await expect(page.locator(".mine .state")).to_have_text("Verstuurd")
        await ground.noor.react(shown.message_id, "👍")
        await expect(page.locator(".reactions")).to_contain_text("👍")
        line = page.locator(".mine", has_text="Hoi Noor")
        await line.locator("summary").focus()
        await page.keyboard.press("Enter")
        await line.get_by_role("button", name="Bewerken").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.type(" en dag")
        await page.keyboard.press("Enter")
        await ground.heard(ground.noor, "Hoi Noor 🚲 en dag")
        await expect(line).to_contain_text("bewerkt")
        assert breaches == []


async def test_what_was_written_offline_goes_out_after_a_restart_once(tmp_path: Path) -> None:
    async with standing(tmp_path) as ground, browsing(PHONE) as (context, breaches):
        page = await context.new_page()
        await _join_english(ground, page)
        await ground.stop()
        await expect(page.locator("#status")).not_to_have_text("Connected")
        for text in ("eerste", "tweede"):
            await page.get_by_label("Write a message").fill(text)
            await page.get_by_role("button", name="Send", exact=True).click()
        await ground.noor.send("terwijl jij weg was")
        await ground.start()
        await ground.heard(ground.noor, "tweede", within=40)
        await expect(page.get_by_role("log")).to_contain_text("terwijl jij weg was", timeout=20_000)
        heard = [line.text for line in ground.noor.screen() if not line.mine]
        assert heard == ["eerste", "tweede"]
        await expect(page.locator(".mine .words")).to_have_text(["eerste", "tweede"])
        assert breaches == []


async def _join_english(ground: Ground, page: Page) -> None:
    await page.goto(f"{ground.url}/chat/join/{await ground.invite()}")
    await page.get_by_role("button").click()
    await expect(page.locator("#status")).to_have_text("Connected")


async def test_photos_files_and_a_voice_note_recorded_in_the_page(tmp_path: Path) -> None:
    async with (
        standing(tmp_path, a_practice(language="nl")) as ground,
        browsing(PHONE) as (context, breaches),
    ):
        page = await context.new_page()
        await _join(ground, page)
        plan = FilePayload(name="plan.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 plan")
        await page.locator("#file").set_input_files([plan])
        sent = await ground.noor.wait_for(lambda one: one.kind == "document", 10)
        assert sent.content["document"]["file_name"] == "plan.pdf"
        await page.get_by_role("button", name="Een spraakbericht opnemen").click()
        await expect(page.get_by_role("timer")).to_have_text("0:01")
        await page.get_by_role("button", name="Spraakbericht versturen").click()
        await ground.noor.wait_for(lambda one: one.kind in {"voice", "document", "audio"}, 10,
                                   after=sent.message_id)  # fmt: skip
        player = page.locator("audio")
        await expect(player).to_have_count(1)
        assert breaches == []


async def test_read_is_told_when_it_was_before_her_eyes(tmp_path: Path) -> None:
    async with standing(tmp_path) as ground, browsing(PHONE) as (context, _):
        page = await context.new_page()
        await _join_english(ground, page)
        await ground.noor.send("zie je dit?")
        await expect(page.get_by_role("log")).to_contain_text("zie je dit?")

        async def states() -> list[str]:
            answer = await page.request.get(f"{ground.url}/chat/messages")
            return [line["arrived"] for line in (await answer.json())["lines"]]

        for _ in range(100):
            if await states() == ["read"]:
                break
            await page.wait_for_timeout(100)
        assert await states() == ["read"]


async def test_hostile_words_stay_words(tmp_path: Path) -> None:
    async with standing(tmp_path) as ground, browsing(DESKTOP) as (context, breaches):
        page = await context.new_page()
        await _join_english(ground, page)
        for text in HOSTILE:
            await ground.noor.send(text)
        await expect(page.locator(".theirs .words")).to_have_count(len(HOSTILE))
        shown = await page.locator(".theirs .words").evaluate_all(
            "found => found.map((one) => one.textContent)"
        )
        assert [text.strip() for text in shown] == [text.strip() for text in HOSTILE]
        for text in HOSTILE:
            await page.get_by_label("Write a message").fill(text)
            await page.get_by_label("Write a message").press("Enter")
        await expect(page.locator(".mine .words")).to_have_count(len(HOSTILE))
        made = "#lines script, #lines img, #lines svg, #lines h1, #lines [onerror], #lines [style]"
        assert await page.locator(made).count() == 0
        assert "taken" not in await page.title()
        hrefs = await page.locator("#lines a").evaluate_all("all => all.map((a) => a.href)")
        assert all(href.startswith("https://example.org/") for href in hrefs)
        assert breaches == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, (360, 640)])
async def test_nothing_stands_in_anybodys_way(
    tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    async with (
        standing(tmp_path, a_practice("ask", "nl")) as ground,
        browsing(size, scheme) as (context, breaches),
    ):
        page = await context.new_page()
        await page.goto(f"{ground.url}/chat/join")
        await _no_barrier(page, size)
        await page.goto(f"{ground.url}/chat/join/{await ground.invite()}")
        await _no_barrier(page, size)
        await page.get_by_role("button").click()
        await page.get_by_role("button", name="Ja, akkoord").click()
        await expect(page.get_by_role("log")).to_contain_text("in je eigen tempo")
        await _write(page, "Hoi Noor, hier een link https://example.org/" + "lang" * 40)
        shown = await ground.noor.wait_for("Hoi Noor", 10)
        await ground.noor.send("Mooi", reply_to=shown.message_id)
        await ground.noor.react(shown.message_id, "👍")
        await expect(page.locator(".reactions")).to_be_visible()
        await expect(page.locator(".theirs")).to_contain_text("Mooi")
        await _no_barrier(page, size)
        await page.locator(".theirs summary").click()
        await _no_barrier(page, size)
        await page.keyboard.press("Escape")
        await page.get_by_label("Menu").click()
        await page.get_by_role("button", name="Op een ander apparaat gebruiken").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await _no_barrier(page, size)
        assert breaches == []


async def _no_barrier(page: Page, size: tuple[int, int]) -> None:
    """Axe finds nothing, and nothing is wider than the window."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
