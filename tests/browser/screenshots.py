"""`make screenshots`: pictures for the docs, of the real pages as they run.

``python -m tests.browser.screenshots`` writes ``docs/screenshots/<name>-<width>-<theme>.png`` for
everything in ``SCENES``, on a phone's and on a desktop's width, light and dark.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import expect

from bridge.demo.browser import open_demo
from tests.browser import ground

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.browser.ground import Look, Scheme

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
SOON = 60_000
_PACE = 0.02

Scene = Callable[["Page"], Awaitable[None]]


async def _play(page: Page, *scenes: str) -> None:
    """Play steps of the tour, by their number."""
    button = page.locator("#tour-play")
    for scene in scenes:
        await expect(page.locator("#tour-step")).to_contain_text(f" {scene} ")
        await button.click()
        await expect(page.locator("#tour-step")).not_to_contain_text(f" {scene} ", timeout=SOON)
        await expect(button).to_be_enabled(timeout=SOON)
    await page.wait_for_timeout(500)


async def _client(page: Page, name: str) -> None:
    """On a phone's width one client is shown at a time."""
    tab = page.locator(f'[data-tab="{name}"]')
    if await tab.is_visible():
        await tab.click()


async def talking(page: Page) -> None:
    """The first minute: Anna came in, Noor answered."""
    await _play(page, "1", "2")
    await _client(page, "bram")


async def lost(page: Page) -> None:
    """A lost answer, told as it is."""
    await _play(page, "1", "2", "3", "4", "5")
    await _client(page, "bram")


async def proof(page: Page) -> None:
    """The proof over the log."""
    await _play(page, "1", "2", "3", "4", "5", "6")
    await page.locator("#tour-play").click()
    await expect(page.locator("#proof")).to_contain_text("append-only", timeout=SOON)


SCENES: Mapping[str, Scene] = {"demo": talking, "demo-lost": lost, "demo-proof": proof}


async def _shoot(browser: Browser, name: str, scene: Scene, look: Look, scheme: Scheme) -> None:
    complaints = ground.Complaints()
    with tempfile.TemporaryDirectory(prefix="coachbridge-screenshots-") as folder:
        async with (
            open_demo(Path(folder), 0, pace=_PACE) as demo,
            ground.watched(browser, complaints, look, scheme) as context,
        ):
            page = await context.new_page()
            await page.goto(demo.url)
            opened = page.locator('[data-phone="dewi"] .tg-reactions')
            await expect(opened).to_be_attached(timeout=SOON)
            await scene(page)
            file = FOLDER / f"{name}-{look.width}-{scheme}.png"
            whole = look is ground.PHONE and not await page.locator("#proof").is_visible()
            await page.screenshot(path=file, full_page=whole)
    complaints.check()


async def take() -> None:
    """Take all pictures."""
    path = ground.chromium()
    if path is None:
        sys.exit(ground.MISSING)
    FOLDER.mkdir(exist_ok=True)
    async with ground.launched(path) as browser:
        for name, scene in SCENES.items():
            for look in ground.LOOKS:
                for scheme in ground.SCHEMES:
                    await _shoot(browser, name, scene, look, scheme)
                    sys.stdout.write(f"{name} {look.width} {scheme}\n")


if __name__ == "__main__":
    asyncio.run(take())
