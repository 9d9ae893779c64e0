"""The part of the first schema that time needs; frozen with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make the tables of what is to happen later."""
    _timers()
    _nudges()
    _paces()


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


def _nudges() -> None:
    op.create_table(
        "nudges",
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("coach", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("series", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("event_at", sa.BigInteger, nullable=True),
        sa.Column("settled_at", sa.BigInteger, nullable=True),
        sa.Column("given_seq", sa.Integer, nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=True),
        sa.Column("answer_seq", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("trajectory", "seq", name="pk_nudges"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_nudges_client", "nudges", ["client", "state", "settled_at"])
    op.create_index("ix_nudges_coach", "nudges", ["coach", "settled_at"])
    op.create_index("ix_nudges_given", "nudges", ["trajectory", "given_seq"])


def _paces() -> None:
    op.create_table(
        "paces",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("quiet_begins", sa.Integer, nullable=True),
        sa.Column("quiet_ends", sa.Integer, nullable=True),
        sa.Column("weekends", sa.Boolean, nullable=True),
        sa.Column("per_day", sa.Integer, nullable=True),
        sa.Column("per_week", sa.Integer, nullable=True),
        sa.Column("own_day", sa.Integer, nullable=True),
        sa.Column("own_week", sa.Integer, nullable=True),
        sa.Column("paused_until", sa.BigInteger, nullable=True),
        sa.Column("later_until", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("person", name="pk_paces"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nudge_templates",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("from_file", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("person", "name", name="pk_nudge_templates"),
        sqlite_with_rowid=False,
    )
