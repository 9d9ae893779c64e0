"""Fixtures of the browser tests; what they are made of is in ``ground``.

Everything in this folder is marked ``browser`` and ``slow``: `make check` leaves it out, `make
test` runs it. Without a Chromium it is skipped, and fails with CI=true.
"""

import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bridge.demo.house import House, open_house
from tests.browser import ground
from tests.browser.ground import DESKTOP, Complaints, Look, Scheme

HERE = Path(__file__).parent
OpenPage = Callable[..., Awaitable[Page]]
"""``await open_page(look=DESKTOP, scheme="light", locale="en-GB")``: a page in a context of its
own, so a person of its own; its complaints fail the test."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and let it run in the event loop of the browser."""
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.slow)
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The Chromium that the tests of one worker share."""
    path = ground.chromium()
    if path is None:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"CI=true, but {ground.MISSING}")
        pytest.skip(ground.MISSING)
    async with ground.launched(path) as started:
        yield started


@pytest.fixture
def complaints() -> Complaints:
    """What the pages of this test complain of; ``complaints.expect(pattern)`` lets some pass."""
    return Complaints()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, complaints: Complaints) -> AsyncIterator[OpenPage]:
    """Open watched pages, as many as the test has people."""
    async with AsyncExitStack() as stack:

        async def opened(
            look: Look = DESKTOP, scheme: Scheme = "light", locale: str = "en-GB"
        ) -> Page:
            context = await stack.enter_async_context(
                ground.watched(browser, complaints, look, scheme, locale)
            )
            return await context.new_page()

        yield opened
    complaints.check()


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage) -> Page:
    """One watched page, on a desktop, light, English."""
    return await open_page()


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running bridge with its web server, emulated networks and made-up people."""
    async with open_house(tmp_path, 0) as opened:
        yield opened
