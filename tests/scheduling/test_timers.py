"""Timers fire once, whatever happens: on both databases, with a clock that the test drives."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.decide import timers as deciding
from bridge.core.decide.draft import Draft
from bridge.core.timers import CancelTimer, StartTimer
from bridge.runtime.handle import handle
from bridge.runtime.texts import Catalogue
from scheduling.timers import AT_ONCE, LEAST, MOST, SECONDS, Timers, fitting
from storage.engine import Store, open_store
from storage.keys import MasterKey
from storage.logview import log
from storage.planned import parked_timers, waiting_timers
from storage.timers import ATTEMPTS
from storage.unit import Unit
from storage.writer import Writer
from tests.support.postgres import Postgres

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LOG = "anna-2026"


class Clock:
    """A clock that goes where the test wants it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def _notes(draft: Draft, command: c.TimerFired) -> None:
    draft.add(e.NoteAdded(author="noor", body=(command.name,)))


def _breaks(draft: Draft, command: c.TimerFired) -> None:
    raise RuntimeError("planted")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writer(store: Store, clock: Clock) -> Iterator[Writer]:
    made = Writer(store, clock)
    made.run(lambda unit: handle(unit, LOG, c.OpenTrajectory("Presenting"), Catalogue()))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def concerns(monkeypatch: pytest.MonkeyPatch) -> None:
    """What timers come back to here: one that writes a line, and one that cannot decide."""
    monkeypatch.setattr(deciding, "ON_TIMER", {"note": _notes, "broken": _breaks})


def start(name: str, at: datetime) -> Callable[[Unit], None]:
    return lambda unit: unit.set_timer(LOG, StartTimer(name, at))


def fire(writer: Writer) -> int:
    return asyncio.run(Timers(writer, Catalogue()).fire_due())


def lines(store: Store) -> list[str]:
    return [line.text or "" for line in log(store, LOG) if line.kind == "note_added"]


def test_a_timer_fires_once_when_it_is_due_and_never_before(
    store: Store, writer: Writer, clock: Clock
) -> None:
    writer.run(start("note:1", START + timedelta(minutes=5)))
    assert [one.name for one in waiting_timers(store, LOG)] == ["note:1"]
    assert fire(writer) == 0
    clock.now = START + timedelta(minutes=5)
    assert fire(writer) == 1
    assert fire(writer) == 0
    assert waiting_timers(store, LOG) == []
    assert lines(store) == ["note:1"]


def test_a_clock_that_steps_back_fires_nothing_again(
    store: Store, writer: Writer, clock: Clock
) -> None:
    writer.run(start("note:1", START))
    fire(writer)
    clock.now = START - timedelta(days=1)
    fire(writer)
    clock.now = START + timedelta(days=1)
    assert fire(writer) == 0
    assert lines(store) == ["note:1"]


def test_to_start_it_again_replaces_it_and_a_cancelled_one_stays_away(
    store: Store, writer: Writer, clock: Clock
) -> None:
    writer.run(start("note:1", START))
    writer.run(start("note:1", START + timedelta(hours=1)))
    writer.run(start("note:2", START))
    writer.run(lambda unit: unit.set_timer(LOG, CancelTimer("note:2")))
    assert fire(writer) == 0
    clock.now = START + timedelta(hours=1)
    assert fire(writer) == 1
    assert lines(store) == ["note:1"]


def test_what_is_due_fires_in_order_and_a_burst_fires_whole(store: Store, writer: Writer) -> None:
    names = [f"note:{n}" for n in range(AT_ONCE * 2 + 3)]
    for number, name in enumerate(names):
        writer.run(start(name, START - timedelta(seconds=len(names) - number)))
    assert fire(writer) == len(names)
    assert lines(store) == names


