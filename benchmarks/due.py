"""`python -m benchmarks.due`: many nudges due at once, several workers, some killed and stopped.

On PostgreSQL only. Every third client lives where it is night, so theirs are put off. While the
workers decide, a client of another trajectory writes now and then: how long that takes to be
committed tells whether replies pass the nudges. The judge counts entries and knows no workers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import commands as c
from bridge.core.content import Text
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import StoreError
from bridge.core.inbound import MessageIn, Sender
from bridge.core.nudges import NudgeKind, Wanted
from bridge.runtime.handle import handle
from bridge.runtime.texts import Catalogue
from scheduling.timers import Timers
from storage import tables as t
from storage.audit import audit
from storage.engine import open_store
from storage.keys import MasterKey
from storage.wants import Wants
from storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storage.engine import Store
    from storage.unit import Unit

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Amsterdam, 3:00 in Seattle
PLANNED = NOON - timedelta(days=1)
DAY, NIGHT = "Europe/Amsterdam", "America/Los_Angeles"
AT_ONCE = 200
KEY = bytes(range(32))
_TALK = "talk"
_TALKER = "talker"
_CATALOGUE = Catalogue()


class Result(msgspec.Struct, frozen=True):
    """What became of the nudges that were due."""

    due: int
    given: int
    withheld: int
    postponed: int
    seconds: float
    decided_per_second: float
    replies: int
    reply_p50_ms: float
    reply_p95_ms: float
    reply_max_ms: float
    killed: int
    stopped: int
    faults: tuple[str, ...]


def seed(writer: Writer, clients: int, each: int) -> None:
    """Plan ``each`` nudges for each client, due within the minute before noon.

    Then every third client moves to where it is night, so that theirs are due in quiet hours.
    """
    chunks = [range(at, min(at + AT_ONCE, clients)) for at in range(0, clients, AT_ONCE)]
    coaches = sorted({_coach(number) for number in range(clients)})
    writer.run(partial(_settle_in, (*coaches, _TALKER), DAY))
    for numbers in chunks:
        writer.run(partial(_settle_in, [_client(one) for one in numbers], DAY))
    writer.run(partial(_open, _TALK, _coach(0), _TALKER))
    for numbers in chunks:
        writer.run(partial(_open_all, numbers))
    for numbers in chunks:
        wants = Wants(trajectories=tuple(f"log-{one}" for one in numbers))
        writer.run(partial(_plan_all, numbers, each), wants)
    for numbers in chunks:
        away = [_client(one) for one in numbers if one % 3 == 0]
        writer.run(partial(_settle_in, away, NIGHT))


def _client(number: int) -> str:
    return f"client-{number}"


def _coach(number: int) -> str:
    return f"coach-{number // 25}"


def _settle_in(people: Iterable[str], zone: str, unit: Unit) -> None:
    for person in people:
        unit.put_person(person, person.capitalize(), "en", zone)
        endpoint = Endpoint("telegram", "main", person)
        if unit.endpoint(endpoint) is None:
            unit.put_endpoint(endpoint, person)


def _open_all(numbers: Sequence[int], unit: Unit) -> None:
    for number in numbers:
        _open(f"log-{number}", _coach(number), _client(number), unit)


def _open(name: str, coach: str, client: str, unit: Unit) -> None:
    commands: list[c.Command] = [
        c.OpenTrajectory(),
        c.AddParty(coach, "coach", coach),
        c.AddParty(client, "client", client),
        c.RecordConsent(client),
    ]
    for command in commands:
        handle(unit, name, command, _CATALOGUE)


def _plan_all(numbers: Sequence[int], each: int, unit: Unit) -> None:
    unit.ledger.fetch(map(_client, numbers))
    for number in numbers:
        for turn in range(each):
            before = timedelta(milliseconds=(number * each + turn) * 7 % 60_000)
            wanted = Wanted(NOON - before, f"step {turn}")
            plan = c.PlanNudge(
                _coach(number), _client(number), NudgeKind.PROMPT, (wanted,), wanted.text
            )
            handle(unit, f"log-{number}", plan, _CATALOGUE)


def work(url: str) -> None:
    """Fire what is due until this process is ended: one worker."""
    store = open_store(url, MasterKey(KEY))
    writer = Writer(store, lambda: NOON)
    timers = Timers(writer, Catalogue())

    async def serve() -> None:
        while True:
            try:
                await timers.fire_due()
            except StoreError as error:
                print(f"the store is away: {error}", file=sys.stderr)
            await asyncio.sleep(0.05)

    asyncio.run(serve())


def left(store: Store) -> int:
    """Return how many timers are due and not decided."""
    c_ = t.timers.c
    at = int(NOON.timestamp()) * 1_000_000
    query = sa.select(sa.func.count()).where(c_.state == "waiting", c_.next_at <= at)
    with store.readers.connect() as connection:
        return connection.execute(query).scalar_one()


def start(url: str) -> subprocess.Popen[bytes]:
    """Start a worker."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.due", "--work", url],
        env=os.environ,
        stderr=subprocess.DEVNULL,
    )


