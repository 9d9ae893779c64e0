"""Over real HTTP: what is kept, what is refused, and what the bridge says of itself."""

import asyncio
import contextlib
import hmac
import io
import json
import logging as standard
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

import aiohttp
import pytest
import structlog

from bridge.core.adapter import Raw
from bridge.core.errors import ConfigError, Forged, StoreError
from bridge.runtime import logging
from bridge.runtime.metrics import Metrics
from bridge.web import build_web, webhooks
from bridge.web.server import WebServer

SECRET = "correct-horse-battery"


class SignedNetwork:
    """A network whose calls carry a shared secret, as Telegram's do."""

    def verify(self, headers: Mapping[str, str], url: str, body: bytes) -> Sequence[Raw]:
        if not hmac.compare_digest(headers.get("x-secret", ""), SECRET):
            raise Forged
        return [Raw(keys=(str(json.loads(body)["id"]), url), payload=body)]


class Bridge:
    """A running web server and the store behind it, which a test may break."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, Raw]] = []
        self.reasons: list[str] = []
        self.failure: Exception | None = None
        self.metrics = Metrics()
        networks = {("telegram", "main"): SignedNetwork(), ("telegram", "polling"): object()}
        app = build_web(
            self.accept, networks, self.health, self.metrics, public_url="https://bridge.example"
        )
        self.server = WebServer(app, "127.0.0.1", 0)

    async def accept(self, network: str, account: str, raws: Sequence[Raw]) -> int:
        if self.failure is not None:
            raise self.failure
        self.kept += [(network, account, raw) for raw in raws]
        return len(raws)

    async def health(self) -> Sequence[str]:
        return self.reasons

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"


@pytest.fixture
async def bridge() -> AsyncIterator[Bridge]:
    running = Bridge()
    await running.server.start()
    yield running
    await running.server.stop()


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    root = standard.getLogger()
    before = root.handlers[:], root.level
    logging.set_up()
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


GOOD = {"X-Secret": SECRET}
HOOK = "/webhooks/telegram/main"


async def status(
    http: aiohttp.ClientSession, url: str, body: object = b'{"id": 7}', **headers: str
) -> int:
    async with http.post(url, data=body, headers=headers) as response:
        assert await response.read() == b""
        return response.status


async def test_a_genuine_call_is_kept_then_acknowledged(
    bridge: Bridge, http: aiohttp.ClientSession
) -> None:
    assert await status(http, bridge.url(HOOK + "?a=1"), **GOOD) == 200
    url = "https://bridge.example/webhooks/telegram/main?a=1"
    assert bridge.kept == [("telegram", "main", Raw(keys=("7", url), payload=b'{"id": 7}'))]


async def test_a_forged_call_leaves_no_trace(
    bridge: Bridge, http: aiohttp.ClientSession, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await status(http, bridge.url(HOOK), b'{"id": "words"}', **{"X-Secret": "guess"}) == 403
    assert bridge.kept == []
    told = capfd.readouterr()
    assert "webhook_refused" in told.err
    assert "words" not in told.err + told.out
    assert "guess" not in told.err + told.out


async def test_a_call_that_breaks_the_check_is_not_proven(
    bridge: Bridge, http: aiohttp.ClientSession
) -> None:
    assert await status(http, bridge.url(HOOK), b"not json", **GOOD) == 401
    assert bridge.kept == []


@pytest.mark.parametrize("failure", [StoreError("disk full"), RuntimeError("a bug")])
async def test_what_cannot_be_kept_is_to_come_again(
    bridge: Bridge, http: aiohttp.ClientSession, failure: Exception
) -> None:
    bridge.failure = failure
    async with http.post(bridge.url(HOOK), data=b'{"id": 7}', headers=GOOD) as response:
        assert response.status == 503
        assert int(response.headers["retry-after"]) > 0
    bridge.failure = None
    assert await status(http, bridge.url(HOOK), **GOOD) == 200
    assert len(bridge.kept) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/telegram/other",
        "/webhooks/telegram/polling",
        "/webhooks/",
        "/webhooks/telegram/main/",
        "/elsewhere",
    ],
)
async def test_an_unknown_account_is_not_found(
    bridge: Bridge, http: aiohttp.ClientSession, path: str
) -> None:
    async with http.post(bridge.url(path), data=b"{}", headers=GOOD) as response:
        assert response.status == 404


async def test_only_post_is_a_call(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    async with http.get(bridge.url(HOOK)) as response:
        assert response.status == 405


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


@pytest.mark.parametrize("announced", [True, False])
async def test_a_huge_body_is_refused(
    bridge: Bridge, http: aiohttp.ClientSession, announced: bool
) -> None:
    size = webhooks.MAX_BODY + 65536
    body = io.BytesIO(b" " * size) if announced else chunks(size)
    with contextlib.suppress(aiohttp.ClientConnectionError):  # closed while we were still sending
        assert await status(http, bridge.url(HOOK), body, **GOOD) == 413
    assert bridge.kept == []
    assert await status(http, bridge.url(HOOK), **GOOD) == 200


async def test_a_body_of_many_pieces_is_whole(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    text = json.dumps({"id": 8, "pad": "x" * 900_000}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(text), 50_000):
            yield text[start : start + 50_000]

    assert await status(http, bridge.url(HOOK), pieces(), **GOOD) == 200
    assert bridge.kept[0][2].payload == text


async def test_a_body_that_never_comes_ends(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "BODY_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", bridge.server.port)
    writer.write(f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab".encode())
    assert b"408" in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await writer.wait_closed()


async def test_alive_and_ready_are_told_apart(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    async with http.get(bridge.url("/healthz")) as response:
        assert (response.status, await response.json()) == (200, {"alive": True})
    async with http.get(bridge.url("/readyz")) as response:
        assert (response.status, await response.json()) == (200, {"ready": True, "reasons": []})
    bridge.reasons = ["the store cannot be written"]
    async with http.get(bridge.url("/readyz")) as response:
        assert response.status == 503
        assert (await response.json())["reasons"] == bridge.reasons
    async with http.get(bridge.url("/healthz")) as response:
        assert response.status == 200


async def test_metrics_are_counted(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    await status(http, bridge.url(HOOK), **{"X-Secret": "guess"})
    async with http.get(bridge.url("/metrics")) as response:
        assert response.headers["content-type"].startswith("text/plain")
        text = await response.text()
    assert 'coachbridge_forged_total{account="main",network="telegram"} 1.0' in text


async def test_a_taken_port_is_told(bridge: Bridge) -> None:
    second = WebServer(webhooks.Webhooks(bridge.accept, {}, bridge.metrics), "127.0.0.1",
                       bridge.server.port)  # fmt: skip
    with pytest.raises(ConfigError, match=r"web\.port"):
        await second.start()


async def test_stopping_waits_for_calls_under_way(http: aiohttp.ClientSession) -> None:
    bridge = Bridge()
    entered, release = asyncio.Event(), asyncio.Event()

    async def slow(network: str, account: str, raws: Sequence[Raw]) -> int:
        entered.set()
        await release.wait()
        return len(raws)

    app = webhooks.Webhooks(slow, {("telegram", "main"): SignedNetwork()}, bridge.metrics)
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    call = asyncio.create_task(status(http, f"http://127.0.0.1:{server.port}{HOOK}", **GOOD))
    await entered.wait()
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0.05)
    release.set()
    assert await call == 200
    await stopping
