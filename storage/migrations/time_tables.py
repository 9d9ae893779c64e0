"""The part of the first schema that time needs; frozen with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make the tables of what is to happen later."""
    _timers()


def _timers() -> None:
    op.create_table(
        "timers",
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("fired_at", sa.BigInteger, nullable=True),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("trajectory", "name", name="pk_timers"),
        sqlite_with_rowid=False,
    )
    where = sa.text("state = 'waiting'")
    op.create_index(
        "ix_timers_due", "timers", ["next_at"], sqlite_where=where, postgresql_where=where
    )
