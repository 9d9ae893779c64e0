"""The part of the first schema that telephone calls need; frozen with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make the tables of calls, of what was answered, and of what is to be read out."""
    _call_answers()
    _call_routes()
    _call_words()


def _call_answers() -> None:
    op.create_table(
        "call_answers",
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("network", "account", "key", name="pk_call_answers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_answers_at", "call_answers", ["at"])


def _call_routes() -> None:
    op.create_table(
        "call_routes",
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("call", name="pk_call_routes"),
        sqlite_with_rowid=False,
    )


def _call_words() -> None:
    op.create_table(
        "call_words",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_call_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_words_at", "call_words", ["at"])
