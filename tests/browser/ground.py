"""What a browser test stands on: Chromium, how it looks at a page, and what it must not see there.

1. Every page is watched from its first byte: an error on its console, a script error, a breach of
   its Content-Security-Policy, a dialog, a call of ``coachbridge_pwned``, an answer of 5xx and a
   request that leaves this machine are complaints, and a complaint fails the test.
2. All browser tests of a worker share one browser and so one event loop: the conftest puts tests
   into it; an async fixture of your own says ``@pytest_asyncio.fixture(loop_scope="session")``.
"""

from __future__ import annotations

import re
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Dialog,
        Error,
        Page,
        Request,
        Response,
    )

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "there is no Chromium (apt-get install chromium)"
PWNED = "coachbridge_pwned"
"""What a string that tries to inject calls; no page may ever do so."""

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LOCAL = ("127.0.0.1", "localhost")

# Nothing but loopback has a name, so that Chromium's own errands go nowhere either.
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-component-update",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
_WATCH = f"""
addEventListener("securitypolicyviolation", (breach) => {PWNED}_csp(
  `${{breach.effectiveDirective}} ${{breach.blockedURI}} ${{breach.sourceFile}}`
));
"""


@dataclass(frozen=True, slots=True)
class Look:
    """A screen: its width and height in CSS pixels."""

    name: str
    width: int
    height: int


PHONE = Look("phone", 390, 844)
DESKTOP = Look("desktop", 1280, 800)
LOOKS = (PHONE, DESKTOP)


def chromium() -> str | None:
    """Return the path of the system's Chromium, None when there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    """Run one headless Chromium; a microphone that hums is plugged in."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(slots=True)
class Complaints:
    """What went wrong on the pages of one context; ``expected`` are patterns a test asked for."""

    found: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Let what matches pass, for a test that breaks something on purpose."""
        self.expected.append(re.compile(pattern))

    def add(self, what: str) -> None:
        """Note a complaint, unless the test expects it."""
        if not any(pattern.search(what) for pattern in self.expected):
            self.found.append(what)

    def check(self) -> None:
        """Raise AssertionError when there is anything to complain of."""
        assert not self.found, "\n".join(self.found)


@asynccontextmanager
async def watched(
    browser: Browser,
    complaints: Complaints,
    look: Look = DESKTOP,
    scheme: Scheme = "light",
    locale: str = "en-GB",
) -> AsyncIterator[BrowserContext]:
    """Open a context whose pages are watched; the caller checks the complaints."""
    context = await browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=scheme,
        locale=locale,
        reduced_motion="reduce",
        has_touch=look is PHONE,
        is_mobile=look is PHONE,
    )
    await context.expose_function(PWNED, lambda *what: complaints.add(f"a script ran: {what}"))
    await context.expose_function(
        f"{PWNED}_csp", lambda what: complaints.add(f"policy breached: {what}")
    )
    await context.add_init_script(_WATCH)
    context.on("page", lambda page: _watch(page, complaints))
    try:
        yield context
    finally:
        await context.close()


def _watch(page: Page, complaints: Complaints) -> None:
    async def dismiss(dialog: Dialog) -> None:
        complaints.add(f"a dialog: {dialog.message}")
        await dialog.dismiss()

    def console(message: ConsoleMessage) -> None:
        where = str(message.location.get("url"))
        if message.type == "error" and not where.endswith("/favicon.ico"):  # asked for by itself
            complaints.add(f"console: {message.text} ({where})")

    def crashed(error: Error) -> None:
        complaints.add(f"script error: {error.message}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOCAL:
            complaints.add(f"left this machine: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            complaints.add(f"{response.status} from {response.url}")

    page.on("dialog", dismiss)
    page.on("console", console)
    page.on("pageerror", crashed)
    page.on("request", asked)
    page.on("response", answered)


async def check_accessible(page: Page) -> None:
    """Raise AssertionError unless axe-core finds nothing to object to on the page as it is now."""
    found = (await Axe().run(page)).response["violations"]
    told = [
        f"{one['id']} ({one['impact']}): {one['help']}\n    "
        + "\n    ".join(
            f"{node['target']} {node.get('failureSummary', '')}" for node in one["nodes"]
        )
        for one in found
    ]
    assert not told, f"axe on {page.url}:\n" + "\n".join(told)


async def check_no_sideways_scroll(page: Page) -> None:
    """Raise AssertionError when the page is wider than the screen."""
    over = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert over <= 0, f"{page.url} is {over} px wider than the screen"
