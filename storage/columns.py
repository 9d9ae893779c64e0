"""What the tables are made of: one metadata, and a word for each kind of column."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""An id of our own; on SQLite only INTEGER is the row id itself."""

_partial: list[tuple[sa.Index, sa.TextClause]] = []


def key(name: str) -> sa.Column[str]:
    """Return a column of the primary key."""
    return sa.Column(name, sa.Text, primary_key=True)


def text(name: str) -> sa.Column[str]:
    """Return a column of text, '' where nothing is said."""
    return sa.Column(name, sa.Text, nullable=False, default="")


def json(name: str) -> sa.Column[str]:
    """Return a column of JSON, an empty list where nothing is said."""
    return sa.Column(name, sa.Text, nullable=False, default="[]")


def int_(name: str) -> sa.Column[int]:
    """Return a column of whole numbers."""
    return sa.Column(name, sa.Integer, nullable=False, default=0)


def flag(name: str) -> sa.Column[bool]:
    """Return a column of yes or no."""
    return sa.Column(name, sa.Boolean, nullable=False, default=False)


def at(name: str, *, empty: bool = False) -> sa.Column[int]:
    """Return a column of an instant."""
    return sa.Column(name, sa.BigInteger, nullable=empty)


def bytes_(name: str, *, empty: bool = False) -> sa.Column[bytes]:
    """Return a column of what is sealed."""
    return sa.Column(name, sa.LargeBinary, nullable=empty)


def id_() -> sa.Column[int]:
    """Return the column of an id of our own."""
    return sa.Column("id", ROW_ID, primary_key=True)


def partial(name: str, condition: str, *columns: sa.Column[str] | sa.Column[int]) -> None:
    """Put an index on the rows that meet a condition."""
    where = sa.text(condition)
    _partial.append((sa.Index(name, *columns, sqlite_where=where), where))


def complete_for_postgresql() -> None:
    """Say of the partial indexes there too what they hold; before anything else is done there.

    To name PostgreSQL on a table loads its dialect, which takes 3 MB that SQLite can do without.
    """
    for index, where in _partial:
        index.dialect_options["postgresql"]["where"] = where