class Trouble:
    """Kills and stops workers while they work; a stopped one goes on after its lease."""

    def __init__(self, url: str, workers: int, stopped_for: float) -> None:
        self._url = url
        self._stopped_for = stopped_for
        self.workers = [start(url) for _ in range(workers)]
        self._asleep: dict[int, float] = {}
        self.killed = self.stopped = 0

    def make(self, chance: random.Random) -> None:
        """Do one bad thing to one worker, and let those go on that slept long enough."""
        now = time.monotonic()
        for number, until in list(self._asleep.items()):
            if now >= until:
                os.kill(self.workers[number].pid, signal.SIGCONT)
                del self._asleep[number]
        awake = [n for n in range(len(self.workers)) if n not in self._asleep]
        number = chance.choice(awake or [0])
        if len(awake) > 1 and not self._asleep:
            os.kill(self.workers[number].pid, signal.SIGSTOP)
            self._asleep[number] = now + self._stopped_for
            self.stopped += 1
        elif number in awake:
            self.workers[number].kill()
            self.workers[number].wait()
            self.workers[number] = start(self._url)
            self.killed += 1

    def end(self) -> None:
        """End every worker that this process started."""
        for worker in self.workers:
            worker.kill()
            worker.wait()


@contextmanager
def _opened(url: str) -> Iterator[tuple[Store, Writer]]:
    store = open_store(url, MasterKey(KEY))
    writer = Writer(store, lambda: NOON)
    try:
        yield store, writer
    finally:
        writer.close()
        store.close()


def run(
    url: str, clients: int, each: int, workers: int, *, trouble: bool, stopped_for: float = 12.0
) -> Result:
    """Seed, let workers decide everything that is due, and judge what came of it."""
    store = open_store(url, MasterKey(KEY))
    seeding = Writer(store, lambda: PLANNED)
    seed(seeding, clients, each)
    seeding.close()
    store.close()
    with _opened(url) as (store, writer):
        due = left(store)
        crowd = Trouble(url, workers, stopped_for)
        try:
            seconds, replies = _until_done(store, writer, crowd, trouble=trouble)
        finally:
            crowd.end()
        kinds = _kinds(store)
        times = sorted(replies) or [0.0]
        return Result(
            due=due,
            given=kinds.get("nudge_given", 0),
            withheld=kinds.get("nudge_withheld", 0),
            postponed=kinds.get("nudge_postponed", 0),
            seconds=round(seconds, 1),
            decided_per_second=round(due / seconds, 1),
            replies=len(replies),
            reply_p50_ms=round(statistics.median(times) * 1000, 1),
            reply_p95_ms=round(times[int(len(times) * 0.95)] * 1000, 1),
            reply_max_ms=round(times[-1] * 1000, 1),
            killed=crowd.killed,
            stopped=crowd.stopped,
            faults=_judge(store, due, kinds),
        )


def _until_done(
    store: Store, writer: Writer, crowd: Trouble, *, trouble: bool
) -> tuple[float, list[float]]:
    """Return how long it took from the first decision on, and how long each reply took."""
    chance, replies = random.Random(7), list[float]()
    everything = left(store)
    while left(store) == everything:
        time.sleep(0.02)
    begun = bad = time.monotonic()
    while waiting := left(store):
        replies.append(_reply(writer, len(replies)))
        if trouble and time.monotonic() - bad > 2.0 and waiting > 1:
            crowd.make(chance)
            bad = time.monotonic()
        time.sleep(0.1)
    return time.monotonic() - begun, replies


def _reply(writer: Writer, number: int) -> float:
    place = Place("telegram", "main", "talker")
    sender = Sender(Endpoint("telegram", "main", "talker"))
    said = MessageIn(place, sender, f"m{number}", Text(("hello",)), NOON)
    begun = time.perf_counter()
    writer.run(lambda unit: handle(unit, _TALK, c.Receive("talker", said), Catalogue()))
    return time.perf_counter() - begun


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
    found = audit(store)
    faults += [
        f"{check.invariant}: {one.where} {one.what}"
        for check in found.checks
        for one in check.findings
        if not check.holds
    ]
    return tuple(faults)


def main() -> int:
    """Run it as told and print what came of it; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.due", description=__doc__)
    parser.add_argument("--url", help="an empty PostgreSQL database")
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--calm", action="store_true", help="kill and stop nobody")
    parser.add_argument("--work", metavar="URL", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work)
        return 0
    result = run(args.url, args.clients, args.each, args.workers, trouble=not args.calm)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(result)).decode() + "\n")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
