"""Rows that travel as arrays arrive as they were, whatever stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from storage.arrays import array, columns, guess, type_name
from storage.columns import metadata
from storage.engine import open_store
from storage.keys import MasterKey
from storage.sql import SqlIn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.engine import Store
    from storage.sql import Value
    from tests.support.postgres import Postgres

pytestmark = [pytest.mark.postgres]

TEXTS = [
    *("", " ", "NULL", "null", "{}", "{a,b}", ",", ", x", '"', '\\"', "\\", "\\\\", "\\x41", "'"),
    *("a\nb\tc\r", "suc6 Bram! \U0001f44d", "\u00e9\u0000"[:1], "%s ? $1", "\\N", "\x01", '"},{"'),
]
BYTES = [b"", b"\x00", bytes(range(256)), b"\\x41", b'"{},\\']


@pytest.fixture(scope="module")
def store(postgres_server: Postgres) -> Iterator[Store]:
    with postgres_server.database() as url:
        opened = open_store(url, MasterKey(bytes(range(32))))
        yield opened
        opened.close()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("text", [*TEXTS, None]),
        ("bytea", [*BYTES, None]),
        ("bigint", [0, -1, 2**62, None]),
        ("boolean", [True, False, None]),
        ("text", [None, None]),
        ("bytea", []),
    ],
)
def test_what_goes_in_comes_out(store: Store, name: str, values: Sequence[Value]) -> None:
    with store.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT unnest(%s::{name}[])", (array(values),)).all()
    assert [row[0] for row in found] == list(values)


def test_every_row_is_found_by_keys_that_look_like_something_else(store: Store) -> None:
    find = SqlIn(
        "WITH k(a, b) AS (*) SELECT k.a, CAST(k.b AS BIGINT) FROM k CROSS JOIN meta "
        "WHERE meta.key = 'store_id'",
        width=2,
    )
    keys: list[tuple[Value, ...]] = [(text, number) for number, text in enumerate(TEXTS)]
    with store.reading() as connection:
        assert sorted(find.rows(connection, keys), key=lambda row: row[1]) == keys


def test_columns_are_named_as_postgresql_names_them(store: Store) -> None:
    query = sa.text("SELECT udt_name FROM information_schema.columns WHERE table_name = :t "
                    "AND column_name = :c")  # fmt: skip
    short = {"bool": "boolean", "int4": "integer", "int8": "bigint", "varchar": "text"}
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                about = {"t": table.name, "c": column.name}
                found = connection.execute(query, about).scalar_one()
                assert type_name(column) == short.get(found, found), f"{table.name}.{column.name}"


def test_rows_become_columns() -> None:
    assert columns([(1, "a"), (2, None)]) == ("{1,2}", '{"a",NULL}')
    assert (guess([None, "a"]), guess([None, 1])) == ("text", "bigint")
