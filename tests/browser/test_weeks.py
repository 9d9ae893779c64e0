"""The pages of a practice that has gone on for weeks: for everybody, in both themes, by keys alone.

With COACHBRIDGE_SCREENSHOTS=<folder> the pages' pictures are kept there, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser import ground
from tests.browser.ground import LOOKS, SCHEMES
from tests.browser.weeks import after_a_session, open_weeks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.browser.conftest import OpenPage
    from tests.browser.ground import Complaints, Look, Scheme
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
        hidden = await page.evaluate(
            "(n => n.scrollWidth - n.clientWidth)(document.querySelector('nav'))"
        )
        assert hidden <= 0, "a page's name is out of sight in the navigation"
    for path in ("nudges", "agenda", "t/anna-2026/agreed"):
        await page.goto(f"{weeks.desk.url}/console/{path}")
        for one in await page.locator("main summary").all():
            await one.click()
        await sound(f"{path}-open")
    await page.goto(await weeks.page("anna"))
    await sound("public-agenda")


async def _tab_to(page: Page, selector: str) -> None:
    """Go on with Tab until something has the focus."""
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await page.evaluate("(it) => document.activeElement.matches(it)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


async def test_a_step_and_a_number_by_keys_alone(
    weeks: Weeks, page: Page, complaints: Complaints
) -> None:
    complaints.expect("422")
    await enter(weeks, page)
    await page.goto(f"{weeks.desk.url}/console/t/bram-2026/agreed")
    await _tab_to(page, "#step-text")
    await page.keyboard.type("be more sure of himself")
    await page.keyboard.press("Enter")
    wrong = page.locator("#step-text-why")
    await expect(wrong).to_contain_text("How would one notice?")
    await ground.check_accessible(page)
    await _tab_to(page, "button[name=as_is]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The step is agreed")
    await _tab_to(page, "button[value=done]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Noted: it was done.")
    await _tab_to(page, "#scale-text")
    await page.keyboard.type("How ready is the demo?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The question is on its way")


async def test_a_nudge_and_an_appointment_by_keys_alone(weeks: Weeks, page: Page) -> None:
    await enter(weeks, page)
    await page.goto(f"{weeks.desk.url}/console/nudges")
    await _tab_to(page, "summary")
    await page.keyboard.press("Enter")
    await _tab_to(page, "#nudge-client")
    await page.keyboard.type("Bram")
    await page.locator("#nudge-at").fill("2026-11-30T10:00")  # keys differ by the browser's own
    await _tab_to(page, "#nudge-about")
    await page.keyboard.type("talk with the board")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("It is planned")
    await expect(page.locator(".row", has_text="talk with the board")).to_contain_text("Bram")
    await page.goto(f"{weeks.desk.url}/console/agenda")
    await _tab_to(page, "details:has(#book-at) summary")
    await page.keyboard.press("Enter")
    await page.locator("#book-at").fill("2026-12-01T10:00")
    await _tab_to(page, "#book-minutes")
    await page.keyboard.type("30")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("It is booked")
    await expect(page.locator(".row", has_text="Tue 1 Dec 10:00")).to_contain_text("30 minutes")


async def test_a_question_of_the_bridge_is_answered_by_keys_alone(
    weeks: Weeks, open_page: OpenPage
) -> None:
    await after_a_session(weeks)
    for look in LOOKS:
        for scheme in SCHEMES:
            page = await open_page(look, scheme)
            await enter(weeks, page)
            await page.goto(f"{weeks.desk.url}/console/t/anna-2026")
            question = page.locator(".e", has_text="a short recap")
            await expect(question.locator(".asks button")).to_have_count(2)
            await ground.check_accessible(page)
            await ground.check_no_sideways_scroll(page)
    await _tab_to(page, '.asks button[value="n"]')
    await page.keyboard.press("Enter")
    await expect(question.locator(".asks")).to_have_count(0)
