"""What one transaction learns of a row reaches the next ones: as it was left, and at a commit."""

import pytest

from storage.caches import ReadThrough
from storage.lru import Lru


class Table:
    """Rows of a database, and how often it was asked for each."""

    def __init__(self, **rows: int) -> None:
        self.rows = rows
        self.asked: list[str] = []

    def load(self, keys: list[str]) -> dict[str, int]:
        self.asked += keys
        return {key: self.rows[key] for key in keys}


@pytest.fixture
def table() -> Table:
    return Table(anna=1, bram=1, cleo=1)


@pytest.fixture
def shared() -> Lru[str, int]:
    return Lru(8)


def test_what_was_looked_up_is_asked_for_once(table: Table, shared: Lru[str, int]) -> None:
    for _ in range(3):
        rows = ReadThrough(shared, table.load)
        assert [rows.get("anna"), rows.get("anna")] == [1, 1]
        rows.commit(shared)
    assert table.asked == ["anna"]


def test_without_a_commit_nobody_else_learns_of_it(table: Table, shared: Lru[str, int]) -> None:
    ReadThrough(shared, table.load).get("anna")
    assert "anna" not in shared


def test_what_was_changed_is_passed_on_as_it_is_now(table: Table, shared: Lru[str, int]) -> None:
    rows = ReadThrough(shared, table.load)
    rows.fetch(("anna", "bram"))
    rows.commit(shared)
    rows = ReadThrough(shared, table.load)
    rows.fetch(("anna", "bram"))
    table.rows["anna"] = 2
    rows.changed("anna")
    assert [rows.get("anna"), rows.get("bram")] == [2, 1]
    rows.commit(shared)
    assert [shared.get("anna"), shared.get("bram")] == [2, 1]
    assert table.asked == ["anna", "bram", "anna"], "who comes next need not ask"


def test_what_was_changed_and_not_looked_at_again_is_forgotten(
    table: Table, shared: Lru[str, int]
) -> None:
    rows = ReadThrough(shared, table.load)
    rows.fetch(("anna", "bram"))
    rows.changed("anna")
    rows.commit(shared)
    assert shared.get("anna") is None
    assert shared.get("bram") == 1


def test_after_a_change_of_everything_nothing_older_is_left(
    table: Table, shared: Lru[str, int]
) -> None:
    rows = ReadThrough(shared, table.load)
    rows.fetch(("anna", "bram"))
    rows.commit(shared)
    rows = ReadThrough(shared, table.load)
    rows.fetch(("bram", "cleo"))
    table.rows |= {"anna": 2, "bram": 2, "cleo": 2}
    rows.all_changed()
    assert rows.get("anna") == 2
    rows.commit(shared)
    assert [shared.get(key) for key in ("anna", "bram", "cleo")] == [2, None, None]