@pytest.mark.slow
def test_one_that_cannot_be_decided_holds_nobody_up_and_is_parked(
    store: Store, writer: Writer, clock: Clock
) -> None:
    writer.run(start("broken:1", START - timedelta(seconds=1)))
    writer.run(start("note:1", START))
    fire(writer)
    assert lines(store) == ["note:1"]
    for _ in range(ATTEMPTS):
        clock.now += timedelta(hours=1)
        fire(writer)
    clock.now += timedelta(days=9)
    assert fire(writer) == 0
    parked = parked_timers(store)
    assert [(one.trajectory, one.name) for one in parked] == [(LOG, "broken:1")]
    assert "planted" in parked[0].error


def test_a_closed_trajectory_has_no_timers_any_more(
    store: Store, writer: Writer, clock: Clock
) -> None:
    writer.run(start("note:1", START + timedelta(minutes=1)))
    writer.run(lambda unit: handle(unit, LOG, c.CloseTrajectory("over"), Catalogue()))
    clock.now = START + timedelta(hours=1)
    assert fire(writer) == 0
    assert lines(store) == []


@pytest.mark.postgres
def test_several_processes_share_what_is_due(postgres_server: Postgres, clock: Clock) -> None:
    with postgres_server.database() as url:
        _two_share(url, clock)


def _two_share(url: str, clock: Clock) -> None:
    key = MasterKey(os.urandom(32))
    store, other_store = open_store(url, key), open_store(url, key)
    first = Writer(store, clock)
    second = Writer(other_store, clock)
    try:
        first.run(lambda unit: handle(unit, LOG, c.OpenTrajectory("x"), Catalogue()))
        for number in range(300):
            first.run(start(f"note:{number}", START))

        async def both() -> list[int]:
            each = (Timers(writer, Catalogue()) for writer in (first, second))
            return await asyncio.gather(*(timers.fire_due() for timers in each))

        asyncio.run(both())
        asyncio.run(both())
        assert sorted(lines(store)) == sorted(f"note:{number}" for number in range(300))
    finally:
        first.close()
        second.close()
        store.close()
        other_store.close()


def test_a_log_that_somebody_has_is_not_waited_for(postgres_server: Postgres, clock: Clock) -> None:
    key = MasterKey(os.urandom(32))
    with postgres_server.database() as url:
        stores = [open_store(url, key) for _ in range(2)]
        first, second = (Writer(store, clock) for store in stores)
        for name in (LOG, "bram-2026"):
            first.run(partial(_begin, name))
        held, done = threading.Event(), threading.Event()

        def hold(unit: Unit) -> None:
            unit.state(LOG)
            held.set()
            done.wait(10)

        holding = threading.Thread(target=first.run, args=(hold,))
        holding.start()
        held.wait(10)
        begun = time.monotonic()
        fired = fire(second)
        took = time.monotonic() - begun
        done.set()
        holding.join()
        assert (fired, fire(second)) == (1, 1)
        assert took < 5
        assert lines(stores[0]) == ["note:1"]
        for writer, store in zip((first, second), stores, strict=True):
            writer.close()
            store.close()


def _begin(name: str, unit: Unit) -> None:
    handle(unit, name, c.OpenTrajectory("Presenting"), Catalogue())
    unit.set_timer(name, StartTimer("note:1", START))


def test_what_is_due_in_the_same_log_is_decided_together(store: Store, writer: Writer) -> None:
    writer.run(partial(_begin, "bram-2026"))
    for number in range(40):
        writer.run(start(f"note:{number}", START - timedelta(seconds=100 - number)))
    found = writer.run(lambda unit: unit.due_timers(25))
    assert [one.name for one in found] == [f"note:{number}" for number in range(40)]
    assert [one.name for one in writer.run(lambda unit: unit.due_timers(1))] == ["note:0"]
    assert len(writer.run(lambda unit: unit.due_timers(10))) == 20


def test_as_many_are_taken_at_once_as_there_is_time_for() -> None:
    sizes = [AT_ONCE]
    for seconds in (1.0, 1.0, 1.0, 0.0001, 0.0001, 0.0001, 0.0001, 0.0001, 0.0001, SECONDS * 0.75):
        sizes.append(fitting(sizes[-1], sizes[-1], seconds))
    assert sizes[3] == LEAST
    assert sizes[-2:] == [MOST, MOST]
    assert fitting(64, 64, 0.0) <= MOST
