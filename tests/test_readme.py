"""The README does what it says: its files are valid, its commands run in the order given."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from adapters.emulators.telegram import TelegramEmulator
from bridge import config
from bridge.runtime.practice_file import read_practice

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECONDS = 30
TOKEN = "100300:only-for-a-test"


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language, without the indent they stand at."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", README, re.MULTILINE | re.DOTALL)
    return [
        re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
        for indent, name, text in found
        if name == language
    ]


def lines_of(language: str) -> list[str]:
    """Return the commands of all blocks, without comments."""
    lines = [
        line.partition("#")[0].strip() for text in blocks(language) for line in text.split("\n")
    ]
    return [line for line in lines if line]


def write_files(folder: Path) -> tuple[Path, Path]:
    """Write the two files of the README."""
    settings, practice = blocks("toml")
    files = folder / "coachbridge.toml", folder / "practice.toml"
    for file, text in zip(files, (settings, practice), strict=True):
        assert f"`{file.name}`" in README
        file.write_text(text, encoding="utf-8")
    return files


def test_the_make_targets_are_there() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = [line.split()[1] for line in lines_of("sh") if line.startswith("make ")]
    assert named == ["run", "test"]
    assert set(named) <= set(targets)


def test_the_files_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path))
    settings, practice = write_files(tmp_path)
    assert config.load(settings).telegram["main"].mode == "polling"
    assert [trajectory.id for trajectory in read_practice(practice).trajectory] == ["anna-2026"]


def test_the_layout_is_that_of_the_tree() -> None:
    tree = next(text for text in blocks("") if text.startswith("bridge/core"))
    named = [word for line in tree.split("\n") for word in re.findall(r"\b[a-z]+/[a-z.]*", line)]
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


async def run(folder: Path, environment: dict[str, str], *words: str) -> str:
    """Run a command of the README as it stands there; it must end well."""
    program = str(Path(sys.executable).with_name(words[0]))
    process = await asyncio.create_subprocess_exec(
        *(program, *words[1:]),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(SECONDS):
        out, _ = await process.communicate()
    assert process.returncode == 0, f"{words}: {out.decode()}"
    return out.decode()


@pytest.mark.slow
async def test_the_five_minutes_work_as_written(tmp_path: Path) -> None:
    write_files(tmp_path)
    commands = [line.split() for line in lines_of("sh") if line.startswith("coachbridge ")]
    before = commands[: commands.index(["coachbridge", "serve"])]
    beside = commands[len(before) + 1 :]
    assert [words[1] for words in beside] == ["log", "audit"]
    async with TelegramEmulator() as telegram:
        telegram.bot(TOKEN)
        noor, anna = telegram.person(111, "Noor"), telegram.person(222, "Anna")
        environment = {
            **os.environ,
            "COACHBRIDGE_TELEGRAM__MAIN__TOKEN": TOKEN,
            "COACHBRIDGE_TELEGRAM__MAIN__API_URL": telegram.api_url,
            "COACHBRIDGE_WEB__PORT": "0",
        }
        codes = []
        for words in before:
            out = await run(tmp_path, environment, *words)
            codes += re.findall(r"\?start=(\S+)", out)
        program = str(Path(sys.executable).with_name("coachbridge"))
        serving = await asyncio.create_subprocess_exec(
            program, "serve", cwd=tmp_path, env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            for person, code in zip((noor, anna), codes, strict=True):
                await person.start(code)
            question = await anna.wait_for(lambda m: m.markup is not None, SECONDS)
            await anna.press(question.message_id, 0)
            await noor.send("Hello Anna")
            await anna.wait_for("Hello Anna", SECONDS)
            for words in beside:
                out = await run(tmp_path, environment, *words)
                assert "Hello Anna" in out or words[1] != "log"
        finally:
            serving.send_signal(signal.SIGTERM)
            async with asyncio.timeout(SECONDS):
                await serving.wait()
