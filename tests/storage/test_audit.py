"""The audit finds what was planted, names it without words, and calls sound stores sound.

Each check is tried with the fault it guards against. Faults that the triggers refuse are planted
after switching them off, as somebody with access to the database file would.
"""

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from storage import audit as audits
from storage import codec, crypto
from storage import tables as t
from storage.audits import registry
from storage.audits.report import EXAMPLES
from storage.reading import long_reading
from tests.storage import full
from tests.storage.book import ANNA, Book, delivered, opened, place, text
from tests.storage.planting import faults_in, only, unguarded

if TYPE_CHECKING:
    from collections.abc import Callable

TRAJECTORY = "anna-2026"
ANNA_SAYS = 5
HEAD = 8

# sound stores


def test_a_sound_store_holds_everything_that_can_be_judged(book: Book) -> None:
    full.nudge(book)
    full.session(book)
    found = audits.audit(book.store)
    assert found.holds, [check for check in found.checks if not check.holds]
    idle = {"I9"}  # nobody stopped in the sample
    assert all(check.checked > 0 for check in found.checks if check.invariant not in idle)
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
    assert not faults_in(book)


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
    assert not faults_in(book)


def test_an_audit_sees_one_moment(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a message committed between two of its queries would look like a loss."""
    judge: Callable[..., None] = registry.check_stuck

    def meanwhile(*arguments: object) -> None:
        book.say(TRAJECTORY, "anna", "meanwhile", "30")
        judge(*arguments)

    monkeypatch.setattr(registry, "check_stuck", meanwhile)
    assert not faults_in(book)


def test_findings_hold_no_words(book: Book) -> None:
    unguarded(book, "UPDATE entries SET at = at + 1, author = 'anna'")
    told = msgspec.json.encode(audits.audit(book.store)).decode()
    for words in ("ten pages", "Well done", "Anna", "222"):
        assert words not in told


def test_all_faults_are_counted_and_the_first_are_shown(book: Book) -> None:
    for n in range(EXAMPLES + 5):
        book.payload(f"lost{n}", "handled")
    check = only(book, "I1", "neither a line nor a reason")
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
    unguarded(book, TAMPERED[what], other=os.urandom(32))
    check = faults_in(book)["I7"]
    assert any(what in finding.what for finding in check.findings), check


def test_one_changed_byte_of_sealed_words_is_found(book: Book) -> None:
    with long_reading(book.store) as connection:
        query = sa.select(t.entries.c.sealed).where(t.entries.c.seq == ANNA_SAYS)
        sealed = bytearray(connection.execute(query).scalar_one() or b"")
    sealed[20] ^= 1
    unguarded(book, "UPDATE entries SET sealed = :sealed WHERE seq = 5", sealed=bytes(sealed))
    faults = faults_in(book)
    assert set(faults) == {"I7", "I13"}
    assert faults["I7"].findings[0].where == f"{TRAJECTORY}/{ANNA_SAYS}"


def test_a_log_that_was_removed_as_a_whole_is_missed_by_what_refers_to_it(book: Book) -> None:
    unguarded(book, "DELETE FROM entries", "DELETE FROM trajectories", "DELETE FROM parties")
    assert {"I1", "I4", "I6", "I7"} <= set(faults_in(book))


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
    unguarded(book, "DELETE FROM entries")
    book.run(sa.update(t.trajectories).values(head_hash=head))
    with book.store.writer.begin() as connection:
        connection.execute(t.entries.insert(), forged)
    only(book, "I13", "do not open")


def test_a_missing_trigger_is_found(book: Book) -> None:
    if book.store.postgresql:
        book.run("DROP TRIGGER entries_no_truncate ON entries")
    else:
        book.run("DROP TRIGGER entries_no_delete")
    only(book, "I7", "it is missing")


def test_a_trigger_that_lets_things_pass_is_found(book: Book) -> None:
    if book.store.postgresql:
        book.run("ALTER TABLE entries DISABLE TRIGGER entries_no_change")
    else:
        book.run("DROP TRIGGER entries_no_update")
        book.run("CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT 1; END")
    only(book, "I7", "was changed")


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
    faults = faults_in(book)
    assert set(faults) == {"I1", "I10"}
    assert "became message_posted more than once" in faults["I1"].findings[0].what
    assert faults["I1"].findings[0].where == f"{TRAJECTORY}/{seq}, {TRAJECTORY}/{ANNA_SAYS}"


def test_two_corrections_of_one_payload_are_found(book: Book) -> None:
    number = book.payload("edit", "handled")
    edit = e.MessageEdited(author="anna", target=ANNA_SAYS, to=(), inbox=number)
    _points_to(book, number, book.append(TRAJECTORY, edit, edit))
    only(book, "I1", "became message_edited more than once")


def test_two_messages_in_one_payload_are_right(book: Book) -> None:
    number = book.payload("two", "handled")
    first = _posted(book, number, "11")
    _posted(book, number, "12")
    _points_to(book, number, first)
    assert not faults_in(book)


def test_a_refusal_beside_what_a_payload_became_is_right(book: Book) -> None:
    number = book.payload("pair", "handled")
    seq = book.append(TRAJECTORY, e.InboundRefused(author="anna", reason="closed", inbox=number))
    _points_to(book, number, seq)
    assert not faults_in(book)


def test_an_entry_without_its_payload_is_found(book: Book) -> None:
    book.run("DELETE FROM inbox_keys WHERE inbox = 1")
    book.run("DELETE FROM inbox WHERE id = 1")
    only(book, "I1", "inbox 1 is missing")


def test_a_lost_payload_is_found_by_its_keys(book: Book) -> None:
    number = book.payload("waits", "new")
    book.run(sa.delete(t.inbox).where(t.inbox.c.id == number))
    only(book, "I1", "the payload is missing")


def test_a_payload_taken_twice_is_found(book: Book) -> None:
    book.run("DELETE FROM inbox_keys WHERE inbox = 1")
    only(book, "I1", "its key is not its own")


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
    only(book, "I1", what)


def test_a_payload_that_is_in_a_log_and_still_waits_is_found(book: Book) -> None:
    _posted(book, book.payload("waits", "new"))
    only(book, "I1", "yet is new")


def test_an_echo_of_our_own_is_found(book: Book) -> None:
    number = book.payload("echo", "handled")
    seq = _posted(book, number, "20-out")
    _points_to(book, number, seq)
    check = only(book, "I10", f"known already as {TRAJECTORY}/7")
    assert check.findings[0].where == f"{TRAJECTORY}/{seq}"
