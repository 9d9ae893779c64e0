"""The outbox: in order within a lane, leased to one, settled once, found again after a crash."""

from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.content import Text
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Acknowledge, Address, Effect, Purpose, SendMessage
from bridge.core.endpoint import Endpoint, Place
from storage import tables as t
from storage.engine import Store
from storage.outbox_rows import Claimed, OutboxRow, open_rows
from storage.unit import Unit
from storage.wants import Wants
from storage.writer import Writer
from tests.storage.book import ANNA, NOOR
from tests.storage.conftest import TRAJECTORY

LEASE = timedelta(seconds=60)
S = DeliveryState


def _to(party: str, endpoint: Endpoint, thread: str = "") -> Address:
    place = Place(endpoint.network, endpoint.account, endpoint.address, thread)
    return Address(party, endpoint, 1, place)


def _say(unit: Unit, words: str = "Hoi", hold: str = "", to: Address | None = None) -> OutboxRow:
    """Let Anna say something to Noor."""
    state = unit.state(TRAJECTORY)
    assert state is not None
    seq = state.seq + 1
    content = Text((words,))
    said = e.MessagePosted(author="anna", network="telegram", to=("noor",), content=content)
    unit.append(TRAJECTORY, [said])
    effect = SendMessage(seq=seq, to=to or _to("noor", NOOR), content=content, hold=hold)
    (row,) = unit.enqueue(TRAJECTORY, [(effect, "anna")])
    return row


def _claim(unit: Unit, *ids: int, owner: str = "me") -> list[Claimed]:
    return unit.claim(ids, owner, unit.now + LEASE)


def _stored(store: Store, number: int) -> sa.Row[tuple[object, ...]]:
    with store.reading() as connection:
        return connection.execute(sa.select(t.outbox).where(t.outbox.c.id == number)).one()


def test_an_effect_is_kept_sealed_under_its_author_and_comes_back(
    store: Store, practice: Writer
) -> None:
    row = practice.run(lambda unit: _say(unit, "secret words"))
    stored = _stored(store, row.id)
    assert b"secret" not in stored.payload
    assert (stored.key, stored.key_owner, stored.state) == (
        f"{TRAJECTORY}/4/noor",
        "anna",
        "queued",
    )
    other = Writer(store)
    (claimed,) = other.run(lambda unit: _claim(unit, row.id))
    other.close()
    assert isinstance(claimed.effect, SendMessage)
    assert claimed.effect.content == Text(("secret words",))
    assert (claimed.state, claimed.owner) == (S.SENDING, "me")


@pytest.mark.parametrize("hinted", [True, False])
def test_only_the_oldest_row_of_a_lane_may_be_claimed(practice: Writer, hinted: bool) -> None:
    first, second, third = (practice.run(_say) for _ in range(3))
    wants = Wants(claims=(first.id, second.id, third.id)) if hinted else Wants()

    def claim_all(unit: Unit) -> list[int]:
        return [one.id for one in _claim(unit, third.id, second.id, first.id)]

    assert practice.run(claim_all, wants) == [first.id]
    assert practice.run(claim_all, wants) == []

    def on(unit: Unit) -> list[int]:
        assert unit.settle(first.id, S.SENT)
        return claim_all(unit)

    assert practice.run(on, wants) == [second.id]


def test_lanes_do_not_wait_for_each_other(practice: Writer) -> None:
    first = practice.run(_say)
    topic = practice.run(lambda unit: _say(unit, to=_to("noor", NOOR, thread="7")))
    both = practice.run(lambda unit: _claim(unit, first.id, topic.id))
    assert [one.lane for one in both] == ["telegram:main:111#", "telegram:main:111#7"]


def test_what_waits_for_a_consent_holds_nobody_up(practice: Writer) -> None:
    held = practice.run(lambda unit: _say(unit, hold="consent:x"))
    later = practice.run(_say)
    assert held.state is S.ACCEPTED
    claimed = practice.run(lambda unit: _claim(unit, held.id, later.id))
    assert [one.id for one in claimed] == [later.id]
    _, released = practice.run(lambda unit: unit.release("consent:x"))
    assert [(row.id, row.state) for row in released] == [(held.id, S.QUEUED)]
    practice.run(lambda unit: unit.settle(later.id, S.SENT))
    assert len(practice.run(lambda unit: _claim(unit, held.id))) == 1


def test_a_dropped_hold_suppresses_its_rows(store: Store, practice: Writer) -> None:
    row = practice.run(lambda unit: _say(unit, hold="consent:x"))
    (dropped,) = practice.run(lambda unit: unit.drop("consent:x", "no_consent"))
    assert (dropped.state, dropped.reason) == (S.SUPPRESSED, "no_consent")
    assert _stored(store, row.id).payload is None


def test_a_row_that_is_queued_and_claimed_in_one_transaction(practice: Writer) -> None:
    def work(unit: Unit) -> list[int]:
        first, second = _say(unit), _say(unit)
        return [one.id - first.id for one in _claim(unit, first.id, second.id)]

    assert practice.run(work) == [0]


