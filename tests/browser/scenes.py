"""What is on the pictures: each function leads a page to one scene of the demo or of the weeks.

One function a scene, in the order in which they are taken: later ones stand on earlier ones.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from playwright.async_api import expect

from bridge.core import commands as c
from bridge.core.policy import Policy
from bridge.demo.phones import Say
from bridge.runtime import invites, sign_in
from bridge.runtime.handle import handle
from storage import tables as t
from tests.browser.weeks import after_a_session, taken_along

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from bridge.demo.browser import Running
    from tests.browser.ground import Look
    from tests.browser.weeks import Weeks

SOON = 60_000


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a picture is taken: the demo, somebody's page, and a browser nobody knows yet."""

    demo: Running
    page: Page
    stranger: Page
    look: Look
    folder: Path
    weeks: Weeks | None = None

    async def later_at(self, path: str) -> Page:
        """Open a page of the console of a practice that has gone on for weeks."""
        assert self.weeks is not None
        base = self.weeks.desk.url
        await self.stranger.goto(f"{base}/console/{path}")
        if self.stranger.url.endswith("/sign-in"):
            await self.stranger.goto(await self.weeks.desk.link("noor"))
            await self.stranger.locator("form button.main").click()
            await self.stranger.wait_for_url("**/console/")
            await self.stranger.goto(f"{base}/console/{path}")
        return self.stranger

    async def at(self, path: str) -> Page:
        """Open a page of the bridge as the demo's visitor."""
        await self.page.goto(f"http://127.0.0.1:{self.demo.port}{path}")
        return self.page

    async def unknown_at(self, path: str) -> Page:
        """Open a page of the bridge as somebody it does not know."""
        await self.stranger.goto(f"http://127.0.0.1:{self.demo.port}{path}")
        return self.stranger


async def _play(page: Page, *scenes: str) -> None:
    """Play steps of the tour, by their number."""
    button = page.locator("#tour-play")
    for scene in scenes:
        await expect(page.locator("#tour-step")).to_contain_text(f" {scene} ")
        await button.click()
        await expect(page.locator("#tour-step")).not_to_contain_text(f" {scene} ", timeout=SOON)
        await expect(button).to_be_enabled(timeout=SOON)
    await page.wait_for_timeout(800)


async def _client(page: Page, name: str) -> None:
    """On a phone's width one client is shown at a time."""
    tab = page.locator(f'[data-tab="client {name}"]')
    if await tab.is_visible():
        await tab.click()


async def talking(stand: Stand) -> Page:
    """The first minute: Anna came in, Noor answered."""
    page = await stand.at("/demo")
    opened = page.locator('[data-phone="noor"] .ch-reactions')
    await expect(opened).to_be_attached(timeout=SOON)
    await _play(page, "1", "2")
    await stand.demo.board.phones["noor"].do(Say("sem: That is enough. How was your week?"))
    await _client(page, "bram")
    return page


async def lost(stand: Stand) -> Page:
    """A lost answer, told as it is."""
    await _play(stand.page, "3", "4", "5")
    await _client(stand.page, "dewi")
    twice = stand.page.locator('[data-phone="noor"] .fate').filter(has_text="twice")
    await expect(twice).to_be_attached(timeout=SOON)
    return stand.page


async def telephones(stand: Stand) -> Page:
    """Tom calls again, after he left a message."""
    await _play(stand.page, "6", "7")
    page, ring = stand.page, stand.page.locator("#telephones")
    await ring.get_by_role("button", name="Call the practice").first.click()
    await expect(ring.locator('[data-telephone="mila"]')).to_contain_text("It rings", timeout=SOON)
    await ring.evaluate("(it) => it.scrollIntoView()")
    return page


