"""`make screenshots`: pictures for the docs, of the real pages as they run.

``python -m tests.browser.screenshots [name …]`` writes ``<name>-<width>-<theme>.webp`` into
``docs/screenshots``: every page, on a phone's and on a desktop's width, light and dark; with names
only those. They are taken one after the other from one running demo; its tour plays meanwhile.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.demo.browser import open_demo
from tests.browser import ground
from tests.browser.ground import PHONE
from tests.browser.weeks import open_weeks

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.browser.ground import Look, Scheme

from tests.browser.scenes import SCENES, Stand

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
QUALITY = 0.88
_PACE = 0.02
_TO_WEBP = """async ([png, quality]) => {
  const read = await fetch(`data:image/png;base64,${png}`);
  const picture = await createImageBitmap(await read.blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality });
  const reader = new FileReader();
  return new Promise((done) => {
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(blob);
  });
}"""


_WHOLE = frozenset({"demo", "demo-lost", "console-agreed", "agenda-page"})
"""What a phone shows by scrolling, in one picture."""


async def _as_webp(page: Page, png: bytes) -> bytes:
    """Let the browser make it smaller; no library of ours can."""
    await page.goto("about:blank")
    made = await page.evaluate(_TO_WEBP, [base64.b64encode(png).decode(), QUALITY])
    return base64.b64decode(made)


async def _round(browser: Browser, look: Look, scheme: Scheme, wanted: frozenset[str]) -> None:
    """Take all pictures of one width and theme."""
    complaints = ground.Complaints()
    complaints.expect("404")  # of the page that is not there
    with tempfile.TemporaryDirectory(prefix="coachbridge-screenshots-") as folder:
        for part in ("demo", "weeks"):
            (Path(folder) / part).mkdir()
        async with (
            open_demo(Path(folder) / "demo", 0, pace=_PACE) as demo,
            open_weeks(Path(folder) / "weeks") as weeks,
            ground.watched(browser, complaints, look, scheme) as visitor,
            ground.watched(browser, complaints, look, scheme) as unknown,
        ):
            darkroom = await browser.new_page()
            page, stranger = await visitor.new_page(), await unknown.new_page()
            stand = Stand(demo, page, stranger, look, Path(folder), weeks)
            for name, scene in SCENES.items():
                shown = await scene(stand)
                if wanted and name not in wanted:
                    continue
                png = await shown.screenshot(full_page=look is PHONE and name in _WHOLE)
                file = FOLDER / f"{name}-{look.width}-{scheme}.webp"
                file.write_bytes(await _as_webp(darkroom, png))
                sys.stdout.write(f"{file.name} {file.stat().st_size // 1024} kB\n")
            await darkroom.close()
            await stranger.goto("about:blank")
            await page.goto("about:blank")
    complaints.check()


async def take(wanted: frozenset[str]) -> None:
    """Take all pictures, or those that are wanted."""
    path = ground.chromium()
    if path is None:
        sys.exit(ground.MISSING)
    if strange := wanted - set(SCENES):
        sys.exit(f"there are no {', '.join(sorted(strange))}; there are {', '.join(SCENES)}")
    FOLDER.mkdir(exist_ok=True)
    async with ground.launched(path) as browser:
        for look in ground.LOOKS:
            for scheme in ground.SCHEMES:
                await _round(browser, look, scheme, wanted)


if __name__ == "__main__":
    asyncio.run(take(frozenset(sys.argv[1:])))
