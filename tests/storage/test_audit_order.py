"""The audit finds what was planted about order and states of deliveries; see test_audit."""

import os
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from bridge.core.endpoint import Place
from bridge.core.notices import NoticeKey
from storage import codec
from storage import tables as t
from tests.storage.book import NOOR, Book, delivered
from tests.storage.bram import BRAM, TRAJECTORY, agreed, other_client, to_bram
from tests.storage.planting import faults_in, only

ANNA_SAYS = 5
HEAD = 8


# I5: order


def test_lines_that_were_sent_in_another_order_are_found(book: Book) -> None:
    other_client(book)
    agreed(book)
    first, second = to_bram(book, told=False), to_bram(book, told=False)
    book.append(TRAJECTORY, delivered(second, "bram", "1"), delivered(first, "bram", "2"))
    only(book, "I5", "sent before an earlier line")


def test_a_line_of_doubt_may_be_settled_late(book: Book) -> None:
    other_client(book)
    agreed(book)
    first, second = to_bram(book, told=False), to_bram(book, told=False)
    book.append(
        TRAJECTORY,
        delivered(first, "bram", state=DeliveryState.UNCERTAIN),
        delivered(second, "bram", "1"),
        delivered(first, "bram", "2"),
    )
    assert not faults_in(book)


def test_rows_that_stand_in_another_order_are_found(book: Book) -> None:
    other_client(book)
    agreed(book)
    to_bram(book, id=1000)
    to_bram(book, id=999)
    only(book, "I5", "stands before an earlier line")


def test_two_rows_of_a_lane_on_their_way_are_found(book: Book) -> None:
    other_client(book)
    agreed(book)
    for _ in range(2):
        to_bram(book, told=False, state=DeliveryState.SENDING, owner="me", lease_until=1)
    only(book, "I5", "2 rows of its lane are on their way")


@pytest.mark.parametrize(
    ("albums", "together"),
    [(("a", "a", "a"), True), (("a", "b"), False), (("a", ""), False), (("", ""), False)],
)
def test_only_pictures_of_one_album_are_on_their_way_together(
    book: Book, albums: tuple[str, ...], *, together: bool
) -> None:
    other_client(book)
    agreed(book)
    for album in albums:
        seq = to_bram(book, told=False, state=DeliveryState.SENDING, owner="me", lease_until=1)
        book.seal_picture(f"{TRAJECTORY}/{seq}/bram", seq, "bram", BRAM, album)
    if together:
        assert not faults_in(book)
    else:
        only(book, "I5", f"{len(albums)} rows of its lane are on their way")


# I6: each line ends once


def test_a_recipient_without_a_row_is_found(book: Book) -> None:
    book.run("DELETE FROM outbox WHERE party = 'noor'")
    book.append(TRAJECTORY, e.MessagePosted(author="noor", network="telegram", to=("anna",)))
    check = only(book, "I6", "no outbox row and no reason")
    assert [finding.where for finding in check.findings] == [f"{TRAJECTORY}/9/anna"]


def test_a_recipient_who_was_given_up_at_once_is_right(book: Book) -> None:
    seq = book.append(TRAJECTORY, e.MessagePosted(author="noor", network="telegram", to=("anna",)))
    book.append(TRAJECTORY, delivered(seq, "anna", state=DeliveryState.SUPPRESSED))
    assert not faults_in(book)


def test_a_second_row_for_a_recipient_is_found(book: Book) -> None:
    book.sending(TRAJECTORY, ANNA_SAYS, "noor", NOOR, DeliveryState.EXPIRED, key="another")
    faults = faults_in(book)
    assert any("more than one" in finding.what for finding in faults["I6"].findings)


def test_a_notice_without_a_row_is_found(book: Book) -> None:
    book.append(TRAJECTORY, e.NoticeGiven(party="noor", notice=NoticeKey.OPTED_IN))
    only(book, "I6", "no outbox row and no reason")


STATES = {
    "cannot follow": (DeliveryState.SENT, DeliveryState.SENT, DeliveryState.SENT),
    "failed cannot follow": (DeliveryState.SENT, DeliveryState.SUPPRESSED, DeliveryState.FAILED),
    "sent, its row is open": (DeliveryState.QUEUED, DeliveryState.SENT),
    "failed, its row is open": (DeliveryState.SENDING, DeliveryState.FAILED),
    "the log is not told": (DeliveryState.FAILED,),
}


