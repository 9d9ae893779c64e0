"""The store fails: full, away, damaged, or in somebody else's hands."""

from __future__ import annotations

import asyncio
import resource
import subprocess
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.faults.traffic import Traffic
from tests.walks.bridge import SECRET, Bridge, Options, lines
from tests.walks.fixtures import on
from tests.walks.scene import ANNA, NOOR, PLACES, TOKEN, Scene, build, couple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from adapters.emulators.telegram import Person, TelegramEmulator
    from tests.support.postgres import LocalPostgres
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow, pytest.mark.fault]

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


async def _begin(scene: Scene) -> tuple[Person, Person]:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    await scene.begin(*couple())
    return noor, anna


# -- full ---------------------------------------------------------------------------------------


def _limit_files(scene: Scene, size: int) -> None:
    """Let the serving process write no file beyond `size` bytes (-1 = any): EFBIG."""
    assert scene.bridge.process is not None
    hard = resource.RLIM_INFINITY
    resource.prlimit(scene.bridge.process.pid, resource.RLIMIT_FSIZE, (size, hard))


async def _knock(scene: Scene, number: int) -> int:
    """Call the webhook with an update that means nothing; return the status of the answer."""
    url = f"{scene.bridge.url}/webhooks/telegram/main"
    body = {"update_id": number, "poll": {"id": "1"}}
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.post(url, json=body) as got,
    ):
        return got.status


