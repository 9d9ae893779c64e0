"""The part of the first schema that appointments need; frozen with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make the tables of appointments."""
    _availabilities()
    _bookings()
    _booked_cells()
    _running_sessions()
    _agenda_links()


def _availabilities() -> None:
    op.create_table(
        "availabilities",
        sa.Column("coach", sa.Text, nullable=False),
        sa.Column("offered", sa.Text, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("own", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("coach", name="pk_availabilities"),
    )


def _bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("appointment", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("coach", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("modality", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("trajectory", "appointment", name="pk_bookings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bookings_coach_starts_at", "bookings", ["coach", "starts_at"])
    op.create_index("ix_bookings_client_starts_at", "bookings", ["client", "starts_at"])


def _booked_cells() -> None:
    op.create_table(
        "booked_cells",
        sa.Column("coach", sa.Text, nullable=False),
        sa.Column("cell", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("appointment", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("coach", "cell", name="pk_booked_cells"),
        sqlite_with_rowid=False,
    )
    columns = ["trajectory", "appointment"]
    op.create_index("ix_booked_cells_trajectory_appointment", "booked_cells", columns)


def _running_sessions() -> None:
    op.create_table(
        "running_sessions",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_running_sessions"),
    )


def _agenda_links() -> None:
    op.create_table(
        "agenda_links",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_agenda_links"),
        sa.UniqueConstraint(
            "trajectory", "person", "round", name="uq_agenda_links_trajectory_person_round"
        ),
    )
