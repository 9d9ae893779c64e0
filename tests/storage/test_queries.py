"""Reading: the log as it is printed, the queues, the figures; beside a writer, without growing."""

import tracemalloc
from datetime import datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.content import Attachment, Media, MediaKind
from bridge.core.delivery import DeliveryState
from bridge.core.errors import StoreError
from bridge.core.notices import NoticeKey
from storage import codec, queries
from storage import tables as t
from storage.reading import long_reading
from tests.storage.book import ANNA, NOOR, Book, delivered, opened, place, text

ANNA_SAYS = 5
NOOR_SAYS = 7


def _json(book: Book, trajectory: str = "anna-2026") -> list[dict[str, object]]:
    lines = queries.log(book.store, trajectory)
    return [msgspec.json.decode(msgspec.json.encode(line), type=dict) for line in lines]


def test_a_chat_line_has_the_shape_of_the_contract(book: Book) -> None:
    line = _json(book)[ANNA_SAYS - 1]
    at = line.pop("at")
    delivery_at = line["deliveries"][0].pop("at")  # type: ignore[index]
    assert isinstance(at, str)
    assert at.endswith("Z")
    assert datetime.fromisoformat(at) < datetime.fromisoformat(delivery_at)
    assert len(str(line.pop("hash"))) == 64
    assert line == {
        "trajectory": "anna-2026",
        "seq": ANNA_SAYS,
        "kind": "message_posted",
        "author": "anna",
        "role": "client",
        "network": "telegram",
        "external_ids": ["10"],
        "text": "I read ten pages",
        "reply_to": None,
        "content": "text",
        "deliveries": [
            {
                "party": "noor",
                "network": "telegram",
                "state": "sent",
                "external_ids": ["10-out"],
                "reason": "",
            }
        ],
    }


def test_every_entry_is_a_line_in_order(book: Book) -> None:
    lines = _json(book)
    assert [line["seq"] for line in lines] == list(range(1, 9))
    assert lines[1]["party_role"] == "coach"
    assert lines[3]["text"] == "I agree"
    assert lines[5]["target"] == ANNA_SAYS
    assert lines[5]["state"] == "sent"


def test_the_last_delivery_entry_counts_and_keeps_the_ids(book: Book) -> None:
    book.append("anna-2026", delivered(ANNA_SAYS, "noor", state=DeliveryState.READ))
    (delivery,) = list(queries.log(book.store, "anna-2026"))[ANNA_SAYS - 1].deliveries
    assert delivery.state is DeliveryState.READ
    assert delivery.external_ids == ("10-out",)
    assert delivery.at == book.at


@pytest.mark.parametrize("state", [DeliveryState.ACCEPTED, DeliveryState.QUEUED])
def test_an_open_row_is_a_delivery(book: Book, state: DeliveryState) -> None:
    seq = book.append("anna-2026", e.MessagePosted(author="noor", network="telegram", to=("anna",)))
    book.sending("anna-2026", seq, "anna", ANNA, state, reason="later")
    (delivery,) = list(queries.log(book.store, "anna-2026"))[-1].deliveries
    assert (delivery.party, delivery.state, delivery.reason) == ("anna", state, "later")


def test_an_open_row_stands_over_an_earlier_entry(book: Book) -> None:
    seq = book.append("anna-2026", e.MessagePosted(author="noor", network="telegram", to=("anna",)))
    book.append("anna-2026", delivered(seq, "anna", state=DeliveryState.UNCERTAIN))
    book.sending("anna-2026", seq, "anna", ANNA, DeliveryState.SENDING, twice=True)
    (delivery,) = list(queries.log(book.store, "anna-2026"))[seq - 1].deliveries
    assert delivery.state is DeliveryState.SENDING
    assert delivery.twice


def test_two_recipients_and_a_late_receipt_for_the_first_line(book: Book) -> None:
    book.append("anna-2026", e.PartyAdded(party="bram", role="coach"))
    seq = book.append(
        "anna-2026", e.MessagePosted(author="anna", network="telegram", to=("noor", "bram"))
    )
    book.append("anna-2026", delivered(seq, "bram", "7"), delivered(seq, "noor", "8"))
    book.append("anna-2026", delivered(ANNA_SAYS, "noor", state=DeliveryState.DELIVERED))
    lines = list(queries.log(book.store, "anna-2026"))
    assert {d.party for d in lines[seq - 1].deliveries} == {"noor", "bram"}
    assert lines[ANNA_SAYS - 1].deliveries[0].state is DeliveryState.DELIVERED


