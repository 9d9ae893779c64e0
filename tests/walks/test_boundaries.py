"""Stopping and starting, blocking, and calls that do not come from the network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from adapters.emulators.telegram import faults
from tests.walks.bridge import SECRET, lines
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, NOOR, Scene, couple

if TYPE_CHECKING:
    from adapters.emulators.telegram import Person

pytestmark = [pytest.mark.slow]

HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def _begin(scene: Scene) -> tuple[Person, Person]:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    people, trajectories = couple()
    people[0] = type(people[0])("noor", (NOOR,))
    await scene.begin(people, trajectories)
    return noor, anna


@on(*ACROSS)
async def test_stop_is_final_until_start(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    await anna.send("STOP")
    await scene.sees(anna, "no more messages")
    await scene.sees(noor, "has stopped messages")
    told = len(scene.bot_lines(ANNA))
    never = scene.words("anna-2026", "never")
    await noor.send(never)
    await scene.sees(noor, "Not delivered to Anna")
    await scene.bridge.settled()
    assert len(scene.bot_lines(ANNA)) == told
    await anna.send("start")
    await scene.sees(anna, "Welcome back")
    text = scene.words("anna-2026", "again")
    await noor.send(text)
    await scene.sees(anna, text)
    logs, _ = await scene.close()
    assert not any("never" in line for line in scene.bot_lines(ANNA))
    kinds = [line["kind"] for line in logs["anna-2026"]]
    assert kinds.index("opted_out") < kinds.index("opted_in")
    lost = next(line for line in lines(logs["anna-2026"]) if line["text"] == never)
    assert lost["deliveries"][0]["state"] == "suppressed"


@on(*ACROSS)
async def test_blocked_and_back(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    await anna.block()
    await scene.sees(noor, "has stopped messages")
    never = scene.words("anna-2026", "never")
    await noor.send(never)
    await scene.sees(noor, "Not delivered to Anna")
    await anna.unblock()
    await scene.confirmed()
    text = scene.words("anna-2026", "back")
    await anna.send(text)
    await scene.sees(noor, text)
    answer = scene.words("anna-2026", "good")
    await noor.send(answer)
    await scene.sees(anna, answer)
    await scene.close()


@on(("sqlite", "polling"))
async def test_a_block_that_shows_only_when_we_send(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    blocked = faults.error(403, "Forbidden: bot was blocked by the user")
    scene.emu.faults.plan(blocked, method="sendMessage", chat=ANNA)
    text = scene.words("anna-2026")
    await noor.send(text)
    await scene.sees(noor, "Not delivered to Anna")
    logs, _ = await scene.close()
    (line,) = lines(logs["anna-2026"])
    assert line["deliveries"][0]["state"] == "failed"
    assert lines(logs["anna-2026"], "opted_out")[0]["party"] == "anna"
    await anna.send(scene.words("anna-2026", "I am here after all"))
    answer = scene.words("anna-2026", "good")
    await noor.send(answer)
    await scene.sees(anna, answer)
    await scene.close()


@on(("sqlite", "webhook"), ("postgresql", "webhook"))
async def test_a_forged_call_leaves_no_trace(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    real = scene.words("anna-2026")
    await anna.send(real)
    await scene.sees(noor, real)
    await scene.close()
    before = await scene.bridge.log("anna-2026")
    update = {
        "update_id": 1,
        "message": {
            "message_id": 77,
            "date": 1_700_000_000,
            "chat": {"id": ANNA, "type": "private"},
            "from": {"id": ANNA, "is_bot": False, "first_name": "Anna"},
            "text": "I never said this",
        },
    }
    url = f"{scene.bridge.url}/webhooks/telegram/main"
    wrong: list[dict[str, str]] = [
        {},
        {HEADER: ""},
        {HEADER: "wrong"},
        {HEADER: SECRET.lower()},
        {HEADER: f"{SECRET}x"},
    ]
    async with aiohttp.ClientSession() as session:
        for headers in wrong:
            async with session.post(url, json=update, headers=headers) as answer:
                assert answer.status in (401, 403)
                assert await answer.text() == ""
        async with session.post(f"{url}x", json=update, headers={HEADER: SECRET}) as answer:
            assert answer.status == 404
        async with session.get(url) as answer:
            assert answer.status == 405
        async with session.get(f"{scene.bridge.url}/metrics") as answer:
            assert answer.status == 200
    await asyncio.sleep(0.3)
    assert await scene.bridge.log("anna-2026") == before
    assert "never said" not in (await scene.bridge.run("inbox")).out
    assert (await scene.bridge.run("inbox", "--parked")).out.strip() == ""
    assert "never said" not in scene.bridge.errors
    assert SECRET not in scene.bridge.errors
    await scene.close()


@on(("sqlite", "webhook"))
async def test_webhook_mode_without_a_secret_does_not_start(scene: Scene) -> None:
    config = scene.bridge.config
    config.write_text(config.read_text().replace(f'webhook_secret = "{SECRET}"\n', ""))
    done = await scene.bridge.run("serve", "--config", str(config), code=None)
    assert done.code != 0
    assert "secret" in done.err
    assert "Traceback" not in done.err


@on(*ACROSS)
async def test_no_words_and_no_secrets_in_the_programs_own_log(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    for fault in (faults.reset(), faults.status(502), faults.error(400, "Bad Request: odd")):
        scene.emu.faults.plan(fault, method="sendMessage", chat=NOOR)
        await anna.send(scene.words("anna-2026", "very private words"))
        await scene.bridge.settled()
    await scene.sees(noor, "very private")
    scene.emu.inject({"message": {"text": "private and damaged"}})
    await scene.close()
    for never in ("private", "123:abc", SECRET, "#anna-2026."):
        assert never not in scene.bridge.errors
