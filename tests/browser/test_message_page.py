"""The link to words that do not go over a weak network, in a real browser: for all, by keys too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from starlette.applications import Starlette

from bridge.core import commands as c
from bridge.core.policy import Policy
from bridge.runtime.links import Links
from bridge.runtime.texts import Catalogue
from bridge.web.message import message_routes
from bridge.web.server import WebServer
from tests.browser.ground import LOOKS, SCHEMES, check_accessible, check_no_sideways_scroll
from tests.runtime.desk_kit import front_desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import OpenPage
    from tests.browser.ground import Complaints, Look, Scheme

LOG = "anna-2026"
BASE = "https://bridge.example.org"
LINKS = Links(b"k" * 32, BASE)
SECRET = "I was let go on Friday. <b>Nobody</b> knows yet: https://example.org/a"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_the_words_are_shown_by_a_button(
    tmp_path: Path, open_page: OpenPage, complaints: Complaints, look: Look, scheme: Scheme
) -> None:
    complaints.expect("404")
    page = await open_page(look, scheme)
    with front_desk(tmp_path) as desk:
        desk.people("noor", "anna")
        desk.trajectory(LOG, ["noor"], ["anna"])
        desk.catalogue = Catalogue(LINKS, {"telegram": "plain"})
        desk.do(LOG, c.SetPolicy(Policy(content_on_weak_networks=False)))
        desk.says("anna", SECRET)
        path = desk.last("noor").text.rpartition(BASE)[2]
        routes = message_routes(LINKS, desk.store, desk.writer, desk.catalogue)
        server = WebServer(Starlette(routes=routes), "127.0.0.1", 0)
        await server.start()
        try:
            await page.goto(f"http://127.0.0.1:{server.port}{path}")
            await expect(page.get_by_text("let go")).to_have_count(0)
            await check_accessible(page)
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await expect(page.locator(".words")).to_have_text(SECRET)
            assert await page.locator(".words b").count() == 0
            await check_accessible(page)
            await check_no_sideways_scroll(page)
            await page.goto(f"http://127.0.0.1:{server.port}/messages/none")
            await check_accessible(page)
            await page.goto("about:blank")
        finally:
            await server.stop()
