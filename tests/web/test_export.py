"""An export: whole, checkable without us, harmless to open, and made while it is read."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.core import entries as e
from bridge.core.content import Attachment, Code, Link, Media, MediaKind, Style, Styled, Text
from bridge.core.notices import NoticeKey
from bridge.runtime.texts import Catalogue
from bridge.web.export import Exporter
from storage import queries
from storage.blobs import Blobs
from storage.writer import Writer
from tests.storage.book import Book

LOG = "anna-2026"
NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'x'"


async def _export(book: Book, language: str = "en") -> bytes:
    exporter = Exporter(book.store, Blobs(book.store), Catalogue())
    parts = exporter.export(LOG, language=language, zone=ZoneInfo("Europe/Amsterdam"), now=NOW)
    return b"".join([part async for part in parts])


async def _attach(book: Book, number: int, name: str, data: bytes | None) -> None:
    """Post a photo; without data its bytes never came."""
    own = f"{LOG}/{number}/file"
    file = Attachment(id=own, mime="image/jpeg", name=name, size=len(data or b""))
    writer = Writer(book.store)
    writer.run(
        lambda unit: unit.put_blob(
            trajectory=LOG, owner="anna", network="telegram", account="main", file=file
        )
    )
    writer.close()

    async def chunks() -> AsyncIterator[bytes]:
        yield data or b""

    if data is not None:
        await Blobs(book.store).store(own, chunks(), 10**6)
    photo = Media(MediaKind.PHOTO, file, caption=("see",))
    book.append(LOG, e.MessagePosted(author="anna", network="t", to=("noor",), content=photo))


def _unpacked(data: bytes, folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
        return {name: archive.read(name) for name in archive.namelist()}


def _verify(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify.py"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


async def test_an_export_holds_the_log_the_files_and_their_proof(
    named: Book, tmp_path: Path
) -> None:
    await _attach(named, 9, "../../my page.jpg", b"\xff\xd8 a photo")
    named.append(
        LOG, e.NoticeGiven(party="noor", notice=NoticeKey.NOBODY_YET), e.TrajectoryClosed()
    )
    found = _unpacked(await _export(named), tmp_path)
    lines = [json.loads(line) for line in found["log.jsonl"].splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, 12))
    assert lines[4]["text"] == "I read ten pages"
    assert found["files/9-my_page.jpg"] == b"\xff\xd8 a photo"
    manifest = json.loads(found["manifest.json"])
    line = queries.trajectory(named.store, LOG)
    assert line is not None
    assert (manifest["entries"], manifest["head"]) == (11, line.head)
    assert set(manifest["sha256"]) == set(found) - {"manifest.json"}
    assert manifest["missing"] == {}
    assert _verify(tmp_path) == (0, "whole: 11 lines\n")


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        ("chain.jsonl", '"kind":"party_added"', '"kind":"party_removed"', "line 2 is not what"),
        ("chain.jsonl", '"seq":3', '"seq":4', "line 3 is not what"),
        ("log.jsonl", "ten pages", "two pages", "log.jsonl is not what was exported"),
        ("manifest.json", '"entries": 8', '"entries": 9', "does not end where it should"),
    ],
)
async def test_whoever_changes_an_export_is_found_out(
    named: Book, tmp_path: Path, file: str, old: str, new: str, wrong: str
) -> None:
    _unpacked(await _export(named), tmp_path)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    code, said = _verify(tmp_path)
    assert code == 1
    assert wrong in said


async def test_lines_cut_off_the_end_are_missed(named: Book, tmp_path: Path) -> None:
    _unpacked(await _export(named), tmp_path)
    lines = (tmp_path / "chain.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "chain.jsonl").write_text("".join(lines[:-1]))
    assert _verify(tmp_path)[0] == 1


async def test_the_page_shows_words_and_runs_nothing(named: Book, tmp_path: Path) -> None:
    body = (HOSTILE, Styled(Style.BOLD, (HOSTILE,)), Link("javascript:alert(1)", ("here",)))
    named.append(
        LOG,
        e.MessagePosted(
            author="anna", network="t", to=("noor",), content=Text((*body, Code(HOSTILE)))
        ),
        e.MessageEdited(author="anna", target=5, to=("noor",), content=Text((HOSTILE,))),
        e.ReactionSet(author="noor", target=5, to=("anna",), emoji=("<b>",)),
    )
    named.run("UPDATE people SET name = '<i>Anna</i>' WHERE id = 'anna'")
    page = _unpacked(await _export(named), tmp_path)["log.html"].decode()
    assert "<script" not in page
    assert "<i>" not in page
    assert "<b>" not in page
    assert 'href="javascript' not in page
    assert page.count("&lt;script&gt;") == 4
    assert "<del>I read ten pages</del>" in page
    assert "default-src 'none'" in page


async def test_the_page_is_in_the_language_of_its_reader(named: Book, tmp_path: Path) -> None:
    named.append(LOG, e.NoticeGiven(party="noor", notice=NoticeKey.NOBODY_YET))
    english = _unpacked(await _export(named), tmp_path)["log.html"].decode()
    dutch = _unpacked(await _export(named, "nl"), tmp_path)["log.html"].decode()
    assert 'lang="en"' in english
    assert 'lang="nl"' in dutch
    assert "Logboek" in dutch
    assert "10:00 CET" in dutch  # nine o'clock UTC
    assert "Coachbridge</h2><small>" in dutch
    assert "· notice ·" in english
    assert "· mededeling ·" in dutch
    assert "notice given" not in english + dutch


async def test_erased_words_and_files_that_cannot_be_had_are_told(
    named: Book, tmp_path: Path
) -> None:
    await _attach(named, 9, "never.jpg", None)
    await _attach(named, 10, "damaged.jpg", b"whole")
    await _attach(named, 11, "there.jpg", b"fine")
    named.run("UPDATE blob_chunks SET data = :x WHERE blob = :b", x=b"x" * 40, b=f"{LOG}/10/file")
    found = _unpacked(await _export(named), tmp_path)
    manifest = json.loads(found["manifest.json"])
    assert manifest["missing"] == {"files/9-never.jpg": 9, "files/10-damaged.jpg": 10}
    assert found["files/11-there.jpg"] == b"fine"
    named.run("UPDATE data_keys SET wrapped = NULL, destroyed_at = 1 WHERE owner = 'anna'")
    found = _unpacked(await _export(named), tmp_path / "erased")
    assert "(erased)" in found["log.html"].decode()
    assert "I read ten pages" not in str(found)
    assert _verify(tmp_path / "erased")[0] == 0


async def test_a_long_log_comes_in_pieces_and_may_be_broken_off(named: Book) -> None:
    posted = e.MessagePosted(author="anna", network="t", to=(), content=Text(("word " * 50,)))
    for _ in range(3):
        named.append(LOG, *[posted] * 500)
    exporter = Exporter(named.store, Blobs(named.store), Catalogue())
    for _ in range(12):  # more often than there are connections to read with
        parts = exporter.export(LOG, language="en", zone=ZoneInfo("UTC"), now=NOW)
        async with aclosing(parts):
            taken = [len(await anext(parts)) for _ in range(4)]
        assert max(taken) < 100_000
    assert len(_names(await _export(named))) == 6


def _names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()
