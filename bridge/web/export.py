"""A trajectory to take along: one zip with its log for programs and for people, files and proof.

1. It is made while it is sent: nothing stands on the disk in the clear, and memory holds a part.
2. It tells the log up to the entry that was the last when it began.
3. A file that was erased, is damaged or did not come yet is named as missing; the rest goes on.
4. Whoever asks was let in before; the words are in the clear in what they get.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from contextlib import closing, contextmanager
from datetime import datetime
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec

from bridge.core.errors import StoreError
from bridge.runtime.told import in_language
from bridge.web import export_page
from storage import export as stored
from storage import queries, timeline

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from bridge.runtime.texts import Catalogue
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.items import Item

_File = tuple[str, "Generator[str, None, None]"]
_AT_ONCE = 100
_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_FOLDER = "files"
_LONGEST = 80
README = """\
A trajectory log from Coachbridge / Een trajectlogboek uit Coachbridge

log.html      to read / om te lezen
log.jsonl     one JSON object per entry / een JSON-object per regel
files/        what was sent / wat er gestuurd is
chain.jsonl   the entries as they are stored, words still encrypted, with their hashes /
              de regels zoals ze bewaard zijn, woorden nog versleuteld, met hun hashes
manifest.json what is in here, and SHA-256 of each file / wat hierin zit, en SHA-256 per bestand

To check that nothing was changed or left out, unpack it and run:
Om na te gaan dat er niets veranderd of weggelaten is, pak het uit en voer uit:

    python verify.py

Compare the "head" in manifest.json with `coachbridge log` of the one who keeps the log: it is the
hash of the last entry, and covers every entry before it.
Vergelijk "head" in manifest.json met `coachbridge log` bij wie het logboek bewaart: het is de hash
van de laatste regel, en dekt alle regels ervoor.
"""
README_OWN = """\
What was written in your trajectory / Wat er in je traject geschreven is

log.html      to read / om te lezen
log.jsonl     the same, one JSON object per line / hetzelfde, een JSON-object per regel
files/        what was sent / wat er gestuurd is
manifest.json what is in here, and SHA-256 of each file / wat hierin zit, en SHA-256 per bestand

It holds what you wrote and what was sent to you. Nothing in it is locked.
Hierin staat wat jij schreef en wat jou gestuurd is. Er zit geen slot op.
"""


class Manifest(msgspec.Struct, frozen=True):
    """What an export holds; ``missing`` names files that could not be had, and their entry."""

    trajectory: str
    title: str
    entries: int
    head: str
    exported_at: datetime
    sha256: dict[str, str]
    missing: dict[str, int]
    format: int = 1


class _Sink:
    """Where the archive is written, to be taken away piece by piece; it cannot go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take in some bytes."""
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """Return what came since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


class _Archive:
    """A zip that is written as it goes, with the hash of each file in it."""

    def __init__(self, at: datetime) -> None:
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w")  # type: ignore[call-overload]  # it only writes
        self._stamp = at.timetuple()[:6]
        self.sha256: dict[str, str] = {}
        self.take = self._sink.take

    @contextmanager
    def file(self, name: str, how: int = ZIP_DEFLATED) -> Iterator[Callable[[bytes], None]]:
        """Lend the function that writes one file; its hash is noted at the end."""
        digest = hashlib.sha256()
        info = ZipInfo(name, self._stamp)
        info.compress_type = how
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:

            def write(data: bytes) -> None:
                digest.update(data)
                file.write(data)

            yield write
        self.sha256[name] = digest.hexdigest()

    def end(self) -> bytes:
        """Close the archive; return its end."""
        self._zip.close()
        return self.take()


