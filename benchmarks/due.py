"""`python -m benchmarks.due`: many nudges due at once, several workers, some killed and stopped.

Every third client lives where it is night, so theirs are put off. While the workers decide, a
client of another trajectory writes now and then to one that decides as well and is never hurt: how
long that takes to be committed tells whether replies pass the nudges. The judge reads the log and
knows no workers. On SQLite there is one worker, and nobody is hurt.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from benchmarks.due_report import AIM, REPLY_MS, Result, section, write
from benchmarks.due_seeding import NOON, PLANNED, TALK, TALKER, seed
from benchmarks.due_workers import Crowd, database_cpu
from benchmarks.processes import ROOT, machine_line
from bridge.core import commands as c
from bridge.core.content import Text
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import StoreError
from bridge.core.inbound import MessageIn, Sender
from bridge.runtime.handle import handle
from bridge.runtime.texts import Catalogue
from scheduling.timers import Timers
from storage import tables as t
from storage.audit import audit
from storage.codec import micros
from storage.engine import open_store
from storage.keys import MasterKey
from storage.wants import Wants
from storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store
    from storage.unit import Unit

KEY = bytes(range(32))
IDLE = 0.05
"""Seconds between two looks of a worker that found nothing, and between two replies."""
BETWEEN = 2.0
"""Seconds between two bad things."""


class Measured(msgspec.Struct):
    """What was seen while the workers decided; seconds."""

    seconds: float = 0.0
    replies: list[float] = msgspec.field(default_factory=list)
    worker_cpu: float = 0.0
    database_cpu: float = 0.0


def work(url: str) -> None:
    """Fire what is due until this process is ended: one worker. It begins when it is told to."""
    with _opened(url) as (_, writer):
        timers = Timers(writer, Catalogue())
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        asyncio.run(_decide(timers))


async def _decide(timers: Timers) -> None:
    while True:
        try:
            await timers.fire_due()
        except StoreError as error:
            sys.stderr.write(f"the store is away: {error}\n")
        await asyncio.sleep(IDLE)


@contextmanager
def _opened(url: str) -> Iterator[tuple[Store, Writer]]:
    with (
        closing(open_store(url, MasterKey(KEY))) as store,
        closing(Writer(store, lambda: NOON)) as writer,
    ):
        yield store, writer


def run(
    url: str, clients: int, each: int, workers: int, *, trouble: bool, stopped_for: float = 12.0
) -> Result:
    """Seed, let workers decide everything that is due, and judge what came of it.

    ``workers`` are those beside this process, which decides too and answers.
    """
    plant(url, clients, each)
    return measure(url, workers, trouble=trouble, stopped_for=stopped_for)


def plant(url: str, clients: int, each: int) -> None:
    """Fill an empty database with what will be due."""
    with (
        closing(open_store(url, MasterKey(KEY))) as store,
        closing(Writer(store, lambda: PLANNED)) as writer,
    ):
        seed(writer, clients, each)
    if not url.startswith("sqlite"):
        # What was planned over weeks the server has counted long ago (autovacuum); without its
        # counts it looks through everything that is due to find one client's.
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("ANALYZE"))
        engine.dispose()


def measure(url: str, workers: int, *, trouble: bool, stopped_for: float = 12.0) -> Result:
    """Let workers decide everything that is due in a database, and judge what came of it."""
    with _opened(url) as (store, writer):
        due = left(store)
        crowd = Crowd(url, workers, stopped_for)
        try:
            seen = asyncio.run(_watch(store, writer, crowd, trouble=trouble))
        finally:
            crowd.end()
        kinds = _kinds(store)
        times = sorted(seen.replies) or [0.0]
        return Result(
            store=_named(store),
            workers=workers + 1,
            due=due,
            given=kinds.get("nudge_given", 0),
            withheld=kinds.get("nudge_withheld", 0),
            postponed=kinds.get("nudge_postponed", 0),
            seconds=round(seen.seconds, 1),
            decided_per_second=round(due / seen.seconds, 1),
            worker_cpu_us=round(seen.worker_cpu / due * 1e6),
            database_cpu_us=round(seen.database_cpu / due * 1e6),
            replies=len(seen.replies),
            reply_p50_ms=round(times[len(times) // 2] * 1000, 1),
            reply_p99_ms=round(times[int(len(times) * 0.99)] * 1000, 1),
            reply_max_ms=round(times[-1] * 1000, 1),
            killed=crowd.killed,
            stopped=crowd.stopped,
            faults=_judge(store, due, kinds),
        )


async def _watch(store: Store, writer: Writer, crowd: Crowd, *, trouble: bool) -> Measured:
    """Decide beside the workers and answer meanwhile, until nothing is due any more."""
    chance, seen = random.Random(7), Measured()
    database = database_cpu(store)
    begun = bad = time.monotonic()
    mine = crowd.cpu()
    crowd.begin()
    deciding = asyncio.create_task(_decide(Timers(writer, Catalogue())))
    answering = asyncio.create_task(_answer(writer, seen.replies))
    try:
        while await asyncio.to_thread(is_left, store):
            if trouble and time.monotonic() - bad > BETWEEN:
                await asyncio.to_thread(crowd.make_trouble, chance)
                bad = time.monotonic()
            await asyncio.sleep(0.1)
        seen.seconds = time.monotonic() - begun
        seen.worker_cpu = crowd.cpu() - mine
        seen.database_cpu = database_cpu(store) - database
    finally:
        for task in (deciding, answering):
            task.cancel()
        await asyncio.gather(deciding, answering, return_exceptions=True)
    return seen


async def _answer(writer: Writer, times: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await _reply(writer, len(times))
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(IDLE)


async def _reply(writer: Writer, number: int) -> None:
    place = Place("telegram", "main", TALKER)
    sender = Sender(Endpoint("telegram", "main", TALKER))
    said = MessageIn(place, sender, f"m{number}", Text(("hello",)), NOON)

    def receive(unit: Unit) -> None:
        handle(unit, TALK, c.Receive(TALKER, said), Catalogue())

    await writer.submit(receive, Wants(trajectories=(TALK,)))


_WAITS = sa.and_(t.timers.c.state == "waiting", t.timers.c.next_at <= micros(NOON))


def left(store: Store) -> int:
    """Return how many timers are due and not decided."""
    with store.readers.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).where(_WAITS)).scalar_one()


def is_left(store: Store) -> bool:
    """Tell whether a timer is due and not decided; cheap, for it is asked often."""
    with store.readers.connect() as connection:
        return bool(connection.execute(sa.select(sa.exists().where(_WAITS))).scalar())


def _named(store: Store) -> str:
    """Return what kind of store it is, and what decides its speed most."""
    if store.url.get_backend_name() == "sqlite":
        return "sqlite"
    with store.readers.connect() as connection:
        version = connection.execute(sa.text("SHOW server_version")).scalar_one()
        room = connection.execute(sa.text("SHOW shared_buffers")).scalar_one()
    return f"PostgreSQL {str(version).split()[0]}, shared_buffers {room}"


def _kinds(store: Store) -> dict[str, int]:
    kind = t.entries.c.kind
    query = sa.select(kind, sa.func.count()).where(kind.like("nudge_%")).group_by(kind)
    with store.readers.connect() as connection:
        return {str(name): int(number) for name, number in connection.execute(query)}


def _judge(store: Store, due: int, kinds: dict[str, int]) -> tuple[str, ...]:
    """Return what is not as promised: each timer one effect, none early, none in quiet hours."""
    faults = []
    done = sum(kinds.get(f"nudge_{how}", 0) for how in ("given", "withheld", "postponed"))
    if done != due:
        faults.append(f"{due} were due, {done} were decided")
    late = sa.select(sa.func.count()).where(t.timers.c.at > micros(NOON))
    with store.readers.connect() as connection:
        early = connection.execute(late.where(t.timers.c.state == "fired")).scalar_one()
        if not connection.execute(late).scalar_one():
            faults.append("nothing was to be early: the judge saw nothing")
    if early:
        faults.append(f"{early} fired before they were due")
    found = audit(store)
    faults += [
        f"{check.invariant}: {one.where} {one.what}"
        for check in found.checks
        for one in check.findings
        if not check.holds
    ]
    return tuple(faults)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.due", description=__doc__)
    parser.add_argument("--url", help="an empty PostgreSQL database; without, only SQLite")
    parser.add_argument("--calm-url", help="another one, where nobody is killed or stopped")
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--no-sqlite", action="store_true", help="leave SQLite out")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md",
                        help="the page whose section is written anew")  # fmt: skip
    parser.add_argument("--work", metavar="URL", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Run it as told and print what came of it; 1 when a promise is broken."""
    args = arguments()
    if args.work:
        work(args.work)
        return 0
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        runs = [(args.calm_url, False), (args.url, True)]
        if not args.no_sqlite:
            runs.append((f"sqlite:///{folder}/due.db", False))
        for url, trouble in runs:
            if not url:
                continue
            workers = 0 if url.startswith("sqlite") else args.workers - 1
            results.append(run(url, args.clients, args.each, workers, trouble=trouble))
            shown = msgspec.json.format(msgspec.json.encode(results[-1])).decode()
            sys.stdout.write(f"{shown}\n")
    if results:
        date = datetime.now(UTC).date().isoformat()
        write(args.output, section(results, date, machine_line(ROOT)))
    for one in results:
        if one.decided_per_second < AIM or one.reply_p99_ms > REPLY_MS:
            sys.stdout.write(f"{one.store}: slower than {AIM:,}/s, or a reply than {REPLY_MS} ms\n")
    return 1 if any(one.faults for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
