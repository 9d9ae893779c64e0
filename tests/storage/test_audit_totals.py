"""The audit finds what was planted about totals of time; see test_audit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core import entries as e
from tests.storage import full
from tests.storage.planting import faults_in, only

if TYPE_CHECKING:
    from tests.storage.book import Book

LOG = full.TRAJECTORY


def _closed(book: Book, number: int, **changed: object) -> e.SessionClosed:
    start = book.at - timedelta(minutes=full.MINUTES)
    fields: dict[str, object] = {
        "appointment": number,
        "coach": "noor",
        "client": "anna",
        "modality": "phone",
        "start": start,
        "end": start + timedelta(minutes=full.MINUTES),
        "minutes": full.MINUTES,
    }
    return e.SessionClosed(**fields | changed)  # type: ignore[arg-type]


def test_sessions_that_were_held_as_agreed_add_up(book: Book) -> None:
    for _ in range(3):
        full.session(book)
    assert not faults_in(book)


@pytest.mark.parametrize("minutes", [full.MINUTES - 5, full.MINUTES + 60])
def test_a_session_of_other_minutes_than_agreed_is_found(book: Book, minutes: int) -> None:
    full.session(book, minutes)
    found = only(book, "I15", "not what was agreed")
    assert any("do not add up" in one.what for one in found.findings)


def test_a_session_whose_clock_says_otherwise_is_found(book: Book) -> None:
    number = full.appointment(book)
    known = book.states[LOG].agenda.appointments[str(number)]
    longer = _closed(book, number, start=known.start, end=known.start + timedelta(hours=2))
    book.append(LOG, longer)
    only(book, "I15", "not what was agreed")


def test_a_session_that_is_counted_twice_is_found(book: Book) -> None:
    number = full.session(book)
    book.append(LOG, _closed(book, number))
    assert "counts an appointment twice" in _findings(book)
    assert "do not add up" in _findings(book)


def test_a_session_that_was_called_off_and_counted_is_found(book: Book) -> None:
    number = full.appointment(book)
    book.append(LOG, e.AppointmentCancelled(author="anna", appointment=number, reason="asked"))
    book.append(LOG, _closed(book, number))
    assert "called off" in _findings(book)


@pytest.mark.parametrize("change", ["ends_at = ends_at + 600000000", "state = 'open'"])
def test_a_table_that_adds_up_to_something_else_is_found(book: Book, change: str) -> None:
    full.session(book)
    book.run(f"UPDATE bookings SET {change}")  # noqa: S608 - a constant
    assert "do not add up" in _findings(book)


def test_less_than_no_time_is_found(book: Book) -> None:
    book.append(LOG, e.SessionLogged(author="noor", modality="f2f", minutes=-5))
    only(book, "I15", "less than no time")


def _findings(book: Book) -> str:
    return " ".join(finding.what for finding in faults_in(book)["I15"].findings)
