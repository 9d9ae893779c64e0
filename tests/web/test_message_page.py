"""Links to words: a button first, the words for one reader only, and a receipt."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.inbound import DeleteIn
from bridge.core.policy import Policy
from bridge.runtime.links import Links
from bridge.runtime.texts import Catalogue
from bridge.web.message import message_routes
from tests.runtime.desk_kit import FrontDesk, at, front_desk

LOG = "anna-2026"
SECRET = "I was let go on Friday"
LINKS = Links(b"k" * 32, "https://bridge.example.org")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna")
        opened.trajectory(LOG, ["noor"], ["anna"])
        opened.catalogue = Catalogue(LINKS, {"telegram": "plain"})
        opened.do(LOG, c.SetPolicy(Policy(content_on_weak_networks=False)))
        yield opened


def link_of(desk: FrontDesk, chat: str = "noor") -> str:
    """Return the path of the link in the newest message of a chat."""
    return desk.last(chat).text.rpartition("https://bridge.example.org")[2]


def opened(desk: FrontDesk, path: str, method: str = "POST") -> httpx.Response:
    """Open a link, or press its button."""
    app = Starlette(routes=message_routes(LINKS, desk.store, desk.writer, desk.catalogue))

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
            return await client.request(method, path)

    return asyncio.run(call())


def test_opening_shows_a_button_and_nothing_else(desk: FrontDesk) -> None:
    desk.says("anna", SECRET)
    answer = opened(desk, link_of(desk), "GET")
    assert answer.status_code == 200
    assert "<button" in answer.text
    assert SECRET not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert not any(
        isinstance(one, e.DeliveryChanged) and one.state == "read" for one in desk.log(LOG)
    )
    assert opened(desk, "/messages/1-nothing", "GET").text == answer.text


def test_the_button_shows_the_words_and_the_log_says_so(desk: FrontDesk) -> None:
    desk.says("anna", f"{SECRET} <b>")
    answer = opened(desk, link_of(desk))
    assert answer.status_code == 200
    assert f"{SECRET} &lt;b&gt;" in answer.text
    assert "Anna" in answer.text
    read = [one for one in desk.log(LOG) if isinstance(one, e.DeliveryChanged)]
    assert [one.state for one in read] == ["sent", "read"]
    assert opened(desk, link_of(desk)).status_code == 200, "they may look again"


def test_the_words_are_shown_as_they_are_now(desk: FrontDesk) -> None:
    said = desk.message("anna", "a first version")
    desk.act(said)
    link = link_of(desk)
    desk.act(desk.edit(said, SECRET))
    desk.deliver()
    assert SECRET in opened(desk, link).text
    desk.act(DeleteIn(said.place, said.sender, said.external_id, desk.now))
    desk.deliver()
    gone = opened(desk, link).text
    assert SECRET not in gone
    assert "was withdrawn" in gone


@pytest.mark.parametrize("why", ["left", "relinked", "late", "forged", "file", "withdrawn consent"])
def test_nobody_else_sees_them(desk: FrontDesk, why: str) -> None:
    desk.says("noor", SECRET)
    link = link_of(desk, "anna")
    match why:
        case "left":
            desk.do(LOG, c.RemoveParty("anna"))
        case "relinked":
            desk.writer.run(lambda unit: unit.revoke_endpoint(at("anna")))
            desk.people(cleo="anna")
        case "late":
            desk.now += timedelta(days=8)
        case "forged":
            link = f"{link[:-1]}{'A' if link[-1] != 'A' else 'B'}"
        case "file":
            link = f"/messages/{LINKS.url(1).rpartition('/')[2]}"
        case _:
            desk.do(LOG, c.AnswerConsent("anna", yes=False, endpoint=at("anna")))
    answer = opened(desk, link)
    assert answer.status_code == 404
    assert SECRET not in answer.text
