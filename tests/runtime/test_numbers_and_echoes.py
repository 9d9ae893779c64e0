"""Digits that answer where there are no buttons; words for what a network cannot show; echoes."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.adapter import Sent
from bridge.core.delivery import DeliveryState
from bridge.core.errors import Rejected
from bridge.core.inbound import DeleteIn, ReactionIn, ReceiptIn
from bridge.core.numbering import Question
from bridge.core.trajectory import Consent
from bridge.runtime import claiming, sending
from bridge.runtime.links import Links
from bridge.runtime.preparing import Item
from storage import queries
from storage.unit import Unit
from tests.runtime.desk_kit import GIVE_UP, LEASE, FrontDesk, front_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna", "bram")
        yield opened


GONE = Rejected("gone")


def consent(desk: FrontDesk) -> Consent:
    state = desk.writer.run(lambda unit: unit.state("anna-2026"))
    assert state is not None
    return state.parties["anna"].consent


def items(desk: FrontDesk) -> list[Item]:
    """Claim everything that waits."""
    ids = [row.id for row in queries.outbox(desk.store) if row.state == "queued"]
    claimed = desk.writer.run(
        lambda unit: claiming.claim(unit, ids, "network", LEASE, GIVE_UP, desk.catalogue)
    )
    return [one for one in claimed if isinstance(one, Item)]


def row_state(desk: FrontDesk, item: Item) -> DeliveryState:
    row = desk.writer.run(lambda unit: unit.outbox_row_by_key(item.row.key))
    assert row is not None
    return row.state


def test_a_digit_answers_the_numbered_question(desk: FrontDesk) -> None:
    desk.numbers_options = True
    desk.trajectory("anna-2026", ["noor"], ["anna"], agreed=False)
    desk.do("anna-2026", c.AskConsent("anna"))
    assert desk.last("anna").keys == ["yes", "no"]
    desk.says("anna", "1.")
    assert consent(desk) is Consent.GIVEN
    desk.says("anna", "1")
    assert desk.lines("anna-2026") == ["1"], "the question was answered: a digit is a word again"


@pytest.mark.parametrize("said", ["3", "0", "11111", "1 or 2", "one"])
def test_what_is_no_option_stays_what_it_is(desk: FrontDesk, said: str) -> None:
    desk.numbers_options = True
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.trajectory("bram-2026", ["noor"], ["bram"])
    desk.says("noor", "for whom is this?")
    assert desk.last("noor").keys == ["1", "2"]
    desk.says("noor", said)
    desk.says("noor", "2")
    desk.catch_up()
    assert desk.lines("bram-2026") == ["for whom is this?", said]


def test_a_question_stands_for_a_day(desk: FrontDesk) -> None:
    desk.numbers_options = True
    desk.trajectory("anna-2026", ["noor"], ["anna"], agreed=False)
    desk.do("anna-2026", c.AskConsent("anna"))
    desk.last("anna")
    desk.now += timedelta(hours=25)
    question = desk.writer.run(lambda unit: unit.question(desk.last("anna").place))
    assert question is None


def test_a_question_stands_for_most_of_a_day(desk: FrontDesk) -> None:
    desk.numbers_options = True
    desk.trajectory("anna-2026", ["noor"], ["anna"], agreed=False)
    desk.do("anna-2026", c.AskConsent("anna"))
    desk.last("anna")
    desk.now += timedelta(hours=23)
    desk.says("anna", "1")
    assert consent(desk) is Consent.GIVEN


@pytest.mark.parametrize("said", ["1", "2"])
def test_a_number_of_yesterday_is_nobody_else_today(desk: FrontDesk, said: str) -> None:
    desk.numbers_options = True
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.trajectory("bram-2026", ["noor"], ["bram"])
    desk.says("noor", "suc6 bram tomorrow 09:40 exam")
    assert desk.last("noor").keys
    desk.says("noor", "for whom is this?")
    assert [one.first for one in standing_with(desk, "noor")] == [2, 1], "2 is Anna, 3 is Bram"
    desk.now += timedelta(hours=25)
    desk.says("noor", said)
    desk.catch_up()
    assert desk.lines("anna-2026") == desk.lines("bram-2026") == []
    assert [one.first for one in standing_with(desk, "noor")] == [1], "it is asked again"
    desk.says("noor", "2")
    desk.catch_up()
    assert desk.lines("bram-2026") == ["for whom is this?", said]


def test_a_number_that_no_question_has_is_no_answer(desk: FrontDesk) -> None:
    desk.numbers_options = True
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.trajectory("bram-2026", ["noor"], ["bram"])
    desk.says("noor", "suc6 bram tomorrow 09:40 exam")
    assert desk.last("noor").keys
    desk.says("noor", "for whom is this?")
    assert len(standing_with(desk, "noor")) == 2
    desk.says("noor", "1")
    assert "Taken back" in desk.last("noor").text
    desk.says("noor", "1")
    desk.catch_up()
    assert desk.lines("anna-2026") == desk.lines("bram-2026") == []


def standing_with(desk: FrontDesk, who: str) -> tuple[Question, ...]:
    """Return the numbered questions that stand with somebody, the newest first."""
    place = desk.last(who).place
    return desk.writer.run(lambda unit: unit.questions(place))


def test_a_digit_of_somebody_else_answers_nothing(desk: FrontDesk) -> None:
    desk.numbers_options = True
    desk.trajectory("anna-2026", ["noor"], ["anna"], agreed=False)
    desk.do("anna-2026", c.AskConsent("anna"))
    asked = desk.last("anna").place
    desk.says("bram", "1", place=asked)
    assert consent(desk) is Consent.ASKED
    standing = desk.writer.run(lambda unit: unit.question(asked))
    assert standing is not None
    assert standing.person == "anna"
    desk.says("anna", "1")
    assert consent(desk) is Consent.GIVEN, "her question still stands"


def test_a_digit_is_a_word_where_there_are_buttons(desk: FrontDesk) -> None:
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.says("anna", "1")
    assert desk.lines("anna-2026") == ["1"]


def test_corrections_and_answers_come_in_words_too(desk: FrontDesk) -> None:
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    first = desk.message("noor", "How was it?  " + "and then " * 20)
    desk.act(first)
    shown = desk.last("anna")
    desk.act(desk.message("anna", "fine", reply_to=shown.external_id))
    (answer,) = items(desk)
    assert answer.delivery.quote.startswith("Noor: How was it? and then")
    assert answer.delivery.quote.endswith("and…")
    assert len(answer.delivery.quote) < 100
    told = []
    for act in (
        desk.edit(first, "How was yesterday?"),
        ReactionIn(first.place, first.sender, first.external_id, ("❤",), desk.now),
        DeleteIn(first.place, first.sender, first.external_id, desk.now),
    ):
        desk.act(act)
        (item,) = items(desk)
        told.append(item.delivery.told)
        desk.writer.run(partial(sending.given_up, item=item, error=GONE, catalogue=desk.catalogue))
    assert told == [
        "Correction: How was yesterday?",
        "Noor reacted: ❤",
        "A message was withdrawn by Noor.",
    ]


def test_nobody_gets_a_quote_of_what_they_never_saw(desk: FrontDesk) -> None:
    desk.trajectory("anna-2026", ["noor"], ["anna", "bram"])
    desk.refusing["bram"] = GONE
    desk.says("noor", "a secret between two")
    shown = desk.last("anna")
    desk.act(desk.message("anna", "fine", reply_to=shown.external_id))
    quotes = {item.effect.to.party: item.delivery.quote for item in items(desk)}
    assert quotes == {"noor": "Noor: a secret between two", "bram": ""}


def test_a_receipt_for_what_is_uncertain_is_proof_and_kept(desk: FrontDesk) -> None:
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.says("noor", "good morning")
    (item,) = items(desk)
    desk.writer.run(lambda unit: sending.uncertain(unit, item.row, "broke", LEASE, desk.catalogue))
    key = f"{item.row.key}/0"
    desk.act(ReceiptIn(item.effect.to.place, "SM1", "delivered", desk.now, key=key))
    assert desk.writer.run(lambda unit: sending.echoed(unit, key)) == "SM1"


def test_a_receipt_that_beats_the_answer_is_kept_and_counts_afterwards(desk: FrontDesk) -> None:
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.says("noor", "good morning")
    (item,) = items(desk)
    place = item.effect.to.place
    receipt = ReceiptIn(place, "SM1", "delivered", desk.now, key=f"{item.row.key}/0")
    desk.act(receipt)
    assert row_state(desk, item) is DeliveryState.SENDING
    assert desk.writer.run(lambda unit: sending.echoed(unit, f"{item.row.key}/0")) == "SM1"
    assert desk.writer.run(lambda unit: sending.echoed(unit, f"{item.row.key}/1")) == ""

    def taken(unit: Unit) -> None:
        sending.sent(unit, item, ("SM1",), (), Sent(("SM1",)), desk.catalogue)
        sending.hear_echoes(unit, item.row.key)
        desk.let_go += unit.left.inbox

    desk.writer.run(taken)
    assert row_state(desk, item) is DeliveryState.SENT
    desk.catch_up()
    assert row_state(desk, item) is DeliveryState.DELIVERED
    states = [one.state for one in desk.log("anna-2026") if isinstance(one, e.DeliveryChanged)]
    assert states == ["sent", "delivered"]


def test_a_link_is_nobodys_guess() -> None:
    links = Links(b"k" * 32, "https://bridge.example.org")
    url = links.url(42)
    assert url.startswith("https://bridge.example.org/files/42-")
    token = url.rpartition("/")[2]
    assert links.row(token) == 42
    others = ["", "42", "42-", token[:-1], token.replace("42-", "43-"), "٤٢-x", "9" * 30 + "-x"]
    assert [links.row(other) for other in others] == [None] * len(others)
    assert Links(b"l" * 32, "").row(token) is None
