"""Keys that wait in the order they came until thousands go to their table at once; SQLite only.

1. The keys of a busy store are scattered over their tables: written with each commit, every row
   would cost a page or two. Appended to ``<table>_young``, fifty of them share a page; when those
   are many, one commit moves all of them, sorted, into the table.
2. The young rows are known in memory too, so they need no index. They are read anew after another
   connection wrote.
3. The first row with a key counts, whichever of the two tables it is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.sql import Row, Sql, insert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import sqlalchemy as sa

MOST = 4_096
"""So many young rows are worth the pages of a move, which takes some 20 ms."""

Known = dict[Row, tuple[Any, ...]]


class Young:
    """The young rows of one table as of the last commit, and the statements about them."""

    def __init__(self, table: sa.Table, young: sa.Table, key_width: int) -> None:
        """The first ``key_width`` columns are the key."""
        names = [column.name for column in table.columns]
        columns, keys = ", ".join(names), ", ".join(names[:key_width])
        self.key_width = key_width
        self.known: Known | None = None  # None = not read yet
        self.add = insert(young)
        self.all = Sql(f"SELECT {columns} FROM {young.name} ORDER BY rowid")  # noqa: S608 - ours
        self.move = Sql(
            f"INSERT OR IGNORE INTO {table.name} ({columns}) "  # noqa: S608 - names of our schema
            f"SELECT {columns} FROM {young.name} ORDER BY {keys}, rowid"
        )
        self.empty = Sql(f"DELETE FROM {young.name}")  # noqa: S608 - a name of our schema

    def forget(self) -> None:
        """Read the rows anew when they are next asked for."""
        self.known = None


class YoungRows:
    """One table's young rows within one transaction."""

    def __init__(self, connection: sa.Connection, shared: Young) -> None:
        self._connection = connection
        self._shared = shared
        self._added: Known = {}
        self._moved = False

    def _before(self) -> Known:
        """Return the rows from before this transaction that are still young."""
        if self._moved:
            return {}
        shared = self._shared
        if shared.known is None:
            known: Known = {}
            _take(known, shared.all.rows(self._connection), shared.key_width)
            shared.known = known
        return shared.known

    def get(self, key: Row) -> tuple[Any, ...] | None:
        """Return the young row with a key."""
        return self._before().get(key) or self._added.get(key)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        yield from self._before().values()
        yield from self._added.values()

    def add(self, rows: Sequence[Row]) -> None:
        """Write rows; move all there are, when they are many."""
        if not rows:
            return
        shared = self._shared
        before = len(self._before())
        shared.add.run_many(self._connection, rows)
        _take(self._added, rows, shared.key_width)
        if before + len(self._added) >= MOST:
            shared.move.run(self._connection)
            shared.empty.run(self._connection)
            self._moved = True
            self._added = {}

    def committed(self) -> None:
        """Keep what was added for the next transaction."""
        known = {} if self._moved else self._shared.known
        if known is None:
            return
        for key, row in self._added.items():
            known.setdefault(key, row)
        self._shared.known = known


def _take(known: Known, rows: Iterable[tuple[Any, ...]], key_width: int) -> None:
    for row in rows:
        known.setdefault(tuple(row[:key_width]), tuple(row))