async def proof(stand: Stand) -> Page:
    """The proof over the log."""
    await stand.page.get_by_role("button", name="Decline").click()
    hang_up = stand.page.get_by_role("button", name="Hang up")
    await hang_up.first.click()
    await expect(hang_up.first).to_be_disabled(timeout=SOON)
    await stand.page.evaluate("scrollTo(0, 0)")
    await stand.page.locator("#tour-play").click()
    await expect(stand.page.locator("#proof")).to_contain_text("append-only", timeout=SOON)
    return stand.page


async def inbox(stand: Stand) -> Page:
    """The console, as it begins a day."""
    return await stand.at("/demo/to/console")


async def trajectory(stand: Stand) -> Page:
    """One trajectory over its networks."""
    page = await stand.at("/console/t/anna-2026")
    await page.wait_for_timeout(300)
    return page


async def preview(stand: Stand) -> Page:
    """What an SMS will look like."""
    page = await stand.at("/console/t/bram-2026")
    words = "Well done 🎉 A small next step: read it out loud once, to somebody you like. " * 2
    await page.locator("#text").fill(words)
    await page.locator("#look").click()
    await expect(page.locator("#looks")).to_be_visible()
    return page


async def note(stand: Stand) -> Page:
    """A note that goes to nobody."""
    page = await stand.at("/console/t/eva-2026")
    await page.locator("#note").check()
    await page.locator("#text").fill("Breathing helps her more than planning. Ask about sleep.")
    await page.locator("#send").click()
    await expect(page.locator(".e.note")).to_be_visible(timeout=SOON)
    await expect(page.get_by_text("Kept", exact=True)).to_be_visible()
    await page.wait_for_timeout(500)
    return page


async def lost_phone(stand: Stand) -> Page:
    """A code for a client who lost the phone."""
    page = await stand.at("/console/t/bram-2026")
    await page.evaluate("document.querySelector('#about').open = true")
    await page.get_by_role("button", name="A code for").first.click()
    await expect(page.locator(".code")).to_be_visible()
    return page


async def search(stand: Stand) -> Page:
    """Search over all conversations."""
    return await stand.at("/console/search?q=first")


async def activity(stand: Stand) -> Page:
    """Messages per week."""
    return await stand.at("/console/t/bram-2026/activity")


async def sessions(stand: Stand) -> Page:
    """Where she is signed in."""
    return await stand.at("/console/sessions")


async def keys(stand: Stand) -> Page:
    """Which keys do what."""
    page = await stand.at("/console/")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    return page


async def export(stand: Stand) -> Page:
    """The page of an export, as it lies on a disk."""
    url = f"http://127.0.0.1:{stand.demo.port}/console/t/anna-2026/export"
    answer = await stand.page.context.request.get(url)
    with zipfile.ZipFile(io.BytesIO(await answer.body())) as packed:
        packed.extractall(stand.folder)
    found = next(stand.folder.rglob("*.html"))
    await stand.page.goto(found.as_uri())
    return stand.page


async def sign_in_page(stand: Stand) -> Page:
    """The door of the console."""
    return await stand.unknown_at("/console/sign-in")


async def sign_in_sent(stand: Stand) -> Page:
    """After a link was asked for."""
    await stand.stranger.locator("#person").fill("noor")
    await stand.stranger.locator("button.main").click()
    await expect(stand.stranger.locator("#person")).to_have_count(0)
    await stand.stranger.wait_for_load_state()
    await stand.stranger.wait_for_timeout(300)
    return stand.stranger


async def sign_in_link(stand: Stand) -> Page:
    """What a link opens."""
    writer = stand.demo.rooms.app.writer
    code = await writer.submit(lambda unit: sign_in.issue(unit, "noor"))
    return await stand.unknown_at(sign_in.sign_in_url("", code))


async def refused(stand: Stand) -> Page:
    """A page that is not there, or not hers."""
    return await stand.at("/console/t/somebody-elses")


async def chat(stand: Stand) -> Page:
    """Web chat, after a few words."""
    page = await stand.at("/demo/to/chat")
    await page.locator("#text").fill("Shall we talk about Monday?")
    await page.locator("#send").click()
    await expect(page.locator("#lines li").last).to_contain_text("Sent", timeout=SOON)
    await page.wait_for_timeout(500)
    return page


