"""Attachments: their bytes, encrypted in chunks as they come in, decrypted as they go out.

1. A chunk is sealed under the data key of (trajectory, owner) and bound to its blob, its number
   and whether it is the last; so chunks cannot be swapped, left out, cut off or moved elsewhere.
   With the key destroyed nothing of the attachment can be read any more.
2. Memory holds a few chunks of one attachment, never the whole; the database is written in short
   transactions, so that a slow network does not keep other writers waiting.
3. What was not stored whole leaves no bytes behind; what a crash left is dropped on the next try.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core.errors import Rejected, StoreError
from storage import codec, crypto
from storage import tables as t
from storage.engine import store_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from storage.crypto import Sealer
    from storage.engine import Store

CHUNK = 256 * 1024
"""Bytes of an attachment in one chunk; only the last one may be smaller."""

OVERHEAD = crypto.NONCE_BYTES + 16
"""Bytes a sealed chunk is longer than what it holds."""

_AT_ONCE = 4
"""Chunks written in one transaction, and read in one go."""


class PendingBlob(msgspec.Struct, frozen=True):
    """An attachment whose bytes are still to be fetched; ``ref`` is for the adapter only."""

    id: str
    trajectory: str
    owner: str
    network: str
    account: str
    ref: str
    mime: str
    name: str
    size: int
    attempts: int
    age: timedelta


def seal_field(sealer: Sealer, blob: str, name: str, text: str) -> bytes:
    """Return a field of a blob's row (``ref`` or ``name``), sealed for its place."""
    return sealer.seal(text.encode(), crypto.fields(blob, name))


def open_field(sealer: Sealer, blob: str, name: str, sealed: bytes | None) -> str:
    """Return a field of a blob's row, '' when there is none. Raises StoreError when damaged."""
    return sealer.open(sealed, crypto.fields(blob, name)).decode() if sealed else ""


