"""How processes on one PostgreSQL wake each other: NOTIFY in a commit, LISTEN on a connection.

1. A call says "look", and nothing else: what there is to do is in the tables, so a call that is
   lost or doubled does no harm. Whoever listens also looks by itself now and then.
2. It is part of the transaction: nobody is called before the commit, or for one that was undone.
3. A process calls only for what it does not see to itself. What it feeds to its own lanes would
   otherwise be claimed by everybody at once; and all commits that call wait for one another, for
   PostgreSQL keeps notifications in the order of the commits.
4. On SQLite one process serves: nothing is called, nothing listens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.errors import StoreError
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import sqlalchemy as sa

    from storage.engine import Store

CHANNEL = "coachbridge"
_CALL = Sql("SELECT pg_notify(?, '')")
_CONNECT_SECONDS = 10
_KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""A listener never speaks: without these a peer that vanished would be waited for for ever."""


def call(connection: sa.Connection) -> None:
    """Wake the other processes once this transaction is committed; on PostgreSQL only."""
    _CALL.rows(connection, CHANNEL)


async def calls(store: Store) -> AsyncGenerator[None]:
    """Yield once when we hear, for what was missed before, and then with each call.

    On a connection of its own. Raises StoreError when that does not come about or is lost.
    """
    import psycopg  # ten megabytes that a bridge on SQLite has no use for

    _, where = store.writer.dialect.create_connect_args(store.url)
    where.pop("context", None)  # SQLAlchemy's own conversions; nothing is converted here
    try:
        connection = await psycopg.AsyncConnection.connect(
            autocommit=True,
            **{"connect_timeout": _CONNECT_SECONDS, **_KEEPALIVE, **where},
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            yield
            async for _ in connection.notifies():
                yield
    except psycopg.Error as error:
        text = str(error).strip().partition("\n")[0] or type(error).__name__
        raise StoreError(f"the connection that listens is gone: {text}") from error
