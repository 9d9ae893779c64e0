"""The benchmark harness works and its judge sees what goes wrong; nothing here is timed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
import uvloop

from benchmarks.due_report import Result as DueResult
from benchmarks.due_report import kept, put, section
from benchmarks.fake_api import CHAT_ID, OFFSET, FakeBotApi, integer, text_fields
from benchmarks.processes import ROOT, Server
from benchmarks.profiling import shares
from benchmarks.report import render
from benchmarks.samples import BARE, BRIDGE, BURST, COMMIT, MODES, Collected, Sample
from benchmarks.systems import BareBot
from benchmarks.traffic import RunOrder, RunResult, Tally, chat_of, percentile

if TYPE_CHECKING:
    from pathlib import Path

ORDER = RunOrder(messages=6, persons=2, mode="polling")


def heard(*numbers_and_chats: tuple[int, int]) -> RunResult:
    """Give the result of a run in which these came back, one a millisecond."""
    tally = Tally(ORDER, 100)
    for number in range(100, 106):
        tally.born_now(number, 1.0)
    for place, (number, chat) in enumerate(numbers_and_chats):
        tally.heard(number, chat, 1.001 + place / 1000)
    return tally.result(0.0)


def right(number: int) -> tuple[int, int]:
    """Give a message with the chat it has to go to."""
    return number, chat_of((number - 100) % 2 ^ 1)


def test_a_clean_run_has_no_faults() -> None:
    result = heard(*[right(number) for number in range(100, 106)])
    assert (result.lost, result.doubled, result.disordered, result.misrouted) == (0, 0, 0, 0)
    assert result.elapsed == pytest.approx(0.006)
    assert result.p99_ms == pytest.approx(6.0)


def test_the_judge_sees_every_planted_fault() -> None:
    wrong_chat = (105, chat_of(1))
    result = heard(right(100), right(100), right(104), right(102), wrong_chat, right(42))
    assert result.lost == 2
    assert result.doubled == 1
    assert result.disordered == 1
    assert result.misrouted == 1
    assert result.strays == 1


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.99, 0.0), ([5.0], 0.99, 5.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
     ([float(number) for number in range(1, 101)], 0.99, 99.0)],
)  # fmt: skip
def test_percentile_is_the_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"offset=7&chat_id=-12&text=chat_id",
        b'{"text":"x","chat_id": -12,"offset":7}',
        b'--b\r\nContent-Disposition: form-data; name="offset"\r\n\r\n7\r\n--b\r\n'
        b'Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name="chat_id"'
        b"\r\n\r\n-12\r\n--b--\r\n",
    ],
)
def test_parameters_are_found_in_every_form(body: bytes) -> None:
    assert integer(CHAT_ID, body, 0) == -12
    assert integer(OFFSET, body, 0) == 7


@pytest.mark.parametrize(
    "body",
    [
        b"url=http%3A%2F%2F127.0.0.1%3A1%2Fh&secret_token=s",
        b'{"url":"http://127.0.0.1:1/h","secret_token":"s"}',
        b'--b\r\nContent-Disposition: form-data; name="url"\r\n\r\nhttp://127.0.0.1:1/h\r\n--b\r\n'
        b'Content-Disposition: form-data; name="secret_token"\r\n\r\ns\r\n--b--\r\n',
    ],
)
def test_set_webhook_is_read_in_every_form(body: bytes) -> None:
    assert text_fields(body) == {"url": "http://127.0.0.1:1/h", "secret_token": "s"}


def test_the_report_takes_ratios_within_a_round() -> None:
    collected = Collected(
        command="python -m benchmarks", date="2026-01-01", machine="m", rounds=2, trajectories=1
    )
    for number, pace in enumerate((1.0, 2.0)):
        for relay, seconds in ((BRIDGE, 0.001), (BARE, 0.004), (COMMIT, 0.005)):
            result = RunResult(
                messages=10, elapsed=seconds * pace, lost=0, doubled=0, disordered=0, misrouted=0,
                strays=0, other_calls=0, webhook_retries=0, p50_ms=1.0, p99_ms=2.0, max_ms=3.0,
                finish_median=1.0, finish_slowest=1.0, server_busy=0.1,
            )  # fmt: skip
            collected.samples.append(
                Sample(scenario=BURST, relay=relay, mode="polling", round=number, cpu=0.0003,
                       ready=0.5, resident_mb=50.0, result=result)
            )  # fmt: skip
    page = render(collected)
    assert "| bridge, polling | 7,500 | 4.00 × | 300 | 1.00 × |" in page
    assert "| messages/s against the bare bot, polling | ≥ 3 × | 4.00 × | yes |" in page


def test_a_failure_is_told_in_the_report() -> None:
    collected = Collected(
        command="c", date="d", machine="m", rounds=1, trajectories=1, failures=["size: no"]
    )
    assert "**Did not work:** size: no." in render(collected)


def test_a_starved_server_never_hands_out_twice() -> None:
    published: list[int] = []

    class Watched(FakeBotApi):
        def _publish(self, available: int, paced: bool) -> None:
            published.append(available)
            super()._publish(available, paced)

    async def starve() -> RunResult:
        api = Watched(lambda _event, _fields: None)
        order = RunOrder(messages=6, persons=2, mode="polling", rate=100, settle=0, stall=0.1)
        run = asyncio.ensure_future(api.run(order))
        await asyncio.sleep(0)
        time.sleep(0.05)  # noqa: ASYNC251 - the starvation
        return await run

    assert uvloop.run(starve()).lost == 6
    assert published == sorted(set(published))
    assert published[-1] == 6


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("commit", [False, True])
def test_the_bare_bots_relay_fifty_messages(mode: str, commit: bool, tmp_path: Path) -> None:
    with Server() as server, BareBot(commit).launch(server, mode, tmp_path):
        result = server.run(RunOrder(messages=50, persons=10, mode=mode))
        paced = server.run(RunOrder(messages=20, persons=10, mode=mode, rate=200, delay=0.002))
    for run in (result, paced):
        assert (run.lost, run.doubled, run.disordered, run.misrouted) == (0, 0, 0, 0)
        assert run.strays == 0


def test_the_section_of_what_is_due_stays_when_the_page_is_written_anew() -> None:
    def told(rate: float) -> str:
        return section([due_result(rate)], "2026-11-23", "two cores")

    page = put("# Performance\n\nold\n", told(2500.0))
    assert page.startswith("# Performance\n\nold\n\n")
    assert "| postgresql | 3 | 1, 2 | 100 | 2,500 |" in page
    anew = put("# Performance\n\nnew\n", kept(page))
    assert "new" in anew
    assert kept(anew) == told(2500.0)
    assert kept(put(anew, told(3000.0))) == told(3000.0)
    assert put(anew, told(3000.0)).count("## Many nudges") == 1
    assert kept("nothing of the kind") == ""


def due_result(rate: float) -> DueResult:
    return DueResult(
        store="postgresql",
        workers=3,
        due=100,
        given=50,
        withheld=30,
        postponed=20,
        seconds=0.1,
        decided_per_second=rate,
        worker_cpu_us=300,
        database_cpu_us=100,
        replies=9,
        reply_p50_ms=5.0,
        reply_p99_ms=50.0,
        reply_max_ms=60.0,
        killed=1,
        stopped=2,
        faults=(),
    )


def test_what_py_spy_saw_is_told_by_stage_and_by_module() -> None:
    loop = "Runner.run (/usr/lib/asyncio/runners.py:118)"
    writer = f"Writer._serve ({ROOT}/storage/writer.py:190)"
    pool = "Thread.run (/usr/lib/threading.py:1);_worker (/usr/lib/concurrent/futures/thread.py:8)"
    handled = f"handle ({ROOT}/bridge/runtime/handle.py:40)"
    stages, tops = shares(
        f"{writer};take_in ({ROOT}/bridge/runtime/inbox.py:1);{handled} 6\n"
        f"{writer};_Job.run ({ROOT}/storage/writer.py:80) 1\n"
        f"{loop};ask ({ROOT}/adapters/telegram/calls.py:230) 2\n"
        f"{loop};step (/x/site-packages/uvicorn/main.py:1) 1\n"
        f"{pool} 90\n"
    )
    assert stages == {
        "writer: takes in, decides, logs": 0.6,
        "writer: the rest": 0.1,
        "loop: calls the network": 0.2,
        "loop: the rest": 0.1,
    }
    assert tops == {
        "bridge.runtime.handle": 0.6,
        "storage.writer": 0.1,
        "adapters.telegram.calls": 0.2,
        "uvicorn": 0.1,
    }
