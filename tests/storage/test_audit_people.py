"""The audit finds what was planted about deliveries and people; see test_audit."""

import os
from collections.abc import Callable

import msgspec
import pytest

from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from storage import tables as t
from tests.storage.book import NOOR, Book, delivered
from tests.storage.bram import BRAM, TRAJECTORY, agreed, other_client, to_bram
from tests.storage.planting import faults_in, only, unguarded

ANNA_SAYS = 5
HEAD = 8

# I3, I4, I9: the right people


def test_words_sent_without_consent_are_found(book: Book) -> None:
    other_client(book)
    to_bram(book)
    only(book, "I3", "might not get words")


def test_words_that_waited_for_consent_are_right(book: Book) -> None:
    other_client(book)
    seq = to_bram(book, told=False)
    agreed(book)
    book.append(TRAJECTORY, delivered(seq, "bram", "1"))
    assert not faults_in(book)


def test_words_sent_after_consent_was_withdrawn_are_found(book: Book) -> None:
    other_client(book)
    agreed(book)
    book.append(TRAJECTORY, e.ConsentRefused(party="bram", version="1"))
    to_bram(book)
    only(book, "I3", "might not get words")


def test_words_that_were_on_their_way_when_it_was_withdrawn_are_right(book: Book) -> None:
    other_client(book)
    agreed(book)
    seq = to_bram(book, told=False)
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
    other_client(book)
    agreed(book)
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"))
    to_bram(book)
    assert "I4" in faults_in(book)


def test_a_row_that_was_made_before_a_party_left_is_right(book: Book) -> None:
    other_client(book)
    agreed(book)
    seq = to_bram(book, told=False)
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
    other_client(book)
    agreed(book)
    _stop(book)
    to_bram(book)
    only(book, "I9", "after the stop in line")


def test_a_queued_row_that_was_sent_after_a_stop_is_found(book: Book) -> None:
    other_client(book)
    agreed(book)
    seq = to_bram(book, told=False)
    _stop(book)
    book.append(TRAJECTORY, delivered(seq, "bram", "1"), minutes=60)
    only(book, "I9", "after the stop in line")


@pytest.mark.parametrize("how", ["in flight", "uncertain", "started again", "elsewhere"])
def test_what_may_be_sent_around_a_stop_is_right(book: Book, how: str) -> None:
    other_client(book)
    agreed(book)
    seq = to_bram(book, told=False)
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
    other_client(book)
    _stop(book)
    back = e.PartyAdded(party="bram", role="client")
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"), back)
    agreed(book)
    to_bram(book)
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
    other_client(book)
    to_bram(book, told=False, state=DeliveryState.ACCEPTED, payload=b'{"text":"hello"}')


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
