"""The chain of a log as it is stored, for somebody who checks it without this program or a key."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from storage import tables as t
from storage.reading import long_reading, streamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store


class ChainLine(msgspec.Struct, frozen=True):
    """One entry as its hash covers it; ``at`` in microseconds since 1970, bytes in base64."""

    seq: int
    at: int
    kind: str
    author: str
    owner: str
    envelope: str
    sealed: str | None
    prev_hash: str
    hash: str


def head(store: Store, trajectory: str) -> tuple[int, str]:
    """Return the number and the hash of the last entry now, (0, '') when there is no such log."""
    c = t.trajectories.c
    with store.reading() as connection:
        row = connection.execute(sa.select(c.seq, c.head_hash).where(c.id == trajectory)).first()
    return (0, "") if row is None else (row.seq, row.head_hash.hex())


def chain(store: Store, trajectory: str, until: int) -> Iterator[ChainLine]:
    """Yield the entries of a log up to a seq, words still sealed. Raises StoreError."""
    c = t.entries.c
    query = (
        sa.select(c.seq, c.at, c.kind, c.author, c.owner, c.envelope, c.sealed, c.prev_hash, c.hash)
        .where(c.trajectory == trajectory, c.seq <= until)
        .order_by(c.seq)
    )
    with long_reading(store) as connection:
        for seq, at, kind, author, owner, envelope, sealed, before, digest in streamed(
            connection, query
        ):
            yield ChainLine(
                seq=seq,
                at=at,
                kind=kind,
                author=author,
                owner=owner,
                envelope=envelope.decode("utf-8", "replace"),
                sealed=None if sealed is None else base64.b64encode(sealed).decode(),
                prev_hash=before.hex(),
                hash=digest.hex(),
            )
