"""Planting faults in a store, and what the audit then says."""

import sqlalchemy as sa

from storage import audit as audits
from storage import tables as t
from storage.audits.report import Check
from tests.storage.book import Book


def faults_in(book: Book) -> dict[str, Check]:
    found = audits.audit(book.store)
    assert found.holds == all(check.holds for check in found.checks)
    return {check.invariant: check for check in found.checks if not check.holds}


def only(book: Book, invariant: str, what: str) -> Check:
    """The one invariant that is broken, and that one of its findings says what is wrong."""
    faults = faults_in(book)
    assert list(faults) == [invariant], faults
    assert any(what in finding.what for finding in faults[invariant].findings), faults
    return faults[invariant]


def unguarded(book: Book, *statements: str, **values: object) -> None:
    """Change the log behind its triggers' back, and leave them as they were."""
    off, on = (
        ["ALTER TABLE entries DISABLE TRIGGER USER"],
        ["ALTER TABLE entries ENABLE TRIGGER USER"],
    )
    if not book.store.postgresql:
        off = ["DROP TRIGGER entries_no_update", "DROP TRIGGER entries_no_delete"]
        on = list(t.SQLITE_TRIGGERS)
    with book.store.writer.begin() as connection:
        for statement in (*off, *statements, *on):
            query = sa.text(statement)
            known = {name: values[name] for name in query._bindparams if name in values}
            connection.execute(query, known)
