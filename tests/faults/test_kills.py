"""`kill -9` at any moment: nothing lost, nothing unexpected, no double that could be avoided."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.telegram import faults
from tests.faults.traffic import KEES, Traffic
from tests.walks.fixtures import on
from tests.walks.scene import ANNA, NOOR, PLACES, Scene, couple

if TYPE_CHECKING:
    from adapters.emulators.telegram import Person
    from tests.walks.processes import Process

pytestmark = [pytest.mark.slow, pytest.mark.fault]

KILLS = 16
"""In each of four places: 64 in all."""
MOST_COMMITS = 40
TAKE_OVER = 30.0
"""Seconds in which a row is taken over from a process that may only be slow, on PostgreSQL."""


@on()
@pytest.mark.timeout(240)
async def test_sixteen_kills_under_traffic(scene: Scene) -> None:
    chance = random.Random(PLACES.index((_store(scene), scene.bridge.options.mode)))
    traffic = Traffic(scene, seed=KILLS)
    await traffic.begin()
    async with traffic.running():
        for number in range(KILLS):
            await asyncio.sleep(chance.uniform(0.02, 0.5))
            scene.bridge.kill()
            await asyncio.sleep(chance.uniform(0.0, 0.1))
            scene.bridge.launch()
            if number % 4 == 3:
                # Not even started: the one that comes up now is killed on its way.
                await asyncio.sleep(chance.uniform(0.1, 0.9))
            else:
                await scene.bridge.ready()
        await scene.bridge.ready()
        await asyncio.sleep(0.3)
    logs, verdict = await scene.close(within=60)
    assert verdict.acknowledged == verdict.said == traffic.sent
    assert verdict.said > 5 * KILLS
    assert sum(len(log) for log in logs.values()) > verdict.said


def _store(scene: Scene) -> str:
    return scene.bridge.store_url.partition(":")[0].partition("+")[0]


async def _begin(scene: Scene) -> tuple[Person, Person]:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    await scene.begin(*couple())
    return noor, anna


@on()
async def test_killed_between_acceptance_and_our_record(scene: Scene) -> None:
    """The network took the message, and the answer never reached a record of ours."""
    noor, anna = await _begin(scene)
    times = 3 if _store(scene) == "sqlite" else 1
    for _ in range(times):
        scene.emu.faults.plan(faults.slow(30), method="sendMessage", chat=NOOR)
        text, behind = scene.words("anna-2026"), scene.words("anna-2026", "behind it")
        await anna.send(text)
        await anna.send(behind)
        await scene.sees(noor, text)
        scene.bridge.kill()
        await scene.bridge.start()
        await scene.sees(noor, behind, within=TAKE_OVER)
        await scene.bridge.settled()
    logs, verdict = await scene.close()
    assert len(verdict.pardoned) == times, "each was shown twice and is marked"
    text_log = (await scene.bridge.run("log", "anna-2026")).out
    assert text_log.count("(possibly sent twice)") == times
    assert (
        len([line for line in logs["anna-2026"] if line["kind"] == "message_posted"]) == 2 * times
    )


@on(PLACES[0], PLACES[2])
async def test_killed_between_handing_out_and_our_commit(scene: Scene) -> None:
    """Updates are on their way to us when we die: they come again, and count once."""
    noor, anna = await _begin(scene)
    for _ in range(3):
        waiting = _slow_calls(scene)
        await scene.until(partial(_polls, scene))
        scene.emu.faults.plan(faults.slow(30), method="getUpdates")
        scene.emu.inject({"poll": {"id": "1"}})  # ends the poll that waits now
        await scene.until(partial(_more_slow_calls, scene, waiting))
        text = scene.words("anna-2026")
        await anna.send(text)
        handed = scene.emu.journal.handed[-1]
        await scene.until(partial(getattr, handed, "times"))
        scene.bridge.kill()
        await scene.bridge.start()
        await scene.sees(noor, text)
        await scene.bridge.settled()
    _, verdict = await scene.close()
    assert verdict.pardoned == []


def _polls(scene: Scene) -> bool:
    calls = scene.emu.journal.calls_of("getUpdates")
    return (
        bool(calls) and not calls[-1].answered and calls[-1].monotonic > max(scene.kills, default=0)
    )


def _slow_calls(scene: Scene) -> int:
    return sum(call.fault == "slow" for call in scene.emu.journal.calls)


def _more_slow_calls(scene: Scene, than: int) -> bool:
    return _slow_calls(scene) > than


@on(PLACES[0])
async def test_an_answer_to_a_copy_nobody_recorded_is_asked_about(scene: Scene) -> None:
    """The first of two copies is unknown to the bridge: whoever answers it is not guessed for."""
    traffic = Traffic(scene)
    await traffic.begin()
    noor, anna = traffic.person(NOOR), traffic.person(ANNA)
    scene.emu.faults.plan(faults.slow(30), method="sendMessage", chat=NOOR)
    text = scene.words("anna-2026")
    await anna.send(text)
    first = await scene.sees(noor, text)
    scene.bridge.kill()
    await scene.bridge.start()
    await scene.sees(noor, text, after=first.message_id)
    told = len(scene.bot_lines(ANNA))
    answer = scene.words("anna-2026", "answer")
    await noor.send(answer, reply_to=first.message_id)
    question = await scene.sees(noor, lambda m: "inline_keyboard" in (m.markup or {}))
    assert len(scene.bot_lines(ANNA)) == told
    await noor.press(question.message_id, "Anna")
    await scene.sees(anna, answer)
    await scene.close()


@on(PLACES[0])
async def test_killed_in_the_middle_of_the_parts(scene: Scene) -> None:
    """A long text goes on with the part that was missing, not from the start."""
    traffic = Traffic(scene)
    await traffic.begin()
    noor, anna = traffic.person(NOOR), traffic.person(ANNA)
    first, last = scene.words("anna-2026", "start"), scene.words("anna-2026", "end")
    text = f"{first} {'woord ' * 700}"[: 4095 - len(last)] + f" {last}"
    last = last.removeprefix("end ")
    before = len(scene.bot_lines(NOOR))
    scene.emu.faults.plan(faults.slow(30), method="sendMessage", chat=NOOR, nth=2)
    await anna.send(text)
    await scene.sees(noor, last)
    scene.bridge.kill()
    await scene.bridge.start()
    await scene.said(NOOR, before + 3)
    await scene.close()
    shown = scene.bot_lines(NOOR)[before:]
    assert [first in part for part in shown] == [True, False, False]


class _Fuse:
    """Arms the process of `crashing.py`."""

    def __init__(self, scene: Scene) -> None:
        self.file = scene.bridge.folder / "fuse"
        scene.bridge.options.script = str(Path(__file__).with_name("crashing.py"))
        scene.bridge.options.environment = {"TEST_FUSE": str(self.file)}
        self._number = 0

    def arm(self, commits: int, when: str) -> None:
        """Die at the commit with that number from now on."""
        self._number += 1
        new = self.file.with_suffix(".new")
        new.write_text(f"{self._number} {commits} {when}")
        new.rename(self.file)

    def disarm(self) -> None:
        """Live on."""
        self.file.unlink(missing_ok=True)


@on()
@pytest.mark.timeout(240)
async def test_a_crash_at_every_commit(scene: Scene) -> None:
    """Before and after each commit that one exchange in both directions needs."""
    fuse = _Fuse(scene)
    noor, anna = await _begin(scene)
    boundaries = 0
    for commits in range(1, MOST_COMMITS):
        died = 0
        for when in _whens(scene, commits):
            fuse.arm(commits, when)
            hers, his = scene.words("anna-2026", "hers"), scene.words("anna-2026", "his")
            await anna.send(hers)
            await noor.send(his)
            died += await _dies_or_delivers(scene, noor, anna, hers, his)
            fuse.disarm()
            if scene.bridge.process is None or scene.bridge.process.poll() is not None:
                await scene.bridge.start()
            await scene.sees(noor, hers, within=TAKE_OVER)
            await scene.sees(anna, his, within=TAKE_OVER)
        boundaries += died
        if not died:
            break
    else:
        pytest.fail(f"an exchange takes more than {MOST_COMMITS} commits")
    assert boundaries >= 3, boundaries
    await scene.close()


def _whens(scene: Scene, commits: int) -> tuple[str, ...]:
    """Both sides of a commit; on PostgreSQL, where a take-over takes long, one in each mode."""
    if _store(scene) == "sqlite":
        return ("before", "after")
    webhook = scene.bridge.options.mode == "webhook"
    return ("before",) if (commits % 2 == 1) == webhook else ("after",)


async def _dies_or_delivers(scene: Scene, noor: Person, anna: Person, hers: str, his: str) -> bool:
    """Wait for whichever comes first; True = it died. Settled after a delivery means it lives."""
    process = scene.bridge.process
    assert process is not None

    def done() -> bool:
        shown = any(m.text == hers for m in noor.chat.shown())
        return shown and any(m.text == his for m in anna.chat.shown())

    await scene.until(lambda: process.poll() is not None or done())
    if process.poll() is None:
        await asyncio.sleep(0.3)  # the commits after the last message was taken
    if process.poll() is None:
        return False
    scene.bridge.died()
    return True


@on(PLACES[0], PLACES[3])
async def test_a_crash_at_every_commit_of_the_start(scene: Scene) -> None:
    """A bridge that dies while it takes up what was left, again and again."""
    fuse = _Fuse(scene)
    traffic = Traffic(scene)
    await traffic.begin()
    for commits in range(1, 9):
        await traffic.some(4)
        scene.bridge.kill()
        fuse.arm(commits, "before" if commits % 2 else "after")
        process = scene.bridge.launch()
        await scene.until(partial(_dead_or_all_in, scene, process))
        fuse.disarm()
        if process.poll() is None:
            scene.bridge.kill()
        else:
            scene.bridge.died()
        await scene.bridge.start()
    await scene.sees(traffic.person(KEES), lambda _: True)
    await scene.close(within=60)


def _dead_or_all_in(scene: Scene, process: Process) -> bool:
    return process.poll() is not None or not scene.emu.journal.unconfirmed()
