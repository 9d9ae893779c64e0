"""The ground itself: what must fail a test does fail it, and what is harmless does not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bridge.demo.house import House
from bridge.web.server import WebServer
from tests.browser import ground
from tests.browser.conftest import OpenPage
from tests.browser.ground import Complaints

STRICT = "default-src 'none'; script-src 'self'; img-src 'self' data:"
WELL = (
    "<!doctype html><html lang=en><title>Well</title><link rel=icon href='data:,'>"
    "<main><h1>Well</h1></main>"
)


@asynccontextmanager
async def serving(html: str, policy: str = STRICT, status: int = 200) -> AsyncIterator[str]:
    """Serve one page with this policy; yields its address."""

    async def show(request: Request) -> Response:
        del request
        return HTMLResponse(html, status, {"content-security-policy": policy})

    web = WebServer(Starlette(routes=[Route("/", show)]), "127.0.0.1", 0, stop_seconds=1)
    await web.start()
    try:
        yield f"http://127.0.0.1:{web.port}/"
    finally:
        await web.stop()


@pytest.mark.parametrize(
    ("html", "policy", "status", "complaint"),
    [
        ("<script>console.error('ouch')</script>", "script-src 'unsafe-inline'", 200, "ouch"),
        ("<script>nothing.here</script>", "script-src 'unsafe-inline'", 200, "script error"),
        ("<script>1</script>", STRICT, 200, "policy breached: script-src-elem inline"),
        ("<p style='color:red'>x", STRICT, 200, "policy breached: style-src-attr inline"),
        ("<img src=x onerror=coachbridge_pwned(1)>", "", 200, "a script ran"),
        ("<script>alert('hello')</script>", "", 200, "a dialog: hello"),
        ("<img src='http://192.0.2.1/x.png'>", "", 200, "left this machine"),
        ("<p>broken", STRICT, 500, "500 from"),
    ],
)
async def test_a_page_with_a_fault_is_complained_of(
    browser: Browser, html: str, policy: str, status: int, complaint: str
) -> None:
    complaints = Complaints()
    async with (
        ground.watched(browser, complaints) as context,
        serving(WELL + html, policy, status) as url,
    ):
        page = await context.new_page()
        await page.goto(url)
        await page.wait_for_timeout(100)
    assert complaint in "\n".join(complaints.found)


async def test_a_good_page_is_not_complained_of(open_page: OpenPage) -> None:
    async with serving(WELL) as url:
        for look in ground.LOOKS:
            for scheme in ground.SCHEMES:
                page = await open_page(look, scheme)
                await page.goto(url)
                await ground.check_accessible(page)
                await ground.check_no_sideways_scroll(page)
                dark = "matchMedia('(prefers-color-scheme: dark)').matches"
                assert await page.evaluate(dark) is (scheme == "dark")


async def test_a_page_that_some_cannot_use_is_complained_of(open_page: OpenPage) -> None:
    page = await open_page()
    async with serving(f"{WELL}<input><div>{'wide' * 1000}</div>") as url:
        await page.goto(url)
        with pytest.raises(AssertionError, match="label"):
            await ground.check_accessible(page)
        with pytest.raises(AssertionError, match="wider"):
            await ground.check_no_sideways_scroll(page)


async def test_what_a_test_expects_is_no_complaint(
    open_page: OpenPage, complaints: Complaints
) -> None:
    complaints.expect("500")
    page = await open_page()
    async with serving(WELL, status=500) as url:
        await page.goto(url)


async def test_the_bridge_answers(house: House, page: Page) -> None:
    answer = await page.goto(f"http://127.0.0.1:{house.web.port}/healthz")
    assert answer is not None
    assert answer.status == 200
