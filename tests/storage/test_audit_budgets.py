"""The audit finds what was planted about prepaid minutes; see test_audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.core import entries as e
from bridge.core.calls import Happened
from tests.storage import full
from tests.storage.planting import faults_in, only

if TYPE_CHECKING:
    from tests.storage.book import Book

LOG = full.TRAJECTORY


def granted(book: Book, minutes: int = 300) -> None:
    book.append(LOG, e.TimeGranted(minutes=minutes))


def counted(minutes: int, what: str = "noted", target: int = 0) -> e.TimeCounted:
    author = e.BRIDGE if target and what != "written" else "noor"
    return e.TimeCounted(author=author, minutes=minutes, what=what, target=target)


def talked(book: Book, seconds: int = 2900, session: int = 0) -> int:
    """Anna called, and the two talked; return the line of its end."""
    started = e.CallStarted(
        author="anna", call="CA1", first="anna", other="noor", network="voice", account="main",
        session=session,
    )  # fmt: skip
    begun = book.append(LOG, started)
    moved = (Happened.UNASKED, Happened.PICKED_UP, Happened.AGREED, Happened.UNASKED)
    book.append(LOG, *(e.CallAdvanced(author="anna", call="CA1", happened=one) for one in moved))
    ended = e.CallEnded(
        author="anna", call="CA1", session=session or begun, outcome="talked", seconds=seconds
    )
    return book.append(LOG, ended)


def test_minutes_that_were_counted_as_they_were_spent_hold(book: Book) -> None:
    talked(book)  # before minutes were agreed on
    granted(book)
    book.append(LOG, counted(48, "call", talked(book)))
    book.append(LOG, counted(50, "session", full.session(book)), counted(-5, "correction"))
    talked(book, seconds=20)
    proposed = book.append(LOG, e.TimeProposed(party="noor", minutes=7, last=3))
    book.append(LOG, counted(12, "written", proposed))
    assert not faults_in(book)
    assert book.states[LOG].budget.left == 300 - 48 - 50 + 5 - 12


def test_a_balance_that_is_not_its_log_is_found(book: Book) -> None:
    granted(book)
    book.append(LOG, counted(48))
    changed = {"before": '"spent":48', "after": '"spent":8'}
    book.run("UPDATE states SET state = replace(state, :before, :after)", **changed)
    found = faults_in(book)
    assert {"I7", "I15"} == set(found)
    (finding,) = found["I15"].findings
    assert finding.what == "its balance is not what its log comes to"


def test_a_call_that_is_counted_twice_is_found(book: Book) -> None:
    granted(book)
    end = talked(book)
    book.append(LOG, counted(48, "call", end), counted(48, "call", end))
    only(book, "I15", "counts a call twice")


def test_a_call_of_another_length_is_found(book: Book) -> None:
    granted(book)
    book.append(LOG, counted(50, "call", talked(book)))
    only(book, "I15", "other minutes than it took")


def test_a_call_that_is_not_counted_is_found(book: Book) -> None:
    granted(book)
    talked(book)
    only(book, "I15", "are not counted")


@pytest.mark.parametrize("call_first", [True, False])
def test_a_meeting_that_is_counted_twice_is_found(book: Book, call_first: bool) -> None:
    granted(book)
    number = full.session(book)
    agreed = counted(50, "session", number)
    by_call = counted(48, "call", talked(book, session=number))
    book.append(LOG, *((by_call, agreed) if call_first else (agreed, by_call)))
    only(book, "I15", "a second time" if call_first else "as agreed already")


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ([e.TimeCounted(author="noor", minutes=5, what="noted")], "nobody agreed on"),
        ([e.TimeGranted(minutes=9), counted(-5, "correction")], "than was counted"),
        ([e.TimeGranted(minutes=9), e.TimeGranted(minutes=-10)], "than was granted"),
        ([e.TimeGranted(minutes=9), counted(5, "written", 3)], "was not proposed"),
        ([e.TimeGranted(minutes=9), e.TimeDeclined(author="noor", target=3)], "was not proposed"),
    ],
)
def test_what_may_not_be_in_a_log_is_found(book: Book, entries: list[e.Entry], what: str) -> None:
    book.append(LOG, *entries)
    only(book, "I15", what)
