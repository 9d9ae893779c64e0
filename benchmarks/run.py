"""Run the relays in turns, so that a change of the machine's mood meets all of them alike.

Rules: every launch is a fresh process against a fresh fake server; a round runs every relay in
every mode once; the order within a round turns from round to round; the first messages after a
launch warm up and are not counted.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from benchmarks.processes import BenchError, Server, cpu_seconds, environment, resident_mb
from benchmarks.profiling import shares, watched
from benchmarks.samples import (
    BRIDGE,
    BURST,
    COMMIT,
    FAR,
    GROWTH,
    MODES,
    SIZE,
    SLOW,
    STEADY,
    Collected,
    Sample,
)
from benchmarks.systems import BareBot, Bridge, Relay, Running
from benchmarks.traffic import RunOrder

if TYPE_CHECKING:
    from collections.abc import Iterator

PERSONS: Final = 100
ROUND_TRIP: Final = 0.05
STEADY_RATE: Final = 100.0
SLOW_ANSWER: Final = 1.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much to measure; `seconds` is the length of a paced run, `sizes` are log entries."""

    rounds: int
    messages: int
    far_messages: int
    seconds: float
    sizes: tuple[int, ...]
    trajectories: int
    size_rounds: int
    directory: Path
    seeder: str


DEFAULT: Final = Plan(
    rounds=5,
    messages=5000,
    far_messages=4000,
    seconds=4.0,
    sizes=(100_000, 1_000_000),
    trajectories=10_000,
    size_rounds=5,
    directory=Path(tempfile.gettempdir()),
    seeder="benchmarks.seeding:seed_log",
)
QUICK: Final = msgspec.structs.replace(
    DEFAULT,
    rounds=1,
    messages=500,
    far_messages=1000,
    seconds=1.0,
    sizes=(10_000,),
    trajectories=1_000,
    size_rounds=1,
)


