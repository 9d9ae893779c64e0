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
from storage import arrays

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

Value = str | int | bytes | bool | None
Row = tuple[Value, ...]
"""Values on their way in."""

MOST_IN_ONE = 256
MOST_ROWS = 32
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

    __slots__ = ("_arrays", "_many", "_postgresql", "_sqlite", "_written")

    def __init__(
        self, text: str, postgresql: str = "", many: str = "", types: Sequence[str] = ()
    ) -> None:
        """``postgresql`` is added to the end on PostgreSQL, such as FOR UPDATE.

        ``many`` does the same for several rows at once, which stand in ``VALUES (*)``; on
        PostgreSQL they come as arrays of these ``types``, one for each parameter.
        """
        self._sqlite = text
        self._many = many
        self._written: dict[int, str] = {}
        self._postgresql = f"{text} {postgresql}".replace("?", "%s")
        self._arrays = (
            many.replace("VALUES (*)", _unnest(types)).replace("?", "%s") if types else ""
        )

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
            if self._arrays:
                return connection.exec_driver_sql(self._arrays, arrays.columns(rows)).rowcount
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
        self._written: dict[int | tuple[str, ...], Sql] = {}

    def rows(self, connection: sa.Connection, keys: Collection[Row]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows for all the keys, asked for a few hundred at a time."""
        waiting = list(keys)
        is_sqlite = connection.dialect.name == "sqlite"
        for start in range(0, len(waiting), MOST_IN_ONE):
            part = waiting[start : start + MOST_IN_ONE]
            if not is_sqlite:
                yield from self._typed(part).rows(connection, *arrays.columns(part))
                continue
            # Filled up with NULL to a power of two: the database sees few different statements.
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
            known = Sql(self._text.replace("(*)", f"({places})"))
            self._written[size] = known
        return known

    def _typed(self, keys: Sequence[Row]) -> Sql:
        """Return the statement for keys of these types, which come as arrays."""
        types = tuple(arrays.guess(column) for column in zip(*keys, strict=True))
        known = self._written.get(types)
        if known is None:
            text = self._text.replace("IN (*)", f"= ANY(?::{types[0]}[])")
            known = Sql(text.replace("(*)", f"({_unnest(types)})"), self._postgresql)
            self._written[types] = known
        return known


def _unnest(types: Sequence[str]) -> str:
    """Return what stands for rows that come as arrays; their columns are named as in VALUES."""
    names = ", ".join(f"column{n}" for n in range(1, len(types) + 1))
    rows = ", ".join(f"?::{one}[]" for one in types)
    return f"SELECT * FROM unnest({rows}) AS u({names})"  # noqa: S608 - types and numbers of ours


def insert(table: sa.Table, *, ignore: bool = False, end: str = "") -> Sql:
    """Return an INSERT of all columns, in the table's order; ``end`` is its ON CONFLICT."""
    names = [column.name for column in table.columns]
    end = "ON CONFLICT DO NOTHING" if ignore else end
    into = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES"
    types = [arrays.type_name(column) for column in table.columns]
    return Sql(
        f"{into} ({', '.join('?' * len(names))}) {end}",
        many=f"{into} (*) {end}",
        types=types,
    )


def update(table: sa.Table, *names: str, keys: int = 1, also: str = "") -> Sql:
    """Return an UPDATE of columns; the last names are those of the key, ``also`` a condition."""
    changed, key = names[:-keys], names[-keys:]
    to = f"UPDATE {table.name} SET "  # noqa: S608 - our schema's names
    one = ", ".join(f"{name} = ?" for name in changed)
    many = ", ".join(f"{name} = v.column{n}" for n, name in enumerate(changed, start=1))
    found = " AND ".join(
        f"{table.name}.{name} = v.column{n}" for n, name in enumerate(key, start=len(changed) + 1)
    )
    alone = " AND ".join(f"{name} = ?" for name in key)
    return Sql(
        f"{to}{one} WHERE {alone}{also}",
        many=f"{to}{many} FROM (VALUES (*)) AS v WHERE {found}{also}",
        types=[arrays.type_name(table.columns[name]) for name in names],
    )
