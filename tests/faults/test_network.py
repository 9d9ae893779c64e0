"""The network misbehaves on the way out: each fault has its honest end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.telegram import faults
from tests.faults.traffic import DIRK, KEES, Traffic
from tests.walks.bridge import lines
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, NOOR, Scene, couple

if TYPE_CHECKING:
    from adapters.emulators.faults import Fault
    from adapters.emulators.telegram import Person

pytestmark = [pytest.mark.slow, pytest.mark.fault]

FEW_SECONDS = 4.0
"""Forty, scaled to one tenth."""


async def _begin(scene: Scene) -> tuple[Person, Person]:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    people, trajectories = couple()
    people[0] = type(people[0])("noor", (NOOR,))
    await scene.begin(people, trajectories)
    return noor, anna


@pytest.mark.parametrize(
    "fault",
    [
        faults.accept_then_drop(),
        faults.accept_then_reset(),
        faults.truncated(),
        faults.malformed(),
    ],
    ids=lambda fault: fault.kind,
)
@on(ACROSS[0])
async def test_taken_without_an_answer_is_sent_once_more_and_marked(
    scene: Scene, fault: Fault
) -> None:
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(fault, method="sendMessage", chat=NOOR)
    text, behind = scene.words("anna-2026"), scene.words("anna-2026", "behind")
    await anna.send(text)
    await anna.send(behind)
    await scene.sees(noor, behind)
    logs, verdict = await scene.close()
    assert len(verdict.pardoned) == 1
    assert [line.text for line in noor.screen() if "#" in line.text] == [text, text, behind]
    first, second = lines(logs["anna-2026"])
    assert first["deliveries"][0]["twice"] is True
    assert not second["deliveries"][0].get("twice")
    states = [x["state"] for x in lines(logs["anna-2026"], "delivery_changed")]
    assert states.index("uncertain") < states.index("sent")
    human = (await scene.bridge.run("log", "anna-2026")).out
    assert human.count("(possibly sent twice)") == 1


@on(ACROSS[1])
async def test_a_doubtful_line_is_left_alone_where_the_operator_says_so(scene: Scene) -> None:
    scene.bridge.options.more = '[outbox]\nambiguous_chat = "leave"\n'
    scene.bridge.write_settings(scene.emu.api_url)
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.accept_then_drop(), method="sendMessage", chat=NOOR)
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.sees(anna, "not clear whether")
    _, verdict = await scene.close()
    assert verdict.pardoned == []
    assert [line.text for line in noor.screen()] == [text]


@on(*ACROSS)
async def test_reset_before_processing_loses_nothing(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    for nth in (1, 2, 4):
        scene.emu.faults.plan(faults.reset(), method="sendMessage", nth=nth)
    texts = [scene.words("anna-2026") for _ in range(4)]
    for text in texts:
        await anna.send(text)
    await scene.sees(noor, texts[-1])
    _, verdict = await scene.close()
    assert verdict.pardoned == []


@on(ACROSS[0])
async def test_refused_connections_leave_no_doubt(scene: Scene) -> None:
    """What was never written to a connection needs no mark."""
    noor, anna = await _begin(scene)
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.sees(noor, text)
    await scene.close()
    await scene.emu.refuse_for(1.5)
    said = [await anna.send(scene.words("anna-2026", "meanwhile")) for _ in range(3)]
    await scene.sees(noor, said[-1].text)
    logs, verdict = await scene.close()
    assert verdict.pardoned == []
    assert not any(d.get("twice") for x in lines(logs["anna-2026"]) for d in x["deliveries"])


@on(*ACROSS)
async def test_server_errors_for_a_while(scene: Scene) -> None:
    """Every method answers with a proxy's page; then it is over."""
    traffic = Traffic(scene)
    await traffic.begin()
    async with traffic.running():
        await asyncio.sleep(0.3)
        for code in (502, 500, 503, 504):
            scene.emu.faults.plan(faults.status(code), count=6)
        await asyncio.sleep(1.5)
        scene.emu.faults.clear()
    _, verdict = await scene.close(within=50)
    assert verdict.acknowledged == traffic.sent