@on(PLACES[1])
async def test_a_store_that_cannot_grow_refuses_and_recovers(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    before = scene.words("anna-2026")
    await anna.send(before)
    await scene.sees(noor, before)
    _limit_files(scene, 1)
    assert await _knock(scene, 900_001) == 503
    full = [scene.words("anna-2026", "while full") for _ in range(5)]
    for text in full:
        await anna.send(text)
    await asyncio.sleep(0.5)
    assert len(scene.emu.journal.unconfirmed()) == len(full), "refused before acknowledging"
    assert not any("while full" in text for text in scene.bot_lines(NOOR))
    _limit_files(scene, resource.RLIM_INFINITY)
    await scene.sees(noor, full[-1])
    assert await _knock(scene, 900_002) == 200
    await scene.bridge.ready()
    await scene.close()


@on(PLACES[0])
async def test_a_store_that_cannot_grow_while_polling_under_traffic(scene: Scene) -> None:
    traffic = Traffic(scene)
    await traffic.begin()
    async with traffic.running():
        await asyncio.sleep(0.5)
        _limit_files(scene, 1)
        await asyncio.sleep(1.5)
        assert scene.bridge.process is not None
        assert scene.bridge.process.poll() is None, "it lives on"
        _limit_files(scene, resource.RLIM_INFINITY)
        await asyncio.sleep(0.5)
    _, verdict = await scene.close(within=50)
    assert verdict.acknowledged == traffic.sent


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "coachbridge-test", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"may not mount a small file system here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=False)


async def test_a_disk_that_is_full_refuses_and_recovers(
    emu: TelegramEmulator, small_disk: Path
) -> None:
    scene = build(small_disk, f"sqlite:///{small_disk / 'coachbridge.db'}", emu, "webhook")
    async with scene.bridge:
        noor, anna = await _begin(scene)
        before = scene.words("anna-2026")
        await anna.send(before)
        await scene.sees(noor, before)
        await scene.close()
        ballast = small_disk / "ballast"
        _fill(ballast)
        number = 900_000
        while (status := await _knock(scene, number)) == 200 and number < 903_000:
            number += 1
        assert status == 503
        text = scene.words("anna-2026", "while full")
        await anna.send(text)
        await asyncio.sleep(0.5)
        assert scene.emu.journal.unconfirmed()
        ballast.unlink()
        await scene.sees(noor, text)
        await scene.bridge.ready()
        await scene.close()


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as ballast:
        for size in (65536, 4096, 512):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue


# -- away ---------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize("how", ["restart", "crash"])
async def test_the_database_goes_and_comes_back_under_traffic(
    emu: TelegramEmulator, own_postgres: LocalPostgres, tmp_path: Path, mode: str, how: str
) -> None:
    scene = build(tmp_path, own_postgres.create_database(), emu, mode)
    async with scene.bridge:
        traffic = Traffic(scene)
        await traffic.begin()
        async with traffic.running():
            await asyncio.sleep(0.5)
            port = own_postgres.port
            stop = own_postgres.stop if how == "restart" else own_postgres.crash
            await asyncio.to_thread(stop)
            await asyncio.sleep(1.0)
            assert scene.bridge.process is not None
            assert scene.bridge.process.poll() is None, "it waits for the database"
            await asyncio.to_thread(own_postgres.start)
            assert own_postgres.port == port
            await asyncio.sleep(1.0)
        await scene.bridge.ready()
        _, verdict = await scene.close(within=50)
        assert verdict.acknowledged == traffic.sent


@pytest.mark.postgres
async def test_a_database_that_is_away_at_the_start(
    emu: TelegramEmulator, own_postgres: LocalPostgres, tmp_path: Path
) -> None:
    url = own_postgres.create_database()
    own_postgres.stop()
    bridge = Bridge(tmp_path, url, emu.api_url, Options(token=TOKEN))
    done = await bridge.run("serve", code=None)
    _is_clear(done.code, done.err)
    for command in (("log", "anna-2026"), ("audit",), ("outbox",)):
        done = await bridge.run(*command, code=None)
        _is_clear(done.code, done.err)


# -- damaged ------------------------------------------------------------------------------------


def _is_clear(code: int, said: str) -> None:
    """One line that says what to do, no traceback, and a code that is not success."""
    assert code in (1, 2), (code, said)
    last = said.strip().splitlines()[-1]
    assert last.startswith("coachbridge: "), said
    assert "Traceback" not in said
    assert "should not have happened" not in said
    assert "password" not in said


@pytest.mark.parametrize("damage", ["no database", "cut short", "a folder", "header"])
async def test_a_damaged_database_is_told_in_one_line(
    emu: TelegramEmulator, tmp_path: Path, damage: str
) -> None:
    scene = build(tmp_path, f"sqlite:///{tmp_path / 'coachbridge.db'}", emu, "polling")
    async with scene.bridge:
        await _begin(scene)
        await scene.bridge.stop()
        file = tmp_path / "coachbridge.db"
        data = file.read_bytes()
        for suffix in ("", "-wal", "-shm", "-lock"):
            (tmp_path / f"coachbridge.db{suffix}").unlink(missing_ok=True)
        match damage:
            case "no database":
                file.write_bytes(b"this is a text file\n" * 500)
            case "cut short":
                file.write_bytes(data[:6000])
            case "header":
                file.write_bytes(b"\0" * 100 + data[100:])
            case _:
                file.mkdir()
        for command in (("serve",), ("log", "anna-2026"), ("audit",)):
            done = await scene.bridge.run(*command, code=None)
            _is_clear(done.code, done.err)
        if file.is_file():
            assert file.stat().st_size in (10_000, 6000, len(data)), "nothing was written to it"


async def test_a_page_that_was_overwritten_does_not_pass_the_audit(
    emu: TelegramEmulator, tmp_path: Path
) -> None:
    scene = build(tmp_path, f"sqlite:///{tmp_path / 'coachbridge.db'}", emu, "polling")
    async with scene.bridge:
        noor, anna = await _begin(scene)
        for _ in range(30):
            await anna.send(scene.words("anna-2026", "x" * 300))
        await scene.close()
        await scene.sees(noor, "#anna-2026.30#")
        await scene.bridge.stop()
        file = tmp_path / "coachbridge.db"
        data = bytearray(file.read_bytes())
        place = data.index(b"message_posted")
        data[place + 60 : place + 90] = b"\xaa" * 30
        file.write_bytes(bytes(data))
        done = await scene.bridge.run("audit", code=None)
        assert done.code == 1
        assert "Traceback" not in done.err


async def test_the_wrong_key_is_refused(emu: TelegramEmulator, tmp_path: Path) -> None:
    scene = build(tmp_path, f"sqlite:///{tmp_path / 'coachbridge.db'}", emu, "polling")
    async with scene.bridge:
        await _begin(scene)
        await scene.bridge.stop()
        key = tmp_path / "coachbridge.key"
        assert key.stat().st_mode & 0o777 == 0o600
        key.unlink()
        done = await scene.bridge.run("serve", code=None)
        _is_clear(done.code, done.err)
        assert "key" in done.err


# -- in somebody else's hands -------------------------------------------------------------------


@on(PLACES[0])
async def test_a_second_process_on_sqlite_is_refused(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    second = Bridge(
        scene.bridge.folder,
        scene.bridge.store_url,
        scene.emu.api_url,
        Options(token=TOKEN, name="second"),
    )
    done = await second.run("serve", code=None)
    _is_clear(done.code, done.err)
    assert scene.bridge.process is not None
    assert str(scene.bridge.process.pid) in done.err
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.sees(noor, text)
    logs, _ = await scene.close()
    assert len(lines(logs["anna-2026"])) == 1
    # Once the first one is gone, also by force, the way is free.
    scene.bridge.kill()
    second.launch()
    await second.ready()
    assert await second.stop() == 0


async def test_the_key_and_the_words_are_not_in_the_database(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> None:
    scene = build(tmp_path, store_url("sqlite", tmp_path), emu, "polling")
    async with scene.bridge:
        noor, anna = await _begin(scene)
        text = scene.words("anna-2026", "nobody but us reads this sentence")
        await anna.send(text)
        await anna.send_document(b"a secret plan in a file" * 9, caption=scene.words("anna-2026"))
        await scene.sees(noor, text)
        await scene.close()
        await scene.bridge.stop()
        files = [tmp_path / f"coachbridge.db{suffix}" for suffix in ("", "-wal")]
        for file in (file for file in files if file.exists()):
            data = file.read_bytes()
            assert b"this sentence" not in data, file
            assert b"secret plan" not in data, file
