"""Attachments: whole or not at all, readable only with their key, and in one order only."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.core.errors import Rejected, StoreError, Unreachable
from storage import codec
from storage import tables as t
from storage.blobs import CHUNK, OVERHEAD, Blobs, seal_field
from storage.reading import long_reading
from tests.storage.book import START, Book

TRAJECTORY = "anna-2026"
PHOTO = "anna-2026/5/file"
NO_LIMIT = 1 << 40


def _wanted(book: Book, name: str = PHOTO, owner: str = "anna", **changed: object) -> None:
    """Note that the bytes of an attachment are wanted."""
    with book.store.writer.begin() as connection:
        sealer = book.keys.make(connection, TRAJECTORY, owner, 1)
        assert sealer is not None
        row: dict[str, object] = {
            "id": name,
            "trajectory": TRAJECTORY,
            "owner": owner,
            "state": "pending",
            "network": "telegram",
            "account": "main",
            "ref": seal_field(sealer, name, "ref", "vendor-file-1"),
            "mime": "image/jpeg",
            "name": seal_field(sealer, name, "name", "page.jpg"),
            "size": 7,
            "created_at": codec.micros(START),
        }
        connection.execute(t.blobs.insert().values(**row | changed))


async def _pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def _kept(book: Book, data: bytes, name: str = PHOTO, size: int = 100_000) -> Blobs:
    _wanted(book, name)
    blobs = Blobs(book.store)
    assert await blobs.store(name, _pieces(data, size), NO_LIMIT) == len(data)
    return blobs


async def _all(blobs: Blobs, name: str = PHOTO) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(name)])


def _chunks(book: Book, name: str = PHOTO) -> list[bytes]:
    c = t.blob_chunks.c
    with long_reading(book.store) as connection:
        query = sa.select(c.data).where(c.blob == name).order_by(c.n)
        return [row[0] for row in connection.execute(query)]


def _row(book: Book, name: str = PHOTO) -> sa.Row[*tuple[object, ...]]:
    with book.store.reading() as connection:
        return connection.execute(sa.select(t.blobs).where(t.blobs.c.id == name)).one()


@pytest.mark.parametrize(
    ("length", "size"),
    [
        (0, 1),
        (1, CHUNK),
        (CHUNK - 1, 70_001),
        (CHUNK, CHUNK),
        (CHUNK + 1, 3 * CHUNK),
        (4 * CHUNK, 3 * CHUNK),
        (9 * CHUNK + 5, 70_001),
    ],
)
async def test_what_is_stored_is_read_in_chunks(book: Book, length: int, size: int) -> None:
    data = os.urandom(length)
    blobs = await _kept(book, data, size=size)
    chunks = [chunk async for chunk in blobs.read(PHOTO)]
    assert b"".join(chunks) == data
    assert all(len(chunk) <= CHUNK for chunk in chunks)
    row = _row(book)
    assert (row.state, row.size, row.ref) == ("stored", length, None)
    assert row.sha256 == hashlib.sha256(data).digest()
    assert row.chunks == len(_chunks(book)) == max(1, -(-length // CHUNK))


async def test_nothing_readable_is_kept(book: Book) -> None:
    words = b"a very private page " * 20_000
    await _kept(book, words)
    kept = b"".join(_chunks(book))
    assert b"private" not in kept
    assert len(kept) == len(words) + OVERHEAD * len(_chunks(book))


async def test_too_many_bytes_are_refused_and_leave_nothing(book: Book) -> None:
    _wanted(book)
    data = os.urandom(6 * CHUNK)
    with pytest.raises(Rejected, match="too_big"):
        await Blobs(book.store).store(PHOTO, _pieces(data, CHUNK), len(data) - 1)
    assert _chunks(book) == []
    assert _row(book).state == "pending"


async def test_a_source_that_breaks_leaves_nothing_and_may_come_again(book: Book) -> None:
    async def broken() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield os.urandom(CHUNK)
        assert len(_chunks(book)) == 4
        raise Unreachable("reset")

    _wanted(book)
    blobs = Blobs(book.store)
    with pytest.raises(Unreachable):
        await blobs.store(PHOTO, broken(), NO_LIMIT)
    assert _chunks(book) == []
    await blobs.store(PHOTO, _pieces(b"whole", 2), NO_LIMIT)
    assert await _all(blobs) == b"whole"


async def test_a_cancelled_fetch_leaves_nothing(book: Book) -> None:
    reached = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield os.urandom(CHUNK)
        reached.set()
        await asyncio.Event().wait()

    _wanted(book)
    task = asyncio.create_task(Blobs(book.store).store(PHOTO, endless(), NO_LIMIT))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _chunks(book) == []


async def test_what_a_crash_left_is_dropped_on_the_next_try(book: Book) -> None:
    _wanted(book)
    for n in range(3):
        book.run(t.blob_chunks.insert().values(blob=PHOTO, n=n, data=os.urandom(50)))
    blobs = Blobs(book.store)
    await blobs.store(PHOTO, _pieces(b"whole", 5), NO_LIMIT)
    assert await _all(blobs) == b"whole"
    assert len(_chunks(book)) == 1


async def test_only_what_is_waited_for_is_stored(book: Book) -> None:
    blobs = await _kept(book, b"first")
    for name in (PHOTO, "unknown"):
        with pytest.raises(StoreError, match="not waited for"):
            await blobs.store(name, _pieces(b"second", 3), NO_LIMIT)
    assert await _all(blobs) == b"first"


def _cut_off(book: Book) -> None:
    book.run(sa.delete(t.blob_chunks).where(t.blob_chunks.c.n == 2))
    book.run(sa.update(t.blobs).values(chunks=2))


def _shortened(book: Book) -> None:
    book.run(sa.delete(t.blob_chunks).where(t.blob_chunks.c.n == 2))


def _swapped(book: Book) -> None:
    first, second, third = _chunks(book)
    for n, data in enumerate((second, first, third)):
        book.run(sa.update(t.blob_chunks).where(t.blob_chunks.c.n == n).values(data=data))


def _damaged(book: Book) -> None:
    data = bytearray(_chunks(book)[1])
    data[1000] ^= 1
    book.run(sa.update(t.blob_chunks).where(t.blob_chunks.c.n == 1).values(data=bytes(data)))


def _lengthened(book: Book) -> None:
    book.run(t.blob_chunks.insert().values(blob=PHOTO, n=3, data=_chunks(book)[0]))
    book.run(sa.update(t.blobs).values(chunks=4))


def _exchanged_digest(book: Book) -> None:
    book.run(sa.update(t.blobs).values(sha256=os.urandom(32)))


@pytest.mark.parametrize(
    "fault", [_cut_off, _shortened, _swapped, _damaged, _lengthened, _exchanged_digest]
)
async def test_a_changed_attachment_is_refused(book: Book, fault: Callable[[Book], None]) -> None:
    blobs = await _kept(book, os.urandom(2 * CHUNK + 100))
    fault(book)
    with pytest.raises(StoreError):
        await _all(blobs)


async def test_chunks_of_another_attachment_of_the_same_person_are_refused(book: Book) -> None:
    blobs = await _kept(book, b"mine")
    await _kept(book, b"also", "anna-2026/9/file")
    (foreign,) = _chunks(book, "anna-2026/9/file")
    book.run(sa.update(t.blob_chunks).where(t.blob_chunks.c.blob == PHOTO).values(data=foreign))
    with pytest.raises(StoreError, match="does not open"):
        await _all(blobs)


def _destroy_key(book: Book) -> None:
    book.run(
        sa.update(t.data_keys)
        .where(t.data_keys.c.owner == "anna")
        .values(wrapped=None, destroyed_at=1)
    )


async def test_an_erased_attachment_cannot_be_read(book: Book) -> None:
    blobs = await _kept(book, b"gone soon")
    _destroy_key(book)
    with pytest.raises(StoreError, match="was erased"):
        await _all(blobs)


async def test_an_attachment_erased_while_it_comes_in_is_not_kept(book: Book) -> None:
    async def erased_meanwhile() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield os.urandom(CHUNK)
        _destroy_key(book)

    _wanted(book)
    with pytest.raises(StoreError, match="erased meanwhile"):
        await Blobs(book.store).store(PHOTO, erased_meanwhile(), NO_LIMIT)
    assert _chunks(book) == []


async def test_an_unknown_attachment_cannot_be_read(book: Book) -> None:
    _wanted(book)
    for name in ("unknown", PHOTO):
        with pytest.raises(StoreError, match="there is no attachment"):
            await _all(Blobs(book.store), name)


async def test_pending_ones_come_oldest_first_with_their_reference(book: Book) -> None:
    later = codec.micros(START + timedelta(seconds=5))
    _wanted(book, "second", created_at=later)
    _wanted(book, "first")
    _wanted(book, "third", created_at=later + 1)
    now = START + timedelta(minutes=1)
    blobs = Blobs(book.store, clock=lambda: now)
    first, second = await blobs.pending(2)
    assert (first.id, second.id) == ("first", "second")
    assert (first.ref, first.name, first.mime) == ("vendor-file-1", "page.jpg", "image/jpeg")
    assert (first.network, first.account, first.size) == ("telegram", "main", 7)
    assert (first.attempts, first.age) == (0, timedelta(minutes=1))


async def test_one_that_is_put_off_comes_back_when_it_is_due(book: Book) -> None:
    _wanted(book)
    blobs = Blobs(book.store, clock=lambda: START)
    await blobs.later(PHOTO, 30)
    assert await blobs.pending(5) == []
    (again,) = await blobs.pending(5, START + timedelta(seconds=30))
    assert again.attempts == 1


async def test_one_that_is_given_up_is_not_fetched_again(book: Book) -> None:
    _wanted(book)
    blobs = Blobs(book.store)
    await blobs.fail(PHOTO, "too_big")
    assert await blobs.pending(5) == []
    row = _row(book)
    assert (row.state, row.reason, row.ref) == ("failed", "too_big", None)


async def test_a_stored_one_cannot_be_given_up(book: Book) -> None:
    blobs = await _kept(book, b"kept")
    await blobs.fail(PHOTO, "too_late")
    assert await _all(blobs) == b"kept"


async def test_one_whose_key_was_destroyed_is_given_up(book: Book) -> None:
    _wanted(book)
    _destroy_key(book)
    blobs = Blobs(book.store)
    assert await blobs.pending(5) == []
    assert (_row(book).state, _row(book).reason) == ("failed", "erased")


async def test_two_fetches_of_one_attachment_leave_one_whole(book: Book) -> None:
    data = os.urandom(11 * CHUNK)
    _wanted(book)
    blobs = Blobs(book.store)
    tries = [blobs.store(PHOTO, _pieces(data, CHUNK), NO_LIMIT) for _ in range(2)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(one, int | StoreError) for one in done)
    if _row(book).state == "stored":
        assert await _all(blobs) == data
    else:
        assert _chunks(book) == []


async def test_memory_holds_a_few_chunks_only(book: Book) -> None:
    """The source is never ahead of what was written by more than is sealed in one go."""
    most = 0
    given = 0

    async def watched() -> AsyncIterator[bytes]:
        nonlocal most, given
        for _ in range(20):
            yield bytes(CHUNK)
            given += 1
            most = max(most, given - len(_chunks(book)))

    _wanted(book)
    await Blobs(book.store).store(PHOTO, watched(), NO_LIMIT)
    assert most <= 5
