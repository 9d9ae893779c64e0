"""I11 over the data: what is planted wrong is found, and what is right is not."""

import pytest
import sqlalchemy as sa

from bridge.core import commands as c
from bridge.core import entries as e
from storage.audit import audit
from tests.agenda.kit import Practice
from tests.agenda.test_booking import MONDAY_NINE


def faults(practice: Practice) -> list[str]:
    """Return what the audit finds wrong with slots."""
    found = next(one for one in audit(practice.store).checks if one.invariant == "I11")
    return [one.what for one in found.findings]


@pytest.fixture
def booked(practice: Practice) -> Practice:
    """Anna and Bram have an appointment each."""
    practice.client("anna")
    practice.client("bram")
    practice.does("anna-2026", c.BookSlot("anna", "video", MONDAY_NINE))
    practice.does("bram-2026", c.BookSlot("bram", "video", MONDAY_NINE.replace(hour=9)))
    return practice


def test_what_is_booked_apart_holds(booked: Practice) -> None:
    assert faults(booked) == []


def test_two_logs_that_give_the_same_time_are_found(booked: Practice) -> None:
    double = e.AppointmentBooked(
        author="bram", coach="noor", client="bram", modality="video", start=MONDAY_NINE, minutes=50
    )
    booked.writer.run(lambda unit: unit.append("bram-2026", [double]))
    assert any("given to" in one for one in faults(booked))
    assert "it has no row" in faults(booked)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE bookings SET starts_at = starts_at + 60000000",
            "its row is not what its log says",
        ),
        ("UPDATE bookings SET state = 'cancelled'", "its row is not what its log says"),
        ("DELETE FROM bookings", "it has no row"),
        ("DELETE FROM booked_cells", "other minutes are taken than it lasts"),
        ("UPDATE booked_cells SET appointment = 999", "minutes are taken for what never was"),
    ],
)
def test_tables_that_say_otherwise_are_found(booked: Practice, statement: str, found: str) -> None:
    with booked.store.writer.begin() as connection:
        connection.execute(sa.text(statement))
    assert found in faults(booked)
