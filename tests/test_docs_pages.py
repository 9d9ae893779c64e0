"""What the pages tell beside their tables is true too: links, commands, metrics, the backup."""

import re
import shlex
import sqlite3
import subprocess
import sys
import typing
from contextlib import closing
from pathlib import Path

import pytest
from typer.main import get_command

from bridge.cli.commands import app
from storage.audit import audit
from storage.engine import open_store
from storage.keys import load_master_key
from tests.test_docs import metrics

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page as GitHub makes them from its headings."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        other = (page.parent / file).resolve() if file else page
        assert other.is_file(), f"{name}: {target}"
        assert not anchor or anchor in anchors(other), f"{name}: {target}"


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs/index.md"
    targets = re.findall(r"\]\(([^)\s#]+)", index.read_text(encoding="utf-8"))
    led = {(index.parent / target).resolve() for target in targets}
    assert {index, *(one.resolve() for one in PAGES)} - led == {index}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_is_named_exists(name: str) -> None:
    root: typing.Any = get_command(app)
    text = (ROOT / name).read_text(encoding="utf-8")
    for line in re.findall(r"(?<![\w./-])coachbridge ((?:[a-z]+ ?|--)[^`\n]*)", _code(text)):
        words = line.split()
        command = root
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert command is not root or words[0].startswith("--"), f"{name}: coachbridge {line}"
        known = {option for one in (command, root) for p in one.params for option in p.opts}
        named = set(re.findall(r"(?<!\S)--[a-z-]+", line.partition(" < ")[0]))
        assert named <= known | {"--help"}, f"{name}: coachbridge {line}"


def _code(text: str) -> str:
    """Return what stands in shell blocks and code spans, one per line."""
    fenced = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*fenced, *(f" {span}" for span in re.findall(r"`([^`\n]+)`", rest))])


def test_the_metrics_to_watch_exist() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    watched = re.findall(r"^\| `(coachbridge_\w+)` \|", text, re.MULTILINE)
    assert watched
    assert [name for name in watched if f"`{name}`" not in metrics()] == []


def test_the_backup_can_be_made_while_somebody_writes_and_restored(tmp_path: Path) -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^python3 -c .*$", text, re.MULTILINE)
    key = load_master_key(tmp_path / "coachbridge.key", {})
    store = open_store(f"sqlite:///{tmp_path / 'coachbridge.db'}", key)
    try:
        with store.writer.connect() as connection:
            connection.exec_driver_sql("UPDATE meta SET value = '7' WHERE key = 'registry_version'")
            words = [sys.executable, *shlex.split(command)[1:]]
            subprocess.run(words, cwd=tmp_path, check=True)
            connection.rollback()
    finally:
        store.close()
    (tmp_path / "restored").mkdir()
    restored = (tmp_path / "backup.db").rename(tmp_path / "restored/coachbridge.db")
    again = open_store(f"sqlite:///{restored}", key, create=False)
    try:
        assert audit(again).holds
    finally:
        again.close()
    with closing(sqlite3.connect(restored)) as kept:
        found = kept.execute("SELECT value FROM meta WHERE key = 'registry_version'")
        assert found.fetchone() == ("0",)
