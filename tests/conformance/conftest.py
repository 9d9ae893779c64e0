"""Every test runs for every network, and none may show a secret."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from bridge.core.adapter import Adapter
from tests.conformance.kit import Kit, Server
from tests.conformance.networks import NETWORKS

Until = Callable[[Callable[[], object]], Awaitable[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave a server that takes its time to `make test`."""
    for item in items:
        spec = getattr(item, "callspec", None)
        kit = spec.params.get("kit") if spec is not None else None
        if isinstance(kit, Kit) and kit.slow and "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(params=NETWORKS, ids=str)
def kit(request: pytest.FixtureRequest) -> Kit:
    """The network under test."""
    chosen: Kit = request.param
    return chosen


@pytest.fixture(autouse=True)
def _no_secret_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG):
        yield
    text = caplog.text + "".join(
        str(record.__dict__) for when in ("setup", "call") for record in caplog.get_records(when)
    )
    for network in NETWORKS:
        assert network.secret not in text


@pytest.fixture
async def server(kit: Kit) -> AsyncIterator[Server]:
    """The network's server with one person."""
    async with kit.server() as running:
        yield running


@pytest.fixture
async def adapter(kit: Kit, server: Server) -> AsyncIterator[Adapter]:
    """The adapter, connected to the server; it listens by asking where the network can."""
    built = kit.build(server.url)
    yield built
    await built.close()


@pytest.fixture
def until() -> Until:
    """Wait until something is so, five seconds at most."""

    async def wait(is_so: Callable[[], object]) -> None:
        for _ in range(500):
            if is_so():
                return
            await asyncio.sleep(0.01)
        pytest.fail("it did not happen within five seconds")

    return wait
