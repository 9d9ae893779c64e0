"""What the store costs per relayed message: CPU microseconds and pages, in group commits of fifty.

    python -m benchmarks.storage_writer [--batch 50] [--relays 100] [--rounds 40] [--split]
                                        [--pages] [--url URL] [--profile]

One message is two works, as in the bridge: ``arrive`` accepts the payload, appends the message,
queues and claims its effect, remembers the id and finishes the payload; ``settle`` ends the row,
appends what became of it and remembers its id. ``--split`` does the first one as three: accept,
handle, claim. Everything is on: synchronous=FULL, sealing, hash chain. The first rounds warm caches
up and are not counted. ``--pages`` counts the pages that SQLite writes to its log, by table: that
does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import sqlite3
import statistics
import struct
import tempfile
import time
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.adapter import Raw
from bridge.core.content import Text
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Address, SendMessage
from bridge.core.endpoint import Endpoint, Place
from storage.engine import open_store
from storage.keys import MasterKey
from storage.wants import Wants, union
from storage.writer import Writer, _Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.engine import Store
    from storage.unit import Unit

WARM_UP = 5
WORDS = "How did the presentation go? I was thinking of you at nine, and of what you said."
PAYLOAD = b'{"update_id":%d,"message":{"message_id":%d,"chat":{"id":222},"text":"' + (
    WORDS.encode() + b'","date":1764000000,"from":{"id":222,"first_name":"Anna"}}}'
)
LEASE = timedelta(seconds=60)
_updates = count(100_000_000)


class Relay:
    """One pair of people, and a message of theirs on its way through the store."""

    def __init__(self, number: int) -> None:
        self.trajectory = f"client-{number}"
        self.client = Endpoint("telegram", "main", f"{1_000_000 + number}")
        self.coach = Endpoint("telegram", "main", f"{2_000_000 + number}")
        self.here = Place("telegram", "main", self.client.address)
        self.there = Place("telegram", "main", self.coach.address)
        self.message = 0
        self.inbox = 0
        self.row = 0
        self.seq = 0

    def open(self, unit: Unit) -> None:
        """Make people, endpoints and the log."""
        coach, client = f"coach-{self.trajectory}", self.trajectory
        unit.put_person(coach, "Noor", "nl", "Europe/Amsterdam")
        unit.put_person(client, "Anna", "en", "Europe/Lisbon")
        unit.put_endpoint(self.coach, coach)
        unit.put_endpoint(self.client, client)
        added: list[e.Entry] = [
            e.TrajectoryOpened(),
            e.PartyAdded(party=coach, role="coach"),
            e.PartyAdded(party=client, role="client"),
        ]
        unit.append(self.trajectory, added)
        unit.put_party(self.trajectory, coach, "coach", active=True)
        unit.put_party(self.trajectory, client, "client", active=True)

    def accept(self) -> tuple[Callable[[Unit], object], Wants]:
        """Keep the payload, under the two keys that Telegram gives a message."""
        self.message += 1
        update = next(_updates)
        own = f"m:{self.client.address}:{self.message}"
        raw = Raw((f"{update}:{own}", own), PAYLOAD % (update, self.message))

        def work(unit: Unit) -> None:
            self.inbox = unit.accept("telegram", "main", (raw,), str(update))[0].id

        return work, Wants(keys=tuple(("telegram", "main", key) for key in raw.keys))

    def arrive(self) -> tuple[Callable[[Unit], object], Wants]:
        """Keep, handle and claim in one transaction."""
        accept, wants = self.accept()
        handle, more = self.handle()
        claim, _ = self.claim()

        def work(unit: Unit) -> None:
            for step in (accept, handle, claim):
                step(unit)

        return work, union((wants, msgspec.structs.replace(more, inbox=())))

    def handle(self) -> tuple[Callable[[Unit], object], Wants]:
        """Append the message and queue it for the other side."""
        external = f"{self.message}"
        shown = ("telegram", "main", self.client.address, external)

        def work(unit: Unit) -> None:
            sender = unit.endpoint(self.client)
            assert sender is not None
            assert unit.shown(*shown) is None
            trajectory = unit.memberships(sender.person)[0].trajectory
            state = unit.state(trajectory)
            assert state is not None
            self.seq = state.seq + 1
            to = unit.person(state.others(sender.person)[0])
            assert to is not None
            content = Text((WORDS,))
            posted = e.MessagePosted(
                author=sender.person,
                network="telegram",
                to=(to.id,),
                inbox=self.inbox,
                content=content,
                external_id=external,
                place=self.here,
            )
            unit.append(trajectory, [posted])
            address = Address(to.id, to.reach[0].endpoint, to.reach[0].epoch, to.reach[0].place)
            effect = SendMessage(seq=self.seq, to=address, content=content)
            self.row = unit.enqueue(trajectory, [(effect, sender.person)])[0].id
            unit.remember(self.here, (external,), trajectory, self.seq, sender.person)
            unit.finish(self.inbox, "handled", trajectory=trajectory, seq=self.seq)

        return work, Wants(
            inbox=(self.inbox,), endpoints=(self.client,), places=(self.here,), shown=(shown,)
        )

    def claim(self) -> tuple[Callable[[Unit], object], Wants]:
        """Lease the row."""

        def work(unit: Unit) -> None:
            assert len(unit.claim((self.row,), "bench", unit.now + LEASE)) == 1

        return work, Wants(claims=(self.row,))

    def settle(self) -> tuple[Callable[[Unit], object], Wants]:
        """Note that it was sent."""
        party = f"coach-{self.trajectory}"

        def work(unit: Unit) -> None:
            assert unit.settle(self.row, DeliveryState.SENT, external_ids=(f"{self.message}",))
            unit.remember(self.there, (f"{self.message}",), self.trajectory, self.seq, party)
            changed = e.DeliveryChanged(
                target=self.seq,
                party=party,
                state=DeliveryState.SENT,
                network="telegram",
                external_ids=(f"{self.message}",),
            )
            unit.append(self.trajectory, [changed])

        return work, Wants(outbox=(self.row,), trajectories=(self.trajectory,))


TOGETHER = (Relay.arrive, Relay.settle)
SPLIT = (Relay.accept, Relay.handle, Relay.claim, Relay.settle)


async def measure(
    writer: Writer, relays: list[Relay], given: argparse.Namespace, warm: Callable[[], None]
) -> tuple[dict[str, list[float]], float]:
    """Return the CPU microseconds per work of each step, and messages per second of wall time.

    ``warm`` is called when the rounds begin that count.
    """
    steps = SPLIT if given.split else TOGETHER
    spent: dict[str, list[float]] = {step.__name__: [] for step in steps}
    began = 0.0
    for turn in range(WARM_UP + given.rounds):
        if turn == WARM_UP:
            warm()
            began = time.perf_counter()
        start = turn * given.batch % len(relays)
        mine = [*relays[start:], *relays[:start]][: given.batch]
        for step in steps:
            works = [step(relay) for relay in mine]
            before = time.process_time()
            await asyncio.gather(*(writer.submit(work, wants) for work, wants in works))
            used = time.process_time() - before
            if turn >= WARM_UP:
                spent[step.__name__].append(used / len(mine) * 1e6)
    return spent, given.rounds * given.batch / (time.perf_counter() - began)


class _Pages:
    """Counts the pages in the log of a SQLite file that is kept from starting anew."""

    def __init__(self, store: Store) -> None:
        self._file = store.file
        self._from = 0
        sa.event.listen(store.writer, "connect", _never_checkpoint)
        store.writer.dispose()

    def begin(self) -> None:
        """Count from here on."""
        self._from = len(self._numbers())

    def _numbers(self) -> list[int]:
        if self._file is None:
            return []
        log = self._file.with_name(self._file.name + "-wal").read_bytes()
        size = struct.unpack_from(">I", log, 8)[0] + 24
        return [struct.unpack_from(">I", log, at)[0] for at in range(32, len(log), size)]

    def report(self, messages: int) -> None:
        """Print how many pages a message took, and of which tables and indexes."""
        if self._file is None:
            return
        with sqlite3.connect(self._file) as connection:
            names = dict(connection.execute("SELECT pageno, name FROM dbstat"))
        found = Counter(names.get(number, "?") for number in self._numbers()[self._from :])
        print(f"pages per message: {found.total() / messages:.2f}")
        for name, pages in found.most_common():
            print(f"  {name:40} {pages / messages:.3f}")


def _nothing() -> None:
    """Count no pages."""


def _never_checkpoint(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA wal_autocheckpoint=0")


async def run(url: str, given: argparse.Namespace) -> None:
    """Measure and print."""
    store = open_store(url, MasterKey(os.urandom(32)))
    pages = _Pages(store) if given.pages else None
    writer = Writer(store)
    profiler = cProfile.Profile() if given.profile else None
    meter = _Meter(writer, profiler)
    relays = [Relay(number) for number in range(given.relays)]
    try:
        await asyncio.gather(*(writer.submit(relay.open) for relay in relays))
        spent, rate = await measure(writer, relays, given, pages.begin if pages else _nothing)
        if pages is not None:
            pages.report(given.rounds * given.batch)
    finally:
        writer.close()
        store.close()
    total = 0.0
    for step, values in spent.items():
        median = statistics.median(values)
        total += median
        print(f"{step:8} {median:6.1f} µs CPU (best {min(values):.1f})")
    print(f"{'together':8} {total:6.1f} µs CPU per message, {rate:,.0f} messages/s on the clock")
    thread = meter.seconds / ((given.rounds + WARM_UP) * given.batch) * 1e6
    print(f"of which {thread:.1f} µs in the writer's thread, on average")
    print(f"batches: {writer.batches}, works per batch: {writer.works / writer.batches:.1f}")
    if profiler is not None:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


class _Meter:
    """Counts the CPU seconds of the writer's own thread."""

    def __init__(self, writer: Writer, profiler: cProfile.Profile | None) -> None:
        self.seconds = 0.0
        self._batch = writer._batch
        self._profiler = profiler
        writer._batch = self._counted  # type: ignore[method-assign]

    def _counted(self, jobs: list[_Job[object]]) -> None:
        before = time.thread_time()
        if self._profiler is not None:
            self._profiler.enable()
        self._batch(jobs)
        if self._profiler is not None:
            self._profiler.disable()
        self.seconds += time.thread_time() - before


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description="What the store costs per message.")
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--relays", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--url", default="")
    parser.add_argument("--split", action="store_true")
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'bench.db'}"
        asyncio.run(run(url, given))


if __name__ == "__main__":
    main()
