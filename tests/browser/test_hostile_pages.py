"""The whole corpus on the bridge's own pages: web chat, the console, an export.

Sem says every string by web chat, and Noor says every string to him: each stands on both pages, as
the words of the reader and as the words of somebody else. What a page shows has to be what the log
holds, letter for letter.
"""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import Locator, Page, expect

from bridge.core.content import Text
from bridge.demo.browser import Running, open_demo
from bridge.runtime.texts import Catalogue
from bridge.web.api import acts
from bridge.web.chat import chat_of
from storage import queries
from storage import tables as t
from storage.unit import Unit
from tests.browser import ground, hostile

LONG = 120_000
pytestmark = pytest.mark.timeout(400)
TRAJECTORY = "sem-2026"
PAGE = 50
"""Entries of a page of the timeline."""
_ELEMENTS = """(root) => [...new Set(
  [...document.querySelectorAll(`${root} *`)].map((it) => it.tagName.toLowerCase())
)].sort()"""
_HANDLERS = """() => [...document.querySelectorAll("*")].flatMap(
  (it) => [...it.attributes].filter((one) => one.name.startsWith("on") || one.name === "style")
).length"""
_LINKS = """(root) => [...document.querySelectorAll(`${root} a`)].map((it) => it.href)"""
_WORDS = """(them) => them.map((it) => it.textContent)"""
_LEAKY = """(them) => them.filter(
  (it) => !it.dir && !["isolate", "plaintext"].includes(getComputedStyle(it).unicodeBidi)
).length"""
_GREW = """(before) => document.querySelectorAll("#lines .words").length > before
  || document.querySelector("#older").hidden"""
HARMLESS = ("http://", "https://", "mailto:", "tel:")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A demo in which Sem and Noor said everything."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    async with open_demo(folder, 0, pace=0, play=False) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def said(demo: Running, page: Page) -> list[str]:
    """Everything that stands in the log, in its order; said once for all tests."""
    await page.goto(f"{base(demo)}/demo/to/chat")
    await expect(page.locator("#text")).to_be_visible()
    texts = posted(demo)
    if not texts:
        await asyncio.gather(by_sem(demo), by_noor(demo))
        for _ in range(600):
            texts = posted(demo)
            if len(texts) >= 2 * len(hostile.STRINGS) and not list(
                queries.outbox(demo.rooms.app.store)
            ):
                break
            await asyncio.sleep(0.2)
    return texts


def plain(text: str) -> str:
    """Return a text as HTML holds it: one kind of line end."""
    for end in ("\r\n", "\r", "\x0b", "\x0c"):
        text = text.replace(end, "\n")
    return text.strip("\n")


def base(demo: Running) -> str:
    """The address of the demo."""
    return f"http://127.0.0.1:{demo.port}"


def posted(demo: Running) -> list[str]:
    """What was said, from the log."""
    lines = queries.log(demo.rooms.app.store, TRAJECTORY)
    return [line.text or "" for line in lines if line.kind == "message_posted"]


async def by_sem(demo: Running) -> None:
    """Let Sem's page send everything, through the inbox like any page."""
    app = demo.rooms.app
    chat = chat_of(app)
    assert chat is not None
    c = t.endpoints.c
    with app.store.reading() as connection:
        query = sa.select(c.address).where(c.network == "web", c.person == "sem")
        address = str(connection.execute(query).scalar_one())
    for n, text in enumerate(hostile.STRINGS):
        act = json.dumps({"type": "message", "id": f"hostile-{n:04}", "text": text}).encode()
        raw = chat.adapter.pack(address, "en", datetime.now(UTC), act)
        await chat.accept("web", "main", [raw])


async def by_noor(demo: Running) -> None:
    """Let Noor say everything."""
    app = demo.rooms.app
    for n, text in enumerate(hostile.STRINGS):
        key, content = f"hostile-{n:04}", Text((text,))
        await app.writer.submit(partial(_said_by_noor, app.catalogue, key, content))


def _said_by_noor(catalogue: Catalogue, key: str, content: Text, unit: Unit) -> acts.Outcome:
    return acts.say(unit, catalogue, TRAJECTORY, "noor", key, content, None)


async def check_harmless(page: Page, root: str, known: set[str]) -> None:
    """Nothing on the page is more than text: no element, attribute or link of anybody's own."""
    assert set(await page.evaluate(_ELEMENTS, root)) <= known
    assert await page.evaluate(_HANDLERS) == 0
    links = await page.evaluate(_LINKS, root)
    assert [url for url in links if url and not url.startswith(HARMLESS)] == []
    await ground.check_no_sideways_scroll(page)


