"""Statements as text for both databases, run with tuples: the fast path of the writer.

SQLAlchemy's own construction costs more per row than SQLite itself; its engine, pool, transactions
and errors stay in use. Everything here is constant text; values only ever travel as parameters.
"""

from __future__ import annotations

import sqlite3
from itertools import chain
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bridge.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

Value = str | int | bytes | bool | None
Row = tuple[Value, ...]
"""Values on their way in."""

MOST_IN_ONE = 256
MOST_ROWS = 64
"""In one statement that writes; SQLite takes 32,766 values."""


def _sqlite(connection: sa.Connection, text: str, values: tuple[Value, ...]) -> sqlite3.Cursor:
    """Run a statement by the driver itself: SQLAlchemy's way there costs more than the statement.

    Raises what SQLAlchemy would, without any value. The transaction was begun by the caller.
    """
    raw = connection.connection.driver_connection
    if raw is None:
        raise StoreError("the database is closed")
    try:
        cursor: sqlite3.Cursor = raw.execute(text, values)
    except sqlite3.Error as error:
        failed = sa.exc.DBAPIError.instance(
            text, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
        )
        raise failed from error
    return cursor


class Sql:
    """One statement, its parameters written as ``?``."""

    __slots__ = ("_many", "_postgresql", "_sqlite", "_written")

    def __init__(self, text: str, postgresql: str = "", many: str = "") -> None:
        """``postgresql`` is added to the end on PostgreSQL, such as FOR UPDATE.

        ``many`` does the same on SQLite for several rows, which stand in ``(*)``.
        """
        self._sqlite = text
        self._many = many
        self._written: dict[int, str] = {}
        self._postgresql = f"{text} {postgresql}".replace("?", "%s")

    def rows(self, connection: sa.Connection, *values: Value) -> Sequence[tuple[Any, ...]]:
        """Run it once; return all its rows."""
        if connection.dialect.name == "sqlite":
            return _sqlite(connection, self._sqlite, values).fetchall()
        return connection.exec_driver_sql(self._postgresql, values).all()

    def run(self, connection: sa.Connection, *values: Value) -> int:
        """Run it once; return how many rows it changed."""
        if connection.dialect.name == "sqlite":
            return _sqlite(connection, self._sqlite, values).rowcount
        return connection.exec_driver_sql(self._postgresql, values).rowcount

    def run_many(self, connection: sa.Connection, rows: Sequence[Row]) -> int:
        """Run it for each row; return how many rows it changed altogether."""
        if not rows:
            return 0
        if len(rows) == 1:
            return self.run(connection, *rows[0])
        if connection.dialect.name != "sqlite":
            return connection.exec_driver_sql(self._postgresql, list(rows)).rowcount
        if not self._many:
            return sum(self.run(connection, *row) for row in rows)
        # The driver gives the interpreter away for each statement it runs, and gets it back when
        # the event loop's thread lets it: so a few statements, with many rows each.
        changed = start = 0
        while start < len(rows):
            size = min(MOST_ROWS, 1 << ((len(rows) - start).bit_length() - 1))
            values = tuple(chain.from_iterable(rows[start : start + size]))
            text = self._sized(size, len(rows[0]))
            changed += _sqlite(connection, text, values).rowcount
            start += size
        return changed

    def _sized(self, size: int, width: int) -> str:
        known = self._written.get(size)
        if known is None:
            row = f"({', '.join('?' * width)})"
            known = self._many.replace("(*)", ", ".join([row] * size))
            self._written[size] = known
        return known


class SqlIn:
    """A SELECT for many keys at once.

    Keys of one value stand in ``IN (*)``. Wider ones stand in ``WITH k(a, b, …) AS (*)`` and are
    joined by ``FROM k CROSS JOIN``: for ``(a, b) IN (VALUES …)`` SQLite reads the whole table.
    """

    __slots__ = ("_one", "_postgresql", "_text", "_width", "_written")

    def __init__(self, text: str, width: int = 1, postgresql: str = "") -> None:
        self._text = text
        self._postgresql = postgresql
        self._width = width
        self._one = "?" if width == 1 else f"({', '.join('?' * width)})"
        self._written: dict[int, Sql] = {}

    def rows(self, connection: sa.Connection, keys: Collection[Row]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows for all the keys, asked for a few hundred at a time."""
        waiting = list(keys)
        for start in range(0, len(waiting), MOST_IN_ONE):
            part = waiting[start : start + MOST_IN_ONE]
            # Filled up with NULL to a power of two: the databases see few different statements.
            size = 1 << (len(part) - 1).bit_length()
            part += [(None,) * self._width] * (size - len(part))
            values = chain.from_iterable(part)
            yield from self._sized(size).rows(connection, *values)

    def _sized(self, size: int) -> Sql:
        known = self._written.get(size)
        if known is None:
            places = ", ".join([self._one] * size)
            if self._width > 1:
                places = f"VALUES {places}"
            known = Sql(self._text.replace("(*)", f"({places})"), self._postgresql)
            self._written[size] = known
        return known


def insert(table: sa.Table, *, ignore: bool = False) -> Sql:
    """Return an INSERT of all columns, in the table's order."""
    names = [column.name for column in table.columns]
    end = "ON CONFLICT DO NOTHING" if ignore else ""
    into = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES"
    return Sql(f"{into} ({', '.join('?' * len(names))}) {end}", many=f"{into} (*) {end}")


def update(table: sa.Table, *names: str) -> Sql:
    """Return an UPDATE of columns; the last name is that of the key."""
    *changed, key = names
    to = f"UPDATE {table.name} SET "  # noqa: S608 - our schema's names
    one = ", ".join(f"{name} = ?" for name in changed)
    many = ", ".join(f"{name} = v.column{n}" for n, name in enumerate(changed, start=1))
    return Sql(
        f"{to}{one} WHERE {key} = ?",
        many=f"{to}{many} FROM (VALUES (*)) AS v WHERE {table.name}.{key} = v.column{len(names)}",
    )