@pytest.mark.parametrize("what", STATES)
def test_contradicting_states_are_found(book: Book, what: str) -> None:
    other_client(book)
    agreed(book)
    row, *told = STATES[what]
    seq = to_bram(book, told=False, state=row, owner="me", lease_until=1)
    for state in told:
        book.append(TRAJECTORY, delivered(seq, "bram", state=state))
    only(book, "I6", what)


@pytest.mark.slow
def test_a_receipt_that_beats_our_own_record_is_right(book: Book) -> None:
    other_client(book)
    agreed(book)
    seq = to_bram(book, told=False, state=DeliveryState.SENDING, owner="me", lease_until=1)
    book.append(TRAJECTORY, delivered(seq, "bram", state=DeliveryState.DELIVERED))
    assert not faults_in(book)


OUTBOX = {
    "its payload is gone": "UPDATE outbox SET state = 'queued', payload = NULL WHERE id = :id",
    "keeps words": "UPDATE outbox SET payload = :bytes WHERE id = :id",
    "nobody holds its lease": (
        "UPDATE outbox SET state = 'sending', payload = :bytes WHERE id = :id"
    ),
    "a line that does not exist": "UPDATE outbox SET seq = 99 WHERE id = :id",
}


@pytest.mark.parametrize("what", OUTBOX)
def test_a_row_that_cannot_be_is_found(book: Book, what: str) -> None:
    values: dict[str, object] = {"id": 1, "bytes": os.urandom(40)}
    query = sa.text(OUTBOX[what])
    book.run(query, **{name: values[name] for name in query._bindparams})
    faults = faults_in(book)
    assert set(faults) <= {"I6", "I4"}
    assert any(what in finding.what for finding in faults["I6"].findings)


def test_a_report_about_no_line_is_found(book: Book) -> None:
    book.append(TRAJECTORY, delivered(99, "noor"), delivered(0, "noor"))
    assert only(book, "I6", "does not exist").faults == 2


def _passed_over(book: Book, *, sent_for_minutes: int, **changed: object) -> None:
    """A queued row of bram's, then two hours later a time in which anna is written to."""
    other_client(book)
    agreed(book)
    to_bram(book, told=False, state=DeliveryState.QUEUED, **changed)
    book.at += timedelta(hours=2)
    book.say(TRAJECTORY, "noor", "hello", "40")
    book.at += timedelta(minutes=sent_for_minutes)
    book.say(TRAJECTORY, "noor", "hello again", "41")


def test_a_row_that_is_passed_over_for_long_is_found(book: Book) -> None:
    _passed_over(book, sent_for_minutes=20)
    only(book, "I6", "younger ones have long been sent")


def test_catching_up_after_a_stop_is_right(book: Book) -> None:
    _passed_over(book, sent_for_minutes=5)
    assert not faults_in(book)


def test_a_row_that_is_passed_over_for_a_reason_is_right(book: Book) -> None:
    _passed_over(book, sent_for_minutes=20, not_before=codec.micros(book.at + timedelta(hours=3)))
    assert not faults_in(book)


@pytest.mark.parametrize("scope", ["telegram:main", Place("telegram", "main", "333").lane])
def test_a_row_whose_account_or_lane_waits_is_right(book: Book, scope: str) -> None:
    until = codec.micros(book.at + timedelta(hours=3))
    book.run(t.waits.insert().values(scope=scope, until=until, reason="throttled"))
    _passed_over(book, sent_for_minutes=20)
    assert not faults_in(book)


def test_a_row_behind_another_in_its_lane_is_right(book: Book) -> None:
    other_client(book)
    agreed(book)
    to_bram(book, told=False, state=DeliveryState.UNCERTAIN)
    to_bram(book, told=False, state=DeliveryState.QUEUED)
    book.at += timedelta(hours=2)
    book.say(TRAJECTORY, "noor", "hello", "40")
    book.at += timedelta(minutes=20)
    book.say(TRAJECTORY, "noor", "hello again", "41")
    assert not faults_in(book)
