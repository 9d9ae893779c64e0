"""Group commit: one transaction for many, nobody hurt by a neighbour, conflicts decided again."""

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.adapter import Raw
from bridge.core.content import Text
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Address, SendMessage
from bridge.core.endpoint import Place
from bridge.core.errors import ConflictError, StoreError
from storage import tables as t
from storage.engine import Store, open_store
from storage.keys import MasterKey
from storage.unit import Committed, Unit
from storage.wants import Wants
from storage.writer import Writer
from tests.storage.book import ANNA, NOOR
from tests.storage.conftest import TRAJECTORY
from tests.support.postgres import LocalPostgres


def _person(name: str) -> Callable[[Unit], str]:
    def work(unit: Unit) -> str:
        unit.put_person(name, name, "en", "UTC")
        return name

    return work


def _fails(unit: Unit) -> None:
    unit.put_person("bad", "bad", "en", "UTC")
    unit.accept("telegram", "main", [Raw(("bad",), b"x")], "9")
    unit.append("bad", [e.TrajectoryOpened()])
    unit.after_commit(lambda: pytest.fail("a rolled back work was told to be committed"))
    raise LookupError("bad")


def _healthy(writer: Writer) -> bool:
    return writer.healthy


def _count(store: Store, table: sa.Table) -> int:
    with store.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


async def test_what_is_patient_waits_for_the_others_and_hurts_none_of_them(
    writer: Writer,
) -> None:
    order: list[str] = []
    begun, blocked = threading.Event(), threading.Event()

    def work(name: str) -> Callable[[Unit], None]:
        return lambda _: order.append(name)

    def block(_: Unit) -> None:
        begun.set()
        blocked.wait(10)

    first = writer.submit(block)
    begun.wait(10)
    patient = [writer.submit(work(f"patient {n}"), patient=True) for n in range(2)]
    bad = writer.submit(_fails, patient=True)
    others = [writer.submit(work(f"other {n}")) for n in range(2)]
    before = writer.batches
    blocked.set()
    await asyncio.gather(first, *patient, *others)
    with pytest.raises(LookupError):
        await bad
    assert order == ["other 0", "other 1", "patient 0", "patient 1"]
    assert writer.batches == before + 4


def test_what_is_patient_is_done_before_the_writer_ends(store: Store) -> None:
    done: list[int] = []

    async def leave(writer: Writer) -> None:
        for number in range(3):
            writer.submit(lambda _, n=number: done.append(n), patient=True)  # type: ignore[misc]

    writer = Writer(store)
    asyncio.run(leave(writer))
    writer.close()
    assert done == [0, 1, 2]


async def test_works_that_wait_are_committed_together(writer: Writer) -> None:
    names = [f"p{n}" for n in range(40)]
    blocked = threading.Event()
    first = writer.submit(lambda _: blocked.wait(10))
    futures = [writer.submit(_person(name)) for name in names]
    before = writer.batches
    blocked.set()
    assert await asyncio.gather(*futures) == names
    assert await first
    assert writer.batches == before + 1


async def test_a_failing_work_hurts_nobody_and_leaves_nothing(store: Store, writer: Writer) -> None:
    blocked = threading.Event()
    first = writer.submit(lambda _: blocked.wait(10))
    good = writer.submit(_person("good"))
    failing = writer.submit(_fails)
    last = writer.submit(_person("last"))
    blocked.set()
    with pytest.raises(LookupError, match="bad"):
        await failing
    assert (await first, await good, await last) == (True, "good", "last")
    assert (_count(store, t.people), _count(store, t.inbox), _count(store, t.entries)) == (2, 0, 0)
    assert await writer.submit(lambda unit: unit.person("bad")) is None
    assert await writer.submit(lambda unit: unit.state("bad")) is None
    assert await writer.submit(lambda unit: unit.cursor("telegram", "main")) is None


async def test_what_a_commit_left_is_told_before_its_results(practice: Writer) -> None:
    order: list[object] = []
    loop_thread = threading.get_ident()

    def told(left: Committed) -> None:
        assert threading.get_ident() == loop_thread
        order.append([row.key for row in left.outbox])

    practice.on_commit(told)

    def work(unit: Unit) -> str:
        _say(unit)
        unit.after_commit(lambda: order.append("after"))
        return "result"

    order.append(await practice.submit(work))
    assert order == [[f"{TRAJECTORY}/4/noor"], "after", "result"]