def chunk_binding(blob: str, n: int, *, last: bool) -> bytes:
    """Return the associated data of a chunk."""
    return crypto.fields(blob, n.to_bytes(4, "big"), b"last" if last else b"more")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Blobs:
    """Keeps and reads attachments; its methods run the database in threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = _utc_now) -> None:
        self._store = store
        self._clock = clock

    async def store(self, blob: str, chunks: AsyncIterator[bytes], limit: int) -> int:
        """Keep the bytes of a pending attachment; return how many there were.

        Raises Rejected when there are more than ``limit`` bytes, StoreError when they cannot be
        kept, and whatever ``chunks`` raises; in each case nothing is left of them.
        """
        sealer = await asyncio.to_thread(self._begin, blob)
        try:
            return await self._keep(blob, sealer, chunks, limit)
        except BaseException:
            # Also when cancelled: the thread ends what it does, whoever waits for it.
            await asyncio.shield(asyncio.to_thread(self._drop, blob))
            raise

    async def _keep(
        self, blob: str, sealer: Sealer, chunks: AsyncIterator[bytes], limit: int
    ) -> int:
        digest = hashlib.sha256()
        buffer = bytearray()
        ready: list[tuple[int, bytes]] = []
        size = number = 0
        async for piece in chunks:
            size += len(piece)
            if size > limit:
                raise Rejected("too_big", f"more than {limit} bytes")
            digest.update(piece)
            buffer += piece
            # One whole chunk stays behind: only the end tells which chunk is the last.
            while len(buffer) > CHUNK:
                plain = bytes(buffer[:CHUNK])
                del buffer[:CHUNK]
                ready.append((number, sealer.seal(plain, chunk_binding(blob, number, last=False))))
                number += 1
                if len(ready) == _AT_ONCE:
                    await asyncio.to_thread(self._write, blob, ready)
                    ready = []
        bound_to = chunk_binding(blob, number, last=True)
        ready.append((number, sealer.seal(bytes(buffer), bound_to)))
        await asyncio.to_thread(self._finish, blob, ready, size, digest.digest())
        return size

    async def read(self, attachment: str) -> AsyncIterator[bytes]:
        """Yield the bytes in chunks of at most 256 KiB.

        Raises StoreError when there is no such attachment, when it was erased, and, at the latest
        after the last chunk, when anything of it was changed.
        """
        sealer, count, known = await asyncio.to_thread(self._open, attachment)
        digest = hashlib.sha256()
        for start in range(0, count, _AT_ONCE):
            end = min(start + _AT_ONCE, count)
            for number, data in await asyncio.to_thread(self._read, attachment, start, end):
                last = number == count - 1
                plain = sealer.open(data, chunk_binding(attachment, number, last=last))
                digest.update(plain)
                yield plain
        if digest.digest() != known:
            raise StoreError(f"attachment {attachment} is not what was stored")

    async def pending(self, limit: int, now: datetime | None = None) -> list[PendingBlob]:
        """Return attachments to be fetched now, oldest first; erased ones are given up."""
        return await asyncio.to_thread(self._pending, limit, now or self._clock())

    async def later(self, blob: str, seconds: float) -> None:
        """Try a pending attachment again after so many seconds."""
        at = codec.micros(self._clock() + timedelta(seconds=seconds))
        await asyncio.to_thread(self._later, blob, at)

    async def fail(self, blob: str, reason: str) -> None:
        """Give a pending attachment up; ``reason`` is a code."""
        await asyncio.to_thread(self._fail, blob, reason)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        try:
            with self._store.writer.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise store_error(error) from error
        except sa.exc.TimeoutError:
            raise StoreError("the database is busy") from None

    def _begin(self, blob: str) -> Sealer:
        """Forget what an earlier try left; return the key to seal with."""
        c = t.blobs.c
        with self._writing() as connection:
            query = sa.select(c.trajectory, c.owner).where(c.id == blob, c.state == "pending")
            row = connection.execute(query).first()
            if row is None:
                raise StoreError(f"attachment {blob} is not waited for")
            sealer = self._store.keyring().find(connection, *row)
            if sealer is None:
                raise StoreError(f"attachment {blob}: its key was destroyed")
            connection.execute(sa.delete(t.blob_chunks).where(t.blob_chunks.c.blob == blob))
        return sealer

    def _write(self, blob: str, chunks: list[tuple[int, bytes]]) -> None:
        with self._writing() as connection:
            self._insert(connection, blob, chunks)

    def _insert(
        self, connection: sa.Connection, blob: str, chunks: list[tuple[int, bytes]]
    ) -> None:
        rows = [{"blob": blob, "n": number, "data": data} for number, data in chunks]
        connection.execute(t.blob_chunks.insert(), rows)

    def _finish(self, blob: str, chunks: list[tuple[int, bytes]], size: int, digest: bytes) -> None:
        """Write the last chunks and say in the same commit that it is whole."""
        c, chunk, count = t.blobs.c, t.blob_chunks.c, chunks[-1][0] + 1
        with self._writing() as connection:
            self._insert(connection, blob, chunks)
            stored = {"state": "stored", "size": size, "sha256": digest, "chunks": count}
            done = connection.execute(
                sa.update(t.blobs)
                .where(c.id == blob, c.state == "pending", self._readable())
                .values(**stored, ref=None, reason="", not_before=None)
            )
            kept = sa.select(sa.func.count()).select_from(t.blob_chunks).where(chunk.blob == blob)
            if done.rowcount != 1 or connection.execute(kept).scalar_one() != count:
                raise StoreError(f"attachment {blob} was settled or erased meanwhile")

    def _readable(self) -> sa.ColumnElement[bool]:
        key = t.data_keys.c
        return sa.exists().where(
            key.trajectory == t.blobs.c.trajectory,
            key.owner == t.blobs.c.owner,
            key.wrapped.is_not(None),
        )

    def _drop(self, blob: str) -> None:
        """Remove the chunks of what did not become whole; a stored attachment stays."""
        pending = sa.select(t.blobs.c.id).where(t.blobs.c.state != "stored")
        chunk = t.blob_chunks.c
        with self._writing() as connection:
            connection.execute(
                sa.delete(t.blob_chunks).where(chunk.blob == blob, chunk.blob.in_(pending))
            )

    def _open(self, blob: str) -> tuple[Sealer, int, bytes]:
        c = t.blobs.c
        query = sa.select(c.trajectory, c.owner, c.state, c.chunks, c.sha256).where(c.id == blob)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
            if row is None or row.state != "stored":
                raise StoreError(f"there is no attachment {blob}")
            sealer = self._store.keyring().find(connection, row.trajectory, row.owner)
        if sealer is None:
            raise StoreError(f"attachment {blob} was erased")
        return sealer, row.chunks, row.sha256

    def _read(self, blob: str, start: int, end: int) -> list[tuple[int, bytes]]:
        c = t.blob_chunks.c
        query = sa.select(c.n, c.data).where(c.blob == blob, c.n >= start, c.n < end).order_by(c.n)
        with self._store.reading() as connection:
            found = [(number, data) for number, data in connection.execute(query)]
        if [number for number, _ in found] != list(range(start, end)):
            raise StoreError(f"parts of attachment {blob} are missing")
        return found

    def _pending(self, limit: int, now: datetime) -> list[PendingBlob]:
        c = t.blobs.c
        at = codec.micros(now)
        due = sa.or_(c.not_before.is_(None), c.not_before <= at)
        query = (
            sa.select(t.blobs)
            .where(sa.text("state = 'pending'"), due)
            .order_by(c.created_at, c.id)
            .limit(limit)
        )
        keys = self._store.keyring()
        found: list[PendingBlob] = []
        erased: list[str] = []
        with self._store.reading() as connection:
            for row in connection.execute(query):
                sealer = keys.find(connection, row.trajectory, row.owner)
                if sealer is None:
                    erased.append(row.id)
                    continue
                found.append(
                    PendingBlob(
                        id=row.id,
                        trajectory=row.trajectory,
                        owner=row.owner,
                        network=row.network,
                        account=row.account,
                        ref=open_field(sealer, row.id, "ref", row.ref),
                        mime=row.mime,
                        name=open_field(sealer, row.id, "name", row.name),
                        size=row.size,
                        attempts=row.attempts,
                        age=now - codec.instant(row.created_at),
                    )
                )
        for blob in erased:
            self._fail(blob, "erased")
        return found

    def _later(self, blob: str, at: int) -> None:
        c = t.blobs.c
        with self._writing() as connection:
            connection.execute(
                sa.update(t.blobs)
                .where(c.id == blob, c.state == "pending")
                .values(attempts=c.attempts + 1, not_before=at)
            )

    def _fail(self, blob: str, reason: str) -> None:
        c = t.blobs.c
        with self._writing() as connection:
            connection.execute(
                sa.update(t.blobs)
                .where(c.id == blob, c.state == "pending")
                .values(state="failed", reason=reason, ref=None, not_before=None)
            )
        self._drop(blob)
