"""The emulator of Slack by itself: what it takes, refuses, hands out, and how it breaks."""

import asyncio
import base64
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import msgspec
import pytest
from aiohttp import web

from adapters.emulators.slack import (
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    EmulatorMisuseError,
    SlackEmulator,
    faults,
)


@pytest.fixture
async def emu() -> AsyncIterator[SlackEmulator]:
    """A workspace with one person."""
    async with SlackEmulator(time_factor=0.01) as emulator:
        emulator.person("U1", "Anna")
        yield emulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client of nobody's making."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session


class Client:
    """Calls methods with a token."""

    def __init__(self, session: aiohttp.ClientSession, emu: SlackEmulator) -> None:
        self.session = session
        self.emu = emu

    async def __call__(self, method: str, token: str = BOT_TOKEN, **params: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.emu.api_url}/api/{method}"
        async with self.session.post(url, json=params, headers=headers) as answer:
            return await answer.json()


@pytest.fixture
def call(http: aiohttp.ClientSession, emu: SlackEmulator) -> Client:
    """Call a method."""
    return Client(http, emu)


LONG = "v" * 2001


def _button(**changes: Any) -> list[dict[str, Any]]:
    text = {"type": "plain_text", "text": "Ja"}
    button = {"type": "button", "action_id": "a", "text": text, "value": "v", **changes}
    return [{"type": "actions", "elements": [button]}]


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("chat.postMessage", {"channel": "C9", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "U9", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "U1", "text": " "}, "no_text"),
        (
            "chat.postMessage",
            {"channel": "U1", "text": "x", "thread_ts": "1.2"},
            "thread_not_found",
        ),
        (
            "chat.postMessage",
            {"channel": "U1", "blocks": _button(value="v" * 2001)},
            "invalid_blocks",
        ),
        ("chat.postMessage", {"channel": "U1", "blocks": _button() * 2}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "U1", "blocks": "{"}, "invalid_arguments"),
        (
            "chat.postMessage",
            {"channel": "U1", "text": "x", "metadata": {}},
            "invalid_metadata_format",
        ),
        ("chat.update", {"channel": "U1", "ts": "1.2", "text": "x"}, "message_not_found"),
        ("chat.delete", {"channel": "U1", "ts": "1.2"}, "message_not_found"),
        ("reactions.add", {"channel": "U1", "timestamp": "1.2", "name": "x"}, "message_not_found"),
        ("conversations.open", {"users": "U9"}, "user_not_found"),
        ("conversations.open", {"users": BOT_USER}, "cannot_dm_bot"),
        ("conversations.create", {"name": "Not OK!"}, "invalid_name_specials"),
        ("files.getUploadURLExternal", {"filename": "x", "length": 0}, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": [{"id": "F9"}]}, "file_not_found"),
        ("files.info", {"file": "F9"}, "file_not_found"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        ("nothing.real", {}, "unknown_method"),
    ],
)
async def test_what_slack_refuses_is_refused_in_its_words(
    call: Client, method: str, params: dict[str, Any], error: str
) -> None:
    assert await call(method, **params) == {"ok": False, "error": error}


async def test_tokens_open_what_they_are_for(call: Client, emu: SlackEmulator) -> None:
    assert (await call("auth.test"))["user_id"] == BOT_USER
    assert (await call("auth.test", token="x"))["error"] == "invalid_auth"
    assert (await call("auth.test", token=""))["error"] == "not_authed"
    assert (await call("apps.connections.open"))["error"] == "invalid_auth"
    assert (await call("apps.connections.open", token=APP_TOKEN))["url"].startswith("ws://")
    emu.service.revoked = "token_revoked"
    assert (await call("auth.test"))["error"] == "token_revoked"


