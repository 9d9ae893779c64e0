"""The demo's routes as others would call them: what is refused, what is served, and how."""

import typing
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bridge.core import entries
from bridge.core.delivery import DeliveryState
from bridge.demo import words
from bridge.demo.browser import Running, open_demo
from bridge.demo.cast import EVA, NOOR_SLACK
from bridge.demo.house import HOST
from bridge.demo.page import build_demo
from bridge.demo.phones import Trouble
from bridge.demo.tour import SCENES, TEXTS
from bridge.web.server import WebServer
from storage.audit import audit

SAY = {"type": "say", "text": "Hello"}
TABLES = ("NETWORKS", "PAGE", "STATUS", "STATES", "KINDS", "MEDIA", "PROMISES")


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    """A running demo whose phones are empty."""
    async with open_demo(tmp_path, 0, pace=0, play=False) as running:
        yield running


@pytest.fixture
async def browser(demo: Running) -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody who calls the demo's server."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{demo.port}") as session:
        yield session


@pytest.mark.slow
async def test_only_the_own_page_may_write(demo: Running, browser: aiohttp.ClientSession) -> None:
    own = {"origin": f"http://127.0.0.1:{demo.port}"}
    for headers, status in (
        ({}, 200),
        (own, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": f"evil.example:{demo.port}"}, 403),
        ({"host": f"127.0.0.1.evil.example:{demo.port}"}, 403),
        ({"host": "["}, 403),
    ):
        async with browser.post("/demo/phones/bram", json=SAY, headers=headers) as answer:
            assert answer.status == status, headers
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"content-type": kind}
        async with browser.post("/demo/phones/bram", data=b"{}", headers=headers) as answer:
            assert answer.status == 403, kind
    async with browser.get("/demo", headers={"host": "evil.example"}) as answer:
        assert answer.status == 403
    assert len(demo.board.phones["bram"].screen().bubbles) == 2


@pytest.mark.slow
async def test_what_cannot_be_done_is_refused_in_words(browser: aiohttp.ClientSession) -> None:
    for path, sent, status in (
        ("phones/nobody", SAY, 404),
        ("phones/bram", {"type": "fly"}, 400),
        ("phones/bram", [1], 400),
        ("phones/bram", {"type": "say", "text": 5}, 400),
        ("phones/bram", {"type": "say", "text": ""}, 409),
        ("phones/anna", {"type": "say", "text": "x" * 5000}, 409),
        ("phones/bram", {"type": "say", "text": "x" * 70_000}, 413),
        ("phones/noor", {"type": "say", "text": "x", "reply_to": "99"}, 409),
        ("phones/bram", {"type": "edit", "message": "99", "text": "x"}, 409),
        ("phones/bram", {"type": "react", "message": "99", "emoji": "x"}, 409),
        ("phones/bram", {"type": "press", "message": "99", "button": 0}, 409),
        ("phones/finn", {"type": "say", "text": " "}, 409),
        ("phones/finn", {"type": "say", "text": "x", "reply_to": "$nothing"}, 409),
        ("phones/finn", {"type": "say", "text": "x" * 60_000}, 200),
        ("phones/finn", {"type": "edit", "message": "$nothing", "text": "x"}, 409),
        ("phones/finn", {"type": "react", "message": "$nothing", "emoji": "x"}, 409),
        ("phones/finn", {"type": "press", "message": "$nothing", "button": 0}, 409),
        ("phones/finn", {"type": "open"}, 409),
        ("networks/nowhere", {"trouble": "well"}, 409),
        ("networks/telegram", {"trouble": "bad"}, 400),
        ("scenes/nothing", {}, 404),
    ):
        async with browser.post(f"/demo/{path}", json=sent) as answer:
            assert answer.status == status, (path, sent)


@pytest.mark.slow
async def test_pages_come_with_a_strict_policy(browser: aiohttp.ClientSession) -> None:
    for path in ("/demo", "/demo/static/demo.js", "/demo/static/demo.css"):
        async with browser.get(path) as answer:
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            text = await answer.text()
            assert "style=" not in text or path.endswith(".js")
            assert "<script>" not in text
    for path in ("/demo/static/../page.py", "/demo/static/", "/demo/file/bram/x", "/demo/else"):
        async with browser.get(path) as answer:
            assert answer.status == 404


