"""The part of the first schema that erasing needs; frozen with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make the table of erasures."""
    op.create_table(
        "erasures",
        sa.Column("trajectory", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("trajectory", "person", name="pk_erasures"),
        sqlite_with_rowid=False,
    )
