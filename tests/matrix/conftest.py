"""The homeserver, our account behind a door, and people with clients of their own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.matrix import MatrixAdapter
from tests.conformance.kit import MemorySink
from tests.matrix.kit import PASSWORD, adapter, known
from tests.matrix.person import Person
from tests.matrix.proxy import Proxy
from tests.matrix.synapse import Account, Synapse, shared


@pytest.fixture(scope="session")
def synapse() -> Synapse:
    """The run's homeserver."""
    return shared()


@pytest.fixture
def bridge(synapse: Synapse) -> Account:
    """Our own account, for looking at things from its side."""
    return synapse.register("bridge", PASSWORD)


@pytest.fixture
async def proxy(synapse: Synapse) -> AsyncIterator[Proxy]:
    """A door to the homeserver."""
    door = Proxy(synapse.url)
    await door.up()
    yield door
    await door.down()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The folder of our keys."""
    return tmp_path / "keys"


@pytest.fixture
def ours(proxy: Proxy, bridge: Account, keys: Path) -> Iterator[None]:
    """Adapters for the door are our account."""
    with known(proxy.url, bridge.user_id, keys):
        yield


@pytest.fixture
async def us(ours: None, proxy: Proxy) -> AsyncIterator[MatrixAdapter]:
    """Our adapter; it does not listen yet."""
    built = adapter(proxy.url)
    yield built
    await built.close()


@pytest.fixture
def sink() -> MemorySink:
    """Where it puts what it reads."""
    return MemorySink()


@pytest.fixture
async def listening(us: MatrixAdapter, sink: MemorySink) -> AsyncIterator[None]:
    """Our adapter reads."""
    task = asyncio.create_task(us.listen(sink))
    yield
    task.cancel()
    await asyncio.wait([task], timeout=2)


@pytest.fixture
def anna(synapse: Synapse) -> Account:
    """Anna, who writes without encryption."""
    return synapse.register("anna", "pw")


@pytest.fixture
async def piet(synapse: Synapse, tmp_path: Path) -> AsyncIterator[Person]:
    """Piet, whose client encrypts."""
    person = Person(synapse.register("piet", "pw"), tmp_path / "piet")
    yield person
    await person.close()