async def chat_device(stand: Stand) -> Page:
    """The code for another device."""
    await stand.page.locator("#menu summary").click()
    await stand.page.locator("#device").click()
    await expect(stand.page.locator("#code")).to_be_visible(timeout=SOON)
    return stand.page


async def chat_join(stand: Stand) -> Page:
    """What an invitation opens."""
    writer = stand.demo.rooms.app.writer
    issued = await writer.submit(lambda unit: invites.issue(unit, "sem-2026", "sem", "web"))
    return await stand.unknown_at(f"/chat/join/{issued.link_code}")


async def chat_code(stand: Stand) -> Page:
    """Where a code is typed."""
    return await stand.unknown_at("/chat/join")


async def today(stand: Stand) -> Page:
    """The console of a practice that has gone on for weeks."""
    return await stand.later_at("")


async def due(stand: Stand) -> Page:
    """What was promised, and who stalled."""
    return await stand.later_at("due")


async def nudges(stand: Stand) -> Page:
    """What is planned."""
    return await stand.later_at("nudges")


async def nudge_plan(stand: Stand) -> Page:
    """The form that plans one, filled in."""
    page = await stand.later_at("nudges")
    await page.locator("main summary").first.click()
    await page.locator("#nudge-kind").select_option("prompt")
    await page.locator("#nudge-at").fill("2026-11-25T10:00")
    await page.locator("#nudge-days").select_option("1 3 7 21")
    await page.locator("#nudge-about").fill("what would you like to say first on Thursday?")
    await page.evaluate("scrollTo(0, 0)")
    return page


async def nudge_ledger(stand: Stand) -> Page:
    """What became of those before."""
    page = await stand.later_at("nudges")
    await page.locator(".chart").scroll_into_view_if_needed()
    await page.evaluate("document.querySelector('.ledger').scrollIntoView({block: 'end'})")
    return page


async def agenda(stand: Stand) -> Page:
    """Appointments ahead, and what is offered."""
    return await stand.later_at("agenda")


async def agreed(stand: Stand) -> Page:
    """Steps, and the course of a scale."""
    return await stand.later_at("t/anna-2026/agreed")


async def calls(stand: Stand) -> Page:
    """A timeline in which they talked by telephone."""
    page = await stand.later_at("t/anna-2026")
    await page.wait_for_timeout(300)
    call = page.locator(".e", has_text="talked by telephone")
    for _ in range(20):
        if await call.count():
            break
        await page.evaluate("scrollTo(0, 0)")
        await page.wait_for_timeout(250)
    await call.first.evaluate("(it) => it.scrollIntoView({block: 'center'})")
    await page.wait_for_timeout(300)
    return page


async def calling(stand: Stand) -> Page:
    """The button by which Mila calls Tom, beside his timeline."""
    page = await stand.at("/demo/to/colleague")
    await page.wait_for_url("**/console/")
    await page.goto(page.url.replace("/console/", "/console/t/tom-2026"))
    about = page.locator("#about")
    if await about.get_attribute("open") is None:
        await about.locator("summary").click()
    await expect(page.get_by_role("button", name="Call Tom")).to_be_visible()
    await page.locator("#call").evaluate("(it) => it.scrollIntoView({block: 'center'})")
    return page


async def agenda_hours(stand: Stand) -> Page:
    """The forms of a coach's own hours."""
    page = await stand.later_at("agenda")
    for form in ("Change when you work", "Change: Video call"):
        await page.locator("summary", has_text=form).or_(page.get_by_label(form)).first.click()
    await page.locator("#working").evaluate("(it) => it.scrollIntoView()")
    await page.evaluate("scrollBy(0, -110)")  # what stays on top covers nothing
    return page


