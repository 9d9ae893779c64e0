"""The page of appointments in a real browser: usable by all, without any script of ours."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from starlette.applications import Starlette

from bridge.core import commands as c
from bridge.web.agenda import Agenda, routes_of
from bridge.web.agenda.video import Video
from bridge.web.server import WebServer
from storage.engine import open_store
from storage.keys import MasterKey
from tests.agenda.kit import Practice
from tests.browser.ground import (
    LOOKS,
    Complaints,
    Look,
    Scheme,
    check_accessible,
    check_no_sideways_scroll,
    watched,
)
from tests.support.blank import blank

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser

    from storage.unit import Unit

SLOT = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


def _url(practice: Practice, person: str, unit: Unit) -> str:
    return practice.pages.url(unit, f"{person}-2026", person)


@pytest_asyncio.fixture(loop_scope="session")
async def links(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Serve an agenda; return the link of each party."""
    store = open_store(blank(tmp_path / "agenda.db"), MasterKey(os.urandom(32)))
    practice = Practice(store)
    practice.client("anna")
    practice.does("anna-2026", c.BookSlot("anna", "video", SLOT))
    practice.client("bram", "Europe/Amsterdam", "nl")
    video = Video("https://meet.example.org/{room}")
    agenda = Agenda(
        store, practice.writer, practice.catalogue, practice.pages, video,
        "https://b.example.org", clock=lambda: practice.now,
    )  # fmt: skip
    server = WebServer(Starlette(routes=routes_of(agenda)), "127.0.0.1", 0)
    await server.start()
    base = f"http://127.0.0.1:{server.port}"
    found = {}
    for person in ("anna", "bram"):
        url = partial(_url, practice, person)
        made = await practice.writer.submit(url)
        found[person] = made.replace("https://b.example.org", base)
    yield found
    await server.stop()
    practice.close()
    store.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_book(
    browser: Browser,
    links: dict[str, str],
    complaints: Complaints,
    look: Look,
    scheme: Scheme,
    tmp_path: Path,
) -> None:
    pictures = os.environ.get("AGENDA_PICTURES", "")
    async with watched(browser, complaints, look, scheme) as context:
        page = await context.new_page()
        await page.goto(f"{links['anna']}?kind=video&day=2026-03-31")
        await check_accessible(page)
        await check_no_sideways_scroll(page)
        if pictures:
            await page.screenshot(path=f"{pictures}/a-{look.name}-{scheme}.png", full_page=True)
        await page.get_by_role("button", name="Book Tue 31 Mar 08:30").click()
        await expect(page.get_by_role("status")).to_have_text("Booked.")
        await check_accessible(page)
        await page.get_by_role("link", name="Move: Tue 31 Mar 08:30").click()
        await page.get_by_role("link", name="The month after").click()
        await page.get_by_role("link", name="Wed 1 Apr").click()
        await page.get_by_role("button", name="Move to Wed 1 Apr 09:00").click()
        await expect(page.get_by_role("status")).to_have_text("Moved.")
        await page.get_by_label("Cancel: Wed 1 Apr 09:00").click()
        await page.get_by_role("button", name="Yes, cancel it").click()
        await expect(page.get_by_role("status")).to_have_text("Cancelled.")
        await page.goto(links["bram"])
        await expect(page.get_by_role("heading", name="Afspraken met Noor")).to_be_visible()
        await check_accessible(page)
        if pictures:
            await page.screenshot(path=f"{pictures}/bram-{look.name}-{scheme}.png", full_page=True)
        await page.goto(f"{links['bram']}x")
        await check_accessible(page)
    complaints.expect("404")
    complaints.found = [one for one in complaints.found if "404" not in one]
    complaints.check()
