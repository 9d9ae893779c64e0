"""The row of a file whose bytes are still to be fetched; the bytes are the matter of ``blobs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.errors import StoreError
from storage.blobs import seal_field
from storage.sql import Sql

if TYPE_CHECKING:
    from bridge.core.content import Attachment
    from storage.transaction import Transaction

_FIND = Sql("SELECT id, state, size, reason, sha256 FROM blobs WHERE id = ?")
_PUT = Sql(
    "INSERT INTO blobs (id, trajectory, owner, state, network, account, ref, mime, name, size, "
    "chunks, reason, attempts, created_at) "
    "VALUES (?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, 0, '', 0, ?) ON CONFLICT (id) DO NOTHING"
)


_DROP_CHUNKS = Sql("DELETE FROM blob_chunks WHERE blob = ?")
_DROP = Sql(
    "UPDATE blobs SET state = 'failed', reason = 'deleted', ref = NULL, chunks = 0 WHERE id = ?"
)


_DROP_ALL_CHUNKS = Sql(
    "DELETE FROM blob_chunks WHERE blob IN "
    "(SELECT id FROM blobs WHERE trajectory = ? AND owner = ?)"
)
_DROP_ALL = Sql(
    "UPDATE blobs SET state = 'failed', reason = 'erased', ref = NULL, name = NULL, sha256 = NULL, "
    "chunks = 0 WHERE trajectory = ? AND owner = ? AND reason <> 'erased'"
)


class BlobRow(msgspec.Struct, frozen=True):
    """Where the bytes of a file stand: ``pending``, ``stored`` or ``failed``; size in bytes.

    ``sha256`` of the plain bytes in hexadecimal, once they are stored.
    """

    id: str
    state: str
    size: int
    reason: str
    sha256: str = ""


def find_blob(tx: Transaction, blob: str) -> BlobRow | None:
    """Return where a file stands, None when it was never wanted."""
    rows = _FIND.rows(tx.connection, blob)
    for number, state, size, reason, digest in rows:
        return BlobRow(number, state, size, reason, bytes(digest).hex() if digest else "")
    return None


def put_blob(
    tx: Transaction, trajectory: str, owner: str, network: str, account: str, file: Attachment
) -> None:
    """Note that the bytes of a file are wanted; they are fetched after the commit.

    ``file`` has our id and the vendor's reference. A blob that is known already stays as it is.
    """
    sealer = tx.sealer(trajectory, owner)
    if sealer is None:
        raise StoreError(f"the file {file.id} cannot be kept: the key of its words was destroyed")
    _PUT.run(
        tx.connection,
        *(file.id, trajectory, owner, network, account),
        seal_field(sealer, file.id, "ref", file.ref),
        file.mime,
        seal_field(sealer, file.id, "name", file.name),
        file.size,
        tx.at,
    )


def drop_blob(tx: Transaction, blob: str) -> None:
    """Delete the bytes of a file and where they came from."""
    _DROP_CHUNKS.run(tx.connection, blob)
    _DROP.run(tx.connection, blob)


def drop_blobs(tx: Transaction, trajectory: str, owner: str) -> int:
    """Delete the bytes of all files of an owner, and what told what they were; return how many."""
    _DROP_ALL_CHUNKS.run(tx.connection, trajectory, owner)
    return _DROP_ALL.run(tx.connection, trajectory, owner)