def test_corrections_reactions_files_and_notices_are_told(book: Book) -> None:
    file = Attachment(id="anna-2026/9/file", mime="image/jpeg", name="page.jpg", size=9)
    book.append(
        "anna-2026",
        e.MessagePosted(
            author="anna",
            network="telegram",
            to=("noor",),
            content=Media(media=MediaKind.PHOTO, file=file, caption=("see",)),
            reply_to=NOOR_SAYS,
        ),
        e.MessageEdited(author="anna", target=ANNA_SAYS, to=("noor",), content=text("eleven")),
        e.ReactionSet(author="noor", target=ANNA_SAYS, to=("anna",), emoji=("👍", "🎉")),
        e.MessageDeleted(author="anna", target=ANNA_SAYS, to=("noor",)),
        e.NoticeGiven(party="noor", notice=NoticeKey.OPTED_IN),
        e.DeliveryChanged(
            target=9, party="noor", state=DeliveryState.SENT, losses=("album",), twice=True
        ),
    )
    photo, edit, reaction, deletion, notice, told = list(queries.log(book.store, "anna-2026"))[8:]
    assert photo.media == queries.MediaLine(
        "photo", "image/jpeg", "page.jpg", 9, "anna-2026/9/file"
    )
    assert (photo.text, photo.reply_to) == ("see", NOOR_SAYS)
    assert photo.deliveries[0].losses == ("album",)
    assert photo.deliveries[0].twice
    assert (edit.text, edit.target) == ("eleven", ANNA_SAYS)
    assert reaction.text == "👍 🎉"
    assert (deletion.text, deletion.target) == ("", ANNA_SAYS)
    assert (notice.notice, notice.party, notice.role) == ("opted_in", "noor", "bridge")
    assert told.losses == ("album",)


def _destroy(book: Book, owner: str) -> None:
    book.run(
        sa.update(t.data_keys)
        .where(t.data_keys.c.owner == owner)
        .values(wrapped=None, destroyed_at=codec.micros(book.at))
    )
    book.keys.forget()


def test_erased_words_are_null_and_the_others_stay(book: Book) -> None:
    _destroy(book, "anna")
    lines = _json(book)
    assert lines[ANNA_SAYS - 1]["text"] is None
    assert lines[ANNA_SAYS - 1]["erased"] is True
    assert lines[ANNA_SAYS - 1]["author"] == "anna"
    assert lines[NOOR_SAYS - 1]["text"] == "Well done!"
    assert "erased" not in lines[NOOR_SAYS - 1]


def test_words_written_after_the_key_was_destroyed_are_erased_too(book: Book) -> None:
    _destroy(book, "anna")
    book.append(
        "anna-2026",
        e.MessagePosted(author="anna", network="telegram", to=("noor",), content=text("late")),
    )
    last = list(queries.log(book.store, "anna-2026"))[-1]
    assert (last.text, last.erased) == (None, True)


def test_a_damaged_line_is_marked_and_the_next_one_comes(book: Book) -> None:
    _drop_triggers(book)
    book.run("UPDATE entries SET sealed = hash, envelope = hash WHERE seq = 5")
    book.run("UPDATE entries SET sealed = hash WHERE seq = 6")
    lines = list(queries.log(book.store, "anna-2026"))
    assert len(lines) == 8
    assert (lines[4].text, lines[4].damaged) == (None, True)
    assert lines[5].damaged
    assert lines[6].text == "Well done!"


def _drop_triggers(book: Book) -> None:
    if book.store.postgresql:
        book.run("ALTER TABLE entries DISABLE TRIGGER USER")
    else:
        book.run("DROP TRIGGER entries_no_update")


def test_an_unknown_trajectory_has_no_lines(book: Book) -> None:
    assert list(queries.log(book.store, "nobody")) == []
    assert queries.trajectory(book.store, "nobody") is None


def test_a_reader_sees_one_moment_while_others_write(book: Book) -> None:
    lines = queries.log(book.store, "anna-2026")
    assert next(lines).seq == 1
    book.say("anna-2026", "anna", "and two more", "11")
    assert [line.seq for line in lines] == list(range(2, 9))
    assert len(list(queries.log(book.store, "anna-2026"))) == 10


