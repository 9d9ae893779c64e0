"""The audit finds what was planted, names it without words, and calls sound stores sound.

Each check is tried with the fault it guards against. Faults that the triggers refuse are planted
after switching them off, as somebody with access to the database file would.
"""

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
from storage import audit as audits
from storage import codec, crypto
from storage import tables as t
from storage.audits import registry
from storage.audits.report import EXAMPLES, Check
from storage.reading import long_reading
from tests.storage.book import ANNA, NOOR, Book, delivered, opened, place, text

TRAJECTORY = "anna-2026"
ANNA_SAYS = 5
HEAD = 8


def _faults(book: Book) -> dict[str, Check]:
    found = audits.audit(book.store)
    assert found.holds == all(check.holds for check in found.checks)
    return {check.invariant: check for check in found.checks if not check.holds}


def _only(book: Book, invariant: str, what: str) -> Check:
    """The one invariant that is broken, and that one of its findings says what is wrong."""
    faults = _faults(book)
    assert list(faults) == [invariant], faults
    assert any(what in finding.what for finding in faults[invariant].findings), faults
    return faults[invariant]


def _unguarded(book: Book, *statements: str, **values: object) -> None:
    """Change the log behind its triggers' back, and leave them as they were."""
    off, on = (
        ["ALTER TABLE entries DISABLE TRIGGER USER"],
        ["ALTER TABLE entries ENABLE TRIGGER USER"],
    )
    if not book.store.postgresql:
        off = ["DROP TRIGGER entries_no_update", "DROP TRIGGER entries_no_delete"]
        on = list(t.SQLITE_TRIGGERS)
    with book.store.writer.begin() as connection:
        for statement in (*off, *statements, *on):
            query = sa.text(statement)
            known = {name: values[name] for name in query._bindparams if name in values}
            connection.execute(query, known)


# sound stores


def test_a_sound_store_holds_everything_that_can_be_judged(book: Book) -> None:
    found = audits.audit(book.store)
    assert found.holds
    assert all(check.checked > 0 for check in found.checks if check.invariant != "I9")
    told = [check.invariant for check in found.checks]
    silent = [entry.invariant for entry in found.not_checkable]
    assert sorted(told + silent, key=lambda i: int(i[1:])) == [f"I{n}" for n in range(1, 17)]
    assert not set(told) & set(silent)


def test_an_empty_store_is_sound(database_url: str) -> None:
    store = opened(database_url)
    assert audits.audit(store).holds
    store.close()


def test_what_is_under_way_is_no_fault(book: Book) -> None:
    """Every state normal operation, a stop of days or a kill can leave behind."""
    soon = codec.micros(book.at + timedelta(days=1))
    book.payload("waits", "new")
    book.payload("asked", "held", hold="ask:1")
    book.payload("poison", "parked", reason="parse: damaged")
    book.payload("typing", "ignored", reason="typing")
    book.link("bram", bram := msgspec.structs.replace(ANNA, address="333"))
    book.append(TRAJECTORY, e.PartyAdded(party="bram", role="client", name="Bram"))
    ways: list[tuple[DeliveryState, dict[str, object]]] = [
        (DeliveryState.QUEUED, {"not_before": soon}),
        (DeliveryState.QUEUED, {}),
        (DeliveryState.SENDING, {"owner": "gone", "lease_until": codec.micros(book.at)}),
        (DeliveryState.UNCERTAIN, {"lane": "telegram:main:222#1"}),
        (DeliveryState.SENDING, {"owner": "me", "lease_until": soon, "lane": "t:m:9#"}),
    ]
    for state, changed in ways:
        seq = book.append(
            TRAJECTORY, e.MessagePosted(author="noor", network="telegram", to=("anna", "bram"))
        )
        book.sending(TRAJECTORY, seq, "anna", ANNA, state, **changed)
        hold = f"consent:{TRAJECTORY}:bram"
        book.sending(TRAJECTORY, seq, "bram", bram, DeliveryState.ACCEPTED, hold=hold)
        if state is DeliveryState.UNCERTAIN:
            book.append(TRAJECTORY, delivered(seq, "anna", state=state))
    assert not _faults(book)


def test_an_erased_author_changes_nothing(book: Book) -> None:
    book.run(
        sa.update(t.data_keys)
        .where(t.data_keys.c.owner == "anna")
        .values(wrapped=None, destroyed_at=codec.micros(book.at))
    )
    book.keys.forget()
    book.append(
        TRAJECTORY, e.MessagePosted(author="anna", network="telegram", to=(), content=text("late"))
    )
    assert not _faults(book)


