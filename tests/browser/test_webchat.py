"""Web chat in a real Chromium: join, chat both ways, come back, look hostile words in the eye."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import FilePayload, Page, expect

from bridge.core.content import Text
from bridge.web.api import acts
from storage import queries
from tests.browser.ground import (
    DESKTOP,
    PHONE,
    SCHEMES,
    Look,
    Scheme,
    check_accessible,
    check_no_sideways_scroll,
)
from tests.browser.hostile import FAMILIES
from tests.webchat.ground import Ground, a_practice, standing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import OpenPage
    from tests.browser.ground import Complaints

SMALL = Look("small phone", 360, 640)
HOSTILE = tuple(" ".join(found[0].split()) for found in FAMILIES.values() if found[0].isprintable())
"""One of each family that shows as it was written."""


async def _join(ground: Ground, page: Page) -> None:
    await page.goto(f"{ground.url}/chat/join/{await ground.invite()}")
    await page.get_by_role("button", name="Naar het gesprek").click()
    await expect(page.locator("#status")).to_have_text("Verbonden")


async def _write(page: Page, text: str) -> None:
    await page.get_by_label("Schrijf een bericht").fill(text)
    await page.locator("#send").click()


async def test_join_agree_and_chat_both_ways_with_the_keyboard_alone(
    tmp_path: Path, open_page: OpenPage
) -> None:
    page = await open_page(DESKTOP, locale="nl-NL")
    async with standing(tmp_path, a_practice("ask", "nl")) as ground:
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


async def test_what_was_written_offline_goes_out_after_a_restart_once(
    tmp_path: Path, open_page: OpenPage, complaints: Complaints
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING")
    page = await open_page(PHONE)
    async with standing(tmp_path) as ground:
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


async def _join_english(ground: Ground, page: Page) -> None:
    await page.goto(f"{ground.url}/chat/join/{await ground.invite()}")
    await page.get_by_role("button").click()
    await expect(page.locator("#status")).to_have_text("Connected")


async def test_photos_files_and_a_voice_note_recorded_in_the_page(
    tmp_path: Path, open_page: OpenPage
) -> None:
    page = await open_page(PHONE, locale="nl-NL")
    async with standing(tmp_path, a_practice(language="nl")) as ground:
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


async def test_read_is_told_when_it_was_before_her_eyes(
    tmp_path: Path, open_page: OpenPage
) -> None:
    page = await open_page(PHONE)
    async with standing(tmp_path) as ground:
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


async def test_hostile_words_stay_words(tmp_path: Path, open_page: OpenPage) -> None:
    page = await open_page(DESKTOP)
    async with standing(tmp_path) as ground:
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
        await page.close()  # what it still sends is nobody's concern once the bridge is gone


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("look", [PHONE, DESKTOP, SMALL], ids=lambda look: look.name)
async def test_nothing_stands_in_anybodys_way(
    tmp_path: Path, open_page: OpenPage, look: Look, scheme: Scheme
) -> None:
    page = await open_page(look, scheme, locale="nl-NL")
    async with standing(tmp_path, a_practice("ask", "nl")) as ground:
        await page.goto(f"{ground.url}/chat/join")
        await _no_barrier(page)
        await page.goto(f"{ground.url}/chat/join/{await ground.invite()}")
        await _no_barrier(page)
        await page.get_by_role("button").click()
        await page.get_by_role("button", name="Ja, akkoord").click()
        await expect(page.get_by_role("log")).to_contain_text("in je eigen tempo")
        await _write(page, "Hoi Noor, hier een link https://example.org/" + "lang" * 40)
        shown = await ground.noor.wait_for("Hoi Noor", 10)
        await ground.noor.send("Mooi", reply_to=shown.message_id)
        await ground.noor.react(shown.message_id, "👍")
        await expect(page.locator(".reactions")).to_be_visible()
        await expect(page.locator(".theirs")).to_contain_text("Mooi")
        await _no_barrier(page)
        await page.locator(".theirs summary").click()
        await _no_barrier(page)
        await page.keyboard.press("Escape")
        await page.get_by_label("Menu").click()
        await page.get_by_role("button", name="Op een ander apparaat gebruiken").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await _no_barrier(page)


async def _no_barrier(page: Page) -> None:
    await check_accessible(page)
    await check_no_sideways_scroll(page)


async def test_a_change_far_back_leaves_no_gap(tmp_path: Path, open_page: OpenPage) -> None:
    page = await open_page(DESKTOP)
    async with standing(tmp_path) as ground:
        await _join_english(ground, page)
        for n in range(160):
            await _noor_says(ground, n)
        await page.reload()
        rows = page.locator("#lines .words").filter(has_text="Line")
        await expect(rows.last).to_have_text("Line 159.")
        log = queries.log(ground.app.store, "anna-2026")
        first = next(line.seq for line in log if line.text == "Line 0.")
        edit = partial(
            acts.edit,
            catalogue=ground.app.catalogue,
            trajectory="anna-2026",
            person="noor",
            seq=first,
            text="Line 0, better.",
        )
        await ground.app.writer.submit(edit)
        await _noor_says(ground, 160)
        await expect(rows.last).to_have_text("Line 160.")
        await page.wait_for_timeout(500)  # the change comes in the same stream
        older = page.locator("#older")
        while await older.is_visible():
            before = await rows.count()
            await older.evaluate("(it) => it.click()")
            await expect(rows).not_to_have_count(before)
        shown = await rows.all_text_contents()
        assert shown == ["Line 0, better.", *(f"Line {n}." for n in range(1, 161))]
        await page.goto("about:blank")  # before the bridge goes


async def _noor_says(ground: Ground, n: int) -> None:
    catalogue, content = ground.app.catalogue, Text((f"Line {n}.",))
    await ground.app.writer.submit(
        lambda unit: acts.say(unit, catalogue, "anna-2026", "noor", f"line-{n:05}", content, None)
    )