def test_a_row_is_settled_once_and_emptied(store: Store, practice: Writer) -> None:
    row = practice.run(_say)
    practice.run(lambda unit: _claim(unit, row.id))

    def settle(unit: Unit, state: DeliveryState) -> bool:
        return unit.settle(row.id, state, reason="r", losses=("buttons",), external_ids=("71",))

    assert practice.run(lambda unit: settle(unit, S.SENT))
    assert not practice.run(lambda unit: settle(unit, S.SENT))
    assert not practice.run(lambda unit: settle(unit, S.SUPPRESSED))
    assert practice.run(lambda unit: settle(unit, S.READ))
    assert not practice.run(lambda unit: settle(unit, S.DELIVERED))
    assert not practice.run(lambda unit: unit.requeue(row.id))
    stored = _stored(store, row.id)
    assert (stored.state, stored.payload, stored.external_ids) == ("read", None, '["71"]')
    assert (stored.owner, stored.lease_until, stored.losses) == ("", None, '["buttons"]')
    with pytest.raises(ValueError, match="does not end"):
        practice.run(lambda unit: unit.settle(row.id, S.QUEUED))


def test_a_group_of_parts_goes_on_where_it_was(practice: Writer) -> None:
    row = practice.run(_say)
    practice.run(lambda unit: _claim(unit, row.id))
    done = ("71", "72", "73")
    practice.run(lambda unit: unit.part_sent(row.id, 1, 3, done[:1], unit.now + LEASE))
    practice.run(lambda unit: unit.part_sent(row.id, 2, 3, done, unit.now + LEASE))
    practice.run(lambda unit: unit.requeue(row.id, attempts=1, twice=True, reason="again"))
    (again,) = practice.run(lambda unit: _claim(unit, row.id))
    assert (again.parts_done, again.parts_total, again.external_ids) == (2, 3, done)
    assert (again.attempts, again.twice, again.reason) == (1, True, "again")


def test_a_row_is_not_claimed_before_its_time_and_holds_its_lane(practice: Writer) -> None:
    row = practice.run(_say)
    later = practice.run(_say)

    def put_back(unit: Unit) -> None:
        _claim(unit, row.id)
        unit.requeue(row.id, not_before=unit.now + LEASE)

    practice.run(put_back)
    assert practice.run(lambda unit: _claim(unit, row.id, later.id)) == []
    known = practice.run(lambda unit: unit.outbox_row(TRAJECTORY, row.seq, "noor"))
    assert known is not None
    assert known.not_before is not None


def test_rows_whose_sender_is_gone_are_taken_over_as_uncertain(
    store: Store, practice: Writer
) -> None:
    row = practice.run(_say)
    practice.run(lambda unit: _claim(unit, row.id, owner="dead"))
    soon = Writer(store, clock=lambda: practice.now() + timedelta(seconds=1))
    late = Writer(store, clock=lambda: practice.now() + 2 * LEASE)

    def take_over(unit: Unit) -> list[tuple[int, DeliveryState, str]]:
        taken = unit.take_over("me", unit.now + LEASE)
        return [(one.id, one.state, one.owner) for one in taken]

    mine = [(row.id, S.UNCERTAIN, "me")]
    assert soon.run(take_over) == ([] if store.postgresql else mine)
    assert late.run(take_over) == mine
    assert late.run(take_over) == []
    soon.close()
    late.close()


def test_a_row_whose_words_were_erased_is_suppressed(store: Store, practice: Writer) -> None:
    row = practice.run(_say)
    practice.run(lambda unit: unit.destroy_key(TRAJECTORY, "anna"))
    assert practice.run(lambda unit: _claim(unit, row.id)) == []
    stored = _stored(store, row.id)
    assert (stored.state, stored.reason, stored.payload) == ("suppressed", "erased", None)


def test_a_desk_effect_is_queued_once(practice: Writer) -> None:
    effect = SendMessage(seq=0, to=_to("", NOOR), purpose=Purpose.DESK, content=Text(("Hello",)))
    first = practice.run(lambda unit: unit.enqueue_desk("desk/1/1", effect))
    second = practice.run(lambda unit: unit.enqueue_desk("desk/1/1", effect))
    assert first == second
    (claimed,) = practice.run(lambda unit: _claim(unit, first.id))
    assert claimed.effect == effect


def test_an_acknowledgement_stands_beside_the_message_of_the_same_entry(practice: Writer) -> None:
    def work(unit: Unit) -> list[str]:
        row = _say(unit)
        ack = Acknowledge(seq=row.seq, to=_to("noor", NOOR), ack="cb1")
        effects: list[tuple[Effect, str]] = [(ack, "anna")]
        return [row.key, unit.enqueue(TRAJECTORY, effects)[0].key]

    key = f"{TRAJECTORY}/4/noor"
    assert practice.run(work) == [key, f"{key}/acknowledge"]


