"""Web chat through the real program: what was acknowledged survives `kill -9`, once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.walks.bridge import Member, lines
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, NOOR, Scene

if TYPE_CHECKING:
    from tests.walks.bridge import Json

pytestmark = [pytest.mark.slow]


async def _say(session: aiohttp.ClientSession, scene: Scene, text: str, id: str = "") -> str:
    id = id or str(uuid.uuid4())
    act = {"type": "message", "id": id, "text": text}
    async with session.post(f"{scene.bridge.url}/chat/messages", json=act) as answer:
        assert answer.status == 202
    return id


async def _shown(session: aiohttp.ClientSession, scene: Scene) -> list[Json]:
    async with session.get(f"{scene.bridge.url}/chat/messages") as answer:
        found: list[Json] = (await answer.json())["lines"]
        return found


@on(*ACROSS)
async def test_a_client_in_a_browser_and_a_bridge_that_is_killed(scene: Scene) -> None:
    noor = scene.person(NOOR, "Noor")
    people = [Member("noor", (NOOR,)), Member("anna", ())]
    await scene.begin(people, {"anna-2026": (["noor"], ["anna"])})
    printed = (await scene.bridge.run("invite", "anna-2026", "anna", "--network", "web")).out
    link = next(word for word in printed.split() if "/chat/join/" in word)
    assert link.startswith(f"{scene.bridge.url}/chat/join/")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as anna:
        form = {"code": link.rpartition("/")[2], "seed": "s" * 32}
        async with anna.post(f"{scene.bridge.url}/chat/join", data=form) as answer:
            assert answer.status == 200
        said = [scene.words("anna-2026") for _ in range(10)]
        for text in said:
            id = await _say(anna, scene, text)
        scene.bridge.kill()
        answered = scene.words("anna-2026")
        await noor.send(answered)
        await scene.bridge.start()
        await _say(anna, scene, said[-1], id)  # the page did not hear that it was kept
        for text in said:
            await scene.sees(noor, text)
        logs = await scene.bridge.settled("anna-2026")
        posted = [line["text"] for line in lines(logs["anna-2026"])]
        assert sorted(posted) == sorted([*said, answered])
        shown = ["".join(line["body"]) for line in await _shown(anna, scene)]
        assert [text for text in shown if text != answered] == said
        assert answered in shown
        await scene.bridge.audit()
