"""What a client takes along, in a real browser: on every screen, by keys, without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from starlette.applications import Starlette

from bridge.core import commands as c
from bridge.runtime.links import Links
from bridge.runtime.texts import Catalogue
from bridge.web.server import WebServer
from bridge.web.take import ON_A_PAGE, take_routes
from storage.blobs import Blobs
from tests.browser.ground import LOOKS, SCHEMES, check_accessible, check_no_sideways_scroll
from tests.runtime.desk_kit import front_desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import OpenPage
    from tests.browser.ground import Complaints, Look, Scheme

LOG = "anna-2026"
BASE = "https://bridge.example.org"
LINKS = Links(b"k" * 32, BASE)
SECRET = "I was let go. <b>Nobody</b> knows yet: https://example.org/" + "a" * 120


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_a_client_reads_and_saves_what_was_written(
    tmp_path: Path, open_page: OpenPage, complaints: Complaints, look: Look, scheme: Scheme
) -> None:
    complaints.expect("404")
    page = await open_page(look, scheme)
    with front_desk(tmp_path) as desk:
        desk.people("noor", "anna")
        desk.trajectory(LOG, ["noor"], ["anna"])
        desk.catalogue = Catalogue(LINKS)
        desk.says("anna", SECRET)
        for number in range(ON_A_PAGE):
            desk.says("noor", f"Line {number}.")
        desk.do(LOG, c.CloseTrajectory())
        desk.says("anna", "take")
        path = desk.last("anna").text.partition(BASE)[2].partition("\n")[0]
        blobs = Blobs(desk.store, lambda: desk.now)
        routes = take_routes(LINKS, desk.store, desk.writer, blobs, desk.catalogue)
        server = WebServer(Starlette(routes=routes), "127.0.0.1", 0)
        await server.start()
        try:
            await page.goto(f"http://127.0.0.1:{server.port}{path}")
            await expect(page.get_by_text("let go")).to_have_count(0)
            await check_accessible(page)
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("let go")).to_have_count(1)
            assert await page.locator("article b").count() == 0
            await check_accessible(page)
            await check_no_sideways_scroll(page)
            await page.get_by_role("button", name="Later").click()
            await expect(page.get_by_text(f"Line {ON_A_PAGE - 1}.")).to_have_count(1)
            await page.get_by_role("button", name="Earlier").click()
            await expect(page.get_by_text("let go")).to_have_count(1)
            async with page.expect_download() as saved:
                await page.get_by_role("button", name="Save everything").click()
            assert (await saved.value).suggested_filename == f"{LOG}.zip"
            await page.goto(f"http://127.0.0.1:{server.port}/take/none")
            await check_accessible(page)
            await page.goto("about:blank")
        finally:
            await server.stop()
