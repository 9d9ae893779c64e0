"""The emulator as a process of its own, driven over its control endpoint."""

import asyncio
import base64
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

PNG = base64.b64encode(b"png").decode()


class Remote:
    """A client of the control endpoint and of the Bot API."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        """POST to /control; the status must be as said."""
        async with self.session.post(f"{self.url}/control/{path}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def get(self, path: str) -> Any:
        """GET from /control."""
        async with self.session.get(f"{self.url}/control/{path}") as answer:
            return await answer.json()

    async def call(self, method: str, **params: Any) -> Any:
        """A method of the Bot API."""
        async with self.session.post(f"{self.url}/bot9:t/{method}", json=params) as answer:
            return await answer.json()


@pytest.fixture
async def remote() -> AsyncIterator[Remote]:
    """The emulator in its own process; it ends by SIGTERM and says nothing on stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.emulators.telegram", "--port", "0"),
        *("--bot", "9:t=demo_bot", "--time-factor", "0.01"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = msgspec.json.decode(await process.stdout.readline())
    async with aiohttp.ClientSession() as session:
        yield Remote(session, ready["api_url"])
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


async def test_a_whole_conversation_from_outside(remote: Remote) -> None:
    assert (await remote.call("getMe"))["result"]["username"] == "demo_bot"
    await remote.post("people", id=222, first_name="Anna", language_code="en")
    await remote.post("people/222/start", payload="abc")
    sent = await remote.post("people/222/send_photo", data=PNG, caption="look")
    assert sent["result"]["kind"] == "photo"
    updates = (await remote.call("getUpdates"))["result"]
    assert [u["message"].get("text") for u in updates] == ["/start abc", None]
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    answer = await remote.call("sendMessage", chat_id=222, text="nice", reply_markup=keyboard)
    message_id = answer["result"]["message_id"]
    found = await remote.post("people/222/wait_for", wanted="nice", within=1)
    assert found["result"]["message_id"] == message_id
    press = await remote.post("people/222/press", message_id=message_id, button="Yes")
    assert press["result"]["callback_query_id"]
    await remote.post("people/222/react", message_id=message_id, emoji=["👍"])
    lines = (await remote.get("people/222/screen"))["lines"]
    assert [line["text"] for line in lines] == ["/start abc", "look", "nice"]
    assert lines[2]["reactions"] == {"👍": ["Anna"]}
    await remote.post("groups", id=-1001, title="Practice", members=[222], forum=True)
    topic = await remote.post("groups/-1001/topic", name="Anna")
    await remote.post("people/222/send", text="hi", chat=-1001, thread=topic["thread_id"])
    journal = await remote.get("journal?since=0")
    assert [said["what"] for said in journal["said"]] == [
        *("sent", "sent", "pressed", "reacted", "topic", "sent"),
    ]
    assert [shown["text"] for shown in journal["shown"]] == ["nice"]


async def test_faults_limits_and_updates_from_outside(remote: Remote) -> None:
    await remote.post("people", id=222, started=True)
    await remote.post("faults", fault="too_many", retry_after=3, method="sendMessage")
    assert (await remote.call("sendMessage", chat_id=222, text="x"))["error_code"] == 429
    assert (await remote.get("faults"))["rules"][0]["hits"] == 1
    await remote.session.delete(f"{remote.url}/control/faults")
    assert (await remote.get("faults"))["rules"] == []
    await remote.post("limits", per_chat=[1, 60])
    assert (await remote.call("sendMessage", chat_id=222, text="x"))["ok"]
    assert (await remote.call("sendMessage", chat_id=222, text="x"))["error_code"] == 429
    await remote.post("updates/restart_at", id=900_000_000)
    await remote.post("updates/inject", raw={"strange": [1]})
    [update] = (await remote.call("getUpdates"))["result"]
    assert update == {"update_id": 900_000_000, "strange": [1]}
    with pytest.raises(aiohttp.ClientError):
        await remote.post("down", seconds=0.1)
    await asyncio.sleep(0.2)
    assert (await remote.call("getMe"))["ok"]


async def test_the_control_endpoint_refuses_what_makes_no_sense(remote: Remote) -> None:
    refused = await remote.post("people/5/send", status=400, text="hi")
    assert refused == {"error": "EmulatorMisuseError: there is no person 5"}
    await remote.post("people", id=5)
    await remote.post("people/5/__init__", status=400)
    await remote.post("people/5/wait_for", status=408, wanted="nothing", within=0.01)
    async with remote.session.post(f"{remote.url}/control/people", data="{}") as answer:
        assert answer.status == 415
