"""Matrix's kit for the conformance suite: a real Synapse behind a door that makes trouble."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from pydantic import SecretStr

from adapters.matrix import CAPABILITIES, MatrixAdapter, MatrixSettings, build
from bridge.core.adapter import Request
from bridge.core.endpoint import Place
from tests.conformance.kit import Kit, Shown, Trouble
from tests.matrix.proxy import Proxy
from tests.matrix.synapse import Account, shared

PASSWORD = "Matrix-super_secret-password"
DEVICE = "COACHBRIDGE"
NOBODY = "@coachbridge:localhost"

_SETTINGS: dict[str, MatrixSettings] = {}
"""Who we are behind which address."""


@contextmanager
def known(url: str, user_id: str, folder: Path, **changes: object) -> Iterator[MatrixSettings]:
    """Let adapters for this address be this account."""
    settings = MatrixSettings(
        homeserver=url,
        user_id=user_id,
        password=SecretStr(PASSWORD),
        device_id=DEVICE,
        keys=folder,
        sync_seconds=2,
        **changes,  # type: ignore[arg-type]
    )
    _SETTINGS[url] = settings
    try:
        yield settings
    finally:
        del _SETTINGS[url]


def adapter(url: str) -> MatrixAdapter:
    """Build an adapter; where nobody is known it gets a token that never works."""
    stranger = MatrixSettings(
        homeserver=url,
        user_id=NOBODY,
        access_token=SecretStr(PASSWORD),
        keys=Path(tempfile.gettempdir()) / "coachbridge-tests-no-keys",
        encryption=False,
    )
    return build("main", _SETTINGS.get(url, stranger))


class RealMatrix:
    """Synapse as the suite sees it: Anna and the bridge in a private room of theirs."""

    def __init__(self, proxy: Proxy, anna: Account, room_id: str) -> None:
        self.proxy = proxy
        self.anna = anna
        self.url = proxy.url
        self.place = Place("matrix", "main", room_id)

    async def say(self, text: str) -> None:
        """Anna writes to the bridge."""
        self.anna.say(self.place.chat, {"msgtype": "m.text", "body": text})

    def shown(self) -> list[str]:
        """Return the words of the bridge's messages."""
        return [
            event["content"]["body"]
            for event in self.anna.events(self.place.chat)
            if event["sender"] != self.anna.user_id and event["type"] == "m.room.message"
        ]

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next message that is sent."""
        self.proxy.plan(trouble)

    def hand_out_again(self) -> None:
        """Deliver the newest news once more."""
        self.proxy.hand_out_again()

    async def down(self) -> None:
        """Refuse connections."""
        await self.proxy.down()

    async def up(self) -> None:
        """Listen again."""
        await self.proxy.up()


@asynccontextmanager
async def real() -> AsyncIterator[RealMatrix]:
    """Run a door to the homeserver, with an account of ours and Anna of this test only."""
    synapse = shared()
    anna = synapse.register("anna", "pw")
    bridge = synapse.register("bridge", PASSWORD)
    room_id = anna.room(bridge.user_id)
    bridge.join(room_id)
    proxy = Proxy(synapse.url)
    await proxy.up()
    with (
        tempfile.TemporaryDirectory() as folder,
        known(proxy.url, bridge.user_id, Path(folder)),
    ):
        yield RealMatrix(proxy, anna, room_id)
    await proxy.down()


def _words(request: Request) -> list[Shown]:
    content = request.params.get("content")
    if isinstance(content, dict):
        shown = content.get("m.new_content", content)
        size = len(json.dumps(content, ensure_ascii=False).encode())
        # An event of 64 KiB, encrypted: a third more.
        assert size < 45_000
        return [Shown(shown["body"], CAPABILITIES.max_text)]
    if "name" in request.params:
        return [Shown(str(request.params["name"]), 800)]
    return []


MATRIX = Kit(
    name="matrix",
    fixtures=Path(__file__).parent / "fixtures",
    secret=PASSWORD,
    build=adapter,
    server=real,
    words=_words,
    chat="!chat:localhost",
    slow=True,
)