@on(*ACROSS)
async def test_the_network_is_down_and_the_bridge_restarts_meanwhile(scene: Scene) -> None:
    traffic = Traffic(scene)
    await traffic.begin()
    await traffic.some(10)
    await scene.emu.refuse_for(FEW_SECONDS)
    await traffic.some(20)
    await asyncio.sleep(FEW_SECONDS / 3)
    scene.bridge.kill()
    scene.bridge.launch()
    await traffic.some(20)
    await asyncio.sleep(FEW_SECONDS)
    await scene.bridge.ready()
    _, verdict = await scene.close(within=50)
    assert verdict.acknowledged == traffic.sent


@on(*ACROSS)
async def test_a_storm_of_429_delays_and_loses_nothing(scene: Scene) -> None:
    traffic = Traffic(scene)
    await traffic.begin()
    for nth in range(1, 40, 3):
        scene.emu.faults.plan(faults.too_many(1), method="sendMessage", nth=nth)
    await traffic.some(30)
    _, verdict = await scene.close(within=50)
    assert verdict.pardoned == [], "a refusal leaves no doubt"
    assert verdict.acknowledged == traffic.sent


@on(*ACROSS)
async def test_retry_after_outlives_the_process(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    wait = 4
    scene.emu.faults.plan(faults.too_many(wait), method="sendMessage", chat=NOOR)
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.until(lambda: scene.emu.journal.calls_of("sendMessage", NOOR))
    await asyncio.sleep(0.5)
    scene.bridge.kill()
    await scene.bridge.start()
    await scene.sees(noor, text)
    refused, taken = scene.emu.journal.calls_of("sendMessage", NOOR)
    assert taken.monotonic - refused.monotonic >= wait
    _, verdict = await scene.close()
    assert verdict.pardoned == []


@on(ACROSS[0])
async def test_one_chat_that_waits_holds_up_no_other(scene: Scene) -> None:
    traffic = Traffic(scene)
    await traffic.begin()
    scene.emu.faults.plan(faults.slow(3), method="sendMessage", chat=NOOR)
    slow, quick = scene.words("anna-2026"), scene.words("dirk-2026")
    await traffic.person(ANNA).send(slow)
    await scene.until(lambda: scene.emu.journal.calls_of("sendMessage", NOOR))
    begun = time.monotonic()
    await traffic.person(DIRK).send(quick)
    await scene.sees(traffic.person(KEES), quick)
    assert time.monotonic() - begun < 2
    await scene.close()


@on(ACROSS[0])
async def test_peers_that_never_answer(scene: Scene) -> None:
    """A half-open send and a half-open poll end by their time limits; the rest goes on."""
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.half_open(process=True), method="sendMessage", chat=NOOR)
    scene.emu.faults.plan(faults.half_open(), method="getUpdates", nth=3)
    text, behind = scene.words("anna-2026"), scene.words("anna-2026", "behind")
    await anna.send(text)
    await anna.send(behind)
    answer = scene.words("anna-2026", "answer")
    await noor.send(answer)
    await scene.sees(anna, answer, within=50)
    await scene.sees(noor, behind, within=50)
    _, verdict = await scene.close(within=50)
    assert len(verdict.pardoned) == 1


@on(ACROSS[0])
async def test_files_whose_transfer_breaks(scene: Scene) -> None:
    """A download that breaks is fetched again; an upload without an answer is marked."""
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.truncated(), method="file")
    scene.emu.faults.plan(faults.reset(), method="getFile", nth=2)
    scene.emu.faults.plan(faults.accept_then_drop(), method="sendPhoto", nth=2)
    captions = [scene.words("anna-2026", "photo") for _ in range(3)]
    for number, caption in enumerate(captions):
        await anna.send_photo(bytes([number]) * 300_000, caption=caption)
    for caption in captions:
        await scene.sees(noor, caption, within=40)
    shown = [m for m in noor.chat.shown() if m.kind == "photo"]
    assert len(shown) == 4
    _, verdict = await scene.close(within=50)
    assert len(verdict.pardoned) == 1