async def book(stand: Stand) -> Page:
    """The page on which a client books."""
    assert stand.weeks is not None
    link = await stand.weeks.page("anna")
    await stand.stranger.goto(f"{link}?kind=video&day=2026-11-25")
    return stand.stranger


async def withheld(stand: Stand) -> Page:
    """Words that do not go by SMS: the link opens them."""
    app = stand.demo.rooms.app
    command = c.SetPolicy(Policy(content_on_weak_networks=False))
    await app.writer.submit(lambda unit: handle(unit, "bram-2026", command, app.catalogue))
    rows = t.outbox.c
    query = sa.select(sa.func.max(rows.id)).where(
        rows.trajectory == "bram-2026", rows.party == "bram", rows.state == "delivered"
    )

    def newest() -> int | None:
        with app.store.reading() as connection:
            return connection.execute(query).scalar()

    before = row = newest()
    await stand.demo.board.phones["noor"].do(
        Say("bram: You told them what you need. That took courage; how does it feel now?")
    )
    for _ in range(60):
        await stand.page.wait_for_timeout(250)
        row = newest()
        if row != before:
            break
    assert row is not None
    assert row != before
    await stand.page.goto(app.links.message_url(row))
    return stand.page


async def withheld_shown(stand: Stand) -> Page:
    """The same, after the button."""
    await stand.page.locator("button").click()
    await expect(stand.page.locator("article")).to_be_visible()
    return stand.page


async def taking(stand: Stand) -> Page:
    """The link by which a client takes along what was written."""
    assert stand.weeks is not None
    await stand.page.goto(await taken_along(stand.weeks, "bram"))
    return stand.page


async def taken(stand: Stand) -> Page:
    """The same, after the button."""
    await stand.page.locator("button").first.click()
    await expect(stand.page.locator("article").first).to_be_visible()
    return stand.page


async def ended(stand: Stand) -> Page:
    """What a client chose, for the coach."""
    page = await stand.later_at("t/bram-2026/agreed")
    await page.locator("#ending").evaluate("(it) => it.scrollIntoView({block: 'center'})")
    return page


async def asked(stand: Stand) -> Page:
    """A question of the bridge to the coach, after a session: shall a recap be written?"""
    assert stand.weeks is not None
    await after_a_session(stand.weeks)
    page = await stand.later_at("t/anna-2026")
    await page.wait_for_timeout(300)
    question = page.locator(".e", has_text="a short recap")
    await expect(question.locator(".asks button")).to_have_count(2)
    await question.evaluate("(it) => it.scrollIntoView({block: 'center'})")
    await page.wait_for_timeout(300)
    return page


Scene = Callable[[Stand], Awaitable["Page"]]

SCENES: dict[str, Scene] = {
    "demo": talking,
    "demo-lost": lost,
    "demo-telephones": telephones,
    "demo-proof": proof,
    "console-inbox": inbox,
    "console-trajectory": trajectory,
    "console-preview": preview,
    "console-note": note,
    "console-lost-phone": lost_phone,
    "console-search": search,
    "console-activity": activity,
    "console-sessions": sessions,
    "console-keys": keys,
    "console-refused": refused,
    "export": export,
    "sign-in": sign_in_page,
    "sign-in-sent": sign_in_sent,
    "sign-in-link": sign_in_link,
    "chat": chat,
    "chat-device": chat_device,
    "chat-join": chat_join,
    "chat-code": chat_code,
    "message-link": withheld,
    "message-shown": withheld_shown,
    "console-today": today,
    "console-due": due,
    "console-nudges": nudges,
    "console-nudge-plan": nudge_plan,
    "console-nudge-ledger": nudge_ledger,
    "console-agenda": agenda,
    "console-agreed": agreed,
    "console-agenda-hours": agenda_hours,
    "console-calls": calls,
    "console-calling": calling,
    "agenda-page": book,
    "console-asked": asked,
    "take-link": taking,
    "take-shown": taken,
    "console-ended": ended,
}
"""In this order: later ones stand on earlier ones."""
