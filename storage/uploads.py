"""Files that come in through a page of ours: kept whole before the message that shows them.

1. The bytes go straight from the request into encrypted chunks; nothing lies about in the clear.
2. A row is made that nobody fetches for an hour; what is not whole by then is given up as any
   file that cannot be had, and leaves no bytes.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core.errors import StoreError
from storage import codec
from storage import tables as t
from storage.blobs import open_field, seal_field
from storage.engine import store_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from bridge.core.content import Attachment
    from storage.blobs import Blobs
    from storage.engine import Store

UPLOAD_TIME = timedelta(hours=1)


class Kept(msgspec.Struct, frozen=True):
    """A file of a trajectory as its row tells; ``state`` is pending, stored or failed."""

    attachment: str
    trajectory: str
    owner: str
    state: str
    mime: str
    name: str
    size: int


async def upload(
    store: Store,
    blobs: Blobs,
    trajectory: str,
    owner: str,
    file: Attachment,
    chunks: AsyncIterator[bytes],
    limit: int,
    now: datetime,
) -> Attachment:
    """Keep a file of a party; return it with its id and size.

    Raises Rejected when it has more than ``limit`` bytes, StoreError when it cannot be kept.
    """
    own = f"{trajectory}/up-{secrets.token_hex(12)}/file"
    await asyncio.to_thread(_begin, store, own, trajectory, owner, file, now)
    size = await blobs.store(own, chunks, limit)
    return msgspec.structs.replace(file, id=own, ref="", size=size)


def _begin(
    store: Store, blob: str, trajectory: str, owner: str, file: Attachment, now: datetime
) -> None:
    try:
        with store.writer.begin() as connection:
            sealer = store.keyring().find(connection, trajectory, owner)
            if sealer is None:
                raise StoreError(f"{owner} has no key in {trajectory}: nothing can be kept")
            row = {
                "id": blob,
                "trajectory": trajectory,
                "owner": owner,
                "state": "pending",
                "network": "console",
                "account": "main",
                "mime": file.mime,
                "name": seal_field(sealer, blob, "name", file.name),
                "not_before": codec.micros(now + UPLOAD_TIME),
                "created_at": codec.micros(now),
            }
            connection.execute(t.blobs.insert(), row)
    except sa.exc.DBAPIError as error:
        raise store_error(error) from error


def kept(store: Store, attachment: str) -> Kept | None:
    """Return what is known of a file, None when there is none; its name is '' once erased."""
    c = t.blobs.c
    query = sa.select(c.trajectory, c.owner, c.state, c.mime, c.name, c.size)
    with store.reading() as connection:
        row = connection.execute(query.where(c.id == attachment)).first()
        if row is None:
            return None
        trajectory, owner, state, mime, sealed, size = row
        sealer = store.keyring().find(connection, trajectory, owner)
    name = open_field(sealer, attachment, "name", sealed) if sealer is not None else ""
    return Kept(attachment, trajectory, owner, state, mime, name, size)
