"""A stage on which people of an emulated Slack and an emulated Telegram meet over one bridge."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

from adapters.emulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackEmulator
from adapters.emulators.telegram import TelegramEmulator
from tests.judge.judge import judge, together, token
from tests.walks.bridge import SHORT_LEASES, Bridge, Json, Options
from tests.walks.scene import ANNA, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from adapters.emulators.slack import Message as Said
    from adapters.emulators.slack import Person as Coach
    from adapters.emulators.telegram import Message, Person

NOOR = "U0NOOR"
TRAJECTORY = "anna-2026"

Who = dict[str, set[int | str]]


class Stage:
    """Noor on Slack, Anna on Telegram, one trajectory."""

    def __init__(self, slack: SlackEmulator, telegram: TelegramEmulator, bridge: Bridge) -> None:
        self.slack = slack
        self.telegram = telegram
        self.bridge = bridge
        self.noor: Coach = slack.person(NOOR, "Noor")
        self.anna: Person = telegram.person(ANNA, "Anna", language_code="en", started=True)
        self._numbers = count(1)

    async def begin(self, clients: Mapping[str, str] | None = None) -> None:
        """Apply a practice with Noor as the coach of these clients, and serve it."""
        people = {"noor": f"slack:main:{NOOR}", "anna": f"telegram:main:{ANNA}", **(clients or {})}
        text = "".join(
            f'[[person]]\nid = "{name}"\nname = "{name.capitalize()}"\nlanguage = "en"\n'
            f'time_zone = "Europe/Amsterdam"\nendpoints = ["{endpoint}"]\n\n'
            for name, endpoint in people.items()
        )
        for client in (name for name in people if name != "noor"):
            text += (
                f'[[trajectory]]\nid = "{client}-2026"\ncoaches = ["noor"]\n'
                f'clients = ["{client}"]\nconsent = "recorded"\n\n'
            )
        await self.bridge.apply(text)
        await self.bridge.start()
        if not self.slack.events.request_url:
            await self.until(lambda: self.slack.events.connections, "a connection")

    def words(self, text: str = "words", trajectory: str = TRAJECTORY) -> str:
        """Return a text with a token of its own."""
        return f"{text} {token(trajectory, next(self._numbers))}"

    async def noor_sees(
        self, wanted: str | Callable[[Said], bool], chat: str | None = None
    ) -> Said:
        """Wait until Noor's Slack shows something."""
        try:
            return await self.noor.wait_for(wanted, 15, chat=chat)
        except TimeoutError:
            shown = [str(line) for line in self.noor.screen(chat)]
            raise AssertionError(f"Noor sees only {shown}") from None

    async def anna_sees(self, wanted: str | Callable[[Message], bool]) -> Message:
        """Wait until Anna's phone shows something."""
        try:
            return await self.anna.wait_for(wanted, 15)
        except TimeoutError:
            shown = [str(line) for line in self.anna.screen()]
            raise AssertionError(f"Anna sees only {shown}") from None

    async def until(self, is_so: Callable[[], object], what: str = "it") -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + 15
        while not is_so():
            assert time.monotonic() < deadline, f"{what} did not happen"
            await asyncio.sleep(0.01)

    async def close(self, parties: Mapping[str, Who] | None = None) -> dict[str, list[Json]]:
        """Wait until all is settled; the judge and the audit must have no complaints."""
        await self.until(
            lambda: not (self.slack.journal.unconfirmed() or self.telegram.journal.unconfirmed()),
            "every event confirmed",
        )
        parties = parties or {TRAJECTORY: {"noor": {NOOR}, "anna": {ANNA}}}
        logs = await self.bridge.settled(*parties)
        journal = together(self.telegram.journal.to_json(), self.slack.journal.to_json())
        judge(journal, logs, parties, self.bridge.kills).acquit()
        await self.bridge.audit()
        return logs


@asynccontextmanager
async def stage(folder: Path, store_url: str, mode: str) -> AsyncIterator[Stage]:
    """Run both emulators and install a bridge; it does not serve yet."""
    async with (
        SlackEmulator(time_factor=0.01) as slack,
        TelegramEmulator(time_factor=0.01) as telegram,
    ):
        telegram.bot(TOKEN, "coachbridge_bot")
        more = (
            f'[slack.main]\nbot_token = "{BOT_TOKEN}"\nmode = "{mode}"\n'
            f'app_token = "{APP_TOKEN}"\nsigning_secret = "{SIGNING_SECRET}"\n'
            f"api_url = {json.dumps(slack.api_url)}\nrate_per_second = 0\n"
            "chat_rate_per_second = 0\n"
        )
        options = Options(token=TOKEN, more=SHORT_LEASES + more)
        bridge = Bridge(folder, store_url, telegram.api_url, options)
        if mode == "events":
            slack.events.request_url = f"{bridge.url}/webhooks/slack/main"
        async with bridge:
            yield Stage(slack, telegram, bridge)
