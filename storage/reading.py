"""Read a whole log or store as it was at one moment, with memory that does not grow with it.

1. One read-only transaction: a serving process goes on writing beside it.
2. What has to be in another order than it is stored in is sorted by the database, which may use
   temporary files for it; those hold what the tables hold, so words only as ciphertext.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

import sqlalchemy as sa

from storage import tables as t
from storage.engine import store_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.engine import Store

T = TypeVar("T")

Columns = TypeVarTuple("Columns")

_AT_ONCE = 500
_STREAMS = "coachbridge streams"


def built(make: Callable[..., T], *columns: object) -> T:
    """Return a struct from a row's columns, which come in the order of its fields."""
    return make(*columns)


@contextmanager
def long_reading(store: Store) -> Iterator[sa.Connection]:
    """Lend a connection that sees one moment and sorts on disk. Raises StoreError."""
    try:
        with store.readers.connect() as connection:
            _sort_on_disk(connection, on=True)
            try:
                with connection.begin():
                    try:
                        yield connection
                    finally:
                        _close_streams(connection)
            finally:
                _sort_on_disk(connection, on=False)
    except sa.exc.DBAPIError as error:
        raise store_error(error) from error


def streamed(connection: sa.Connection, query: sa.Select[*Columns]) -> sa.CursorResult[*Columns]:
    """Run a query of a long reading whose rows are not to be in memory all at once."""
    result = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    connection.info.setdefault(_STREAMS, []).append(result)
    return result


def _close_streams(connection: sa.Connection) -> None:
    """Close what was not read to its end, while the transaction is still there."""
    for result in connection.info.pop(_STREAMS, ()):
        result.close()


def _sort_on_disk(connection: sa.Connection, *, on: bool) -> None:
    """Let SQLite spill; it refuses to change that inside a transaction."""
    raw = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and raw is not None:
        raw.execute(f"PRAGMA temp_store={'FILE' if on else 'MEMORY'}")


def may_be_read_by(dialect: str, coach: str) -> sa.ColumnElement[bool]:
    """Return the condition that a coach may read an entry: any but an aside between others."""
    c = t.entries.c
    told = f'"to":["{coach}"]'  # the one recipient of an aside; ids hold no sign that is quoted
    if dialect == "postgresql":
        text = sa.func.encode(c.envelope, sa.literal_column("'escape'"))
        to = sa.func.strpos(text, told)
    else:
        to = sa.func.instr(sa.cast(c.envelope, sa.Text), told)
    return sa.or_(c.kind != "aside_posted", c.author == coach, to > 0)


def delivery_target(dialect: str) -> sa.ColumnElement[int]:
    """Return, as SQL, the line that a ``delivery_changed`` entry is about.

    0 where the envelope is damaged: a tampered row must not break a query over all of them.
    """
    envelope = t.entries.c.envelope
    if dialect == "postgresql":
        text = sa.func.encode(envelope, sa.literal_column("'escape'"))
        found = sa.func.substring(text, sa.literal_column("""'"target":([0-9]{1,9})'"""))
        return sa.func.coalesce(sa.cast(found, sa.Integer), 0)
    json = sa.cast(envelope, sa.Text)
    target = sa.func.json_extract(json, "$.target")
    return sa.cast(sa.case((sa.func.json_valid(json) == 1, target), else_=0), sa.Integer)