@pytest.mark.slow
async def test_a_file_is_shown_only_if_it_can_do_no_harm(
    demo: Running, browser: aiohttp.ClientSession
) -> None:
    eva = demo.rooms.networks.twilio.person(EVA)
    await eva.send_file("x.svg", b"<svg onload=alert(1)>", network="whatsapp")
    await eva.send_voice(b"0123456789")
    document, voice = demo.board.phones["eva"].screen().bubbles
    async with browser.get(f"/demo/file/eva/{document.file}") as answer:
        assert answer.headers["content-disposition"] == "attachment"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in answer.headers["content-security-policy"]
    for asked, status, data in (
        ("", 200, b"0123456789"),
        ("bytes=0-", 206, b"0123456789"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=10-", 416, b""),
        ("bytes=-3", 200, b"0123456789"),
        ("bytes=1-2,4-5", 200, b"0123456789"),
    ):
        headers = {"range": asked} if asked else {}
        async with browser.get(f"/demo/file/eva/{voice.file}", headers=headers) as answer:
            assert (answer.status, await answer.read()) == (status, data), asked
    async with browser.get(f"/demo/file/dewi/{voice.file}") as answer:
        assert answer.status == 404


@pytest.mark.slow
async def test_the_bridge_answers_beside_the_demo(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/readyz") as answer:
        assert (await answer.json())["ready"] is True
    async with browser.get("/", allow_redirects=False) as answer:
        assert answer.headers["location"] == "/demo"


@pytest.mark.slow
async def test_the_language_is_the_browsers_or_the_chosen_one(
    browser: aiohttp.ClientSession,
) -> None:
    for query, header, language in (
        ("", "", "en"),
        ("", "nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("", "fr-FR,fr;q=0.9,nl;q=0.1", "nl"),
        ("", "de", "en"),
        ("?lang=nl", "en", "nl"),
        ("?lang=xx", "en", "en"),
    ):
        async with browser.get(f"/demo{query}", headers={"accept-language": header}) as answer:
            assert f'<html lang="{language}">' in await answer.text()


@pytest.mark.slow
async def test_without_doors_the_page_leads_nowhere(demo: Running) -> None:
    names = dict.fromkeys(demo.board.phones, "Somebody")
    web = WebServer(build_demo(demo.board, demo.rooms.pages, names), HOST, 0, stop_seconds=1)
    await web.start()
    try:
        async with aiohttp.ClientSession(f"http://{HOST}:{web.port}") as session:
            async with session.get("/demo") as answer:
                assert "/demo/to/" not in await answer.text()
            async with session.get("/demo/to/console", allow_redirects=False) as answer:
                assert answer.status == 404
    finally:
        await web.stop()


@pytest.mark.slow
async def test_the_door_to_the_console_signs_in_once(demo: Running) -> None:
    base = f"http://{HOST}:{demo.port}"
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base, cookie_jar=jar) as session:
        for _ in range(3):
            async with session.get("/demo/to/console") as answer:
                assert (answer.status, answer.url.path) == (200, "/console/")
                assert "Inbox" in await answer.text()
        async with session.get("/console/sessions") as answer:
            assert (await answer.text()).count('/revoke"') == 1


@pytest.mark.slow
async def test_a_second_coach_is_signed_in_beside_the_first(demo: Running) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        for here, there in (("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")):
            jar.clear()
            async with session.get(f"http://{here}:{demo.port}/demo/to/console") as answer:
                assert answer.url.host == here
            async with session.get(f"http://{here}:{demo.port}/demo/to/colleague") as answer:
                assert (answer.url.host, answer.url.path) == (there, "/console/")
            for host, client, other in ((here, "Bram", "Tom"), (there, "Tom", "Bram")):
                async with session.get(f"http://{host}:{demo.port}/console/") as answer:
                    shown = await answer.text()
                assert f"/{client.lower()}-2026" in shown
                assert f"/{other.lower()}-2026" not in shown


@pytest.mark.slow
async def test_only_the_demo_may_frame_the_pages_and_only_for_itself(demo: Running) -> None:
    base = f"http://{HOST}:{demo.port}"
    plain = WebServer(demo.rooms.pages, HOST, 0, stop_seconds=1)
    await plain.start()
    try:
        async with aiohttp.ClientSession() as session:
            for path in ("/console/sign-in", "/chat/join", "/chat/join/x"):
                async with session.get(base + path) as answer:
                    policy = answer.headers["content-security-policy"]
                    assert "frame-ancestors 'self'" in policy
                    assert "default-src 'none'" in policy
                    assert "x-frame-options" not in answer.headers
                async with session.get(f"http://{HOST}:{plain.port}{path}") as answer:
                    served = answer.headers["content-security-policy"]
                    assert served == policy.replace("ancestors 'self'", "ancestors 'none'")
            async with session.get(f"{base}/demo") as answer:
                assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    finally:
        await plain.stop()


@pytest.mark.slow
async def test_a_visitor_becomes_a_client_without_a_messenger(demo: Running) -> None:
    base = f"http://{HOST}:{demo.port}"
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base, cookie_jar=jar) as session:
        async with session.get("/demo/to/chat") as answer:
            assert (answer.status, answer.url.path) == (200, "/chat")
        act = {"type": "message", "id": "one-of-mine", "text": "Hello from a browser"}
        async with session.post("/chat/messages", json=act) as answer:
            assert answer.status == 202
    noor = demo.rooms.networks.slack.person(NOOR_SLACK)
    await noor.wait_for("Hello from a browser", 10)


@pytest.mark.parametrize("name", TABLES)
def test_everything_has_words_in_both_languages(name: str) -> None:
    for key, (english, dutch) in getattr(words, name).items():
        assert english.strip(), key
        assert dutch.strip(), key
        assert set(_fields(english)) == set(_fields(dutch)), key


def test_nothing_lacks_words() -> None:
    kinds = {str(kind.__struct_config__.tag) for kind in typing.get_args(entries.Entry)}
    assert kinds == set(words.KINDS)
    assert {str(state) for state in DeliveryState} == set(words.STATES)
    assert {str(trouble) for trouble in Trouble} <= set(words.PAGE)
    assert set(SCENES) == set(TEXTS) - {"proof"}


@pytest.mark.slow
async def test_every_promise_of_the_audit_has_words(demo: Running) -> None:
    checks = audit(demo.rooms.app.store).checks
    assert {check.invariant for check in checks} == set(words.PROMISES)


def _fields(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]
