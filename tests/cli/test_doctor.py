"""`coachbridge doctor`: who reaches us, what the clock says, and how it is printed."""

import json
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import uvicorn
from aiohttp import web

from adapters.emulators.telegram import TelegramEmulator
from adapters.probing import clock, judged
from bridge.cli import accounts, doctor
from bridge.core.adapter import Raw
from bridge.core.errors import (
    AccountBroken,
    Certainty,
    Forged,
    Rejected,
    SendError,
    Throttled,
    Unreachable,
)
from bridge.core.probing import Grade, doubtful, well, wrong
from bridge.runtime.metrics import Metrics
from bridge.web import build_web
from tests.cli.conftest import TOKEN, Folder

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"
HOOK = f"{NOBODY}/webhooks/sms/main"


class Answering(BaseHTTPRequestHandler):
    """Answers every GET as its server says."""

    def do_GET(self) -> None:
        status, body = self.server.says  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Location", "https://login.example.org/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A web server; ``says`` is what it answers."""
    made = HTTPServer(("127.0.0.1", 0), Answering)
    made.says = (200, b'{"alive":true}')  # type: ignore[attr-defined]
    Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


class _Hook:
    """An adapter that is called; nobody gets past it."""

    def verify(self, headers: Mapping[str, str], url: str, body: bytes) -> Sequence[Raw]:
        raise Forged("nobody")


async def _nobody(network: str, account: str, raws: Sequence[Raw]) -> int:
    raise AssertionError("nothing was to be kept")


async def _well() -> Sequence[str]:
    return ()


@contextmanager
def served(app: object) -> Iterator[str]:
    """Serve an application in a thread of its own."""
    config = uvicorn.Config(app, port=0, log_config=None)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = Thread(target=server.run, args=([door],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def at(server: HTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_a_bridge_that_answers_is_reached(server: HTTPServer) -> None:
    found = accounts.reachable(at(server), NOBODY, {"slack:main": HOOK, "sms:main": HOOK})
    assert found.grade is Grade.WELL
    assert found.found.endswith("answers for slack:main, sms:main")


def test_a_proxy_that_lets_only_webhooks_through_is_enough() -> None:
    app = build_web(_nobody, {("sms", "main"): _Hook()}, _well, Metrics())
    found = []
    with served(app) as url:
        behind = {"sms:main": f"{url}/webhooks/sms/main"}
        found.append(accounts.reachable(f"{url}/other", NOBODY, behind))
        found.append(accounts.reachable(f"{url}/other", url, {"sms:main": f"{url}/webhooks/x/y"}))
    assert [one.grade for one in found] == [Grade.WELL, Grade.WRONG]


@pytest.mark.parametrize("status", [200, 302, 404, 502])
def test_somebody_else_at_our_address_is_wrong(server: HTTPServer, status: int) -> None:
    server.says = (status, b"<html>welcome</html>")  # type: ignore[attr-defined]
    running = HTTPServer(("127.0.0.1", 0), Answering)
    running.says = (200, b'{"alive":true}')  # type: ignore[attr-defined]
    Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    found = accounts.reachable(at(server), at(running), {"sms:main": HOOK})
    running.shutdown()
    running.server_close()
    assert found.grade is Grade.WRONG
    assert "web.public_url" in found.todo
    assert ("somebody else" if status == 200 else str(status)) in found.found


def test_a_bridge_that_does_not_run_cannot_be_reached_yet(server: HTTPServer) -> None:
    assert accounts.reachable(NOBODY, NOBODY, {"sms:main": HOOK}).grade is Grade.DOUBTFUL
    server.says = (502, b"")  # type: ignore[attr-defined]
    found = accounts.reachable(at(server), NOBODY, {"sms:main": HOOK})
    assert found.grade is Grade.DOUBTFUL
    assert "coachbridge serve" in found.todo


def test_an_address_of_somebody_else_is_wrong_before_the_start_too(server: HTTPServer) -> None:
    server.says = (404, b"")  # type: ignore[attr-defined]
    assert accounts.reachable(at(server), NOBODY, {"sms:main": HOOK}).grade is Grade.WRONG


@pytest.mark.parametrize(
    ("seconds", "signed", "grade"),
    [
        *((seconds, False, Grade.WELL) for seconds in (0, 30, -30)),
        *((seconds, False, Grade.DOUBTFUL) for seconds in (33, -33, 86_400)),
        (-33, True, Grade.WRONG),
    ],
)
def test_clocks_are_compared(seconds: int, signed: bool, grade: Grade) -> None:
    told = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    found = judged(told, NOW, NOW + timedelta(seconds=1), signed=signed)
    assert found.grade is grade
    if grade is not Grade.WELL:
        assert ("ahead of" if seconds < 0 else "behind") in found.found


@pytest.mark.parametrize("told", ["", "soon", "Mon, 99 Foo 2026"])
def test_a_server_without_a_usable_time_says_nothing_of_ours(told: str) -> None:
    assert judged(told, NOW, NOW, signed=True).grade is Grade.WELL


async def test_a_slow_answer_is_no_wrong_clock(tmp_path: object) -> None:
    told = format_datetime(NOW + timedelta(seconds=40), usegmt=True)
    assert judged(told, NOW, NOW + timedelta(seconds=60), signed=True).grade is Grade.WELL


async def test_a_clock_that_cannot_be_asked_is_no_failure() -> None:
    assert (await clock(NOBODY, signed=True)).grade is Grade.DOUBTFUL


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AccountBroken("unauthorized", "no"), "docs/networks/fax.md"),
        (Unreachable("timed_out", "no", Certainty.NOT_SENT), "connection"),
        (Throttled(3), "wait"),
        (Rejected("no_rights", "no"), "docs/networks/fax.md"),
    ],
)
def test_every_failure_says_what_to_do(error: SendError, said: str) -> None:
    assert said in accounts._advice(error, "fax")


