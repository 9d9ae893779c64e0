"""The writer's log: gapless, chained, sealed, in order of time, and readable after an erasure."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.core import entries as e
from bridge.core.content import Erased, Text
from bridge.core.endpoint import Place
from bridge.core.trajectory import Trajectory, apply, fold
from storage import codec, crypto
from storage import tables as t
from storage.engine import Store
from storage.unit import Unit
from storage.writer import Writer
from tests.storage.conftest import TRAJECTORY
from tests.storage.samples import ENTRIES
from tests.support.effort import examples

HERE = Place("telegram", "main", "222")
_JOINED = e.PartyAdded(party="anna", role="client", name="Anna")


def _rows(store: Store, trajectory: str) -> list[sa.Row[tuple[object, ...]]]:
    query = sa.select(t.entries).where(t.entries.c.trajectory == trajectory).order_by("seq")
    with store.reading() as connection:
        return list(connection.execute(query).all())


def _assert_chained(store: Store, trajectory: str) -> None:
    """Check the chain as an auditor would, from the stored columns alone."""
    previous = crypto.genesis(trajectory)
    rows = _rows(store, trajectory)
    for seq, row in enumerate(rows, start=1):
        assert (row.seq, row.prev_hash) == (seq, previous)
        previous = crypto.entry_hash(
            *(previous, trajectory, row.seq, row.at, row.kind, row.author, row.owner),
            *(row.envelope, row.sealed),
        )
        assert row.hash == previous
    with store.reading() as connection:
        head = connection.execute(
            sa.select(t.trajectories).where(t.trajectories.c.id == trajectory)
        ).one()
    assert (head.seq, head.head_hash) == (len(rows), previous)
    assert [row.at for row in rows] == sorted(row.at for row in rows)


def test_every_kind_of_entry_comes_back_from_the_log(store: Store, writer: Writer) -> None:
    writer.run(lambda unit: unit.append(TRAJECTORY, ENTRIES))
    _assert_chained(store, TRAJECTORY)

    def read(unit: Unit) -> list[e.Entry]:
        found = (unit.entry(TRAJECTORY, seq) for seq in range(1, len(ENTRIES) + 1))
        return [logged.entry for logged in found if logged is not None]

    assert writer.run(read) == list(ENTRIES)
    assert writer.run(lambda unit: unit.entry(TRAJECTORY, len(ENTRIES) + 1)) is None


def test_the_words_stand_nowhere_in_the_clear(store: Store, writer: Writer) -> None:
    writer.run(lambda unit: unit.append(TRAJECTORY, ENTRIES))
    for row in _rows(store, TRAJECTORY):
        stored = row.envelope + (row.sealed or b"")
        for words in ("Suc6", "tuin.jpg", "Ja, ik wil", "Anna", "blocked."):
            assert words.encode() not in stored


def test_the_state_is_the_fold_of_the_log(store: Store, writer: Writer) -> None:
    writer.run(lambda unit: unit.append(TRAJECTORY, ENTRIES))
    at = [codec.instant(row.at) for row in _rows(store, TRAJECTORY)]
    folded = fold(TRAJECTORY, zip(ENTRIES, at, strict=True))
    assert writer.run(lambda unit: unit.state(TRAJECTORY)) == folded
    with store.reading() as connection:
        text = connection.execute(sa.select(t.states.c.state)).scalar_one()
    assert codec.decode_state(text) == folded


def test_after_an_erasure_the_log_stands_and_the_words_are_gone(
    store: Store, writer: Writer
) -> None:
    writer.run(lambda unit: unit.append(TRAJECTORY, ENTRIES))
    before = _rows(store, TRAJECTORY)
    writer.run(lambda unit: unit.destroy_key(TRAJECTORY, "anna"))
    more = e.MessagePosted(author="anna", network="telegram", to=("noor",), content=Text(("x",)))
    writer.run(lambda unit: unit.append(TRAJECTORY, [more]))
    _assert_chained(store, TRAJECTORY)
    rows = _rows(store, TRAJECTORY)
    assert rows[: len(before)] == before
    assert rows[-1].sealed is None
    with store.reading() as connection:
        ring = store.keyring()
        assert ring.find(connection, TRAJECTORY, "anna") is None

    def read(unit: Unit) -> list[e.Entry]:
        found = (unit.entry(TRAJECTORY, row.seq) for row in rows)
        return [logged.entry for logged in found if logged is not None]

    for entry, was in zip(writer.run(read), ENTRIES, strict=False):
        if was.owner == "anna" and was.SEALED:
            assert entry != was
            assert getattr(entry, "content", Erased()) == Erased()
        else:
            assert entry == was


def test_a_clock_that_steps_back_does_not_turn_the_log_around(store: Store) -> None:
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    steps = iter([start, start - timedelta(hours=1), start - timedelta(days=1)])
    for _ in range(3):  # a writer each: no memory of the last instant but the store's
        writer = Writer(store, clock=lambda: next(steps))
        writer.run(lambda unit: unit.append(TRAJECTORY, [e.TrajectoryOpened()]))
        writer.close()
    _assert_chained(store, TRAJECTORY)
    assert {row.at for row in _rows(store, TRAJECTORY)} == {codec.micros(start)}


def test_what_was_decided_by_a_clock_that_stepped_back_is_found_out_anew(store: Store) -> None:
    """The entries get the instant of the log's end; the state that was decided has another."""
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    first = Writer(store, clock=lambda: start)
    first.run(lambda unit: unit.append(TRAJECTORY, [e.TrajectoryOpened()]))
    first.close()
    second = Writer(store, clock=lambda: start - timedelta(hours=1))

    def decided(unit: Unit) -> Trajectory:
        state = unit.state(TRAJECTORY)
        assert state is not None
        for entry in ENTRIES:
            state = apply(state, entry, unit.now)
        unit.append(TRAJECTORY, ENTRIES, state)
        return state

    early = second.run(decided)
    rows = _rows(store, TRAJECTORY)
    assert {row.at for row in rows} == {codec.micros(start)}
    at = [codec.instant(row.at) for row in rows]
    folded = fold(TRAJECTORY, zip((e.TrajectoryOpened(), *ENTRIES), at, strict=True))
    assert folded != early, "instants stand in a state"
    assert second.run(lambda unit: unit.state(TRAJECTORY)) == folded
    second.close()
    with store.reading() as connection:
        text = connection.execute(sa.select(t.states.c.state)).scalar_one()
    assert codec.decode_state(text) == folded