async def test_a_call_that_fails_after_the_commit_is_counted_and_hurts_nobody(
    practice: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("planted")

    def work(unit: Unit) -> str:
        _say(unit)
        unit.after_commit(broken)
        return "result"

    practice.on_commit(broken)
    assert await practice.submit(work) == "result"
    assert practice.failed_calls == 2
    assert [record.message for record in caplog.records] == ["a call after the commit failed"] * 2


async def test_a_cancelled_future_does_not_stop_the_others(writer: Writer) -> None:
    blocked = threading.Event()
    first = writer.submit(lambda _: blocked.wait(10))
    dropped = writer.submit(_person("dropped"))
    kept = writer.submit(_person("kept"))
    dropped.cancel()
    blocked.set()
    assert await kept == "kept"
    assert await first


def test_a_conflict_is_decided_again_with_a_fresh_unit(writer: Writer) -> None:
    units: list[int] = []

    def work(unit: Unit) -> int:
        units.append(id(unit))
        unit.put_person(f"p{len(units)}", "x", "en", "UTC")
        if len(units) < 3:
            raise ConflictError("somebody was first")
        return len(units)

    assert writer.run(work) == 3
    assert writer.run(lambda unit: unit.person("p1")) is None


def test_a_conflict_that_does_not_end_is_given_back(writer: Writer) -> None:
    def work(unit: Unit) -> None:
        raise ConflictError("always")

    with pytest.raises(ConflictError):
        writer.run(work)
    assert _healthy(writer)


def test_the_instant_never_goes_back(store: Store) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    steps = iter([start, start - timedelta(days=1), start + timedelta(seconds=1)])
    writer = Writer(store, clock=lambda: next(steps))
    seen = [writer.run(lambda unit: unit.now) for _ in range(3)]
    assert seen == sorted(seen)
    assert seen[0] == start
    assert start < seen[1] < start + timedelta(seconds=1), "it goes on, slowly"
    assert seen[2] == start + timedelta(seconds=1), "and agrees again"
    writer.close()


def test_closing_finishes_what_waits_and_then_refuses(store: Store) -> None:
    writer = Writer(store)
    assert writer.run(_person("a")) == "a"
    writer.close()
    writer.close()
    with pytest.raises(StoreError, match="closed"):
        writer.run(_person("b"))


def _say(unit: Unit) -> int:
    state = unit.state(TRAJECTORY)
    assert state is not None
    content = Text(("Hoi",))
    unit.append(
        TRAJECTORY,
        [e.MessagePosted(author="anna", network="telegram", to=("noor",), content=content)],
    )
    to = Address("noor", NOOR, 1, Place("telegram", "main", "111"))
    effect = SendMessage(seq=state.seq + 1, to=to, content=content)
    return unit.enqueue(TRAJECTORY, [(effect, "anna")])[0].id


@pytest.fixture
def second(store: Store, database_url: str) -> Iterator[Writer]:
    """Another process's writer on the same database."""
    other = open_store(database_url, store.master)
    writer = Writer(other)
    yield writer
    writer.close()
    other.close()


async def test_two_writers_racing_for_one_log_leave_no_gap(
    store: Store, practice: Writer, second: Writer
) -> None:
    futures = []
    for _ in range(12):
        futures += [writer.submit(_say) for writer in (practice, second) for _ in range(3)]
        await asyncio.sleep(0)
    ids = await asyncio.gather(*futures)
    assert len(set(ids)) == len(futures)
    query = sa.select(t.outbox.c.seq).order_by(t.outbox.c.id)
    with store.reading() as connection:
        by_id = list(connection.execute(query).scalars())
        seqs = sa.select(t.entries.c.seq).order_by(t.entries.c.seq)
        assert list(connection.execute(seqs).scalars()) == list(range(1, len(futures) + 4))
    assert by_id == sorted(by_id), "rows are not in the order of the log"


@pytest.mark.parametrize("hinted", [True, False])
async def test_two_writers_racing_for_one_row_have_one_winner(
    practice: Writer, second: Writer, hinted: bool
) -> None:
    for _ in range(10):
        row = await practice.submit(_say)
        wants = Wants(claims=(row,)) if hinted else Wants()

        def claim(unit: Unit, row: int = row) -> int:
            return len(unit.claim((row,), "me", unit.now + timedelta(seconds=60)))

        won = await asyncio.gather(practice.submit(claim, wants), second.submit(claim, wants))
        assert sum(won) == 1

        def settle(unit: Unit, row: int = row) -> bool:
            return unit.settle(row, DeliveryState.SENT)

        settled = await asyncio.gather(practice.submit(settle), second.submit(settle))
        assert sum(settled) == 1


async def test_two_writers_accepting_one_payload_keep_it_once(
    practice: Writer, second: Writer
) -> None:
    for number in range(10):
        raws = [Raw((f"u{number}", f"m{number}"), b"x"), Raw((f"m{number}",), b"x")]

        def accept(unit: Unit, raws: list[Raw] = raws) -> int:
            return len(unit.accept("telegram", "main", raws, None))

        assert sum(await asyncio.gather(practice.submit(accept), second.submit(accept))) == 1


def test_what_another_process_writes_is_seen_at_once(practice: Writer, second: Writer) -> None:
    assert second.run(lambda unit: unit.memberships("anna")) != ()
    for writer, other in ((practice, second), (second, practice)):
        before = other.run(lambda unit: unit.state(TRAJECTORY))
        writer.run(_say)
        after = other.run(lambda unit: unit.state(TRAJECTORY))
        assert before is not None
        assert after is not None
        assert after.seq == before.seq + 1
    second.run(lambda unit: unit.set_opted_out(ANNA, "stop"))
    row = practice.run(lambda unit: unit.endpoint(ANNA))
    person = practice.run(lambda unit: unit.person("anna"))
    assert row is not None
    assert person is not None
    assert (row.opted_out, person.reach[0].opted_out) == ("stop", "stop")


def test_a_log_not_looked_at_when_another_process_wrote_is_not_trusted_later(
    practice: Writer, second: Writer
) -> None:
    practice.run(lambda unit: unit.append("other", [e.TrajectoryOpened()]))
    practice.run(_say)
    second.run(_say)
    second.run(lambda unit: unit.append("other", [e.TrajectoryClosed()]))
    practice.run(_say)  # sees the other process; "other" is not looked at
    state = practice.run(lambda unit: unit.state("other"))
    assert state is not None
    assert (state.seq, state.closed) == (2, True)


def test_a_full_database_is_refused_and_works_again(store: Store, writer: Writer) -> None:
    if store.postgresql:
        return
    writer.run(_person("before"))
    with store.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limited = "PRAGMA max_page_count = %d"

    def limit(unit: Unit, pages: int) -> None:
        unit._tx.connection.exec_driver_sql(limited % pages)

    writer.run(lambda unit: limit(unit, pages))
    big = [Raw((f"u{number}",), bytes(100_000)) for number in range(3)]
    with pytest.raises(StoreError, match="full"):
        writer.run(lambda unit: unit.accept("telegram", "main", big, "3"))
    assert not _healthy(writer)
    assert "full" in str(writer.last_error)
    writer.run(lambda unit: limit(unit, 1_000_000))
    assert writer.run(lambda unit: unit.cursor("telegram", "main")) is None
    assert len(writer.run(lambda unit: unit.accept("telegram", "main", big, "3"))) == 3
    assert _healthy(writer)


@pytest.mark.fault
def test_a_full_disk_is_refused_and_works_again(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("a file system of our own cannot be mounted here")
    try:
        store = open_store(f"sqlite:///{disk / 'x.db'}", MasterKey(bytes(32)))
        writer = Writer(store)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(900_000))
        raws = [Raw((f"u{number}",), bytes(100_000)) for number in range(10)]
        with pytest.raises(StoreError):
            writer.run(lambda unit: unit.accept("telegram", "main", raws, "1"))
        ballast.unlink()
        assert writer.run(lambda unit: unit.cursor("telegram", "main")) is None
        assert len(writer.run(lambda unit: unit.accept("telegram", "main", raws[:2], "1"))) == 2
        assert _healthy(writer)
        writer.close()
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


@pytest.mark.fault
@pytest.mark.postgres
def test_a_database_that_comes_back_is_used_again(own_postgres: LocalPostgres) -> None:
    store = open_store(own_postgres.create_database(), MasterKey(bytes(32)))
    writer = Writer(store)
    writer.run(_person("before"))
    own_postgres.crash()
    with pytest.raises(StoreError):
        writer.run(_person("during"))
    assert not _healthy(writer)
    own_postgres.start()
    assert writer.run(_person("after")) == "after"
    assert _healthy(writer)
    assert writer.run(lambda unit: unit.person("during")) is None
    assert writer.run(lambda unit: unit.person("before")) is not None
    writer.close()
    store.close()
