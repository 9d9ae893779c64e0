"""The audit finds what was planted about deliveries and people; see test_audit."""

import os
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from bridge.core.endpoint import Place
from bridge.core.notices import NoticeKey
from storage import codec
from storage import tables as t
from tests.storage.book import ANNA, NOOR, Book, delivered
from tests.storage.planting import faults_in, only, unguarded

TRAJECTORY = "anna-2026"
ANNA_SAYS = 5
HEAD = 8

# I3, I4, I9: the right people


def _other_client(book: Book) -> None:
    """Bram takes part, was not asked yet, and is linked."""
    book.link("bram", BRAM)
    book.append(TRAJECTORY, e.PartyAdded(party="bram", role="client", name="Bram"))


BRAM = msgspec.structs.replace(ANNA, address="333")


def _to_bram(book: Book, *, told: bool = True, **changed: object) -> int:
    seq = book.append(TRAJECTORY, e.MessagePosted(author="noor", network="telegram", to=("bram",)))
    book.sending(TRAJECTORY, seq, "bram", BRAM, **changed)  # type: ignore[arg-type]
    if told:
        book.append(TRAJECTORY, delivered(seq, "bram", str(seq)))
    return seq


def _agreed(book: Book) -> None:
    given = e.ConsentGiven(party="bram", version="1", language="en", how="answered")
    book.append(TRAJECTORY, given)


def test_words_sent_without_consent_are_found(book: Book) -> None:
    _other_client(book)
    _to_bram(book)
    only(book, "I3", "might not get words")


def test_words_that_waited_for_consent_are_right(book: Book) -> None:
    _other_client(book)
    seq = _to_bram(book, told=False)
    _agreed(book)
    book.append(TRAJECTORY, delivered(seq, "bram", "1"))
    assert not faults_in(book)


def test_words_sent_after_consent_was_withdrawn_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    book.append(TRAJECTORY, e.ConsentRefused(party="bram", version="1"))
    _to_bram(book)
    only(book, "I3", "might not get words")


def test_words_that_were_on_their_way_when_it_was_withdrawn_are_right(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False)
    book.append(TRAJECTORY, e.ConsentRefused(party="bram", version="1"))
    book.append(TRAJECTORY, delivered(seq, "bram", "1"))
    assert not faults_in(book)


ENDPOINTS = {
    "nobody was linked": "DELETE FROM endpoints WHERE address = '222'",
    "somebody else's": "UPDATE endpoints SET person = 'noor' WHERE address = '222'",
    "does not exist yet": "UPDATE endpoints SET epoch = 0 WHERE address = '222'",
    "unverified": "UPDATE endpoints SET verified_at = NULL WHERE address = '222'",
    "revoked": "UPDATE endpoints SET revoked_at = 1 WHERE address = '222'",
}


@pytest.mark.parametrize("what", ENDPOINTS)
def test_a_sending_to_the_wrong_endpoint_is_found(book: Book, what: str) -> None:
    book.run(ENDPOINTS[what])
    only(book, "I3", what)


def test_an_endpoint_that_was_linked_anew_since_is_right(book: Book) -> None:
    book.run("UPDATE endpoints SET person = 'bram', epoch = 2 WHERE address = '222'")
    assert not faults_in(book)


def test_a_row_for_somebody_who_is_no_party_is_found(book: Book) -> None:
    book.link("bram", BRAM)
    book.sending(TRAJECTORY, ANNA_SAYS, "bram", BRAM, DeliveryState.QUEUED)
    only(book, "I4", "somebody the line does not go to")


def test_words_addressed_to_somebody_who_left_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"))
    _to_bram(book)
    assert "I4" in faults_in(book)


def test_a_row_that_was_made_before_a_party_left_is_right(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False)
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"), delivered(seq, "bram", "1"))
    assert not faults_in(book)


def test_words_shown_to_somebody_who_is_no_party_are_found(book: Book) -> None:
    book.shown(BRAM, "77", TRAJECTORY, ANNA_SAYS, "bram")
    only(book, "I4", "shows for somebody who is no party")


def test_something_shown_that_is_no_line_is_found(book: Book) -> None:
    book.shown(NOOR, "78", TRAJECTORY, 99, "noor")
    only(book, "I4", "is no line")


def _stop(book: Book) -> None:
    book.append(TRAJECTORY, e.OptedOut(author="bram", party="bram", network="telegram", how="stop"))


def test_a_row_made_after_a_stop_and_sent_is_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    _stop(book)
    _to_bram(book)
    only(book, "I9", "after the stop in line")


def test_a_queued_row_that_was_sent_after_a_stop_is_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False)
    _stop(book)
    book.append(TRAJECTORY, delivered(seq, "bram", "1"), minutes=60)
    only(book, "I9", "after the stop in line")


@pytest.mark.parametrize("how", ["in flight", "uncertain", "started again", "elsewhere"])
def test_what_may_be_sent_around_a_stop_is_right(book: Book, how: str) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False)
    if how == "uncertain":
        book.append(TRAJECTORY, delivered(seq, "bram", state=DeliveryState.UNCERTAIN))
    _stop(book)
    if how == "started again":
        book.append(
            TRAJECTORY, e.OptedIn(author="bram", party="bram", network="telegram", how="start")
        )
    if how == "elsewhere":
        book.link("bram", msgspec.structs.replace(BRAM, address="334"))
    minutes = 1 if how == "in flight" else 60
    book.append(TRAJECTORY, delivered(seq, "bram", "1"), minutes=minutes)
    assert not faults_in(book)


