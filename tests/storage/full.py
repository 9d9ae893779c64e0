"""What a sound store may hold beside messages: a nudge that was given, a timer, a session."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.nudges import NudgeKind
from scheduling.calendar.quiet import QuietHours
from storage import codec
from storage import tables as t
from storage.agenda import cells
from tests.storage.book import ANNA, Book, delivered

TRAJECTORY = "anna-2026"
MINUTES = 50


def nudge(book: Book) -> None:
    """Anna was nudged when it was due, by day, and the network took it."""
    at = book.at + timedelta(minutes=10)
    planned = book.append(
        TRAJECTORY,
        e.NudgePlanned(
            author="noor",
            client="anna",
            nudge=NudgeKind.PROMPT,
            at=at,
            until=at + timedelta(days=1),
            text="a step?",
        ),
    )
    given = e.NudgeGiven(
        author="noor",
        target=planned,
        client="anna",
        nudge=NudgeKind.PROMPT,
        until=at + timedelta(days=1),
        zone="Europe/Amsterdam",
        quiet=QuietHours(),
        text="a step?",
    )
    seq = book.append(TRAJECTORY, given, minutes=11)
    book.run(
        sa.insert(t.timers).values(
            trajectory=TRAJECTORY,
            name=f"nudge:{planned}",
            at=codec.micros(at),
            next_at=codec.micros(at),
            state="fired",
            round=1,
            failures=0,
            fired_at=codec.micros(book.at),
            error="",
        )
    )
    book.sending(TRAJECTORY, seq, "anna", ANNA, purpose="nudge")
    book.append(TRAJECTORY, delivered(seq, "anna", f"{seq}-out"))


def appointment(book: Book, *, state: str = "held") -> int:
    """Anna has an appointment with Noor, in the log and in the tables; return its number."""
    start = book.at + timedelta(hours=1)
    end = start + timedelta(minutes=MINUTES)
    number = book.append(
        TRAJECTORY,
        e.AppointmentBooked(
            author="anna",
            coach="noor",
            client="anna",
            modality="phone",
            start=start,
            minutes=MINUTES,
        ),
    )
    row = {
        "trajectory": TRAJECTORY,
        "appointment": number,
        "coach": "noor",
        "client": "anna",
        "modality": "phone",
        "starts_at": codec.micros(start),
        "ends_at": codec.micros(end),
        "sequence": 0,
        "state": state,
    }
    book.run(sa.insert(t.bookings).values(row))
    for cell in cells(start, end):
        taken = {"coach": "noor", "cell": cell, "trajectory": TRAJECTORY, "appointment": number}
        book.run(sa.insert(t.booked_cells).values(taken))
    return number


def session(book: Book, minutes: int = MINUTES) -> int:
    """The two held an appointment; return its number."""
    number = appointment(book)
    start = book.states[TRAJECTORY].agenda.appointments[str(number)].start
    held(book, number, minutes, (start - book.at) / timedelta(minutes=1))
    return number


def held(book: Book, number: int, minutes: int = MINUTES, after: float = 0) -> None:
    """A session was opened, and closed after so many minutes."""
    known = book.states[TRAJECTORY].agenda.appointments[str(number)]
    end = known.start + timedelta(minutes=minutes)
    begun = e.SessionOpened(
        appointment=number, coach="noor", client="anna", modality="phone", start=known.start
    )
    book.append(TRAJECTORY, begun, minutes=after)
    over = e.SessionClosed(
        appointment=number,
        coach="noor",
        client="anna",
        modality="phone",
        start=known.start,
        end=end,
        minutes=minutes,
    )
    book.append(TRAJECTORY, over, minutes=minutes)
