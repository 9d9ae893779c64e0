"""The emulated Slack is good enough for Slack's own framework: an app written with Bolt runs on it.

The bridge itself drives slack_sdk (decision 001); Bolt is asked here as an independent witness of
what an app may expect: signatures, Socket Mode's envelopes, acknowledgements, the Web API.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

from adapters.emulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackEmulator

Running = Callable[[SlackEmulator], AbstractAsyncContextManager[None]]


def _app(emu: SlackEmulator, secret: str = SIGNING_SECRET) -> AsyncApp:
    """An app of anybody: it repeats what it hears, offers a button, knows a command."""
    client = AsyncWebClient(BOT_TOKEN, base_url=f"{emu.api_url}/api/")
    app = AsyncApp(client=client, signing_secret=secret)

    @app.event("message")
    async def heard(event: dict[str, str], say: AsyncSay) -> None:
        button = {"type": "button", "text": {"type": "plain_text", "text": "Yes"}}
        row = {"type": "actions", "elements": [{**button, "action_id": "yes", "value": "1"}]}
        await say(text=f"heard {event['text']}", blocks=[row])

    @app.action("yes")
    async def pressed(ack: AsyncAck, say: AsyncSay) -> None:
        await ack()
        await say("pressed yes")

    @app.command("/coach")
    async def asked(ack: AsyncAck, command: dict[str, str], say: AsyncSay) -> None:
        await ack()
        await say(f"asked {command['text']}")

    return app


@asynccontextmanager
async def _over_sockets(emu: SlackEmulator) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(_app(emu), APP_TOKEN)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def _over_calls(emu: SlackEmulator, secret: str = SIGNING_SECRET) -> AsyncIterator[None]:
    app = _app(emu, secret)

    async def called(request: web.Request) -> web.Response:
        answer = await app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    server = web.Application()
    server.add_routes([web.post("/slack/events", called)])
    runner = web.AppRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    emu.events.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("way", [_over_sockets, _over_calls])
async def test_an_app_of_anybody_hears_and_answers(
    way: Callable[[SlackEmulator], AbstractAsyncContextManager[None]],
) -> None:
    async with SlackEmulator(time_factor=0.01) as emu, way(emu):
        anna = emu.person("U1", "Anna")
        await anna.send("good morning")
        offered = await anna.wait_for("heard good morning", 5)
        await anna.press(offered.ts, "Yes")
        await anna.wait_for("pressed yes", 5)
        await anna.command("how are you")
        await anna.wait_for("asked how are you", 5)
        await emu.service.until(lambda: emu.journal.unconfirmed() == [] or None, 5)


async def test_an_app_with_another_secret_takes_nothing() -> None:
    async with SlackEmulator(time_factor=0.01) as emu, _over_calls(emu, "another secret"):
        anna = emu.person("U1", "Anna")
        await anna.send("good morning")
        await emu.service.until(lambda: emu.journal.handed[0].dropped or None, 5)
        assert anna.screen()[-1].mine