async def test_a_conversation_from_beginning_to_end(call: Client, emu: SlackEmulator) -> None:
    anna = emu.person("U1")
    made = (await call("conversations.create", name="anna", is_private=True))["channel"]["id"]
    assert (await call("conversations.create", name="anna"))["error"] == "name_taken"
    assert (await call("conversations.invite", channel=made, users="U1"))["ok"]
    assert (await call("conversations.invite", channel=made, users="U1"))["error"] == (
        "already_in_channel"
    )
    assert (await call("conversations.members", channel=made))["members"] == [BOT_USER, "U1"]
    assert (await call("conversations.info", channel=made))["channel"]["name"] == "anna"
    metadata = {"event_type": "t", "event_payload": {"key": "k"}}
    posted = await call("chat.postMessage", channel=made, text="a &lt; b", metadata=metadata)
    await call("chat.postMessage", channel=made, text="in", thread_ts=posted["ts"])
    out = await call(
        "chat.postMessage", channel=made, text="ook", thread_ts=posted["ts"], reply_broadcast=True
    )
    assert [line.text for line in anna.screen(made)] == ["a < b", "ook"]
    history = await call("conversations.history", channel=made, include_all_metadata=True)
    assert [m["ts"] for m in history["messages"]] == [out["ts"], posted["ts"]]
    assert history["messages"][1]["metadata"] == metadata
    assert "metadata" not in (await call("conversations.history", channel=made))["messages"][1]
    replies = await call("conversations.replies", channel=made, ts=posted["ts"], limit=2)
    assert [m["text"] for m in replies["messages"]] == ["a &lt; b", "in"]
    cursor = replies["response_metadata"]["next_cursor"]
    rest = await call(
        "conversations.replies", channel=made, ts=posted["ts"], limit=2, cursor=cursor
    )
    assert [m["text"] for m in rest["messages"]] == ["ook"]
    assert (await call("chat.update", channel=made, ts=out["ts"], text="later"))["ok"]
    assert anna.screen(made)[-1].text == "later"
    assert (await call("chat.postEphemeral", channel=made, user="U1", text="psst"))["ok"]
    hers = await anna.send("van mij", chat=made)
    assert (await call("chat.update", channel=made, ts=hers.ts, text="x"))["error"] == (
        "cant_update_message"
    )
    emu.service.world.channels[made].archived = True
    assert (await call("chat.postMessage", channel=made, text="x"))["error"] == "is_archived"
    everything = await call("conversations.list", types="im,private_channel", limit=1)
    assert everything["response_metadata"]["next_cursor"] == "1"


async def test_files_go_up_in_three_calls_and_down_with_a_token(
    call: Client, emu: SlackEmulator, http: aiohttp.ClientSession
) -> None:
    place = await call("files.getUploadURLExternal", filename="a.png", length=3)
    async with http.post(place["upload_url"], data=b"four") as answer:
        assert answer.status == 400
    async with http.post(place["upload_url"], data=b"png") as answer:
        assert answer.status == 200
    files = [{"id": place["file_id"], "title": "a.png"}]
    assert (await call("files.completeUploadExternal", files=files, channel_id="U1"))["ok"]
    assert (await call("files.completeUploadExternal", files=files, channel_id="U1"))["error"] == (
        "file_not_found"
    )
    info = (await call("files.info", file=place["file_id"]))["file"]
    assert info["shares"]["private"]
    async with http.get(info["url_private_download"]) as answer:
        assert answer.content_type == "text/html"
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with http.get(info["url_private_download"], headers=headers) as answer:
        assert await answer.read() == b"png"


@pytest.mark.parametrize("fault", [faults.reset(), faults.accept_then_drop(), faults.truncated()])
async def test_faults_on_the_wire(call: Client, emu: SlackEmulator, fault: faults.Fault) -> None:
    emu.faults.plan(fault, method="chat.postMessage")
    with pytest.raises((aiohttp.ClientError, ValueError)):
        await call("chat.postMessage", channel="U1", text="x")
    assert len(emu.person("U1").screen()) == (fault.kind != "reset")
    assert (await call("chat.postMessage", channel="U1", text="y"))["ok"]
    assert not emu.journal.calls[0].answered
    assert emu.journal.calls[1].answered


async def test_a_limit_and_a_429(call: Client, emu: SlackEmulator) -> None:
    emu.service.per_channel = (1, 60.0)
    assert (await call("chat.postMessage", channel="U1", text="x"))["ok"]
    assert (await call("chat.postMessage", channel="U1", text="y"))["error"] == "ratelimited"
    emu.service.per_channel = None
    emu.faults.plan(faults.too_many(7), method="auth.test")
    async with call.session.post(f"{emu.api_url}/api/auth.test") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")


# -- events --------------------------------------------------------------------------------------