class Exporter:
    """Makes exports from one store."""

    def __init__(self, store: Store, blobs: Blobs, catalogue: Catalogue) -> None:
        self._store = store
        self._blobs = blobs
        self._catalogue = catalogue

    async def export(
        self,
        trajectory: str,
        *,
        language: str,
        zone: ZoneInfo,
        now: datetime,
        coach: str | None = None,
        client: str = "",
    ) -> AsyncGenerator[bytes, None]:
        """Yield the archive of a trajectory that exists, piece by piece. Raises StoreError.

        For a ``coach`` asides between others are left out; None is the operator, who gets all. A
        ``client`` gets what they may see, without the chain: that tells of lines of others.
        """
        line = await asyncio.to_thread(queries.trajectory, self._store, trajectory)
        title = (line.title if line else "") or trajectory
        seq, head = await asyncio.to_thread(stored.head, self._store, trajectory)
        archive = _Archive(now)
        files: dict[str, tuple[str, int]] = {}
        missing: dict[str, int] = {}
        proof: tuple[_File, ...] = ()
        if client:
            items = self._items(trajectory, seq, language, None, client)
            first: tuple[_File, ...] = (
                ("README.txt", _one(README_OWN)),
                ("log.jsonl", _seen(items, files)),
            )
        else:
            lines = _lines(self._store, trajectory, seq, files, coach)
            chain = (_json(entry) for entry in stored.chain(self._store, trajectory, seq))
            first = (("README.txt", _one(README)), ("log.jsonl", lines), ("chain.jsonl", chain))
            program = resources.files("bridge.web.exported").joinpath("verify.py")
            proof = (("verify.py", _one(program.read_text("utf-8"))),)
        async for part in _texts(archive, first):
            yield part
        async for part in self._files(archive, files, missing):
            yield part
        named = {key: name for key, (name, _) in files.items() if name not in missing}
        items = self._items(trajectory, seq, language, coach, client)
        page = export_page.page(items, named, title, language, zone)
        async for part in _texts(archive, (("log.html", page), *proof)):
            yield part
        manifest = Manifest(trajectory, title, seq, head, now, dict(archive.sha256), missing)
        async for part in _texts(archive, (("manifest.json", _one(_pretty(manifest))),)):
            yield part
        yield archive.end()

    def _items(
        self, trajectory: str, until: int, language: str, coach: str | None, client: str
    ) -> Iterator[Item]:
        viewer = client or None
        for item in timeline.whole(self._store, trajectory, until, coach=coach, viewer=viewer):
            yield in_language(item, language, self._catalogue)

    async def _files(
        self, archive: _Archive, files: Mapping[str, tuple[str, int]], missing: dict[str, int]
    ) -> AsyncGenerator[bytes, None]:
        """Add the files; what cannot be had, or turns out to be damaged, is noted as missing."""
        for attachment, (name, seq) in files.items():
            chunks = self._blobs.read(attachment)
            try:
                first = await anext(chunks, b"")
                with archive.file(name, ZIP_STORED) as write:
                    write(first)
                    async for chunk in chunks:
                        write(chunk)
                        yield archive.take()
            except StoreError:
                missing[name] = seq
            yield archive.take()


async def _texts(
    archive: _Archive, texts: Iterable[tuple[str, Generator[str, None, None]]]
) -> AsyncGenerator[bytes, None]:
    """Add files of text; they are made and packed in threads, some lines at a time."""
    for name, lines in texts:
        with closing(lines), archive.file(name) as write:
            while part := await asyncio.to_thread(_some, lines):
                await asyncio.to_thread(write, part)
                yield archive.take()
    yield archive.take()


def _some(lines: Iterator[str]) -> bytes:
    return "".join(islice(lines, _AT_ONCE)).encode()


def _one(text: str) -> Generator[str, None, None]:
    yield text


def _json(value: object) -> str:
    return f"{msgspec.json.encode(value).decode()}\n"


def _pretty(value: object) -> str:
    return f"{msgspec.json.format(msgspec.json.encode(value)).decode()}\n"


def _lines(
    store: Store,
    trajectory: str,
    until: int,
    files: dict[str, tuple[str, int]],
    coach: str | None,
) -> Generator[str, None, None]:
    """Yield the log as JSON; note each file with the name it gets in the archive."""
    with closing(queries.log(store, trajectory, coach)) as lines:
        for line in lines:
            if line.seq > until:
                break
            if line.media is not None and line.media.attachment:
                files[line.media.attachment] = (_named(line.seq, line.media.name), line.seq)
            yield _json(line)


def _seen(items: Iterator[Item], files: dict[str, tuple[str, int]]) -> Generator[str, None, None]:
    """Yield what a client sees as JSON; note each file with the name it gets in the archive."""
    for item in items:
        if item.media is not None and item.media.attachment:
            files[item.media.attachment] = (_named(item.seq, item.media.name), item.seq)
        yield _json(item)


def _named(seq: int, name: str) -> str:
    """Return a name no program stumbles over, nor is led out of the folder by."""
    safe = _SAFE.sub("_", name).strip("._")[-_LONGEST:]
    return f"{_FOLDER}/{seq}-{safe or 'file'}"