def test_a_later_work_of_a_batch_sees_what_an_earlier_one_appended(practice: Writer) -> None:
    def work(unit: Unit) -> tuple[Trajectory | None, e.Entry | None]:
        unit.append(TRAJECTORY, [e.TrajectoryClosed()])
        logged = unit.entry(TRAJECTORY, 4)
        return unit.state(TRAJECTORY), logged.entry if logged else None

    state, entry = practice.run(work)
    assert state is not None
    assert state.closed
    assert entry == e.TrajectoryClosed()


def test_messages_are_found_by_what_the_network_calls_them(practice: Writer) -> None:
    def note(unit: Unit) -> None:
        unit.remember(HERE, ("71", "72"), TRAJECTORY, 2, "anna")
        unit.remember(HERE, ("73",), TRAJECTORY, 2, "anna", first_part=2)

    practice.run(note)
    shown = practice.run(lambda unit: unit.shown("telegram", "main", "222", "72"))
    assert shown is not None
    assert (shown.trajectory, shown.seq, shown.party, shown.part) == (TRAJECTORY, 2, "anna", 1)
    assert practice.run(lambda unit: unit.shown("telegram", "main", "999", "72")) is None
    assert practice.run(lambda unit: unit.externals(TRAJECTORY, 2, "anna")) == (
        (HERE, "71"),
        (HERE, "72"),
        (HERE, "73"),
    )


@pytest.mark.parametrize("looked_up", [True, False])
def test_a_message_never_comes_to_show_something_else(practice: Writer, looked_up: bool) -> None:
    def note(unit: Unit, seq: int) -> tuple[int, int]:
        if looked_up:
            unit.shown("telegram", "main", "222", "71")
        unit.remember(HERE, ("71",), TRAJECTORY, seq, "anna")
        shown = unit.shown("telegram", "main", "222", "71")
        assert shown is not None
        return shown.seq, len(unit.externals(TRAJECTORY, seq, "anna"))

    assert practice.run(lambda unit: note(unit, 2)) == (2, 1)
    assert practice.run(lambda unit: note(unit, 3)) == (2, 0)


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(ENTRIES)), max_size=6),
        max_size=6,
    )
)
@example([[("a", e.TrajectoryOpened())], [("a", _JOINED), ("a", e.NoteAdded(author="noor"))]])
def test_any_appends_in_any_batches_keep_every_log_whole(
    store: Store, writer: Writer, batches: list[list[tuple[str, e.Entry]]]
) -> None:
    run = next(_RUNS)
    for batch in batches:

        def work(unit: Unit, batch: list[tuple[str, e.Entry]] = batch) -> None:
            for name, entry in batch:
                unit.append(f"{name}-{run}", [entry])

        writer.run(work)
    for name in "abc":
        mine = [entry for batch in batches for to, entry in batch if to == name]
        if not mine:
            continue
        trajectory = f"{name}-{run}"
        _assert_chained(store, trajectory)
        at = (codec.instant(row.at) for row in _rows(store, trajectory))
        folded = fold(trajectory, zip(mine, at, strict=True))
        assert writer.run(_state_of(trajectory)) == folded
        assert _stored_state(store, trajectory) == folded


_RUNS = itertools.count()


def _stored_state(store: Store, trajectory: str) -> Trajectory:
    """Return a state as the next process will find it; its seq stands with the log's end."""
    with store.reading() as connection:
        kept = t.states.c
        text = connection.execute(
            sa.select(kept.state).where(kept.trajectory == trajectory)
        ).scalar_one()
    return msgspec.structs.replace(codec.decode_state(text), seq=len(_rows(store, trajectory)))


def _state_of(trajectory: str) -> Callable[[Unit], Trajectory | None]:
    return lambda unit: unit.state(trajectory)