def note(text: str) -> None:
    """Tell the person waiting how far it is."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Bench:
    """One whole benchmark; the phases add to `collected`."""

    def __init__(self, plan: Plan, collected: Collected) -> None:
        """Measure by `plan` into `collected`."""
        self._plan = plan
        self._collected = collected

    def take(
        self, server: Server, relay: Relay, running: Running, labels: dict[str, object],
        order: RunOrder,
    ) -> Sample:  # fmt: skip
        """Carry out one order and keep its sample."""
        before = cpu_seconds(running.pid)
        result = server.run(order)
        spent = cpu_seconds(running.pid) - before
        sample = msgspec.convert(
            {
                **labels,
                "relay": relay.name,
                "mode": order.mode,
                "cpu": spent / order.messages,
                "ready": running.ready,
                "resident_mb": resident_mb(running.pid),
                "result": result,
            },
            Sample,
        )
        self._collected.samples.append(sample)
        faults = result.lost + result.doubled + result.disordered + result.misrouted
        if faults and relay.name == BRIDGE:
            self._collected.failures.append(
                f"{sample.scenario}, {order.mode}: {result.lost} lost, {result.doubled} doubled, "
                f"{result.disordered} out of order, {result.misrouted} to the wrong chat"
            )
        note(
            f"  {sample.scenario:7}{sample.relay:18}{sample.mode:8}"
            f"{sample.rate:8.0f} /s  {spent / order.messages * 1e6:6.0f} µs"
            f"  p99 {result.p99_ms:8.1f} ms  lost {result.lost} doubled {result.doubled}"
        )
        return sample

    def relays(self, relays: list[Relay]) -> None:
        """Compare the relays: all at once, steady, with a far API, with one slow chat."""
        for number in range(self._plan.rounds):
            note(f"round {number + 1} of {self._plan.rounds}")
            turn = number % len(relays)
            for mode in MODES:
                for relay in relays[turn:] + relays[:turn]:
                    with self._prepared(relay, PERSONS) as directory:
                        self._compare(relay, mode, number, directory)

    def _compare(self, relay: Relay, mode: str, number: int, directory: Path) -> None:
        plan = self._plan
        with Server() as server, relay.launch(server, mode, directory) as running:
            server.run(RunOrder(messages=2 * PERSONS, persons=PERSONS, mode=mode))
            order = RunOrder(messages=plan.messages, persons=PERSONS, mode=mode)
            paced = int(plan.seconds * STEADY_RATE)
            self.take(server, relay, running, {"scenario": BURST, "round": number}, order)
            steady = RunOrder(messages=paced, persons=PERSONS, mode=mode, rate=STEADY_RATE)
            self.take(server, relay, running, {"scenario": STEADY, "round": number}, steady)
            if relay.name == COMMIT:
                return
            far = RunOrder(
                messages=plan.far_messages if relay.name == BRIDGE else PERSONS,
                persons=PERSONS,
                mode=mode,
                delay=ROUND_TRIP,
            )
            self.take(server, relay, running, {"scenario": FAR, "round": number}, far)
            slow = msgspec.structs.replace(steady, slow_person=7, slow_delay=SLOW_ANSWER)
            self.take(server, relay, running, {"scenario": SLOW, "round": number}, slow)

    def growth(self, bridge: Bridge) -> None:
        """Compare the cost of a message in an empty log with that in logs of `sizes` entries."""
        seeder = find_seeder(self._plan.seeder)
        if seeder is None:
            note(f"no {self._plan.seeder}: the cost as the log grows is not measured")
            return
        with tempfile.TemporaryDirectory(dir=self._plan.directory) as top:
            logs = {entries: Path(top) / str(entries) for entries in (0, *self._plan.sizes)}
            for entries, directory in logs.items():
                directory.mkdir()
                bridge.prepare(directory, PERSONS)
                if entries:
                    note(f"seeding {entries} entries")
                    seed_log(directory, self._plan.seeder, entries)
            for number in range(self._plan.rounds):
                turns = list(logs.items())
                for entries, directory in turns if number % 2 else reversed(turns):
                    labels = {"scenario": GROWTH, "round": number, "entries": entries}
                    self._burst(bridge, directory, labels, PERSONS)
            for directory in logs.values():
                bridge.call(directory, "audit")

    def size(self, bridge: Bridge) -> None:
        """Load many trajectories; measure loading, start and memory."""
        persons = 2 * self._plan.trajectories
        with self._prepared(bridge, persons) as directory:
            self._collected.apply_seconds = bridge.apply_seconds
            note(f"applied {self._plan.trajectories} trajectories: {bridge.apply_seconds:.1f} s")
            for number in range(self._plan.size_rounds):
                self._burst(bridge, directory, {"scenario": SIZE, "round": number}, persons)
            bridge.call(directory, "audit")

    def profile(self, bridge: Bridge) -> None:
        """Watch one run of the bridge by itself; what watching costs stays out of the rest."""
        order = RunOrder(messages=2 * self._plan.messages, persons=PERSONS, mode="polling")
        with self._prepared(bridge, PERSONS) as directory:
            seen = directory / "stacks.txt"
            with Server() as server, bridge.launch(server, "polling", directory) as running:
                server.run(RunOrder(messages=2 * PERSONS, persons=PERSONS, mode="polling"))
                with watched(running.pid, seen):
                    server.run(order)
            self._collected.stages, self._collected.profile = shares(seen.read_text())

    def _burst(
        self, bridge: Bridge, directory: Path, labels: dict[str, object], persons: int
    ) -> None:
        with (
            Server() as server,
            bridge.launch(server, "polling", directory, audit=False) as running,
        ):
            server.run(RunOrder(messages=2 * PERSONS, persons=persons, mode="polling"))
            order = RunOrder(messages=self._plan.messages, persons=persons, mode="polling")
            self.take(server, bridge, running, labels, order)

    def _prepared(self, relay: Relay, persons: int) -> Prepared:
        return Prepared(relay, persons, self._plan.directory)


class Prepared:
    """A temporary directory in which a relay is ready to be launched."""

    def __init__(self, relay: Relay, persons: int, parent: Path) -> None:
        """Nothing happens before the block is entered."""
        self._relay = relay
        self._persons = persons
        self._directory = tempfile.TemporaryDirectory(dir=parent)

    def __enter__(self) -> Path:
        """Make and fill the directory."""
        directory = Path(self._directory.__enter__())
        self._relay.prepare(directory, self._persons)
        return directory

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self._directory.cleanup()


def find_seeder(name: str) -> object | None:
    """Look up `module:function`, a function `seed_log(url, entries)`."""
    module, _, function = name.partition(":")
    try:
        found: object = getattr(importlib.import_module(module), function, None)
    except ImportError:
        return None
    return found


def seed_log(directory: Path, seeder: str, entries: int) -> None:
    """Append `entries` valid entries to the log in `directory`, in a process of its own.

    The seeder is called as `seed_log(url, entries)` with the directory as working directory, so
    that relative names (database, key file) mean what they mean to `coachbridge` there. It must
    write encrypted, chained entries of existing trajectories: the audit after the run checks them.
    """
    module, _, function = seeder.partition(":")
    program = f"import {module} as m; m.{function}('sqlite:///coachbridge.db', {entries})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=directory,
        env=environment(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"{seeder} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")


def every_relay(names: list[str], command: str) -> Iterator[Relay]:
    """Give the relays of these names."""
    for name in names:
        yield Bridge(command) if name == BRIDGE else BareBot(name == COMMIT)
