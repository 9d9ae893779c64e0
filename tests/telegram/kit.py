"""Telegram's kit for the conformance suite: the emulator and how its requests are read."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from adapters.emulators.telegram import Person, TelegramEmulator, faults
from adapters.telegram import CAPABILITIES, TelegramAdapter, TelegramSettings, build
from bridge.core.adapter import Adapter, Request
from bridge.core.endpoint import Place
from tests.conformance.kit import Kit, Shown, Trouble

TOKEN = "123456:AAH-super_secret-token"
WEBHOOK_SECRET = "a_webhook-secret"

_FAULTS = {
    Trouble.ACCEPTED_THEN_DROPPED: faults.accept_then_drop,
    Trouble.RESET: faults.reset,
    Trouble.SERVER_ERROR: lambda: faults.status(502),
    Trouble.GARBLED: faults.malformed,
}


class EmulatedTelegram:
    """The emulator as the suite sees it."""

    def __init__(self, emulator: TelegramEmulator, person: Person) -> None:
        self.emulator = emulator
        self.person = person
        self.url = emulator.api_url
        self.place = Place("telegram", "main", str(person.id))

    async def say(self, text: str) -> None:
        """The person writes to the bot."""
        await self.person.send(text)

    def shown(self) -> list[str]:
        """Return the words of the bot's messages."""
        return [line.text for line in self.person.screen() if not line.mine]

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next sendMessage."""
        self.emulator.faults.plan(_FAULTS[trouble](), method="sendMessage")

    def hand_out_again(self) -> None:
        """Deliver the newest update once more."""
        handed = self.emulator.journal.handed[-1]
        self.emulator.bot(TOKEN).queue.redeliver(handed.update_id)

    async def down(self) -> None:
        """Refuse connections."""
        await self.emulator.down()

    async def up(self) -> None:
        """Listen again."""
        await self.emulator.up()


@asynccontextmanager
async def emulated() -> AsyncIterator[EmulatedTelegram]:
    """Run the emulator with one bot and Anna."""
    async with TelegramEmulator(time_factor=0.01) as emulator:
        emulator.bot(TOKEN)
        yield EmulatedTelegram(emulator, emulator.person(222, "Anna", started=True))


def adapter(
    url: str, mode: Literal["polling", "webhook"] = "polling", public_url: str = ""
) -> TelegramAdapter:
    """Build an adapter with short waits."""
    settings = TelegramSettings(
        token=SecretStr(TOKEN),
        mode=mode,
        webhook_secret=SecretStr(WEBHOOK_SECRET),
        api_url=url,
        public_url=public_url or "http://127.0.0.1:9",
        poll_timeout=2,
    )
    return build("main", settings)


def _webhook(url: str) -> Adapter:
    return adapter(url, "webhook")


def _sign(body: bytes) -> Mapping[str, str]:
    del body
    return {"x-telegram-bot-api-secret-token": WEBHOOK_SECRET}


def _words(request: Request) -> list[Shown]:
    fields = {"text": CAPABILITIES.max_text, "caption": CAPABILITIES.max_caption}
    if request.method == "answerCallbackQuery":
        fields = {"text": 200}
    if request.method == "createForumTopic":
        fields = {"name": 128}
    shown = [
        Shown(str(request.params[name]), limit)
        for name, limit in fields.items()
        if name in request.params
    ]
    markup = request.params.get("reply_markup")
    if isinstance(markup, dict):
        buttons = [button for row in markup["inline_keyboard"] for button in row]
        shown += [Shown(button["text"], CAPABILITIES.max_choice_label) for button in buttons]
        for button in buttons:  # bytes, so one character each here
            shown.append(Shown(button["callback_data"].encode().decode("latin-1"), 64))
    return shown


TELEGRAM = Kit(
    name="telegram",
    fixtures=Path(__file__).parent / "fixtures",
    secret=TOKEN,
    build=adapter,
    server=emulated,
    words=_words,
    build_webhook=_webhook,
    sign=_sign,
)
