"""I14: whatever is logged, no token, secret or word of a message gets out."""

import asyncio
import json
import logging as standard
from collections.abc import Iterator

import pytest
import structlog

from bridge.runtime import logging

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz0123"
SECRET = "hook-secret-of-ours"
WORDS = "I have not slept for days"


@pytest.fixture(params=["console", "json"])
def form(request: pytest.FixtureRequest) -> Iterator[str]:
    root = standard.getLogger()
    before = root.handlers[:], root.level
    logging.set_up("debug", request.param, [SECRET])
    yield request.param
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def nothing_leaks(told: str) -> None:
    assert TOKEN not in told
    assert SECRET not in told
    assert WORDS not in told


def test_secrets_are_cut_wherever_they_stand(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    log = structlog.get_logger("bridge")
    called = f"calling https://api.telegram.org/bot{TOKEN}/getMe"
    log.info(called, account="main")
    log.info("sent", url=f"/bot{TOKEN.replace(':', '%3A')}/x")
    log.info("sent", nested={"a": [SECRET], "text": WORDS})
    log.info("sent", text=WORDS, token=TOKEN, payload=WORDS.encode(), webhook_secret="abc")
    log.info("raw", data=WORDS.encode(), keys=(TOKEN,))
    log.info("store", url="postgresql+psycopg://bridge:pa55@db/bridge", count=3)
    told = capfd.readouterr().err
    nothing_leaks(told)
    assert "pa55" not in told
    assert "main" in told
    assert told.count("\n") == 6


def test_an_exception_is_told_by_class_and_place(
    form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        structlog.get_logger().exception("failed", inbox=7)
        structlog.get_logger().error("failed", exc_info=error)
        standard.getLogger("library").exception("failed with %s", SECRET)
    told = capfd.readouterr().err
    nothing_leaks(told)
    assert told.count("ValueError") == 3
    assert "test_logging.py" in told
    assert "Traceback" not in told


async def test_a_task_that_failed_unseen_leaks_nothing(
    form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async def fails() -> None:
        raise ValueError(WORDS)

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_exception_handler(
        {"message": "never retrieved", "exception": task.exception(), "task": task}
    )
    told = capfd.readouterr().err
    nothing_leaks(told)
    assert "never retrieved" in told


def test_libraries_are_quiet_below_warning(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    standard.getLogger("aiohttp.client").debug("request %s", WORDS)
    standard.getLogger("aiohttp.client").info("request %s", WORDS)
    assert capfd.readouterr().err == ""


def test_json_is_one_object_per_line(capfd: pytest.CaptureFixture[str]) -> None:
    root = standard.getLogger()
    before = root.handlers[:], root.level
    logging.set_up("info", "json")
    structlog.get_logger().info("ready", port=8080)
    standard.getLogger("library").warning("beware")
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("ready", "info"),
        ("beware", "warning"),
    ]
    assert lines[0]["port"] == 8080
