"""Each command over a real store: what it prints, how it ends, and what it never shows."""

import asyncio
import contextlib
import json
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from adapters.emulators.telegram import TelegramEmulator
from bridge.cli import show
from bridge.core.adapter import Raw
from bridge.runtime.codes import code_hash
from storage.invites import Invite
from tests.cli.conftest import TOKEN, Ended, Folder


def one_line(ended: Ended, code: int) -> str:
    assert ended.code == code, ended
    assert ended.out == ""
    assert ended.err.startswith("coachbridge: ")
    assert ended.err.count("\n") == 1
    return ended.err


def park(folder: Folder) -> int:
    """Keep a payload that nobody could read; return its number."""
    raw = Raw(("1",), b"secret words")
    with folder.opened() as offline:
        rows = offline.writer.run(lambda unit: unit.accept("telegram", "main", [raw], None))
        number = rows[0].id
        offline.writer.run(lambda unit: unit.finish(number, "parked", reason="parse: not JSON"))
    return number


def invited(folder: Folder, given: str) -> Invite | None:
    """Return the invitation that a code redeems."""
    with folder.opened() as offline:
        return offline.writer.run(lambda unit: unit.invite_by_hash(code_hash(given)))


def test_help_needs_nothing(folder: Folder) -> None:
    (folder.path / "coachbridge.toml").unlink()
    told = folder.well("--help")
    for command in ("serve", "worker", "migrate", "doctor", "demo", "apply", "invite", "log"):
        assert command in told
    assert folder.well("--version").startswith("coachbridge 0.")


def test_a_wrong_command_is_a_usage_error(folder: Folder) -> None:
    assert folder.run("srve").code == 2
    assert folder.run("log").code == 2


def test_the_settings_are_named_before_or_after_the_command(folder: Folder) -> None:
    elsewhere = folder.path / "elsewhere"
    elsewhere.mkdir()
    file = (folder.path / "coachbridge.toml").rename(elsewhere / "other.toml")
    folder.well("apply", "practice.toml", "--config", str(file))
    assert folder.well("--config", str(file), "log", "anna-2026")
    assert (elsewhere / "coachbridge.key").exists()
    assert not (folder.path / "coachbridge.key").exists()


def test_a_missing_settings_file_ends_with_two(folder: Folder) -> None:
    assert "nowhere.toml" in one_line(folder.run("audit", "--config", "nowhere.toml"), 2)