def test_an_audit_sees_one_moment(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a message committed between two of its queries would look like a loss."""
    judge: Callable[..., None] = registry.check_stuck

    def meanwhile(*arguments: object) -> None:
        book.say(TRAJECTORY, "anna", "meanwhile", "30")
        judge(*arguments)

    monkeypatch.setattr(registry, "check_stuck", meanwhile)
    assert not _faults(book)


def test_findings_hold_no_words(book: Book) -> None:
    _unguarded(book, "UPDATE entries SET at = at + 1, author = 'anna'")
    told = msgspec.json.encode(audits.audit(book.store)).decode()
    for words in ("ten pages", "Well done", "Anna", "222"):
        assert words not in told


def test_all_faults_are_counted_and_the_first_are_shown(book: Book) -> None:
    for n in range(EXAMPLES + 5):
        book.payload(f"lost{n}", "handled")
    check = _only(book, "I1", "neither a line nor a reason")
    assert (check.faults, len(check.findings)) == (EXAMPLES + 5, EXAMPLES)


# I7: the chain

TAMPERED = {
    "its hash does not cover": "UPDATE entries SET author = 'noor' WHERE seq = 5",
    "older than the line before": "UPDATE entries SET at = 1 WHERE seq = 5",
    "does not continue": "UPDATE entries SET prev_hash = hash WHERE seq = 5",
    "numbers are missing": "DELETE FROM entries WHERE seq = 4",
    "the log ends at 7": "DELETE FROM entries WHERE seq = 8",
    "begins with": "DELETE FROM entries WHERE seq = 1",
    "somebody else's key": "UPDATE entries SET owner = 'noor' WHERE seq = 5",
    "cannot be read": "UPDATE entries SET envelope = hash WHERE seq = 5",
    "has another head": "UPDATE trajectories SET head_hash = :other",
    "its row says 9": "UPDATE trajectories SET seq = 9",
    "no row of its own": "DELETE FROM trajectories",
    "not what its log comes to": 'UPDATE states SET state = \'{"id":"anna-2026"}\'',
    "disagree on whether": "UPDATE trajectories SET closed = NOT closed",
    "its parties are not": "UPDATE parties SET role = 'coach'",
    "its places are not": (
        "INSERT INTO places VALUES ('telegram', 'main', '1', '', 'anna-2026', 'anna')"
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_changed_log_is_found(book: Book, what: str) -> None:
    _unguarded(book, TAMPERED[what], other=os.urandom(32))
    check = _faults(book)["I7"]
    assert any(what in finding.what for finding in check.findings), check


def test_one_changed_byte_of_sealed_words_is_found(book: Book) -> None:
    with long_reading(book.store) as connection:
        query = sa.select(t.entries.c.sealed).where(t.entries.c.seq == ANNA_SAYS)
        sealed = bytearray(connection.execute(query).scalar_one() or b"")
    sealed[20] ^= 1
    _unguarded(book, "UPDATE entries SET sealed = :sealed WHERE seq = 5", sealed=bytes(sealed))
    faults = _faults(book)
    assert set(faults) == {"I7", "I13"}
    assert faults["I7"].findings[0].where == f"{TRAJECTORY}/{ANNA_SAYS}"


def test_a_log_that_was_removed_as_a_whole_is_missed_by_what_refers_to_it(book: Book) -> None:
    _unguarded(book, "DELETE FROM entries", "DELETE FROM trajectories", "DELETE FROM parties")
    assert {"I1", "I4", "I6", "I7"} <= set(_faults(book))


def test_a_chain_forged_anew_is_found_where_words_were_moved(book: Book) -> None:
    """Somebody without the keys can make hashes that fit, but no words that open."""
    with book.store.reading() as connection:
        rows = connection.execute(sa.select(t.entries).order_by(t.entries.c.seq)).all()
    head = crypto.genesis(TRAJECTORY)
    forged = []
    for row in rows:
        sealed = rows[HEAD - 2].sealed if row.seq == ANNA_SAYS else row.sealed
        line = (*row[:7], sealed)
        digest = crypto.entry_hash(head, *line)
        forged.append(dict(zip(t.entries.c.keys(), (*line, head, digest), strict=True)))
        head = digest
    _unguarded(book, "DELETE FROM entries")
    book.run(sa.update(t.trajectories).values(head_hash=head))
    with book.store.writer.begin() as connection:
        connection.execute(t.entries.insert(), forged)
    _only(book, "I13", "do not open")


def test_a_missing_trigger_is_found(book: Book) -> None:
    if book.store.postgresql:
        book.run("DROP TRIGGER entries_no_truncate ON entries")
    else:
        book.run("DROP TRIGGER entries_no_delete")
    _only(book, "I7", "it is missing")


def test_a_trigger_that_lets_things_pass_is_found(book: Book) -> None:
    if book.store.postgresql:
        book.run("ALTER TABLE entries DISABLE TRIGGER entries_no_change")
    else:
        book.run("DROP TRIGGER entries_no_update")
        book.run("CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT 1; END")
    _only(book, "I7", "was changed")


# I1 and I10: payloads


def _posted(book: Book, inbox: int, external_id: str = "", **changed: object) -> int:
    posted = e.MessagePosted(
        author="anna",
        network="telegram",
        to=(),
        inbox=inbox,
        content=text("again"),
        external_id=external_id,
        place=place(ANNA),
    )
    return book.append(TRAJECTORY, msgspec.structs.replace(posted, **changed))


def _points_to(book: Book, inbox: int, seq: int) -> None:
    book.run(sa.update(t.inbox).where(t.inbox.c.id == inbox).values(trajectory=TRAJECTORY, seq=seq))


def test_two_entries_of_one_payload_are_found(book: Book) -> None:
    seq = _posted(book, 1, "10")
    faults = _faults(book)
    assert set(faults) == {"I1", "I10"}
    assert "became message_posted more than once" in faults["I1"].findings[0].what
    assert faults["I1"].findings[0].where == f"{TRAJECTORY}/{seq}, {TRAJECTORY}/{ANNA_SAYS}"


def test_two_corrections_of_one_payload_are_found(book: Book) -> None:
    number = book.payload("edit", "handled")
    edit = e.MessageEdited(author="anna", target=ANNA_SAYS, to=(), inbox=number)
    _points_to(book, number, book.append(TRAJECTORY, edit, edit))
    _only(book, "I1", "became message_edited more than once")


def test_two_messages_in_one_payload_are_right(book: Book) -> None:
    number = book.payload("two", "handled")
    first = _posted(book, number, "11")
    _posted(book, number, "12")
    _points_to(book, number, first)
    assert not _faults(book)


def test_a_refusal_beside_what_a_payload_became_is_right(book: Book) -> None:
    number = book.payload("pair", "handled")
    seq = book.append(TRAJECTORY, e.InboundRefused(author="anna", reason="closed", inbox=number))
    _points_to(book, number, seq)
    assert not _faults(book)


def test_an_entry_without_its_payload_is_found(book: Book) -> None:
    book.run("DELETE FROM inbox_keys WHERE inbox = 1")
    book.run("DELETE FROM inbox WHERE id = 1")
    _only(book, "I1", "inbox 1 is missing")


def test_a_lost_payload_is_found_by_its_keys(book: Book) -> None:
    number = book.payload("waits", "new")
    book.run(sa.delete(t.inbox).where(t.inbox.c.id == number))
    _only(book, "I1", "the payload is missing")


def test_a_payload_taken_twice_is_found(book: Book) -> None:
    book.run("DELETE FROM inbox_keys WHERE inbox = 1")
    _only(book, "I1", "its key is not its own")


ROWS = {
    "its payload is gone": "UPDATE inbox SET payload = NULL",
    "held, but by nothing": "UPDATE inbox SET state = 'held', hold = ''",
    "parked without a reason": "UPDATE inbox SET state = 'parked', reason = ''",
    "keeps its payload": "UPDATE inbox SET state = 'handled', reason = 'x'",
    "neither a line nor a reason": "UPDATE inbox SET state = 'ignored', payload = NULL",
    "a line that does not exist": (
        "UPDATE inbox SET state = 'handled', payload = NULL, trajectory = 'anna-2026', seq = 99"
    ),
    "its state is unknown": "UPDATE inbox SET state = 'lost'",
}


@pytest.mark.parametrize("what", ROWS)
def test_a_payload_that_went_nowhere_is_found(book: Book, what: str) -> None:
    number = book.payload("waits", "new")
    book.run(f"{ROWS[what]} WHERE id = {number}")
    _only(book, "I1", what)


def test_a_payload_that_is_in_a_log_and_still_waits_is_found(book: Book) -> None:
    _posted(book, book.payload("waits", "new"))
    _only(book, "I1", "yet is new")


def test_an_echo_of_our_own_is_found(book: Book) -> None:
    number = book.payload("echo", "handled")
    seq = _posted(book, number, "20-out")
    _points_to(book, number, seq)
    check = _only(book, "I10", f"known already as {TRAJECTORY}/7")
    assert check.findings[0].where == f"{TRAJECTORY}/{seq}"


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
    _only(book, "I3", "might not get words")


def test_words_that_waited_for_consent_are_right(book: Book) -> None:
    _other_client(book)
    seq = _to_bram(book, told=False)
    _agreed(book)
    book.append(TRAJECTORY, delivered(seq, "bram", "1"))
    assert not _faults(book)


def test_words_sent_after_consent_was_withdrawn_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    book.append(TRAJECTORY, e.ConsentRefused(party="bram", version="1"))
    _to_bram(book)
    _only(book, "I3", "might not get words")


def test_words_that_were_on_their_way_when_it_was_withdrawn_are_right(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False)
    book.append(TRAJECTORY, e.ConsentRefused(party="bram", version="1"))
    book.append(TRAJECTORY, delivered(seq, "bram", "1"))
    assert not _faults(book)


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
    _only(book, "I3", what)


def test_an_endpoint_that_was_linked_anew_since_is_right(book: Book) -> None:
    book.run("UPDATE endpoints SET person = 'bram', epoch = 2 WHERE address = '222'")
    assert not _faults(book)


def test_a_row_for_somebody_who_is_no_party_is_found(book: Book) -> None:
    book.link("bram", BRAM)
    book.sending(TRAJECTORY, ANNA_SAYS, "bram", BRAM, DeliveryState.QUEUED)
    _only(book, "I4", "somebody the line does not go to")


def test_words_addressed_to_somebody_who_left_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"))
    _to_bram(book)
    assert "I4" in _faults(book)


def test_a_row_that_was_made_before_a_party_left_is_right(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False)
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"), delivered(seq, "bram", "1"))
    assert not _faults(book)


def test_words_shown_to_somebody_who_is_no_party_are_found(book: Book) -> None:
    book.shown(BRAM, "77", TRAJECTORY, ANNA_SAYS, "bram")
    _only(book, "I4", "shows for somebody who is no party")


def test_something_shown_that_is_no_line_is_found(book: Book) -> None:
    book.shown(NOOR, "78", TRAJECTORY, 99, "noor")
    _only(book, "I4", "is no line")


def _stop(book: Book) -> None:
    book.append(TRAJECTORY, e.OptedOut(author="bram", party="bram", network="telegram", how="stop"))


def test_a_row_made_after_a_stop_and_sent_is_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    _stop(book)
    _to_bram(book)
    _only(book, "I9", "after the stop in line")


def test_a_queued_row_that_was_sent_after_a_stop_is_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False)
    _stop(book)
    book.append(TRAJECTORY, delivered(seq, "bram", "1"), minutes=60)
    _only(book, "I9", "after the stop in line")


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
    assert not _faults(book)


def test_a_stop_of_somebody_who_left_and_came_back_is_over(book: Book) -> None:
    _other_client(book)
    _stop(book)
    back = e.PartyAdded(party="bram", role="client")
    book.append(TRAJECTORY, e.PartyRemoved(party="bram"), back)
    _agreed(book)
    _to_bram(book)
    assert not _faults(book)


# I5: order


def test_lines_that_were_sent_in_another_order_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    first, second = _to_bram(book, told=False), _to_bram(book, told=False)
    book.append(TRAJECTORY, delivered(second, "bram", "1"), delivered(first, "bram", "2"))
    _only(book, "I5", "sent before an earlier line")


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
    assert not _faults(book)


def test_rows_that_stand_in_another_order_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    _to_bram(book, id=1000)
    _to_bram(book, id=999)
    _only(book, "I5", "stands before an earlier line")


def test_two_rows_of_a_lane_on_their_way_are_found(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    for _ in range(2):
        _to_bram(book, told=False, state=DeliveryState.SENDING, owner="me", lease_until=1)
    _only(book, "I5", "2 rows of its lane are on their way")


# I6: each line ends once


def test_a_recipient_without_a_row_is_found(book: Book) -> None:
    book.run("DELETE FROM outbox WHERE party = 'noor'")
    book.append(TRAJECTORY, e.MessagePosted(author="noor", network="telegram", to=("anna",)))
    check = _only(book, "I6", "no outbox row and no reason")
    assert [finding.where for finding in check.findings] == [f"{TRAJECTORY}/9/anna"]


def test_a_recipient_who_was_given_up_at_once_is_right(book: Book) -> None:
    seq = book.append(TRAJECTORY, e.MessagePosted(author="noor", network="telegram", to=("anna",)))
    book.append(TRAJECTORY, delivered(seq, "anna", state=DeliveryState.SUPPRESSED))
    assert not _faults(book)


def test_a_second_row_for_a_recipient_is_found(book: Book) -> None:
    book.sending(TRAJECTORY, ANNA_SAYS, "noor", NOOR, DeliveryState.EXPIRED, key="another")
    faults = _faults(book)
    assert any("more than one" in finding.what for finding in faults["I6"].findings)


def test_a_notice_without_a_row_is_found(book: Book) -> None:
    book.append(TRAJECTORY, e.NoticeGiven(party="noor", notice=NoticeKey.OPTED_IN))
    _only(book, "I6", "no outbox row and no reason")


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
    _only(book, "I6", what)


def test_a_receipt_that_beats_our_own_record_is_right(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    seq = _to_bram(book, told=False, state=DeliveryState.SENDING, owner="me", lease_until=1)
    book.append(TRAJECTORY, delivered(seq, "bram", state=DeliveryState.DELIVERED))
    assert not _faults(book)


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
    faults = _faults(book)
    assert set(faults) <= {"I6", "I4"}
    assert any(what in finding.what for finding in faults["I6"].findings)


def test_a_report_about_no_line_is_found(book: Book) -> None:
    book.append(TRAJECTORY, delivered(99, "noor"), delivered(0, "noor"))
    assert _only(book, "I6", "does not exist").faults == 2


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
    _only(book, "I6", "younger ones have long been sent")


def test_catching_up_after_a_stop_is_right(book: Book) -> None:
    _passed_over(book, sent_for_minutes=5)
    assert not _faults(book)


def test_a_row_that_is_passed_over_for_a_reason_is_right(book: Book) -> None:
    _passed_over(book, sent_for_minutes=20, not_before=codec.micros(book.at + timedelta(hours=3)))
    assert not _faults(book)


@pytest.mark.parametrize("scope", ["telegram:main", Place("telegram", "main", "333").lane])
def test_a_row_whose_account_or_lane_waits_is_right(book: Book, scope: str) -> None:
    until = codec.micros(book.at + timedelta(hours=3))
    book.run(t.waits.insert().values(scope=scope, until=until, reason="throttled"))
    _passed_over(book, sent_for_minutes=20)
    assert not _faults(book)


def test_a_row_behind_another_in_its_lane_is_right(book: Book) -> None:
    _other_client(book)
    _agreed(book)
    _to_bram(book, told=False, state=DeliveryState.UNCERTAIN)
    _to_bram(book, told=False, state=DeliveryState.QUEUED)
    book.at += timedelta(hours=2)
    book.say(TRAJECTORY, "noor", "hello", "40")
    book.at += timedelta(minutes=20)
    book.say(TRAJECTORY, "noor", "hello again", "41")
    assert not _faults(book)


# I13: nothing readable without a key


def _plain_entry(book: Book) -> None:
    _unguarded(book, "UPDATE entries SET sealed = :plain WHERE seq = 5", plain=b'{"content":1}')


def _plain_envelope(book: Book) -> None:
    plain = b'{"network":"telegram","to":[],"content":"x","v":1}'
    _unguarded(book, "UPDATE entries SET envelope = :plain WHERE seq = 5", plain=plain)


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
    check = _faults(book)["I13"]
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
    _only(book, "I13", "parts of it are missing")


def test_parts_of_what_failed_or_is_unknown_are_found(book: Book) -> None:
    _blob(book, "failed", chunks=0, size=0)
    for name in ("b1", "b2"):
        book.run(t.blob_chunks.insert().values(blob=name, n=0, data=os.urandom(38)))
    assert _only(book, "I13", "parts").faults == 2
