"""The part of the first schema that web chat needs; frozen with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def make() -> None:
    """Make the tables of web chat: who may open a page, what only the page has."""
    op.create_table(
        "chat_codes",
        _text("code_hash"),
        _text("account"),
        _text("address"),
        _big("expires_at"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_chat_codes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chat_notes",
        _text("id"),
        _text("account"),
        _text("address"),
        _big("at"),
        _bytes("sealed"),
        sa.PrimaryKeyConstraint("id", name="pk_chat_notes"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chat_notes_account_address", "chat_notes", ["account", "address"])
    op.create_table(
        "chat_sessions",
        _text("token_hash"),
        _text("account"),
        _text("address"),
        _text("language"),
        _big("created_at"),
        _big("seen_at"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_chat_sessions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chat_sessions_account_address", "chat_sessions", ["account", "address"])
    op.create_table(
        "chat_uploads",
        _text("id"),
        _text("account"),
        _text("address"),
        _big("created_at"),
        sa.Column("fetched_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_chat_uploads"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chat_uploads_account_address", "chat_uploads", ["account", "address"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)