async def test_calls_are_signed_and_come_again(emu: SlackEmulator) -> None:
    seen: list[tuple[Any, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        seen.append((request.headers, body))
        return web.Response(status=500 if len(seen) < 3 else 200)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    emu.events.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await emu.person("U1").send("hallo")
    await emu.service.until(lambda: emu.journal.handed[0].confirmed, 5)
    assert [headers.get("X-Slack-Retry-Num") for headers, _ in seen] == [None, "1", "2"]
    for headers, body in seen:
        signed = emu.events.sign(body, int(headers["X-Slack-Request-Timestamp"]))
        assert headers["X-Slack-Signature"] == signed["X-Slack-Signature"]
    assert seen[0][1] == seen[2][1]
    await emu.person("U1").command("topics")
    await emu.service.until(lambda: emu.journal.handed[1].confirmed, 5)
    assert parse_qs(seen[3][1].decode())["text"] == ["topics"]
    await runner.cleanup()


async def test_each_envelope_goes_to_one_of_the_connections(
    emu: SlackEmulator, call: Client, http: aiohttp.ClientSession
) -> None:
    sockets = []
    for _ in range(2):
        url = (await call("apps.connections.open", token=APP_TOKEN))["url"]
        sockets.append(await http.ws_connect(url))
        assert (await sockets[-1].receive_json())["type"] == "hello"
    for n in range(4):
        await emu.person("U1").send(str(n))
    envelopes = [await sockets[n % 2].receive_json() for n in range(4)]
    assert [one["payload"]["event"]["text"] for one in envelopes] == ["0", "1", "2", "3"]
    await sockets[0].send_json({"envelope_id": envelopes[0]["envelope_id"]})
    await emu.service.until(lambda: emu.journal.handed[0].confirmed, 5)
    assert emu.journal.handed[1].confirmed is None
    await emu.refresh()
    assert (await sockets[0].receive_json())["type"] == "disconnect"
    await sockets[0].close()
    await sockets[1].close()  # what was not acknowledged comes again, and nobody is there
    await emu.service.until(
        lambda: all(h.confirmed or h.dropped for h in emu.journal.handed) or None, 8
    )
    assert [bool(h.confirmed) for h in emu.journal.handed] == [True, False, False, False]


async def test_people_cannot_do_the_impossible(emu: SlackEmulator) -> None:
    anna, bram = emu.person("U1"), emu.person("U2", "Bram")
    message = await anna.send("van mij")
    channel = emu.channel("elsewhere", [bram])
    for attempt in (
        bram.edit(message.ts, "x"),
        anna.send("x", chat=channel.id),
        anna.press(message.ts, "Ja"),
        anna.edit("1.000000", "x"),
    ):
        with pytest.raises(EmulatorMisuseError):
            await attempt


# -- as a process --------------------------------------------------------------------------------


async def test_a_whole_conversation_from_outside(http: aiohttp.ClientSession) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.emulators.slack", "--port", "0"),
        *("--time-factor", "0.01"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    url = msgspec.json.decode(await process.stdout.readline())["api_url"]

    async def post(path: str, status: int = 200, **body: Any) -> Any:
        async with http.post(f"{url}/control/{path}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    await post("people", id="U1", name="Anna")
    sent = (await post("people/U1/send", text="hallo"))["result"]
    data = base64.b64encode(b"png").decode()
    await post("people/U1/send_photo", data=data, caption="kijk")
    await post("people/U1/react", ts=sent["message_id"], name="tada")
    made = await post("channels", name="samen", members=["U1"])
    await post("people/U1/send", text="daar", chat=made["id"])
    await post("faults", fault="too_many", retry_after=1, method="chat.postMessage")
    await post("limits", per_channel=[1, 60])
    await post("events/url", request_url="http://127.0.0.1:9/hook")
    await post("events/inject", raw={"type": "x"})
    await post("people/U1/fly", 400)
    await post("people/U9/send", 400, text="x")
    await post("events/fly", 400)
    async with http.post(f"{url}/control/people", data="x") as answer:
        assert answer.status == 415
    async with http.get(f"{url}/control/people/U1/screen") as answer:
        lines = (await answer.json())["lines"]
    assert [(line["kind"], line["text"]) for line in lines] == [("text", "hallo"), ("file", "kijk")]
    async with http.get(f"{url}/control/journal") as answer:
        assert len((await answer.json())["said"]) == 4
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
