"""What comes in doubled, out of order, damaged or half."""

from __future__ import annotations

import asyncio
import io
import json
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from adapters.emulators.telegram import faults
from tests.judge.judge import judge
from tests.walks.bridge import SECRET, lines
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, NOOR, PLACES, Scene, couple

if TYPE_CHECKING:
    from adapters.emulators.telegram import Person

pytestmark = [pytest.mark.slow, pytest.mark.fault]

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
POISON: list[Any] = [
    {"message": {"message_id": "zebra", "date": 1, "chat": 5}},
    {"message": {"message_id": 2, "chat": {"id": ANNA, "type": "private"}, "from": [], "date": {}}},
    {"callback_query": {"id": 3, "from": None, "data": {"zebra": 1}}},
    {"edited_message": [1, 2, 3]},
    {"message_reaction": {"chat": {"id": "x"}, "new_reaction": 7}},
]


async def _begin(scene: Scene) -> tuple[Person, Person]:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    await scene.begin(*couple())
    return noor, anna


@on(PLACES[1], PLACES[3])
async def test_every_call_twenty_times_at_once(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    twenty = faults.duplicate(20, concurrently=True)
    scene.emu.faults.plan(twenty, method="webhook", count=None)
    texts = [scene.words("anna-2026") for _ in range(12)]
    for text in texts:
        await anna.send(text)
    await noor.send(scene.words("anna-2026", "answer"))
    sent = next(m for m in anna.chat.shown() if m.text == texts[0])
    await anna.edit(sent.message_id, scene.words("anna-2026", "edited"))
    await scene.sees(noor, texts[-1])
    logs, verdict = await scene.close()
    assert verdict.pardoned == []
    assert len(lines(logs["anna-2026"])) == 13
    assert len(lines(logs["anna-2026"], "message_edited")) == 1
    assert max(h.times for h in scene.emu.journal.handed) >= 20


@on(PLACES[0], PLACES[2])
async def test_every_batch_three_times(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.duplicate(3), method="getUpdates", count=None)
    texts = [scene.words("anna-2026") for _ in range(12)]
    for text in texts:
        await anna.send(text)
    await scene.sees(noor, texts[-1])
    logs, _ = await scene.close()
    assert len(lines(logs["anna-2026"])) == 12


@on(*ACROSS)
async def test_an_old_update_that_comes_again_says_nothing_new(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.sees(noor, text)
    await scene.close()
    queue = scene.emu.bot("123:abc").queue
    queue.redeliver(scene.emu.journal.handed[-1].update_id, 5)
    after = scene.words("anna-2026", "after")
    await anna.send(after)
    await scene.sees(noor, after)
    logs, _ = await scene.close()
    assert len(lines(logs["anna-2026"])) == 2


@on(*ACROSS)
async def test_numbers_that_begin_anew_after_a_quiet_week(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    first = [scene.words("anna-2026") for _ in range(5)]
    for text in first:
        await anna.send(text)
    await scene.sees(noor, first[-1])
    await scene.close()
    queue = scene.emu.bot("123:abc").queue
    queue.restart_at(min(h.update_id for h in scene.emu.journal.handed))
    again = [scene.words("anna-2026", "a week later") for _ in range(5)]
    for text in again:
        await anna.send(text)
    await scene.sees(noor, again[-1])
    logs, _ = await scene.close()
    assert len(lines(logs["anna-2026"])) == 10


@on(*ACROSS)
async def test_out_of_order_nothing_is_lost(scene: Scene) -> None:
    """The log keeps the order of arrival; only that may differ from what was said."""
    noor, anna = await _begin(scene)
    mode = scene.bridge.options.mode
    method = "getUpdates" if mode == "polling" else "webhook"
    scene.emu.faults.plan(faults.reorder(), method=method, count=None)
    for _ in range(5):
        for _ in range(6):
            await anna.send(scene.words("anna-2026"))
        await noor.send(scene.words("anna-2026", "noor"))
        await asyncio.sleep(0.1)
    await scene.confirmed()
    logs = await scene.bridge.settled("anna-2026")
    verdict = judge(scene.emu.journal.to_json(), logs, scene.parties)
    verdict.reordered = [one for one in verdict.reordered if "in the log" not in one]
    verdict.acquit()
    assert verdict.logged == 35
    await scene.bridge.audit()


@on(*ACROSS)
async def test_poison_is_parked_and_the_next_one_flows(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    for number, raw in enumerate(POISON):
        scene.emu.inject(raw)
        text = scene.words("anna-2026", f"after {number}")
        await anna.send(text)
        await scene.sees(noor, text)
    parked = await _parked(scene, len(POISON))
    first = str(parked[0]["id"])
    listed = (await scene.bridge.run("inbox", "--parked")).out
    assert first in listed
    assert "zebra" not in listed, "its words are not shown"
    await scene.bridge.run("inbox", "retry", first)
    await scene.bridge.settled()
    assert len(await _parked(scene, len(POISON))) == len(POISON), "it is still poison"
    wrong = await scene.bridge.run("inbox", "retry", "999999", code=1)
    assert "999999" in wrong.err
    await scene.close()


async def _parked(scene: Scene, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 10
    while True:
        out = (await scene.bridge.run("inbox", "--parked", "--json")).out
        rows = [json.loads(line) for line in out.splitlines()]
        if len(rows) >= count or time.monotonic() > deadline:
            assert len(rows) == count, rows
            return rows
        await asyncio.sleep(0.2)


@on(PLACES[0])
async def test_bytes_that_are_no_json_do_not_hide_the_others(scene: Scene) -> None:
    """In polling one broken update breaks the whole answer that it is in."""
    noor, anna = await _begin(scene)
    text, after = scene.words("anna-2026"), scene.words("anna-2026", "after")
    queue = scene.emu.bot("123:abc").queue
    await anna.send(text)
    scene.emu.inject(f'{{"update_id": {queue.next_id}, "message": {{"text": "\\ud800')
    await anna.send(after)
    await scene.sees(noor, text)
    await scene.sees(noor, after, within=20)
    await scene.close()


@on(PLACES[1], PLACES[3])
async def test_odd_bodies_with_the_right_secret(scene: Scene) -> None:
    """They are kept and parked, so that the network does not call for ever."""
    noor, anna = await _begin(scene)
    url = f"{scene.bridge.url}/webhooks/telegram/main"
    bodies = [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"update_id": "x"}', b"[" * 50_000]
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        for body in bodies:
            async with session.post(url, data=body) as answer:
                assert answer.status in (200, 400), body[:20]
        async with session.post(url, data=io.BytesIO(b"x" * (2 * 1024 * 1024))) as answer:
            assert answer.status == 413
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.sees(noor, text)
    assert await _alive(scene)
    await scene.close()


async def _alive(scene: Scene) -> bool:
    async with aiohttp.ClientSession() as session, session.get(f"{scene.bridge.url}/readyz") as got:
        return got.status == 200


@on(PLACES[1])
async def test_callers_that_never_finish_hold_up_nobody(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    head = (
        "POST /webhooks/telegram/main HTTP/1.1\r\nHost: localhost\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: 5000\r\n\r\n{{"
    )
    async with AsyncExitStack() as stack:
        for _ in range(100):
            _, writer = await asyncio.open_connection("127.0.0.1", scene.bridge.port)
            stack.callback(writer.close)
            writer.write(head.encode())
            await writer.drain()
        text = scene.words("anna-2026")
        begun = time.monotonic()
        await anna.send(text)
        await scene.sees(noor, text)
        assert time.monotonic() - begun < 2
    await scene.close()
