"""Who calls the other processes, and when: once per commit, and only for what they are needed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from bridge.core import entries as e
from bridge.core.adapter import Raw
from bridge.core.content import Text
from bridge.core.effects import Address, SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.timers import StartTimer
from storage.inbox import InboxState
from storage.waking import CHANNEL
from storage.writer import Writer
from tests.storage.book import NOOR
from tests.storage.conftest import TRAJECTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.engine import Store
    from storage.outbox_rows import OutboxRow
    from storage.unit import Unit

MINE = [("telegram", "main")]
LEASE = timedelta(seconds=60)


@pytest.fixture
def called(store: Store) -> Iterator[Callable[[], int]]:
    """Tell how often others were called since the last time; never on SQLite."""
    if not store.postgresql:
        yield lambda: 0
        return
    _, where = store.writer.dialect.create_connect_args(store.url)
    where.pop("context")
    with psycopg.connect(autocommit=True, **where) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield lambda: len(list(connection.notifies(timeout=0.2)))


def _say(unit: Unit, account: str = "main") -> OutboxRow:
    state = unit.state(TRAJECTORY)
    assert state is not None
    content = Text(("Hoi",))
    said = e.MessagePosted(author="anna", network="telegram", to=("noor",), content=content)
    unit.append(TRAJECTORY, [said])
    endpoint = Endpoint("telegram", account, NOOR.address)
    to = Address("noor", endpoint, 1, Place("telegram", account, NOOR.address))
    effect = SendMessage(seq=state.seq + 1, to=to, content=content)
    (row,) = unit.enqueue(TRAJECTORY, [(effect, "anna")])
    return row


def _serving(writer: Writer) -> Writer:
    writer.on_commit(lambda _: None, MINE)
    return writer


def test_who_sends_nothing_calls_once_for_all_it_leaves(
    practice: Writer, called: Callable[[], int], store: Store
) -> None:
    practice.run(lambda unit: [_say(unit), _say(unit)])
    assert called() == int(store.postgresql)
    practice.run(lambda unit: unit.put_person("bram", "Bram", "nl", "UTC"))
    assert called() == 0, "there is nothing to go on with"


def test_what_was_undone_calls_nobody(practice: Writer, called: Callable[[], int]) -> None:
    def fails(unit: Unit) -> None:
        _say(unit)
        raise LookupError

    with pytest.raises(LookupError):
        practice.run(fails)
    assert called() == 0


def test_who_sends_calls_only_for_the_accounts_of_others(
    practice: Writer, called: Callable[[], int], store: Store
) -> None:
    serving = _serving(practice)
    serving.run(_say)
    serving.run(lambda unit: unit.accept("telegram", "main", [Raw(("1",), b"{}")], None))
    assert called() == 0
    serving.run(lambda unit: _say(unit, account="second"))
    assert called() == int(store.postgresql)


def test_a_payload_that_is_tried_again_calls(
    practice: Writer, called: Callable[[], int], store: Store
) -> None:
    (row,) = practice.run(lambda unit: unit.accept("telegram", "main", [Raw(("1",), b"{}")], None))
    practice.run(lambda unit: unit.finish(row.id, InboxState.PARKED, reason="parse: no"))
    assert called() == 0
    assert practice.run(lambda unit: unit.retry(row.id))
    assert called() == int(store.postgresql)


def test_a_payload_that_is_let_go_from_a_hold_calls(
    practice: Writer, called: Callable[[], int], store: Store
) -> None:
    (row,) = practice.run(lambda unit: unit.accept("telegram", "main", [Raw(("1",), b"{}")], None))
    practice.run(lambda unit: unit.hold(row.id, "ask:1"))
    assert called() == 0
    practice.run(lambda unit: unit.release("ask:1"))
    assert called() == int(store.postgresql)


def test_only_a_timer_that_is_due_already_calls(
    practice: Writer, called: Callable[[], int], store: Store
) -> None:
    def starts(unit: Unit, seconds: int) -> None:
        at = unit.now + timedelta(seconds=seconds)
        unit.set_timer(TRAJECTORY, StartTimer(f"test:{seconds}", at))

    practice.run(lambda unit: starts(unit, 60))
    assert called() == 0
    practice.run(lambda unit: starts(unit, 0))
    assert called() == int(store.postgresql)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_row_behind_one_of_another_process_calls_once(
    practice: Writer, called: Callable[[], int], store: Store
) -> None:
    """Whoever made it cannot send it, for its lane is in other hands; then it is theirs."""
    other = _serving(Writer(store))
    _serving(practice)
    try:
        first = other.run(_say)
        assert len(other.run(lambda unit: unit.claim([first.id], "other", unit.now + LEASE))) == 1
        second = practice.run(_say)
        assert called() == 0
        for times in (1, 0):
            assert practice.run(lambda u: u.claim([second.id], "me", u.now + LEASE)) == []
            assert called() == times
        assert other.run(lambda unit: unit.claim([second.id], "other", unit.now + LEASE)) == []
        assert called() == 0, "who has the lane, or only looks, calls nobody"
    finally:
        other.close()
