"""Slack's kit for the conformance suite: the emulator and how its requests are read."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from adapters.emulators.slack import Person, SlackEmulator, faults
from adapters.slack import CAPABILITIES, SlackAdapter, SlackSettings, build
from bridge.core.adapter import Adapter, Request
from bridge.core.endpoint import Place
from tests.conformance.kit import Kit, Shown, Trouble

BOT_TOKEN = "xoxb-super_secret-token"
APP_TOKEN = "xapp-another_secret-token"
SIGNING_SECRET = "a-signing-secret"
ANNA = "U222"

_FAULTS = {
    Trouble.ACCEPTED_THEN_DROPPED: faults.accept_then_drop,
    Trouble.RESET: faults.reset,
    Trouble.SERVER_ERROR: lambda: faults.status(502),
    Trouble.GARBLED: faults.malformed,
}


class EmulatedSlack:
    """The emulator as the suite sees it."""

    def __init__(self, emulator: SlackEmulator, person: Person) -> None:
        self.emulator = emulator
        self.person = person
        self.url = emulator.api_url
        self.place = Place("slack", "main", person.id)

    async def say(self, text: str) -> None:
        """The person writes to the app."""
        await self.person.send(text)

    def shown(self) -> list[str]:
        """Return the words of the app's messages."""
        return [line.text for line in self.person.screen() if not line.mine]

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next chat.postMessage."""
        self.emulator.faults.plan(_FAULTS[trouble](), method="chat.postMessage")

    def hand_out_again(self) -> None:
        """Deliver the newest event once more, under another event id."""
        self.emulator.events.redeliver(self.emulator.journal.handed[-1].update_id)

    async def down(self) -> None:
        """Refuse connections."""
        await self.emulator.down()

    async def up(self) -> None:
        """Listen again."""
        await self.emulator.up()


def emulator() -> SlackEmulator:
    """Return a Slack with our app, not started yet, whose retries come a hundred times sooner."""
    return SlackEmulator(
        time_factor=0.01,
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SIGNING_SECRET,
    )


@asynccontextmanager
async def emulated() -> AsyncIterator[EmulatedSlack]:
    """Run the emulator with Anna."""
    async with emulator() as running:
        yield EmulatedSlack(running, running.person(ANNA, "Anna"))


def adapter(url: str, mode: Literal["socket", "events"] = "socket") -> SlackAdapter:
    """Build an adapter with short waits."""
    settings = SlackSettings(
        bot_token=SecretStr(BOT_TOKEN),
        app_token=SecretStr(APP_TOKEN),
        signing_secret=SecretStr(SIGNING_SECRET),
        mode=mode,
        api_url=url,
        first_wait=0.1,
        catch_up=0.3,
    )
    return build("main", settings)


def _webhook(url: str) -> Adapter:
    return adapter(url, "events")


def sign(body: bytes, at: float | None = None) -> Mapping[str, str]:
    """Return the headers Slack would send with a body."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(SIGNING_SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest.hexdigest()}",
    }


def _words(request: Request) -> list[Shown]:
    shown = []
    blocks = request.params.get("blocks", [])
    assert isinstance(blocks, list)
    rich = [block for block in blocks if block["type"] == "rich_text"]
    if rich:
        shown.append(Shown("".join(_of(block) for block in rich), CAPABILITIES.max_text))
    if request.method == "conversations.create":
        shown.append(Shown(str(request.params["name"]), 73))
    for block in blocks:
        if block["type"] == "actions":
            assert len(block["elements"]) <= CAPABILITIES.max_choices
            labels = [button["text"]["text"] for button in block["elements"]]
            shown += [Shown(label, CAPABILITIES.max_choice_label) for label in labels]
    return shown


def _of(element: Mapping[str, Any]) -> str:
    words = element.get("text") or element.get("url", "")
    return str(words) + "".join(_of(one) for one in element.get("elements", []))


SLACK = Kit(
    name="slack",
    slow=True,
    fixtures=Path(__file__).parent / "fixtures",
    secret=BOT_TOKEN,
    build=adapter,
    server=emulated,
    words=_words,
    build_webhook=_webhook,
    sign=sign,
)
