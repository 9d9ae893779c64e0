"""`coachbridge demo` plays to its end, keeps to itself and leaves nothing behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("coachbridge"))
SECONDS = 20

SAID = (
    "Yes, I agree",
    "Voor wie is dit?",
    "(edited)",
    "← 👏",
    "[photo]",
    "not clear whether it arrived → sent",
    "(possibly sent twice)",
    "entries are append-only",
    "all hold",
    "Nothing of it is left",
)


@pytest.mark.slow
def test_the_demo_tells_its_story_and_leaves_nothing(tmp_path: Path) -> None:
    rest, mine = tmp_path / "rest", tmp_path / "mine"
    rest.mkdir()
    mine.mkdir()
    (mine / "coachbridge.toml").write_text("this is not even TOML")
    environment = {
        **os.environ,
        "TMPDIR": str(rest),
        "PYTHONIOENCODING": "utf-8",
        # The operator's own settings: none of them may count.
        "COACHBRIDGE_STORE__URL": f"sqlite:///{mine / 'mine.db'}",
        "COACHBRIDGE_TELEGRAM__OTHER__TOKEN": "100200:mine",
    }
    began = time.monotonic()
    done = subprocess.run(
        [PROGRAM, "demo"],
        cwd=mine,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    took = time.monotonic() - began
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    assert [words for words in SAID if words not in told] == []
    assert list(rest.iterdir()) == []
    assert [file.name for file in mine.iterdir()] == ["coachbridge.toml"]
    assert took < SECONDS
