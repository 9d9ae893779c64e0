"""`token` and `export`, as an operator runs them."""

import re
import stat
import zipfile

import pytest

from bridge.runtime.tokens import token_hash
from storage import tokens
from storage.writer import Writer
from tests.cli.conftest import Folder


@pytest.fixture
def applied(folder: Folder) -> Folder:
    """A folder whose practice was applied."""
    folder.well("apply", "practice.toml")
    return folder


def _made(said: str) -> tuple[str, str]:
    token = re.search(r"^token: (cbt_\S{43})$", said, re.MULTILINE)
    name = re.search(r"^id: (\w{8})$", said, re.MULTILINE)
    assert token is not None
    assert name is not None
    return token[1], name[1]


def test_a_token_is_shown_once_and_kept_as_a_hash(applied: Folder) -> None:
    token, name = _made(applied.well("token", "noor", "--scope", "write", "--scope", "read"))
    with applied.opened() as offline:
        now = Writer(offline.store).now()
        line = tokens.find(offline.store, token_hash(token), now)
        assert line is not None
        assert (line.id, line.person, line.scopes) == (name, "noor", ("read", "write"))
        assert tokens.find(offline.store, token_hash(token + "x"), now) is None
    for file in applied.path.glob("coachbridge.db*"):
        assert token.encode() not in file.read_bytes()


def test_tokens_are_listed_and_revoked(applied: Folder) -> None:
    token, name = _made(applied.well("token", "noor", "--days", "7"))
    listed = applied.well("token", "noor", "--list")
    assert listed.startswith(f"{name}  read  made ")
    assert "until" in listed
    assert token not in listed
    assert applied.well("token", "noor", "--revoke", name) == f"token {name} is revoked\n"
    assert "revoked" in applied.well("token", "noor", "--list")
    assert applied.well("token", "anna", "--list") == ""
    again = applied.run("token", "noor", "--revoke", name)
    assert again.code == 1
    assert "coachbridge token noor --list" in again.err


def test_nobody_else_revokes_a_token_and_nobody_unknown_gets_one(applied: Folder) -> None:
    _, name = _made(applied.well("token", "noor"))
    assert applied.run("token", "anna", "--revoke", name).code == 1
    ended = applied.run("token", "nobody")
    assert ended.code == 1
    assert "there is no person 'nobody'" in ended.err
    assert applied.run("token", "noor", "--scope", "everything").code == 2
    assert applied.run("token", "noor", "--days", "0").code == 2


def test_an_export_is_written_for_its_owners_eyes(applied: Folder) -> None:
    said = applied.well("export", "anna-2026", "--out", "anna.zip")
    out = applied.path / "anna.zip"
    assert said.startswith(f"anna.zip: {out.stat().st_size} bytes")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as archive:
        assert "manifest.json" in archive.namelist()
    assert [path.name for path in applied.path.glob(".anna*")] == []


def test_an_export_overwrites_nothing_and_needs_a_trajectory(applied: Folder) -> None:
    (applied.path / "there.zip").write_text("mine")
    ended = applied.run("export", "anna-2026", "--out", "there.zip")
    assert ended.code == 1
    assert "is there already" in ended.err
    assert (applied.path / "there.zip").read_text() == "mine"
    assert applied.run("export", "nothing", "--out", "new.zip").code == 1
    assert applied.run("export", "anna-2026", "--out", "no/folder.zip").code == 1
    assert not (applied.path / "new.zip").exists()
