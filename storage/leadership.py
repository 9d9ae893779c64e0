"""One reader per account: the process that may listen, among several on one PostgreSQL.

1. The leader holds a session lock of the database on a connection of its own: when the process or
   its connection dies, the lock is free.
2. A leader asks every few seconds whether its connection still lives; one that was cut off stops
   listening, so that two processes never read one account for longer than that.
3. On SQLite there is one serving process, and it leads.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.engine import Store

ASK_AGAIN = 2.0
PROVE_EVERY = 3.0


@asynccontextmanager
async def leading(store: Store, scope: str) -> AsyncIterator[None]:
    """Wait until this process leads ``scope``, then lead it inside the block.

    A leader that loses its connection is cancelled and sees StoreError.
    """
    if not store.postgresql:
        yield
        return
    connection = await _won(store, scope)
    task = asyncio.current_task()
    lost = False

    async def prove() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(PROVE_EVERY)
            try:
                await asyncio.to_thread(_alive, connection)
            except sa.exc.DBAPIError:
                lost = True
                if task is not None:
                    task.cancel()
                return

    proof = asyncio.create_task(prove())
    try:
        yield
    except asyncio.CancelledError:
        if not lost:
            raise
        raise StoreError(f"the connection that led {scope} is gone") from None
    finally:
        proof.cancel()
        with suppress(asyncio.CancelledError):
            await proof
        await asyncio.to_thread(_let_go, connection)


async def _won(store: Store, scope: str) -> sa.Connection:
    while True:
        connection = await asyncio.to_thread(_try, store, scope)
        if connection is not None:
            return connection
        await asyncio.sleep(ASK_AGAIN)


def _try(store: Store, scope: str) -> sa.Connection | None:
    number = int.from_bytes(hashlib.sha256(scope.encode()).digest()[:8], "big", signed=True)
    try:
        connection = store.readers.connect().execution_options(isolation_level="AUTOCOMMIT")
    except sa.exc.DBAPIError as error:
        raise StoreError(f"cannot ask who reads {scope}") from error
    try:
        won = connection.execute(
            sa.select(sa.func.pg_try_advisory_lock(sa.literal(number, sa.BigInteger)))
        ).scalar()
    except sa.exc.DBAPIError as error:
        connection.close()
        raise StoreError(f"cannot ask who reads {scope}") from error
    if won:
        connection.detach()  # it is ours until the end, and must not return to the pool locked
        return connection
    connection.close()
    return None


def _alive(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SELECT 1")


def _let_go(connection: sa.Connection) -> None:
    with suppress(sa.exc.DBAPIError):
        connection.close()
