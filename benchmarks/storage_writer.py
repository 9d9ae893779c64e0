"""What the store costs per relayed message: CPU microseconds, in group commits of fifty.

    python -m benchmarks.storage_writer [--batch 50] [--rounds 40] [--url URL] [--profile]

One message is four works, as in the bridge: accept the payload; append it, queue the effect,
remember the id and finish the payload; claim the row; settle it, append what became of it and
remember its id. Everything is on: synchronous=FULL, sealing, hash chain. The first rounds warm
caches up and are not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.adapter import Raw
from bridge.core.content import Text
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Address, SendMessage
from bridge.core.endpoint import Endpoint, Place
from storage.engine import open_store
from storage.keys import MasterKey
from storage.wants import Wants
from storage.writer import Writer, _Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.unit import Unit

WARM_UP = 5
WORDS = "How did the presentation go? I was thinking of you at nine, and of what you said."
PAYLOAD = b'{"update_id":%d,"message":{"message_id":%d,"chat":{"id":222},"text":"' + (
    WORDS.encode() + b'","date":1764000000,"from":{"id":222,"first_name":"Anna"}}}'
)
LEASE = timedelta(seconds=60)


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
        """Keep the payload."""
        self.message += 1
        update = f"update:{self.trajectory}:{self.message}"
        raw = Raw((update,), PAYLOAD % (self.message, self.message))

        def work(unit: Unit) -> None:
            self.inbox = unit.accept("telegram", "main", (raw,), update)[0].id

        return work, Wants(keys=(("telegram", "main", update),))

    def handle(self) -> tuple[Callable[[Unit], object], Wants]:
        """Append the message and queue it for the other side."""
        external = f"{self.message}"
        shown = ("telegram", "main", self.client.address, external)

        def work(unit: Unit) -> None:
            row = unit.inbox_row(self.inbox)
            sender = unit.endpoint(self.client)
            assert row is not None
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
                inbox=row.id,
                content=content,
                external_id=external,
                place=self.here,
            )
            unit.append(trajectory, [posted])
            address = Address(to.id, to.reach[0].endpoint, to.reach[0].epoch, to.reach[0].place)
            effect = SendMessage(seq=self.seq, to=address, content=content)
            self.row = unit.enqueue(trajectory, [(effect, sender.person)])[0].id
            unit.remember(self.here, (external,), trajectory, self.seq, sender.person)
            unit.finish(row.id, "handled", trajectory=trajectory, seq=self.seq)

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


STEPS = (Relay.accept, Relay.handle, Relay.claim, Relay.settle)


async def measure(
    writer: Writer, relays: list[Relay], rounds: int
) -> tuple[dict[str, list[float]], float]:
    """Return the CPU microseconds per work of each step, and messages per second of wall time."""
    spent: dict[str, list[float]] = {step.__name__: [] for step in STEPS}
    began = 0.0
    for turn in range(WARM_UP + rounds):
        if turn == WARM_UP:
            began = time.perf_counter()
        for step in STEPS:
            works = [step(relay) for relay in relays]
            before = time.process_time()
            await asyncio.gather(*(writer.submit(work, wants) for work, wants in works))
            used = time.process_time() - before
            if turn >= WARM_UP:
                spent[step.__name__].append(used / len(relays) * 1e6)
    return spent, rounds * len(relays) / (time.perf_counter() - began)


async def run(url: str, batch: int, rounds: int, *, profile: bool) -> None:
    """Measure and print."""
    store = open_store(url, MasterKey(os.urandom(32)))
    writer = Writer(store)
    profiler = cProfile.Profile() if profile else None
    meter = _Meter(writer, profiler)
    relays = [Relay(number) for number in range(batch)]
    try:
        await asyncio.gather(*(writer.submit(relay.open) for relay in relays))
        spent, rate = await measure(writer, relays, rounds)
    finally:
        writer.close()
        store.close()
    total = 0.0
    for step, values in spent.items():
        median = statistics.median(values)
        total += median
        print(f"{step:8} {median:6.1f} µs CPU (best {min(values):.1f})")
    print(f"{'together':8} {total:6.1f} µs CPU per message, {rate:,.0f} messages/s on the clock")
    thread = meter.seconds / ((rounds + WARM_UP) * batch) * 1e6
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
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--url", default="")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'bench.db'}"
        asyncio.run(run(url, given.batch, given.rounds, profile=given.profile))


if __name__ == "__main__":
    main()
