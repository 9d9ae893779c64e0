"""Who sees what: nothing without a session, nothing of others, nothing that runs (I4)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bridge.web.chat import ROUTES
from tests.webchat.ground import Ground, Json, Tab, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 400_000
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
async def dirk(ground: Ground) -> AsyncIterator[Tab]:
    """Somebody else's client."""
    async with Tab(ground) as tab:
        await tab.join(await ground.invite("dirk-2026", "dirk"))
        await tab.load()
        tab.wake()
        yield tab


async def _upload(tab: Tab, data: bytes, mime: str) -> str:
    id = str(uuid.uuid4())
    url = f"{tab.ground.url}/chat/uploads/{id}"
    async with tab.session.put(url, data=data, headers={"Content-Type": mime}) as answer:
        assert answer.status == 201, await answer.text()
    return id


async def _send_file(tab: Tab, data: bytes, mime: str, kind: str, name: str) -> str:
    id = await _upload(tab, data, mime)
    file = {"id": id, "kind": kind, "mime": mime, "name": name, "size": len(data)}
    return await tab.act(type="message", text=name, file=file)


async def test_a_photo_goes_out_and_comes_back_whole(ground: Ground, anna: Tab) -> None:
    await _send_file(anna, PICTURE, "image/png", "photo", "podium.png")
    shown = await ground.noor.wait_for("podium.png", 10)
    assert shown.kind == "photo"
    line = await until(lambda: _stored(anna, "podium.png"))
    async with anna.session.get(ground.url + line["file"]["url"]) as answer:
        assert await answer.read() == PICTURE
        assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''podium.png"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def _stored(tab: Tab, text: str) -> Json | None:
    line = tab.line(text)
    return line if line and line["file"]["state"] == "stored" else None


async def test_what_could_run_is_only_saved(ground: Ground, anna: Tab) -> None:
    await _send_file(anna, DRAWING, "image/svg+xml", "photo", "x.svg")
    await ground.noor.wait_for("x.svg", 10)
    line = await until(lambda: _stored(anna, "x.svg"))
    assert line["file"]["show"] == "save"
    async with anna.session.get(ground.url + line["file"]["url"]) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Type"] == "application/octet-stream"


async def test_others_see_none_of_it(ground: Ground, anna: Tab, dirk: Tab) -> None:
    await anna.say("geheim van Anna")
    await _send_file(anna, PICTURE, "image/png", "photo", "geheim.png")
    await ground.noor.wait_for("geheim.png", 10)
    line = await until(lambda: _stored(anna, "geheim.png"))
    await ground.carla.send("voor Dirk")
    await dirk.sees("voor Dirk")
    assert dirk.words() == ["voor Dirk"]
    for path in ("messages", "events"):
        status, said = await dirk.get(path, conversation="anna-2026", after=0)
        assert (status, said) == (404, {"error": "no_conversation"})
    async with dirk.session.get(ground.url + line["file"]["url"]) as answer:
        assert answer.status == 404
    async with dirk.session.get(f"{ground.url}/chat/files/anna-2026/1") as answer:
        assert answer.status == 404


async def test_nobody_can_send_what_somebody_else_uploaded(
    ground: Ground, anna: Tab, dirk: Tab
) -> None:
    id = await _upload(anna, PICTURE, "image/png")
    file = {"id": id, "kind": "photo", "mime": "image/png", "name": "dief.png", "size": 9}
    await dirk.act(type="message", text="dief", file=file)
    told = await ground.carla.wait_for("dief", 10)
    assert told.kind == "text"


async def test_nobody_can_edit_or_withdraw_what_is_not_theirs(ground: Ground, anna: Tab) -> None:
    await ground.noor.send("van Noor")
    line = await anna.sees("van Noor")
    await anna.act(type="edit", target=line["id"], text="verdraaid")
    await anna.act(type="delete", target=line["id"])
    await anna.say("klaar")
    await ground.heard(ground.noor, "klaar")
    assert anna.line("van Noor") is not None
    assert anna.line("verdraaid") is None


async def test_without_a_session_there_is_nothing(ground: Ground) -> None:
    async with Tab(ground) as tab:
        for route in ROUTES:
            method, _, path = route.partition(" ")
            if path.startswith(("/chat/join", "/chat/static")) or path == "/chat":
                continue
            url = ground.url + path.format(id=uuid.uuid4(), conversation="anna-2026", seq=3)
            async with tab.session.request(method, url, data=b"{}") as answer:
                assert answer.status == 401, route
                assert await answer.json() == {"error": "no_session"}
        async with tab.session.get(f"{ground.url}/chat", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/chat/join")


async def test_other_sites_can_post_nothing(ground: Ground, anna: Tab) -> None:
    forged = (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
    )
    for route in ROUTES:
        method, _, path = route.partition(" ")
        if method == "GET":
            continue
        url = ground.url + path.format(id=uuid.uuid4())
        for headers in forged:
            async with anna.session.request(method, url, data=b"{}", headers=headers) as answer:
                assert answer.status == 403, (route, headers)
    await anna.say("nog steeds hier")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"type":"message","id":"x"}',
        b'{"type":"message","id":"","text":"a"}',
        b'{"type":"message","id":"x","text":"' + b"a" * 10_001 + b'"}',
        b'{"type":"seen","id":"x","state":"failed","targets":["a"]}',
        b'{"type":"rule","id":"x"}',
        b'{"type":"message","id":"x","text":"a"},"chat":"AAAAAAAAAAAAAAAAAAAA"',
    ],
)
async def test_what_makes_no_sense_is_refused_at_once(
    ground: Ground, anna: Tab, body: bytes
) -> None:
    async with anna.session.post(f"{ground.url}/chat/messages", data=body) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "not_understood"})


async def test_too_much_is_refused(ground: Ground, anna: Tab) -> None:
    async with anna.session.post(f"{ground.url}/chat/messages", data=b"x" * 70_000) as answer:
        assert answer.status == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    for data in (b"x" * 1_000_001, endless()):
        url = f"{ground.url}/chat/uploads/{uuid.uuid4()}"
        async with anna.session.put(url, data=data) as answer:
            assert answer.status == 413


@pytest.mark.parametrize(
    ("language", "plain"), [("en", "Protection here: none"), ("nl", "Beveiliging hier: geen")]
)
async def test_an_invitation_tells_who_can_read_along(
    ground: Ground, language: str, plain: str
) -> None:
    async with aiohttp.ClientSession(headers={"Accept-Language": language}) as stranger:
        for path in ("/chat/join", "/chat/join/x"):
            async with stranger.get(ground.url + path) as answer:
                assert f'<p class="shield">{plain}' in await answer.text()


async def test_pages_carry_a_strict_policy(ground: Ground, anna: Tab) -> None:
    for path in ("/chat", "/chat/join/x", "/chat/messages"):
        async with anna.session.get(ground.url + path) as answer:
            assert answer.status == 200
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            text = await answer.text()
            assert "<style" not in text
            assert 'style="' not in text
            assert "<script>" not in text
    for name in ("../pages.py", "..%2fpages.py", "nothing.js", "chat.html"):
        async with anna.session.get(f"{ground.url}/chat/static/{name}") as answer:
            assert answer.status == 404