async def test_everything_that_was_said_stands_in_the_log(demo: Running, said: list[str]) -> None:
    assert len(said) == 2 * len(hostile.STRINGS)
    kept = set(said)
    unlike = [text for text in hostile.STRINGS if text.strip() not in {one.strip() for one in kept}]
    assert len(unlike) < len(hostile.STRINGS) // 10  # a network cleans what no text may hold


async def whole_conversation(page: Page) -> Locator:
    """Go back to the first line, page by page, each when the one before it is there."""
    older, rows = page.locator("#older"), page.locator("#lines .words")
    await expect(page.locator("#status")).to_have_text("Connected", timeout=LONG)
    while await older.is_visible():
        before = await rows.count()
        await older.evaluate("(it) => it.click()")
        await page.wait_for_function(_GREW, arg=before, timeout=LONG)
    return rows


async def test_web_chat_shows_text_as_text(demo: Running, said: list[str], page: Page) -> None:
    await page.reload()
    rows = await whole_conversation(page)
    shown = await rows.evaluate_all(_WORDS)
    theirs = [text for text in shown if text in set(said)]
    assert theirs == said  # all of them, each as it was said, in its order
    assert await rows.evaluate_all(_LEAKY) == 0
    elements = "a blockquote button details div h1 h2 li ol p path span strong summary svg time"
    more = "code em footer form header input label main pre s textarea u"
    await check_harmless(page, "main", {*elements.split(), *more.split()})


async def test_the_timeline_shows_text_as_text(demo: Running, said: list[str], page: Page) -> None:
    await page.goto(f"{base(demo)}/demo/to/console")
    end = max(line.seq for line in queries.log(demo.rooms.app.store, TRAJECTORY))
    shown: dict[str, str] = {}
    for at in range(PAGE // 2, end + PAGE, PAGE - 5):
        await page.goto(f"{base(demo)}/console/t/{TRAJECTORY}?at={at}")
        rows = page.locator(".e.mine, .e.theirs")
        ids = await rows.evaluate_all("(them) => them.map((it) => it.id)")
        words = await rows.evaluate_all(
            "(them) => them.map((it) => it.querySelector('.words')?.textContent ?? '')"
        )
        shown |= dict(zip(ids, words, strict=True))
        if at % 200 == 0:
            assert await page.locator(".e .words").evaluate_all(_LEAKY) == 0
            assert await page.evaluate(_HANDLERS) == 0
            await ground.check_no_sideways_scroll(page)
            links = await page.evaluate(_LINKS, ".log")
            assert [url for url in links if not url.startswith(HARMLESS)] == []
            strange = "script, style, iframe, img, svg:not(.e svg), base, link, meta, object, embed"
            assert await page.locator(f".log :is({strange})").count() == 0
    assert {plain(text) for text in shown.values()} == {plain(text) for text in said}
    assert len(shown) == len(said)


async def test_the_inbox_and_a_search_show_text_as_text(
    demo: Running, said: list[str], page: Page
) -> None:
    await page.goto(f"{base(demo)}/demo/to/console")
    assert len(said) == 2 * len(hostile.STRINGS)
    await expect(page.locator("li.talk").filter(has_text="Sem").locator(".last")).to_be_visible()
    for family in hostile.FAMILIES.values():
        text = family[0]
        await page.locator("#q").fill(text)
        await page.locator("#q").press("Enter")
        await page.wait_for_url("**/console/search**")
        await expect(page.locator(".done")).to_be_visible(timeout=LONG)
        title = page.locator("h1 q")
        if await title.count():
            assert await title.evaluate("(it) => it.querySelectorAll('*').length") == 0
        assert await page.evaluate(_HANDLERS) == 0
        strange = page.locator("main :is(script, style, iframe, img, svg, base, object, embed)")
        assert await strange.count() == 0
        await ground.check_no_sideways_scroll(page)


async def test_an_export_shows_text_as_text(
    demo: Running, said: list[str], page: Page, tmp_path: Path
) -> None:
    await page.goto(f"{base(demo)}/demo/to/console")
    url = f"{base(demo)}/console/t/{TRAJECTORY}/export"
    answer = await page.context.request.get(url, timeout=LONG)
    with zipfile.ZipFile(io.BytesIO(await answer.body())) as packed:
        packed.extractall(tmp_path)
    (file,) = (tmp_path / one for one in packed.namelist() if one.endswith(".html"))
    await page.goto(file.as_uri())
    shown = await page.locator("article p").evaluate_all(_WORDS)
    assert {plain(text) for text in said} - {plain(text) for text in shown} == set()
    known = {"article", "h1", "h2", "p", "small", "del", "strong", "em", "u", "s", "q", "code"}
    assert set(await page.evaluate(_ELEMENTS, "body")) <= {*known, "span", "pre", "br"}
    assert await page.evaluate(_HANDLERS) == 0
    await ground.check_no_sideways_scroll(page)
