"""What hands do on the demo's page: type, answer, press, look."""

from playwright.async_api import Locator, Page, expect

SOON = 15_000
"""Milliseconds in which something happens, on a machine that does other things too."""


def phone(page: Page, who: str) -> Locator:
    """Somebody's phone."""
    return page.locator(f'[data-phone="{who}"]')


def bubble(page: Page, who: str, words: str) -> Locator:
    """The newest message with these words on somebody's phone."""
    return phone(page, who).locator(".ch-row").filter(has_text=words).last


def log(page: Page, who: str) -> Locator:
    """The lines of a client's log."""
    return page.locator(f'[data-trajectory="{who}-2026"] .line')


async def wire(page: Page, which: str) -> Locator:
    """The switch of a network, brought to the front."""
    await page.locator(f'[data-wire-tab="{which}"]').click()
    return page.locator(f'.wire[data-network="{which}"]')


async def join(page: Page) -> None:
    """Let Anna come in."""
    await phone(page, "anna").get_by_role("button", name="Start").click()
    question = bubble(page, "anna", "Do you agree?")
    await question.get_by_role("button", name="Yes, I agree").click(timeout=SOON)
    await expect(bubble(page, "anna", "Thank you")).to_be_visible(timeout=SOON)


async def write(page: Page, who: str, words: str) -> None:
    """Type on somebody's phone and press Enter."""
    box = phone(page, who).get_by_role("textbox")
    await box.fill(words)
    await box.press("Enter")


async def answer(page: Page, who: str, to: str, words: str) -> None:
    """Answer a message."""
    row = bubble(page, who, to)
    await row.get_by_role("button", name="More with this message").click()
    await row.get_by_role("button", name="Reply").click()
    await write(page, who, words)
