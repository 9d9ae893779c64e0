"""The console as a coach lives in it: both widths, both themes, mouse, keys and microphone.

With COACHBRIDGE_SCREENSHOTS=<folder> the pages' pictures are kept there, to be looked at.
"""

import os
import re
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bridge.core import entries as e
from bridge.core.content import Text
from tests.browser import ground
from tests.browser.conftest import OpenPage
from tests.browser.ground import DESKTOP, LOOKS, SCHEMES, Complaints, Look, Scheme
from tests.web.console_kit import Desk, eventually, open_desk

SHOTS = os.environ.get("COACHBRIDGE_SCREENSHOTS", "")
HOSTILE = (
    f"<script>{ground.PWNED}()</script>",
    f"<img src=x onerror={ground.PWNED}()>",
    f'"><svg onload={ground.PWNED}()>',
    f"javascript:{ground.PWNED}()",
    f"</textarea><iframe srcdoc='<script>parent.{ground.PWNED}()</script>'>",
    f'https://x.example/"onmouseover="{ground.PWNED}()',
    "\u202egnirts\u202c \u2066\u200b\u200d zero",
    "{{ 7*7 }} ${7*7} <%= 7*7 %>",
    f"<style>@import 'javascript:{ground.PWNED}()'</style><base href=//evil.example>",
)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A bridge with a conversation in it."""
    async with open_desk(tmp_path) as opened:
        yield opened


async def _enter(desk: Desk, page: Page, person: str = "noor") -> None:
    await page.goto(await desk.link(person))
    await page.locator("form button.main").click()
    await page.wait_for_url("**/console/")


async def _talk(desk: Desk) -> None:
    """Let Anna and Noor say something of every kind."""
    anna, noor = desk.people["anna"], desk.people["noor"]
    await desk.says("anna", "Good morning Noor! I slept badly, the presentation is on Thursday.")
    said = await noor.wait_for(lambda m: "slept badly" in m.text, 5)
    step = "What would be one small step that helps today?"
    await noor.send(step, reply_to=said.message_id)
    await desk.until("anna-2026", step)
    await anna.send_photo(_picture(), caption="The first slide, made at the kitchen table")
    await anna.send_voice(b"OggS" + bytes(3000), duration=7)
    link = await anna.send("The old one: https://example.org/slides")
    await desk.until("anna-2026", "The old one: https://example.org/slides")
    await anna.edit(link.message_id, "The older one: https://example.org/slides")
    asked = await anna.wait_for(lambda m: step in m.text, 5)
    await anna.react(asked.message_id, "❤")
    await desk.says("bram", "Ha Noor, lukt het morgen ook om tien uur?")
    await eventually(lambda: any(x.kind == "reaction_set" for x in desk.log("anna-2026")))
    await eventually(lambda: all(x.state != "queued" for x in desk.log("anna-2026")))


def _picture() -> bytes:
    rows = b"".join(
        b"\0" + bytes(v for x in range(320) for v in (240 - y // 2, 170 + x // 8, 120 + y // 3))
        for y in range(200)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 320, 200, 8, 2, 0, 0, 0)
    body = zlib.compress(rows)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_page_is_sound(
    desk: Desk, open_page: OpenPage, complaints: Complaints, look: Look, scheme: Scheme
) -> None:
    complaints.expect("404|410")
    page = await open_page(look, scheme)

    async def sound(name: str) -> None:
        await page.wait_for_timeout(250)
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / f"console-{name}-{look.name}-{scheme}.png")
        await ground.check_accessible(page)
        await ground.check_no_sideways_scroll(page)

    await _talk(desk)
    await page.goto(f"{desk.url}/console/")
    await sound("sign-in")
    await page.goto(f"{desk.url}/console/sign-in/none")
    await sound("stale")
    await page.goto(await desk.link("noor"))
    await sound("link")
    await page.locator("form button.main").click()
    await expect(page.locator(".row.talk")).to_have_count(2)
    await sound("inbox")
    await page.goto(f"{desk.url}/console/t/anna-2026")
    await expect(page.locator("#live")).to_have_text("live")
    await expect(page.locator(".media img")).to_be_visible()
    await sound("trajectory")
    await page.evaluate("scrollTo(0, 0)")
    await sound("trajectory-top")
    await page.fill("#text", "Well done, that is a real beginning! 🌷")
    await page.click("#look")
    await expect(page.locator("#looks .part")).to_be_visible()
    await sound("preview")
    await page.keyboard.press("Escape")
    await page.click("#smile")
    await page.check("#note")
    await sound("composer")
    for path, name in (
        ("search?q=slide", "search"),
        ("t/anna-2026/activity", "activity"),
        ("nudges", "nudges"),
        ("sessions", "sign-ins"),
        ("t/none", "not-here"),
    ):
        await page.goto(f"{desk.url}/console/{path}")
        await sound(name)
    await page.goto(f"{desk.url}/console/t/anna-2026")
    await page.evaluate("document.querySelector('#about').open = true")
    await page.get_by_role("button", name="A code for Anna").click()
    await expect(page.locator(".code")).to_be_visible()
    await sound("lost")
    await page.goto(f"{desk.url}/console/")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await sound("help")


async def test_words_go_both_ways_while_the_page_is_open(desk: Desk, page: Page) -> None:
    await _enter(desk, page)
    await page.click("text=Anna")
    await page.fill("#text", "How was the night?")
    await page.click("#send")
    mine = page.locator(".e.mine", has_text="How was the night?")
    await expect(mine).to_be_visible()
    await desk.people["anna"].wait_for("How was the night?", 5)
    await expect(mine.locator(".states")).to_have_text("sent to Anna on Telegram")
    await desk.people["anna"].send("Short 🙂")
    theirs = page.locator(".e.theirs", has_text="Short 🙂")
    await expect(theirs).to_be_visible()
    await theirs.hover()
    await theirs.locator("[data-reply]").click()
    await expect(page.locator("#answering")).to_contain_text("Short 🙂")
    await page.keyboard.type("Then an early evening?")
    await page.keyboard.press("Control+Enter")
    answer = page.locator(".e.mine", has_text="Then an early evening?")
    await expect(answer.locator(".quoted")).to_contain_text("Short 🙂")
    await answer.hover()
    await answer.locator("[data-edit]").click()
    await page.fill("#text", "Then an early night?")
    await page.click("#send")
    await expect(page.locator(".e.mine", has_text="Then an early night?")).to_be_visible()
    await theirs.hover()
    await theirs.locator("[data-react]").click()
    await page.click("#react button[value='👍']")
    await expect(theirs.locator(".hearts")).to_contain_text("👍")
    await mine.hover()
    await mine.locator("[data-withdraw]").click()
    await page.click("#ask button[value=yes]")
    await expect(mine.locator(".gone")).to_be_visible()


async def test_keys_alone_do_everything(desk: Desk, page: Page) -> None:
    await desk.says("anna", "Good morning")
    await desk.says("bram", "Hoi")
    await _enter(desk, page)
    await page.keyboard.press("j")
    first = await page.evaluate("document.activeElement.textContent")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.textContent") != first
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/console/t/"))
    await expect(page.locator("#live")).to_have_text("live")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await expect(page.locator("#answering")).to_be_visible()
    await page.keyboard.type("Hello by keys")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".e.mine", has_text="Hello by keys")).to_be_visible()
    await expect(page.locator("#text")).to_have_value("")
    await page.wait_for_timeout(300)  # the page gives the composer the focus back
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("morning")
    await page.keyboard.press("Enter")
    await expect(page.locator(".hit")).to_have_count(1)
    await page.wait_for_load_state()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator(".e.now")).to_contain_text("Good morning")
    await page.keyboard.press("g")
    await page.wait_for_url("**/console/")


async def test_earlier_lines_come_as_she_scrolls(desk: Desk, page: Page) -> None:
    said = [
        e.MessagePosted(author="anna", network="telegram", to=(), content=Text((f"Line {n}.",)))
        for n in range(160)
    ]
    await desk.app.writer.submit(lambda unit: unit.append("anna-2026", said))
    await _enter(desk, page)
    await page.goto(f"{desk.url}/console/t/anna-2026")
    await expect(page.locator(".e", has_text="Line 159.")).to_be_in_viewport()
    for _ in range(12):
        await page.evaluate("scrollTo(0, 0)")
        await page.wait_for_timeout(150)
    numbers = await page.locator(".e.theirs .words").all_text_contents()
    assert numbers == [f"Line {n}." for n in range(160)]
    await expect(page.locator(".day")).to_have_count(1)


async def test_a_voice_note_is_recorded_and_sent(desk: Desk, page: Page) -> None:
    await _enter(desk, page)
    await page.goto(f"{desk.url}/console/t/anna-2026")
    await page.click("#record")
    await page.wait_for_timeout(900)
    await page.click("#record")
    await expect(page.locator("#holding")).to_contain_text("Voice note")
    await page.click("#send")
    await expect(page.locator(".e.mine audio")).to_have_count(1)
    await eventually(lambda: bool(desk.people["anna"].screen()))


async def test_a_file_is_chosen_and_sent(desk: Desk, page: Page) -> None:
    await _enter(desk, page)
    await page.goto(f"{desk.url}/console/t/anna-2026")
    await page.set_input_files(
        "#file", {"name": "slide.png", "mimeType": "image/png", "buffer": _picture()}
    )
    await expect(page.locator("#holding")).to_contain_text("slide.png")
    await page.fill("#text", "Look")
    await page.click("#send")
    picture = page.locator(".e.mine .media img")
    await expect(picture).to_be_visible()
    await eventually(lambda: bool(desk.people["anna"].screen()))
    assert desk.people["anna"].screen()[0].kind == "photo"


async def test_hostile_words_do_nothing(desk: Desk, page: Page) -> None:
    for text in HOSTILE:
        await desk.says("anna", text)
    await _enter(desk, page)
    await page.goto(f"{desk.url}/console/t/anna-2026")
    shown = await page.locator(".e.theirs .words").all_text_contents()
    assert shown == list(HOSTILE)
    for link in await page.locator(".words a").all():
        assert re.match(r"https?://", await link.get_attribute("href") or "")
    await page.goto(f"{desk.url}/console/search?q={ground.PWNED}")
    await page.goto(f"{desk.url}/console/")
    await page.wait_for_timeout(300)


async def test_the_inbox_moves_by_itself_and_speaks_dutch(desk: Desk, open_page: OpenPage) -> None:
    page = await open_page(DESKTOP)
    await _enter(desk, page, "lars")
    await expect(page.locator("h1")).to_have_text("Postvak")
    await desk.says("carla", "Goedemorgen Lars")
    await expect(page.locator(".row.talk")).to_contain_text("Goedemorgen Lars")
    await expect(page.locator(".group h2")).to_contain_text("Wacht op jouw antwoord")
