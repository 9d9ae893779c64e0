"""The audit finds what was planted about quiet hours and timers; see test_audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.nudges import NudgeKind
from scheduling.calendar.quiet import QuietHours
from tests.storage.planting import faults_in, only

if TYPE_CHECKING:
    from tests.storage.book import Book

LOG = "anna-2026"
SOON = datetime(2030, 1, 2, 9, 0, tzinfo=UTC)
NEVER = QuietHours(0, 0, weekends=False)
NEARLY_ALWAYS = QuietHours(1, 0, weekends=False)


def _plan(book: Book, at: datetime = SOON) -> int:
    planned = e.NudgePlanned(
        author="noor",
        client="anna",
        nudge=NudgeKind.PROMPT,
        at=at,
        until=at + timedelta(days=1),
        text="step?",
    )
    return book.append(LOG, planned)


def _give(book: Book, target: int, quiet: QuietHours = NEVER) -> None:
    given = e.NudgeGiven(
        author="noor",
        target=target,
        client="anna",
        nudge=NudgeKind.PROMPT,
        until=SOON,
        zone="UTC",
        quiet=quiet,
        text="step?",
    )
    book.append(LOG, given)


def _findings(book: Book, invariant: str) -> str:
    return " ".join(finding.what for finding in faults_in(book)[invariant].findings)


def test_a_plan_without_a_timer_is_found(book: Book) -> None:
    _plan(book)
    only(book, "I12", "no timer waits for it")


def test_a_plan_that_was_taken_back_needs_none(book: Book) -> None:
    book.append(LOG, e.NudgeCancelled(author="noor", target=_plan(book), reason="undone"))
    assert not faults_in(book)


def test_two_ends_of_one_plan_are_found(book: Book) -> None:
    seq = _plan(book)
    for _ in range(2):
        book.append(LOG, e.NudgeWithheld(target=seq, client="anna", reason="cap_day"))
    only(book, "I12", "not planned")


def test_a_nudge_before_its_moment_is_found(book: Book) -> None:
    _give(book, _plan(book))
    assert "before its moment" in _findings(book, "I12")


def test_a_nudge_decided_in_quiet_hours_is_found(book: Book) -> None:
    _give(book, _plan(book), NEARLY_ALWAYS)
    assert "decided in the client's quiet hours" in _findings(book, "I8")


def test_a_timer_that_fired_before_its_instant_is_found(book: Book) -> None:
    at = 10**15
    book.run(
        "INSERT INTO timers (trajectory, name, at, next_at, state, round, failures, fired_at, "
        "error) VALUES (:log, 'nudge:1', :at, :at, 'fired', 1, 0, :fired, '')",
        log=LOG,
        at=at,
        fired=at - 1,
    )
    only(book, "I12", "before its instant")
