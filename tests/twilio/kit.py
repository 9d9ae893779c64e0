"""Twilio's kits for the conformance suite: SMS and WhatsApp of one emulated account."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote_plus

import msgspec
from aiohttp import web
from pydantic import SecretStr

from adapters.emulators.twilio import Phone, TwilioEmulator, faults
from adapters.twilio import TwilioAdapter, TwilioSettings, build
from adapters.twilio.signature import HEADER, sign
from bridge.core.adapter import Adapter, Request, Sink
from bridge.core.endpoint import Place
from bridge.core.errors import Forged, StoreError
from tests.conformance.kit import Kit, Server, Shown, Trouble

SID = "AC" + "0123456789abcdef" * 2
TOKEN = "an_auth-token-of-nobody"
OURS, OURS_TOO, OURS_WHATSAPP = "+3197010200001", "+3197010200002", "+3197010200003"
ANNA = "+31612345678"
SERVICE = "MG" + "0" * 32
FIXTURES = Path(__file__).parent / "fixtures"
NOWHERE = "http://127.0.0.1:9"
_NUMBER = re.compile(r"^\(\d+/\d+\) ")
_FAULTS = {
    Trouble.ACCEPTED_THEN_DROPPED: faults.accept_then_drop,
    Trouble.RESET: faults.reset,
    Trouble.SERVER_ERROR: lambda: faults.status(502),
    Trouble.GARBLED: faults.malformed,
}
Network = Literal["sms", "whatsapp"]


def unnumbered(text: str) -> str:
    """Return the words of a part without its number."""
    return _NUMBER.sub("", text)


def form(tree: Any) -> bytes:
    """Return a recorded call as it came: fields as a form, everything else as it can be written."""
    if not isinstance(tree, dict):
        return msgspec.json.encode(tree)
    return "&".join(f"{name}={_quoted(_text(value))}" for name, value in tree.items()).encode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


_quoted = lru_cache(quote_plus)


def settings(url: str, **more: Any) -> TwilioSettings:
    """Return settings of an account on a server, looked through often."""
    given: dict[str, Any] = {
        "account_sid": SID,
        "auth_token": SecretStr(TOKEN),
        "numbers": (OURS, OURS_TOO),
        "whatsapp": OURS_WHATSAPP,
        "api_url": url,
        "public_url": NOWHERE,
        "sweep": 0.3,
        "grace": 0,
        "rate_per_second": 0,
        "chat_rate_per_second": 0,
    }
    return TwilioSettings(**{**given, **more})


def adapter(url: str, network: Network = "sms", **more: Any) -> TwilioAdapter:
    """Return one network of an account."""
    built = build("main", settings(url, **more))
    return next(one for one in built if isinstance(one, TwilioAdapter) and one.network == network)


class EmulatedTwilio:
    """One network of the emulator as the suite sees it."""

    def __init__(self, emulator: TwilioEmulator, person: Phone, network: Network) -> None:
        self.emulator = emulator
        self.person = person
        self.network: Network = network
        self.url = emulator.api_url
        self.place = Place(network, "main", person.number)

    async def say(self, text: str) -> None:
        """The person writes to us."""
        await self.person.send(text, network=self.network)

    def shown(self) -> list[str]:
        """Return the words of our messages."""
        shown = self.emulator.journal.shown_to(self.person.number, self.network)
        return [unnumbered(one.text) for one in shown]

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next message."""
        self.emulator.faults.plan(_FAULTS[trouble]())

    def hand_out_again(self) -> None:
        """Make the newest call once more."""
        self.emulator.start(self.emulator.hooks.again())

    async def down(self) -> None:
        """Refuse connections."""
        await self.emulator.server.down()

    async def up(self) -> None:
        """Listen again."""
        await self.emulator.server.up()


@asynccontextmanager
async def emulated(network: Network) -> AsyncIterator[EmulatedTwilio]:
    """Run the emulator with one account and Anna, who has written on WhatsApp today."""
    async with TwilioEmulator() as emulator:
        emulator.account(SID, TOKEN, (OURS, OURS_TOO), OURS_WHATSAPP, SERVICE)
        anna = emulator.person(ANNA, "Anna")
        anna.handset.spoke = datetime.now(UTC)
        yield EmulatedTwilio(emulator, anna, network)


@asynccontextmanager
async def called(server: Server, adapter: Adapter, sink: Sink) -> AsyncIterator[None]:
    """Take Twilio's calls as the web server does, once the adapter has looked for older ones."""
    assert isinstance(server, EmulatedTwilio)
    assert isinstance(adapter, TwilioAdapter)
    lists = len(server.emulator.journal.calls_of("list"))
    if await sink.cursor() is not None:
        await server.emulator.until(
            lambda: len(server.emulator.journal.calls_of("list")) > lists or None, 5
        )
    await asyncio.sleep(0.05)

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            raws = adapter.verify(headers, str(request.url), await request.read())
            await sink.accept(raws)
        except Forged:
            return web.Response(status=403)
        except StoreError:
            return web.Response(status=503)
        answer = adapter.answer(request.path.removeprefix("/webhooks/"), b"")
        assert answer is not None
        return web.Response(body=answer.body, content_type=answer.media_type)

    app = web.Application()
    app.router.add_post("/webhooks/twilio/main/message", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    account = server.emulator.world.accounts[SID]
    port = runner.addresses[0][1]
    account.webhook = f"http://127.0.0.1:{port}/webhooks/twilio/main/message"
    try:
        yield
    finally:
        account.webhook = ""
        await server.emulator.quiet()
        await runner.cleanup()


def _sign(body: bytes) -> Mapping[str, str]:
    return {HEADER: sign(TOKEN, "http://127.0.0.1/webhooks", body)}


def _words(limit: int) -> Any:
    def words(request: Request) -> list[Shown]:
        return [Shown(str(request.params["body"]), limit)] if "body" in request.params else []

    return words


def _kit(network: Network, limit: int) -> Kit:
    return Kit(
        name=network,
        slow=True,
        fixtures=FIXTURES / network,
        secret=TOKEN,
        build=lambda url: adapter(url, network),
        server=lambda: emulated(network),
        words=_words(limit),
        build_webhook=lambda url: adapter(url, network),
        sign=_sign,
        form=form,
        unnumbered=unnumbered,
        by_link=True,
        called=called,
    )


SMS = _kit("sms", 3)
WHATSAPP = _kit("whatsapp", 1600)
