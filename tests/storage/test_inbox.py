"""Payloads: kept once whatever the network repeats, held, parked, handled, and then emptied."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.core.adapter import Raw
from bridge.core.errors import StoreError
from storage import tables as t
from storage.engine import Store
from storage.inbox import InboxRow
from storage.unit import Unit
from storage.wants import Wants
from storage.writer import Writer


def _accept(
    writer: Writer, *raws: Raw, account: str = "main", cursor: str | None = None
) -> list[InboxRow]:
    return writer.run(lambda unit: unit.accept("telegram", account, raws, cursor))


def _stored(store: Store, number: int) -> sa.Row[tuple[object, ...]]:
    with store.reading() as connection:
        return connection.execute(sa.select(t.inbox).where(t.inbox.c.id == number)).one()


def test_a_payload_is_kept_sealed_and_comes_back(store: Store, writer: Writer) -> None:
    (row,) = _accept(writer, Raw(("u1",), b"secret words"))
    assert (row.payload, row.state, row.key) == (b"secret words", "new", "u1")
    assert b"secret" not in _stored(store, row.id).payload
    other = Writer(store)
    assert other.run(lambda unit: unit.inbox_row(row.id)) == row
    other.close()


@pytest.mark.parametrize("again", [("u1",), ("m1",), ("u1", "m1"), ("u9", "m1"), ("m1", "u9")])
def test_any_key_seen_before_makes_a_repeat(writer: Writer, again: tuple[str, ...]) -> None:
    assert len(_accept(writer, Raw(("u1", "m1"), b"x"))) == 1
    assert _accept(writer, Raw(again, b"x")) == []


def test_keys_count_per_account(writer: Writer) -> None:
    assert len(_accept(writer, Raw(("u1",), b"x"))) == 1
    assert len(_accept(writer, Raw(("u1",), b"x"), account="second")) == 1


def test_repeats_within_one_call_and_one_batch_are_found(writer: Writer) -> None:
    rows = _accept(writer, Raw(("u1", "m1"), b"1"), Raw(("u2", "m1"), b"2"), Raw(("u3",), b"3"))
    assert [row.payload for row in rows] == [b"1", b"3"]

    def twice(unit: Unit) -> int:
        first = unit.accept("telegram", "main", [Raw(("u4",), b"4")], None)
        second = unit.accept("telegram", "main", [Raw(("u4",), b"4"), Raw(("u5",), b"5")], None)
        return len(first) + len(second)

    assert writer.run(twice, Wants(keys=(("telegram", "main", "u4"),))) == 2


def test_the_same_key_twice_in_one_payload_is_no_repeat(writer: Writer) -> None:
    assert len(_accept(writer, Raw(("u1", "u1"), b"x"))) == 1


def test_the_cursor_moves_with_its_rows_or_not_at_all(writer: Writer) -> None:
    _accept(writer, Raw(("u1",), b"x"), cursor="10")
    assert writer.run(lambda unit: unit.cursor("telegram", "main")) == "10"

    def fails(unit: Unit) -> None:
        unit.accept("telegram", "main", [Raw(("u2",), b"x")], "11")
        assert unit.cursor("telegram", "main") == "11"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        writer.run(fails)
    assert writer.run(lambda unit: unit.cursor("telegram", "main")) == "10"
    assert len(_accept(writer, Raw(("u2",), b"x"), cursor="11")) == 1
    assert writer.run(lambda unit: unit.cursor("telegram", "other")) is None


@pytest.mark.parametrize("state", ["handled", "ignored"])
def test_a_finished_payload_is_emptied(store: Store, writer: Writer, state: str) -> None:
    (row,) = _accept(writer, Raw(("u1",), b"x"))
    writer.run(lambda unit: unit.finish(row.id, state, trajectory="t", seq=3, reason="why"))
    assert writer.run(lambda unit: unit.inbox_row(row.id)) is None
    stored = _stored(store, row.id)
    assert (stored.payload, stored.state, stored.trajectory, stored.seq) == (None, state, "t", 3)
    assert stored.handled_at is not None
    with pytest.raises(StoreError):
        writer.run(lambda unit: unit.finish(row.id, "handled"))
    assert _accept(writer, Raw(("u1",), b"x")) == []


def test_accept_and_finish_in_one_transaction(store: Store, writer: Writer) -> None:
    def work(unit: Unit) -> int:
        (row,) = unit.accept("telegram", "main", [Raw(("u1",), b"x")], None)
        unit.finish(row.id, "ignored", reason="echo")
        return row.id

    assert _stored(store, writer.run(work)).payload is None


def test_a_parked_payload_is_kept_and_can_be_tried_again(writer: Writer) -> None:
    (row,) = _accept(writer, Raw(("u1",), b"x"))
    writer.run(lambda unit: unit.finish(row.id, "parked", reason="parse"))
    parked = writer.run(lambda unit: unit.inbox_row(row.id))
    assert parked is not None
    assert (parked.payload, parked.state, parked.attempts) == (b"x", "parked", 1)
    assert writer.run(lambda unit: unit.retry(row.id))
    assert not writer.run(lambda unit: unit.retry(row.id))
    assert not writer.run(lambda unit: unit.retry(99))
    again = writer.run(lambda unit: unit.inbox_row(row.id))
    assert again is not None
    assert again.state == "new"


def test_a_hold_lets_go_in_order_and_is_remembered(writer: Writer) -> None:
    rows = _accept(writer, *(Raw((f"u{n}",), b"%d" % n) for n in range(4)))
    ids = tuple(row.id for row in rows[:3])

    def hold(unit: Unit) -> None:
        for number in ids:
            unit.hold(number, "ask:1")

    writer.run(hold)
    assert writer.run(lambda unit: unit.waiting("ask:1")) == ids
    assert writer.run(lambda unit: unit.release("ask:1")) == (ids, [])
    first = writer.run(lambda unit: unit.inbox_row(ids[0]))
    assert first is not None
    assert (first.state, first.hold) == ("new", "ask:1")
    assert writer.run(lambda unit: unit.waiting("ask:1")) == ()


def test_a_dropped_hold_empties_its_payloads(store: Store, writer: Writer) -> None:
    (row,) = _accept(writer, Raw(("u1",), b"x"))

    def work(unit: Unit) -> None:
        unit.hold(row.id, "consent:t:anna")
        unit.drop("consent:t:anna", "no_consent")

    writer.run(work)
    stored = _stored(store, row.id)
    assert (stored.payload, stored.state, stored.reason) == (None, "ignored", "no_consent")


def test_unhandled_payloads_are_found_again_after_a_restart(store: Store, writer: Writer) -> None:
    rows = _accept(writer, *(Raw((f"u{n}",), b"x") for n in range(3)))
    writer.run(lambda unit: unit.finish(rows[1].id, "handled"))
    later = Writer(store, clock=lambda: rows[0].received_at + timedelta(minutes=1))
    assert later.run(lambda unit: unit.new_inbox()) == [rows[0].id, rows[2].id]
    later.close()
    if store.postgresql:  # another process may be about to handle them
        assert writer.run(lambda unit: unit.new_inbox()) == []
