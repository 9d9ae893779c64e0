"""The pages of a practice that has gone on for weeks: for everybody, in both themes, by keys alone.

With COACHBRIDGE_SCREENSHOTS=<folder> the pages' pictures are kept there, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.browser import ground
from tests.browser.ground import LOOKS, SCHEMES
from tests.browser.weeks import open_weeks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.browser.conftest import OpenPage
    from tests.browser.ground import Look, Scheme
    from tests.browser.weeks import Weeks

SHOTS = os.environ.get("COACHBRIDGE_SCREENSHOTS", "")
PAGES = ("", "due", "nudges", "agenda", "t/anna-2026", "t/anna-2026/agreed", "t/anna-2026/activity")
pytestmark = pytest.mark.timeout(180)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def weeks(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Weeks]:
    """Three weeks, played once."""
    async with open_weeks(tmp_path_factory.mktemp("weeks")) as opened:
        yield opened


async def enter(weeks: Weeks, page: Page) -> None:
    """Sign in as Noor."""
    await page.goto(await weeks.desk.link("noor"))
    await page.locator("form button.main").click()
    await page.wait_for_url("**/console/")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_page_is_sound(
    weeks: Weeks, open_page: OpenPage, look: Look, scheme: Scheme
) -> None:
    page = await open_page(look, scheme)

    async def sound(name: str) -> None:
        if SHOTS:
            await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            path = Path(SHOTS) / f"{name or 'inbox'}-{look.name}-{scheme}.png".replace("/", "-")
            await page.screenshot(path=path, full_page=name not in {"", "t/anna-2026"})
        await ground.check_accessible(page)
        await ground.check_no_sideways_scroll(page)

    await enter(weeks, page)
    for path in PAGES:
        await page.goto(f"{weeks.desk.url}/console/{path}")
        await sound(path)
    for path in ("nudges", "agenda"):
        await page.goto(f"{weeks.desk.url}/console/{path}")
        for one in await page.locator("main summary").all():
            await one.click()
        await sound(f"{path}-open")
    await page.goto(await weeks.page("anna"))
    await sound("public-agenda")