def test_rows_follow_a_chat_to_its_new_id(practice: Writer) -> None:
    row = practice.run(_say)
    other = practice.run(lambda unit: _say(unit, to=_to("anna", ANNA)))
    old = Place("telegram", "main", "111")
    moved = practice.run(lambda unit: unit.move_chat(old, msgspec.structs.replace(old, chat="-9")))
    assert [(one.id, one.lane) for one in moved] == [(row.id, "telegram:main:-9#")]
    claimed = practice.run(lambda unit: _claim(unit, row.id, other.id))
    assert [one.effect.to.place.chat for one in claimed] == ["-9", "222"]
    reach = practice.run(lambda unit: unit.endpoint(NOOR))
    assert reach is not None
    assert reach.chat == "-9"


def test_open_rows_are_found_beside_the_writer(store: Store, practice: Writer) -> None:
    rows = [practice.run(_say) for _ in range(3)]
    practice.run(lambda unit: _claim(unit, rows[0].id))
    practice.run(lambda unit: unit.settle(rows[0].id, S.SENT))
    assert [row.id for row in open_rows(store)] == [rows[1].id, rows[2].id]
    assert [row.id for row in open_rows(store, after_id=rows[1].id)] == [rows[2].id]
    assert open_rows(store)[0].scope == "telegram:main"


def test_waits_survive_and_pass(store: Store, practice: Writer) -> None:
    now = practice.now()
    practice.run(lambda unit: unit.wait("telegram:main", now + LEASE, "throttled"))
    practice.run(lambda unit: unit.wait("telegram:main", now + 2 * LEASE, "throttled"))
    (wait,) = practice.run(lambda unit: unit.waits())
    assert (wait.scope, wait.until, wait.reason) == ("telegram:main", now + 2 * LEASE, "throttled")
    later = Writer(store, clock=lambda: now + 3 * LEASE)
    assert later.run(lambda unit: unit.waits()) == []
    later.close()


def test_whoever_claims_is_told_of_rows_whose_words_were_erased(practice: Writer) -> None:
    row = practice.run(_say)
    practice.run(lambda unit: unit.destroy_key(TRAJECTORY, "anna"))

    def work(unit: Unit) -> list[tuple[int, str, str]]:
        assert _claim(unit, row.id) == []
        return [(one.id, one.state.value, one.reason) for one in unit.take_erased()]

    assert practice.run(work) == [(row.id, "suppressed", "erased")]
    assert practice.run(lambda unit: unit.take_erased()) == []


def test_rows_claimed_at_birth_keep_the_order_of_their_lane(store: Store, practice: Writer) -> None:
    def work(unit: Unit) -> tuple[int, int, list[Claimed]]:
        first, second = _say(unit), _say(unit)
        return first.id, second.id, _claim(unit, second.id, first.id)

    first, second, claimed = practice.run(work)
    assert [one.id for one in claimed] == [first]
    assert (_stored(store, first).state, _stored(store, second).state) == ("sending", "queued")
    assert practice.run(lambda unit: _claim(unit, second)) == []

    def settle(unit: Unit) -> list[Claimed]:
        unit.settle(first, S.SENT)
        return _claim(unit, second)

    assert [one.id for one in practice.run(settle)] == [second]


def test_a_rollback_forgets_what_became_of_rows(store: Store, practice: Writer) -> None:
    row = practice.run(_say)

    def fails(unit: Unit) -> None:
        _claim(unit, row.id)
        unit.settle(row.id, S.SENT)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        practice.run(fails)
    later = practice.run(_say)
    assert practice.run(lambda unit: _claim(unit, later.id)) == []
    assert [one.id for one in practice.run(lambda unit: _claim(unit, row.id))] == [row.id]


def test_what_neighbours_made_is_known(store: Store, practice: Writer) -> None:
    """Also rows of this very transaction, and parts of a row that is still under way."""
    first, second, third = (practice.run(_say) for _ in range(3))
    practice.run(lambda unit: _claim(unit, first.id))
    practice.run(lambda unit: unit.settle(first.id, S.SENT, external_ids=("11", "12")))

    def look(unit: Unit) -> frozenset[str]:
        _claim(unit, second.id)
        unit.part_sent(second.id, 1, 2, ("21",), unit.now + LEASE)
        return unit.made_nearby(third.id)

    assert practice.run(look) == {"11", "12", "21"}
    assert practice.run(lambda unit: unit.made_nearby(first.id)) == {"11", "12", "21"}


def test_what_was_made_long_before_is_no_neighbours(
    practice: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (practice.run(_say) for _ in range(3))
    monkeypatch.setattr("storage.outbox.NEIGHBOURS", third.id - second.id)

    def both(unit: Unit) -> frozenset[str]:
        for row, made in ((first, "1"), (second, "2")):
            _claim(unit, row.id)
            unit.settle(row.id, S.SENT, external_ids=(made,))
        return unit.made_nearby(third.id)

    assert practice.run(both) == {"2"}
