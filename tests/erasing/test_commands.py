"""`coachbridge erase`, `backup` and `restore` as an operator types them."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage import backup

if TYPE_CHECKING:
    from tests.cli.conftest import Folder
    from tests.support.postgres import LocalPostgres


@pytest.fixture
def applied(folder: Folder) -> Folder:
    """Noor coaches Anna."""
    folder.well("apply", "practice.toml")
    return folder


def _name(folder: Folder) -> str:
    with folder.opened() as offline:
        person = offline.writer.run(lambda unit: unit.person("anna"))
    assert person is not None
    return person.name


def test_erase_wants_to_be_sure(applied: Folder) -> None:
    ended = applied.run("erase", "anna")
    assert ended.code == 1
    assert "--yes" in ended.err
    assert _name(applied) == "Anna"


@pytest.mark.parametrize(("typed", "code"), [("anna\n", 0), ("Anne\n", 1)])
def test_at_a_terminal_the_id_is_typed(applied: Folder, typed: str, code: int) -> None:
    ours, theirs = pty.openpty()
    try:
        running = subprocess.Popen(
            [sys.executable, "-c", "from bridge.cli import main; main()", "erase", "anna"],
            cwd=applied.path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.write(ours, typed.encode())
        out, err = running.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert running.returncode == code, err
    assert "cannot be undone" in out
    assert _name(applied) == ("Anna" if code else "anna")


def test_erase_says_what_it_did_and_then_that_nothing_is_left(applied: Folder) -> None:
    out = applied.well("erase", "anna", "--yes")
    assert "anna is erased in anna-2026" in out
    assert str(applied.path / "coachbridge.erasures") in out
    assert "nothing left to erase of anna" in applied.well("erase", "anna", "--yes")
    assert applied.run("audit").code == 0
    lines = [json.loads(line) for line in applied.well("log", "anna-2026", "--json").splitlines()]
    assert [one["kind"] for one in lines][-1] == "party_erased"
    assert '"Anna"' not in json.dumps(lines)


def test_somebody_who_is_not_there_is_said(applied: Folder) -> None:
    ended = applied.run("erase", "carla", "--yes")
    assert (ended.code, "nobody 'carla'" in ended.err) == (1, True)
    ended = applied.run("erase", "anna", "--trajectory", "elsewhere", "--yes")
    assert (ended.code, "was never in" in ended.err) == (1, True)


def test_the_practice_file_brings_nobody_back(applied: Folder) -> None:
    applied.well("erase", "anna", "--yes")
    out = applied.well("apply", "practice.toml")
    assert "! anna was erased and stays so" in out
    assert "nothing changed" in out
    assert _name(applied) == "anna"


def test_the_ledger_may_stand_elsewhere(applied: Folder, tmp_path: Path) -> None:
    config = applied.path / "coachbridge.toml"
    config.write_text(f'{config.read_text()}\n[keys]\nerasures = "{tmp_path}/far.ledger"\n')
    applied.well("erase", "anna", "--yes")
    assert (tmp_path / "far.ledger").stat().st_mode & 0o777 == 0o600
    assert not (applied.path / "coachbridge.erasures").exists()


def test_nothing_is_erased_where_the_ledger_cannot_be_written(applied: Folder) -> None:
    config = applied.path / "coachbridge.toml"
    config.write_text(f'{config.read_text()}\n[keys]\nerasures = "missing/x.ledger"\n')
    ended = applied.run("erase", "anna", "--yes")
    assert (ended.code, "[keys] erasures" in ended.err) == (2, True)
    assert _name(applied) == "Anna"


def test_a_backup_is_private_and_whole_and_overwrites_nothing(applied: Folder) -> None:
    file = applied.path / "monday.backup"
    applied.well("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    key = (applied.path / "coachbridge.key").read_bytes().strip()
    assert key not in file.read_bytes()
    before = file.read_bytes()
    ended = applied.run("backup", str(file))
    assert (ended.code, "is there already" in ended.err) == (1, True)
    assert file.read_bytes() == before
    assert [one.name for one in applied.path.glob(".monday*")] == []


def test_who_was_erased_after_the_backup_is_erased_after_the_restore(applied: Folder) -> None:
    applied.well("backup", "monday.backup")
    applied.well("erase", "anna", "--yes")
    ended = applied.run("restore", "monday.backup")
    assert (ended.code, "--replace" in ended.err) == (1, True)
    ended = applied.run("restore", "monday.backup", "--replace")
    assert ended.code == 0
    assert "erased again" in ended.err
    out = ended.out.splitlines()
    assert out[-1].startswith("audit: ")
    assert "1 erased before, and still" in out[-2]
    assert _name(applied) == "anna"
    shown = applied.well("log", "anna-2026", "--json")
    assert json.loads(shown.splitlines()[-1])["kind"] == "party_erased"
    assert applied.run("audit").code == 0


def test_what_only_the_old_store_knew_is_in_the_ledger_first(applied: Folder) -> None:
    applied.well("backup", "monday.backup")
    applied.well("erase", "anna", "--yes")
    (applied.path / "coachbridge.erasures").unlink()
    assert applied.run("restore", "monday.backup", "--replace").code == 0
    assert _name(applied) == "anna"


def test_a_copy_put_back_by_hand_is_erased_again_at_the_next_command(applied: Folder) -> None:
    applied.well("backup", "monday.backup")
    applied.well("erase", "anna", "--yes")
    with applied.opened() as offline:
        url = str(offline.store.url.render_as_string(hide_password=False))
    backup.put_back(url, applied.path / "monday.backup", replace=True)
    ended = applied.run("audit")
    assert ended.code == 1
    assert "I13" in ended.out
    assert "has it, this store does not know of it" in ended.out
    ended = applied.run("migrate")
    assert ended.code == 0
    assert applied.run("audit").code == 0


def test_another_file_is_no_backup(applied: Folder) -> None:
    ended = applied.run("restore", "practice.toml", "--replace")
    assert (ended.code, "is no backup of a" in ended.err) == (1, True)
    ended = applied.run("restore", "missing.backup", "--replace")
    assert (ended.code, "there is no file" in ended.err) == (1, True)


def test_a_restore_begins_a_store_where_there_is_none(
    applied: Folder, own_postgres: LocalPostgres, tmp_path: Path
) -> None:
    applied.well("backup", "monday.backup")
    with applied.opened() as offline:
        on_postgresql = offline.store.postgresql
    other = own_postgres.create_database() if on_postgresql else f"sqlite:///{tmp_path}/other.db"
    applied.configure(other)
    out = applied.well("restore", "monday.backup")
    assert "audit: " in out
    assert _name(applied) == "Anna"


async def test_a_store_that_is_served_is_not_replaced(applied: Folder) -> None:
    with applied.opened() as offline:
        if offline.store.postgresql:
            applied.well("backup", "monday.backup")
            ended = applied.run("restore", "monday.backup", "--replace")
            assert (ended.code, "stop every bridge" in ended.err) == (1, True)
            return
        applied.well("backup", "monday.backup")
        offline.store.lock_process()
        ended = applied.run("restore", "monday.backup", "--replace")
        assert (ended.code, "already in use" in ended.err) == (2, True)


def test_where_the_programs_of_postgresql_are_missing_the_command_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PROGRAMS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    url = "postgresql+psycopg://bridge:hidden@127.0.0.1:9/practice"
    with pytest.raises(Exception, match=r"pg_dump --format=custom --file=FILE") as caught:
        backup.back_up(url, tmp_path / "x.backup")
    assert "hidden" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    """Two rows are always written together; a copy has both or none."""
    file = tmp_path / "busy.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE pairs (n, half)")
        for number in range(40):
            writer.execute("BEGIN")
            writer.execute("INSERT INTO pairs VALUES (?, 'left')", (number,))
            if number % 10 == 5:
                backup.back_up(f"sqlite:///{file}", tmp_path / f"{number}.backup")
            writer.execute("INSERT INTO pairs VALUES (?, 'right')", (number,))
            writer.execute("COMMIT")
    for number in (5, 15, 25, 35):
        with closing(sqlite3.connect(tmp_path / f"{number}.backup")) as copy:
            rows = copy.execute("SELECT half, COUNT(*) FROM pairs GROUP BY half").fetchall()
        assert dict(rows) == {"left": number, "right": number}


def test_what_a_crash_left_of_the_old_store_does_not_get_into_the_new(tmp_path: Path) -> None:
    """A write-ahead log that nobody wrote back would be read beside the copy."""
    live, crashed = tmp_path / "live.db", tmp_path / "crashed.db"
    with closing(sqlite3.connect(live, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE said (words)")
        connection.execute("INSERT INTO said VALUES ('monday')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        backup.back_up(f"sqlite:///{live}", tmp_path / "monday.backup")
        connection.execute("INSERT INTO said VALUES ('tuesday')")
        for left in ("", "-wal"):
            Path(f"{crashed}{left}").write_bytes(Path(f"{live}{left}").read_bytes())
    backup.put_back(f"sqlite:///{crashed}", tmp_path / "monday.backup", replace=True)
    with closing(sqlite3.connect(crashed)) as restored:
        assert restored.execute("SELECT words FROM said").fetchall() == [("monday",)]


def test_what_rows_left_in_free_pages_is_gone_when_a_file_is_written_anew(tmp_path: Path) -> None:
    """Some builds of SQLite overwrite what they delete, and some do not."""
    file = tmp_path / "used.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE left (words)")
        connection.executemany("INSERT INTO left VALUES (?)", [("zwaluwstaart",)] * 500)
        connection.execute("DELETE FROM left")
    assert b"zwaluwstaart" in b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert backup.rewrite(f"sqlite:///{file}") == ""
    assert b"zwaluwstaart" not in b"".join(one.read_bytes() for one in tmp_path.iterdir())