def test_the_key_is_made_for_its_owner_alone(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    mode = stat.S_IMODE((folder.path / "coachbridge.key").stat().st_mode)
    assert mode == 0o600
    (folder.path / "coachbridge.key").chmod(0o644)
    assert "coachbridge.key" in one_line(folder.run("audit"), 2)


def test_a_key_that_cannot_be_read_is_told(folder: Folder) -> None:
    (folder.path / "coachbridge.key").mkdir()
    ended = folder.run("apply", "practice.toml")
    assert "coachbridge.key" in one_line(ended, ended.code or 1)


def test_a_fault_of_ours_shows_no_words(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> str:
        raise RuntimeError("somebody's words")

    folder.well("apply", "practice.toml")
    monkeypatch.setattr(show, "log_line", fails)
    told = one_line(folder.run("log", "anna-2026"), 1)
    assert "RuntimeError at" in told
    assert "words" not in told


def test_migrate_may_be_said_twice(folder: Folder) -> None:
    assert folder.well("migrate") == folder.well("migrate")


def test_a_log_reads_well(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    lines = folder.well("log", "anna-2026").splitlines()
    assert lines[0].endswith("bridge: trajectory opened")
    assert "party added noor" in lines[1]


def test_who_only_looks_makes_nothing(folder: Folder) -> None:
    folder.configure("sqlite:///elsewhere.db")
    before = sorted(folder.path.iterdir())
    for command in (("audit",), ("log", "anna-2026"), ("inbox",), ("outbox",)):
        assert "there is no database" in one_line(folder.run(*command), 2)
    assert sorted(folder.path.iterdir()) == before


def test_an_unknown_trajectory_is_told(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    assert "'nobody'" in one_line(folder.run("log", "nobody"), 1)
    assert one_line(folder.run("log", "nobody", "--json"), 1)


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_fault(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    running = folder.start("log", "anna-2026", "--json")
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    running.wait(20)
    assert running.stderr.read() == ""
    running.stderr.close()


def test_an_audit_tells_each_invariant(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    assert folder.well("audit").endswith("all hold\n")
    found = json.loads(folder.well("audit", "--json"))
    assert found["holds"] is True
    assert {"I1", "I7"} <= {check["invariant"] for check in found["checks"]}


def test_a_parked_payload_can_be_tried_again(folder: Folder) -> None:
    number = park(folder)
    listed = folder.well("inbox", "--parked")
    assert f"{number} " in listed
    assert "parse: not JSON" in listed
    assert "secret words" not in listed
    assert json.loads(folder.well("inbox", "--parked", "--json"))["id"] == number
    folder.well("inbox", "retry", str(number))
    assert folder.well("inbox", "--parked") == ""
    assert " new" in folder.well("inbox")
    assert "inbox --parked" in one_line(folder.run("inbox", "retry", str(number)), 1)


def test_an_empty_outbox_is_empty(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    assert folder.well("outbox") == folder.well("outbox", "--state", "failed") == ""
    assert folder.run("outbox", "--state", "lost").code == 2


@pytest.mark.slow
async def test_an_invitation_is_a_link_and_a_code(folder: Folder) -> None:
    async with TelegramEmulator() as emulator:
        emulator.bot(TOKEN, "practice_bot")
        folder.configure(folder.url, emulator.api_url)
        assert (await folder.process("apply", "practice.toml")).code == 0
        ended = await folder.process("invite", "anna-2026", "anna", "--qr")
    assert ended.code == 0, ended
    lines = ended.out.splitlines()
    link = lines[0].removeprefix("link: ")
    code = next(line for line in lines if line.startswith("code: ")).removeprefix("code: ")
    assert link.startswith("https://t.me/practice_bot?start=")
    assert "█" in ended.out
    for given in (link.partition("start=")[2], code, code.lower().replace("-", " ")):
        invite = invited(folder, given)
        assert invite is not None
        assert (invite.trajectory, invite.person, invite.role) == ("anna-2026", "anna", "client")


def test_an_invitation_without_the_network_still_has_a_code(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    told = folder.well("invite", "anna-2026", "anna")
    assert "no link: telegram:main does not answer" in told
    assert "code: " in told
    assert TOKEN not in told


def test_an_invitation_for_a_lost_phone_says_what_it_will_do(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    told = folder.well("invite", "anna-2026", "anna", "--replace")
    assert "all that anna had is unlinked" in told
    made = invited(folder, told.partition("code: ")[2].split()[0])
    assert made is not None
    assert (made.kind, made.person, made.trajectory) == ("replace", "anna", "anna-2026")
    assert made.expires_at - made.created_at == timedelta(days=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("anna-2026", "piet"), "noor, anna"),
        (("nowhere", "anna"), "'nowhere'"),
        (("anna-2026", "anna", "--network", "pigeon"), "'pigeon'"),
    ],
)
def test_an_invitation_needs_a_party_and_a_network(
    folder: Folder, words: tuple[str, ...], said: str
) -> None:
    folder.well("apply", "practice.toml")
    assert said in one_line(folder.run("invite", *words), 1)


def test_doctor_finds_what_is_wrong(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    (folder.path / "coachbridge.key").chmod(0o640)
    ended = folder.run("doctor")
    assert ended.code == 1
    assert "chmod 600" in ended.out
    (folder.path / "coachbridge.key").chmod(0o600)
    ended = folder.run("doctor")
    assert "WRONG account telegram:main" in ended.out
    assert "ok   store" in ended.out
    assert TOKEN not in ended.out + ended.err
    assert folder.run("doctor", "--probe").code == 1


@pytest.mark.slow
async def test_doctor_is_content_with_a_sound_bridge(folder: Folder) -> None:
    async with TelegramEmulator() as emulator:
        emulator.bot(TOKEN, "practice_bot")
        folder.configure(folder.url, emulator.api_url)
        assert (await folder.process("migrate")).code == 0
        ended = await folder.process("doctor")
    assert ended.code == 0, ended
    assert "practice_bot" in ended.out


@pytest.mark.slow
async def test_serve_is_ready_then_ends_when_told(folder: Folder, unused_port: int) -> None:
    async with TelegramEmulator() as emulator:
        emulator.bot(TOKEN, "practice_bot")
        folder.configure(folder.url, emulator.api_url, unused_port)
        assert (await folder.process("apply", "practice.toml")).code == 0
        running = folder.start("serve")
        try:
            await until_ready(unused_port, running)
            assert (await folder.process("doctor", "--probe")).out == "ok   bridge: ready\n"
            beside = await folder.process("log", "anna-2026", "--json")
            assert beside.code == 0
            assert (await folder.process("apply", "practice.toml")).out == "nothing changed\n"
            if folder.url.startswith("sqlite"):
                second = await folder.process("serve")
                assert f"in use by process {running.pid}" in one_line(second, 2)
        finally:
            running.terminate()
            out, err = await asyncio.to_thread(running.communicate, None, 20)
    assert running.returncode == 0, err
    assert out == ""
    assert TOKEN not in err


async def until_ready(port: int, running: subprocess.Popen[str]) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(200):
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with http.get(f"http://127.0.0.1:{port}/readyz") as response:
                    if response.status == 200:
                        return
            assert running.poll() is None, running.communicate()
            await asyncio.sleep(0.1)
    pytest.fail("the bridge was never ready")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_needs_postgresql(folder: Folder) -> None:
    assert "PostgreSQL" in one_line(folder.run("worker"), 2)


def test_a_database_that_is_away_is_told(folder: Folder, tmp_path: Path) -> None:
    folder.configure("postgresql://nobody:pa55word@127.0.0.1:9/none")
    told = one_line(folder.run("audit"), 1)
    assert "pa55word" not in told