def test_a_stop_of_somebody_who_left_and_came_back_is_over(book: Book) -> None:
    _other_client(book)
    _stop(book)
    back = e.PartyAdded(party="bram", role="client")
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"), back)
    _agreed(book)
    _to_bram(book)
    assert not faults_in(book)


# I5: order


def test_lines_that_were_sent_in_another_order_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    first, second = _to_bram(book, told=False), _to_bram(book, told=False)
    book.append(TRAJECTORY, delivered(second, "bram", "1"), delivered(first, "bram", "2"))
    only(book, "I5", "sent before an earlier line")


def test_a_line_of_doubt_may_be_settled_late(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    first, second = _to_bram(book, told=False), _to_bram(book, told=False)
    book.append(
        TRAJECTORY,
        delivered(first, "bram", state=DeliveryState.UNCERTAIN),
        delivered(second, "bram", "1"),
        delivered(first, "bram", "2"),
    )
    assert not faults_in(book)


def test_rows_that_stand_in_another_order_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    _to_bram(book, id=1000)
    _to_bram(book, id=999)
    only(book, "I5", "stands before an earlier line")


def test_two_rows_of_a_lane_on_their_way_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    for _ in range(2):
        _to_bram(book, told=False, state=DeliveryState.SENDING, owner="me", lease_until=1)
    only(book, "I5", "2 rows of its lane are on their way")


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
    _other_client(book)
    _agreed(book)
    row, *told = STATES[what]
    seq = _to_bram(book, told=False, state=row, owner="me", lease_until=1)
    for state in told:
        book.append(TRAJECTORY, delivered(seq, "bram", state=state))
    only(book, "I6", what)


def test_a_receipt_that_beats_our_own_record_is_right(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False, state=DeliveryState.SENDING, owner="me", lease_until=1)
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
    _other_client(book)
    _agreed(book)
    _to_bram(book, told=False, state=DeliveryState.QUEUED, **changed)
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
    _other_client(book)
    _agreed(book)
    _to_bram(book, told=False, state=DeliveryState.UNCERTAIN)
    _to_bram(book, told=False, state=DeliveryState.QUEUED)
    book.at += timedelta(hours=2)
    book.say(TRAJECTORY, "noor", "hello", "40")
    book.at += timedelta(minutes=20)
    book.say(TRAJECTORY, "noor", "hello again", "41")
    assert not faults_in(book)


# I13: nothing readable without a key


def _plain_entry(book: Book) -> None:
    unguarded(book, "UPDATE entries SET sealed = :plain WHERE seq = 5", plain=b'{"content":1}')


def _plain_envelope(book: Book) -> None:
    plain = b'{"network":"telegram","to":[],"content":"x","v":1}'
    unguarded(book, "UPDATE entries SET envelope = :plain WHERE seq = 5", plain=plain)


def _lost_key(book: Book) -> None:
    book.run("DELETE FROM data_keys WHERE owner = 'anna'")


def _half_destroyed(book: Book) -> None:
    book.run("UPDATE data_keys SET destroyed_at = 1 WHERE owner = 'anna'")


def _foreign_key(book: Book) -> None:
    book.run("UPDATE data_keys SET wrapped = :other WHERE owner = 'anna'", other=os.urandom(60))


def _plain_inbox(book: Book) -> None:
    book.payload("waits", "new", payload=b'{"message":"hello"}')


def _plain_outbox(book: Book) -> None:
    _other_client(book)
    _to_bram(book, told=False, state=DeliveryState.ACCEPTED, payload=b'{"text":"hello"}')


SECRETS: dict[str, Callable[[Book], None]] = {
    "its words are not sealed": _plain_entry,
    "words stand in its envelope": _plain_envelope,
    "yet was not destroyed": _lost_key,
    "half destroyed": _half_destroyed,
    "does not open under the master key": _foreign_key,
    "its payload is not sealed": _plain_inbox,
    "payload is not sealed": _plain_outbox,
}


@pytest.mark.parametrize("what", SECRETS)
def test_readable_words_and_broken_keys_are_found(book: Book, what: str) -> None:
    SECRETS[what](book)
    check = faults_in(book)["I13"]
    assert any(what in finding.what for finding in check.findings), check


def _blob(book: Book, state: str, chunks: int, size: int) -> None:
    book.run(
        t.blobs.insert().values(
            id="b1",
            trajectory=TRAJECTORY,
            owner="anna",
            state=state,
            chunks=chunks,
            size=size,
            created_at=1,
        )
    )


def test_an_attachment_that_is_not_whole_is_found(book: Book) -> None:
    _blob(book, "stored", chunks=2, size=10)
    book.run(t.blob_chunks.insert().values(blob="b1", n=0, data=os.urandom(38)))
    only(book, "I13", "parts of it are missing")


def test_parts_of_what_failed_or_is_unknown_are_found(book: Book) -> None:
    _blob(book, "failed", chunks=0, size=0)
    for name in ("b1", "b2"):
        book.run(t.blob_chunks.insert().values(blob=name, n=0, data=os.urandom(38)))
    assert only(book, "I13", "parts").faults == 2
