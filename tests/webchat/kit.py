"""The web chat's kit for the conformance suite: a page of Anna's, reached over HTTP.

In the product the page and its store are in the same process. Here they are behind a connection,
so that it can break in every way; and what Anna writes is posted to the adapter's ``listen``,
which stands in for our web server: like the page, it posts again until it was kept.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web

from adapters.webchat import CAPABILITIES, Screens, WebChatAdapter
from bridge.core.adapter import Adapter, Request, Sink
from bridge.core.endpoint import Place
from bridge.core.errors import Certainty, StoreError, Unreachable
from tests.conformance.kit import Kit, Shown, Trouble

ANNA = "Ann4s-own-browser-01"
STRANGER = "session-token-nobody-may-see"
_WORDS = ("header", "text", "reply_to", "target", "ref")


class Page:
    """A server that keeps what a page shows and hands out what Anna writes."""

    def __init__(self) -> None:
        self.url = ""
        self.place = Place("web", "main", ANNA)
        self._lines: dict[str, str] = {}
        self._said: list[str] = []
        self._trouble: Trouble | None = None
        self._ids = count(1)
        self._site: web.TCPSite | None = None
        self._port = 0
        app = web.Application()
        app.router.add_post("/show", self._show)
        app.router.add_get("/said", self._hand_out)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def say(self, text: str) -> None:
        """Anna writes."""
        self._said.append(f'{{"type":"message","id":"m-{next(self._ids)}","text":"{text}"}}')

    def shown(self) -> list[str]:
        """Return the words on Anna's page."""
        return list(self._lines.values())

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next request."""
        self._trouble = trouble

    def hand_out_again(self) -> None:
        """The page posts what it posted last once more."""
        self._said.append(self._said[-1])

    async def down(self) -> None:
        """Refuse connections."""
        assert self._site is not None
        await self._site.stop()
        self._site = None

    async def up(self) -> None:
        """Listen at the same address."""
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Page"]:
        """Run it."""
        await self._runner.setup()
        await self.up()
        try:
            yield self
        finally:
            await self._runner.cleanup()

    async def _show(self, request: web.Request) -> web.Response:
        told = await request.json()
        trouble, self._trouble = self._trouble, None
        if told["address"] != ANNA:
            return web.Response(status=404)
        if trouble is Trouble.SERVER_ERROR:
            return web.Response(status=503)
        if trouble is not Trouble.RESET and "text" in told["params"]:
            self._lines.setdefault(told["id"], told["params"]["text"])
        if trouble in (Trouble.RESET, Trouble.ACCEPTED_THEN_DROPPED):
            assert request.transport is not None
            request.transport.close()
        return web.Response(text="?" if trouble is Trouble.GARBLED else "shown")

    async def _hand_out(self, request: web.Request) -> web.Response:
        return web.json_response(self._said[int(request.query["after"]) :])


class _FarScreens(Screens):
    """The adapter's view of that page."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def typing(self, address: str) -> None:
        """It shows no typing."""

    async def ready(self) -> None:
        """Ask for something."""
        try:
            async with aiohttp.ClientSession() as session:
                await session.get(f"{self._url}/said?after=0")
        except aiohttp.ClientError:
            raise StoreError("the store is away") from None

    async def show(self, address: str, key: str, id: str, params: bytes) -> bool:
        """Raises as the store does when it cannot tell, and when nothing was tried."""
        told = {"address": address, "key": key, "id": id, "params": msgspec.json.decode(params)}
        connector = aiohttp.TCPConnector(force_close=True)
        try:
            async with (
                aiohttp.ClientSession(connector=connector) as session,
                session.post(f"{self._url}/show", json=told) as answer,
            ):
                said = await answer.text()
        except aiohttp.ClientConnectorError:
            raise Unreachable("unreachable", "no connection", Certainty.NOT_SENT) from None
        except aiohttp.ClientError:
            raise StoreError("nobody knows whether it was committed") from None
        if answer.status == 404:
            return False
        if answer.status != 200 or said != "shown":
            raise StoreError("the store is away")
        return True

    async def uploaded(self, ref: str) -> AsyncIterator[bytes]:
        """Nothing was uploaded."""
        yield ref.encode()


class _Posting(WebChatAdapter):
    """The adapter, with our web server's part played by ``listen``."""

    def __init__(self, url: str) -> None:
        super().__init__("main", url, CAPABILITIES, _FarScreens(url))
        self._url = url

    async def listen(self, sink: Sink) -> None:
        """Post what Anna writes, each act until it was kept."""
        at = int(await sink.cursor() or 0)
        while True:
            await asyncio.sleep(0.01)
            try:
                async with (
                    aiohttp.ClientSession() as session,
                    session.get(f"{self._url}/said", params={"after": at}) as answer,
                ):
                    said = await answer.json()
                for act in said:
                    raw = self.pack(ANNA, "nl", datetime(2026, 11, 23, tzinfo=UTC), act.encode())
                    await sink.accept([raw], str(at + 1))
                    at += 1
            except (StoreError, aiohttp.ClientError):
                continue


def _build(url: str) -> Adapter:
    return _Posting(url)


@asynccontextmanager
async def _server() -> AsyncIterator[Page]:
    async with Page().running() as page:
        yield page


def _words(request: Request) -> list[Shown]:
    shown = []
    for name in _WORDS:
        if said := request.params.get(name):
            limit = 300 if name in ("header", "target") else CAPABILITIES.max_text
            mark = ":" if name == "header" and request.shows else ""
            if name in ("header", "text"):
                shown.append(Shown(f"{said}{mark}", limit))
    options = request.params.get("options")
    labels = [option["label"] for option in options] if isinstance(options, list) else []
    return shown + [Shown(label, CAPABILITIES.max_choice_label) for label in labels]


WEBCHAT = Kit(
    name="web",
    slow=True,
    fixtures=Path(__file__).parent / "fixtures",
    secret=STRANGER,
    build=_build,
    server=_server,
    words=_words,
)