def test_a_reader_may_stop_early(book: Book) -> None:
    lines = queries.log(book.store, "anna-2026")
    assert next(lines).seq == 1
    lines.close()
    assert len(list(queries.log(book.store, "anna-2026"))) == 8


def test_a_reader_cannot_write(book: Book) -> None:
    with (
        pytest.raises(StoreError),
        long_reading(book.store) as connection,
    ):
        connection.execute(sa.delete(t.outbox))


def test_the_inbox_lists_what_waits_and_what_is_parked(book: Book) -> None:
    new = book.payload("k1", "new")
    held = book.payload("k2", "held", hold="ask:1")
    parked = book.payload("k3", "parked", reason="parse: damaged", attempts=1)
    assert [row.id for row in queries.inbox(book.store)] == [new, held, parked]
    (row,) = queries.inbox(book.store, parked=True)
    assert (row.id, row.state, row.reason, row.attempts) == (parked, "parked", "parse: damaged", 1)
    assert row.received_at == book.at


def test_the_outbox_lists_open_rows_or_those_in_a_state(book: Book) -> None:
    later = book.at + timedelta(minutes=5)
    book.sending("anna-2026", 8, "anna", ANNA, DeliveryState.QUEUED, not_before=codec.micros(later))
    (row,) = queries.outbox(book.store)
    assert (row.key, row.state, row.not_before) == ("anna-2026/8/anna", "queued", later)
    assert row.lane == place(ANNA).lane
    sent = list(queries.outbox(book.store, DeliveryState.SENT))
    assert [line.party for line in sent] == ["noor", "anna"]


def test_trajectories_and_their_parties(book: Book) -> None:
    book.begin("bram-2026")
    book.append("bram-2026", e.TrajectoryClosed(reason="done"))
    first, second = queries.trajectories(book.store)
    assert (first.id, first.closed, first.seq) == ("anna-2026", False, 8)
    assert (second.id, second.closed, second.title) == ("bram-2026", True, "Reading more")
    assert [(p.person, p.role, p.active, p.consent) for p in first.parties] == [
        ("noor", "coach", True, "none"),
        ("anna", "client", True, "given"),
    ]
    assert queries.trajectory(book.store, "bram-2026") == second


def test_strangers_come_latest_first(book: Book) -> None:
    for address, minutes in (("900", 1), ("901", 5)):
        at = codec.micros(book.at + timedelta(minutes=minutes))
        book.run(
            t.strangers.insert().values(
                network="telegram",
                account="main",
                address=address,
                first_at=at,
                last_at=at,
                count=2,
            )
        )
    assert [(s.address, s.count) for s in queries.strangers(book.store)] == [("901", 2), ("900", 2)]


def test_counts_tell_what_waits_and_since_when(book: Book) -> None:
    book.payload("k1", "new")
    since = book.at
    book.sending("anna-2026", 8, "noor", NOOR, DeliveryState.QUEUED)
    found = queries.counts(book.store)
    assert found.inbox == {"new": 1}
    assert found.outbox == {"queued": 1}
    assert (found.trajectories, found.entries) == (1, 8)
    assert (found.oldest_inbox, found.oldest_outbox) == (since, since)


def test_counts_of_an_empty_store(database_url: str) -> None:
    book = Book(opened(database_url))
    found = queries.counts(book.store)
    assert (found.entries, found.oldest_inbox, found.oldest_outbox) == (0, None, None)
    book.store.close()


@pytest.mark.slow
def test_the_memory_of_a_reader_does_not_grow_with_the_log(book: Book) -> None:
    short, long = _peak(book, "short", 600), _peak(book, "long", 2400)
    assert long < short * 1.3


def _peak(book: Book, trajectory: str, messages: int) -> int:
    book.begin(trajectory)
    added: list[e.Entry] = []
    for n in range(messages):
        posted = e.MessagePosted(
            author="anna", network="telegram", to=("noor",), content=text("x" * 200)
        )
        added += [posted, delivered(5 + 2 * n, "noor", str(n))]
    book.append(trajectory, *added)
    tracemalloc.start()
    deliveries = sum(len(line.deliveries) for line in queries.log(book.store, trajectory))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert deliveries == messages
    return peak