def test_lines_are_for_eyes_and_objects_for_programs(folder: Folder) -> None:
    assert doctor.line(well("key", "there")) == "ok   key: there"
    assert doctor.line(doubtful("clock", "behind", "set it")) == "warn clock: behind; set it"
    assert doctor.line(wrong("key", "gone", "find it")) == "WRONG key: gone; find it"
    ended = folder.run("doctor", "--json")
    assert ended.code == 1
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert {"grade", "about", "found", "todo"} == set(found[0])
    assert [one["about"] for one in found if one["grade"] == "wrong"] == ["account telegram:main"]
    assert TOKEN not in ended.out


@pytest.fixture
async def emulator() -> AsyncIterator[TelegramEmulator]:
    """Telegram with our bot."""
    async with TelegramEmulator() as running:
        running.bot(TOKEN, "practice_bot")
        yield running


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_accounts_are_looked_at_before_there_is_a_store(
    folder: Folder, emulator: TelegramEmulator
) -> None:
    folder.configure("sqlite:///not-yet.db", emulator.api_url)
    ended = await folder.process("doctor")
    assert ended.code == 0, ended
    assert "not-yet.db will be made on first start" in ended.out
    assert "account telegram:main: works as practice_bot" in ended.out
    assert "ok   telegram:main clock" in ended.out
    assert not (folder.path / "coachbridge.key").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_webhook_wants_us_reached(folder: Folder, emulator: TelegramEmulator) -> None:
    folder.configure(folder.url, emulator.api_url)
    file = folder.path / "coachbridge.toml"
    settings = file.read_text(encoding="utf-8").replace("port = 0", f'public_url = "{NOBODY}"')
    file.write_text(f'{settings}mode = "webhook"\nwebhook_secret = "s"\n', encoding="utf-8")
    ended = await folder.process("doctor")
    assert ended.code == 0, ended
    assert f"warn public address: {NOBODY}/healthz does not answer" in ended.out
    app = web.Application()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taken = f"http://127.0.0.1:{runner.addresses[0][1]}"
    file.write_text(file.read_text(encoding="utf-8").replace(NOBODY, taken), encoding="utf-8")
    ended = await folder.process("doctor")
    await runner.cleanup()
    assert ended.code == 1, ended
    assert f"WRONG public address: {taken}/healthz answers 404" in ended.out
