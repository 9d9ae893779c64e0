"""I7: the database itself refuses to change the log; the triggers that do so are in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage import tables as t

if TYPE_CHECKING:
    from storage.audits.report import Tally

_POSTGRESQL = {"entries_no_change": 27, "entries_no_truncate": 34}
"""By name, the bits of pg_trigger.tgtype: (row, before, delete, update), (before, truncate)."""


def check(tally: Tally, connection: sa.Connection) -> None:
    """Judge that nothing but INSERT is possible on entries."""
    if connection.dialect.name == "sqlite":
        _sqlite(tally, connection)
    else:
        _postgresql(tally, connection)


def _sqlite(tally: Tally, connection: sa.Connection) -> None:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
    kept = {row[0]: row[1] for row in connection.exec_driver_sql(query)}
    for text in t.SQLITE_TRIGGERS:
        name = text.split()[2]
        tally.require(kept.get(name) == text, f"trigger {name}", "it is missing or was changed")


def _postgresql(tally: Tally, connection: sa.Connection) -> None:
    query = sa.text(
        "SELECT g.tgname, g.tgtype, g.tgenabled, p.proname, p.prosrc FROM pg_trigger g "
        "JOIN pg_proc p ON p.oid = g.tgfoid "
        "WHERE g.tgrelid = to_regclass('entries') AND NOT g.tgisinternal"
    )
    kept = {row[0]: row[1:] for row in connection.execute(query)}
    for name, bits in _POSTGRESQL.items():
        kind, enabled, function, source = kept.get(name, (0, "", "", ""))
        right = (
            (kind, function) == (bits, "entries_refuse")
            and _text(enabled) in ("O", "A")
            and "RAISE EXCEPTION" in source
        )
        tally.require(right, f"trigger {name}", "it is missing, switched off or was changed")


def _text(value: object) -> str:
    """Return a value of PostgreSQL's type "char", which some drivers give as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)
