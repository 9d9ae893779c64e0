"""What becomes of a message of several parts, as a network tells it part by part."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core.adapter import Sent
from bridge.core.delivery import DeliveryState
from bridge.core.inbound import ReceiptIn
from bridge.runtime import claiming, sending
from bridge.runtime.preparing import Item
from storage import queries
from tests.runtime.desk_kit import GIVE_UP, LEASE, FrontDesk, at, front_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor has written to Anna, in two parts that the network took."""
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.says("noor", "a long text")
        yield opened


@pytest.fixture
def item(desk: FrontDesk) -> Item:
    """The row, sent."""
    ids = [row.id for row in queries.outbox(desk.store) if row.state == "queued"]
    claimed = desk.writer.run(
        lambda unit: claiming.claim(unit, ids, "network", LEASE, GIVE_UP, desk.catalogue)
    )
    [found] = [one for one in claimed if isinstance(one, Item)]
    last = Sent(("SM2",))
    desk.writer.run(lambda unit: sending.part_taken(unit, found, 1, 2, ("SM1",), 1, LEASE))
    desk.writer.run(
        lambda unit: sending.sent(unit, found, ("SM1", "SM2"), (), last, desk.catalogue)
    )
    return found


def _told(desk: FrontDesk, item: Item, *receipts: tuple[str, str]) -> DeliveryState:
    for external_id, state in receipts:
        desk.act(ReceiptIn(item.effect.to.place, external_id, state, desk.now))
    row = desk.writer.run(lambda unit: unit.outbox_row_by_key(item.row.key))
    assert row is not None
    return row.state


def test_it_is_delivered_when_its_last_part_is(desk: FrontDesk, item: Item) -> None:
    assert _told(desk, item, ("SM1", "delivered")) is DeliveryState.SENT
    assert _told(desk, item, ("SM2", "delivered")) is DeliveryState.DELIVERED


def test_a_part_that_failed_fails_the_whole(desk: FrontDesk, item: Item) -> None:
    assert _told(desk, item, ("SM1", "failed")) is DeliveryState.FAILED
    assert _told(desk, item, ("SM2", "delivered")) is DeliveryState.FAILED


def test_nobody_there_ends_the_endpoint_until_its_person_writes_again(
    desk: FrontDesk, item: Item
) -> None:
    """A landline, a number out of use: the network says so only afterwards."""
    place = item.effect.to.place
    desk.act(ReceiptIn(place, "SM2", "failed", desk.now, "landline", gone=True))
    endpoint = desk.writer.run(lambda unit: unit.endpoint(at("anna")))
    assert endpoint is not None
    assert endpoint.opted_out == "undeliverable"
    desk.says("noor", "Are you there?")
    assert desk.texts("anna") == []
    assert any("cannot be reached" in text for text in desk.texts("noor"))
    desk.says("anna", "I am")
    assert desk.texts("noor")[-1] == "I am"


def test_a_failure_of_the_moment_does_not_end_the_endpoint(desk: FrontDesk, item: Item) -> None:
    place = item.effect.to.place
    desk.act(ReceiptIn(place, "SM2", "failed", desk.now, "phone_off"))
    desk.says("noor", "Are you there?")
    assert "Are you there?" in desk.texts("anna")
