"""`coachbridge demo` shows what it says, keeps to itself and leaves nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("coachbridge"))
SECONDS = 20
TO_THE_PAGE = 10
"""Seconds; three on an idle machine, and tests share theirs."""

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


class Corner:
    """Where a demo is started: a folder with an operator's settings, and one for what it leaves."""

    def __init__(self, folder: Path) -> None:
        self.rest, self.mine = folder / "rest", folder / "mine"
        self.rest.mkdir()
        self.mine.mkdir()
        (self.mine / "coachbridge.toml").write_text("this is not even TOML")
        self.environment = {
            **os.environ,
            "TMPDIR": str(self.rest),
            "PYTHONIOENCODING": "utf-8",
            # The operator's own settings: none of them may count.
            "COACHBRIDGE_STORE__URL": f"sqlite:///{self.mine / 'mine.db'}",
            "COACHBRIDGE_TELEGRAM__OTHER__TOKEN": "100200:mine",
        }

    def check(self) -> None:
        """Nothing was left behind, nothing was touched."""
        assert list(self.rest.iterdir()) == []
        assert [file.name for file in self.mine.iterdir()] == ["coachbridge.toml"]

    @contextmanager
    def serving(self, *words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Run the demo with its page; it is ended at the latest with the context."""
        process = subprocess.Popen(
            [PROGRAM, "demo", *words],
            cwd=self.mine,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


@pytest.fixture
def corner(tmp_path: Path) -> Corner:
    """A place to start a demo from."""
    return Corner(tmp_path)


def url_of(process: subprocess.Popen[str]) -> str:
    """Return the address the demo prints first."""
    assert process.stdout is not None
    found = re.fullmatch(
        r"Coachbridge demo: (http://127\.0\.0\.1:\d+/demo)\n", line := (process.stdout.readline())
    )
    assert found, line
    return found[1]


def get(url: str) -> str:
    """Return a page."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - of our own
        return str(answer.read().decode())


def use(url: str, name: str, act: dict[str, str]) -> None:
    """Do something with a telephone."""
    headers = {"content-type": "application/json"}
    data = json.dumps(act).encode()
    asked = urllib.request.Request(f"{url}/telephones/{name}", data, headers)  # noqa: S310 - our own
    with urllib.request.urlopen(asked, timeout=10):  # noqa: S310 - our own
        pass


def heard(url: str, what: bytes) -> None:
    """Wait until the page is told something."""
    with urllib.request.urlopen(f"{url}/live", timeout=10) as stream:  # noqa: S310 - our own
        while what not in stream.readline():
            pass


@pytest.mark.slow
def test_the_script_tells_its_story_and_leaves_nothing(corner: Corner) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [PROGRAM, "demo", "--script"],
        cwd=corner.mine,
        env=corner.environment,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    took = time.monotonic() - began
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    assert [words for words in SAID if words not in told] == []
    corner.check()
    assert took < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_page_is_there_until_it_is_told_to_stop(corner: Corner, number: signal.Signals) -> None:
    began = time.monotonic()
    with corner.serving("--no-browser") as process:
        url = url_of(process)
        assert "Coachbridge" in get(url)
        assert time.monotonic() - began < TO_THE_PAGE
        assert list(corner.rest.iterdir()) != []
        with urllib.request.urlopen(f"{url}/live", timeout=10) as stream:  # noqa: S310 - our own
            assert stream.readline().startswith(b"event: ")
            process.send_signal(number)
            out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    assert "Nothing of it is left" in out
    corner.check()


@pytest.mark.slow
@pytest.mark.parametrize("state", ["ringing", "talking"])
def test_it_can_be_stopped_during_a_call(corner: Corner, state: str) -> None:
    with corner.serving("--no-browser") as process:
        url = url_of(process)
        use(url, "tom", {"type": "dial"})
        heard(url, b'"telephone":"mila","display":{"state":"ringing"')
        if state == "talking":
            use(url, "mila", {"type": "answer"})
            heard(url, b'"waits":"key"')
            use(url, "mila", {"type": "keys", "keys": "1"})
            heard(url, b'"telephone":"mila","display":{"state":"talking"')
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    corner.check()


@pytest.mark.slow
def test_it_can_be_stopped_while_it_starts(corner: Corner) -> None:
    with corner.serving("--no-browser") as process:
        while not any(corner.rest.glob("coachbridge-demo-*")):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
    corner.check()


@pytest.mark.slow
def test_the_default_browser_opens_the_page(corner: Corner, tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    with corner.serving(BROWSER=str(browser)) as process:
        url = url_of(process)
        until = time.monotonic() + SECONDS
        while not opened.exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
    assert opened.read_text().strip() == url


@pytest.mark.slow
def test_a_port_that_was_asked_for_is_taken_or_complained_of(corner: Corner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with corner.serving("--no-browser", "--port", str(port)) as process:
            _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert f"web.port {port}: cannot listen there" in err
    corner.check()
