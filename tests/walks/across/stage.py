"""Every network at once, one bridge, and a coach and a client of their own for each pair."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.emulators.mail import MailEmulator
from adapters.emulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackEmulator
from adapters.emulators.telegram import TelegramEmulator
from adapters.emulators.twilio import TwilioEmulator
from tests.matrix.synapse import shared
from tests.support.blank import blank
from tests.twilio.kit import OURS, OURS_WHATSAPP, SID
from tests.twilio.kit import TOKEN as TWILIO_TOKEN
from tests.walks.across.people import (
    OnMail,
    OnMatrix,
    OnSlack,
    OnSms,
    OnTelegram,
    OnWeb,
    OnWhatsApp,
)
from tests.walks.across.sides import sees
from tests.walks.bridge import Bridge, Json, Options
from tests.walks.scene import TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from tests.matrix.synapse import Account, Synapse
    from tests.walks.across.sides import Side

NETWORKS = ("telegram", "matrix", "slack", "sms", "whatsapp", "email", "web")
OUR_MAIL, MAIL_PASSWORD = "coach@practice.example", "walking password"


@dataclass(frozen=True)
class Pair:
    """A coach and a client, each on a network."""

    name: str
    coach: Side
    client: Side

    async def acquainted(self) -> None:
        """Both have been heard and written to."""
        for side in (self.client, self.coach):
            if isinstance(side, OnWhatsApp):
                await side.open_window()
        for one, other, who in (
            (self.client, self.coach, "client"),
            (self.coach, self.client, "coach"),
        ):
            await one.say(f"hello from the {who} in {self.name}")
            await sees(other, f"hello from the {who}")


class Stage:
    """All of it."""

    def __init__(self, bridge: Bridge, pairs: dict[tuple[str, str], Pair], world: World) -> None:
        self.bridge = bridge
        self.world = world
        self._pairs = pairs
        self._joining = asyncio.Lock()

    async def pair(self, coach: str, client: str) -> Pair:
        """Return a pair; who is on web chat opens the link of an invitation first."""
        pair = self._pairs[coach, client]
        for side, person in ((pair.coach, f"coach-{pair.name}"), (pair.client, pair.name)):
            if isinstance(side, OnWeb) and not side.endpoint:
                out = (await self.bridge.run("invite", pair.name, person, "--network", "web")).out
                link = next(word for word in out.split() if "/chat/join/" in word)
                await side.join(link.rpartition("/")[2])
                side.endpoint = f"web:{person}"
        return pair

    async def log(self, trajectory: str) -> list[Json]:
        """Return a log when nothing waits any more."""
        return (await self.bridge.settled(trajectory))[trajectory]


class World:
    """The emulators and the homeserver, and who is on them."""

    def __init__(self, synapse: Synapse, homeserver: str = "") -> None:
        self.telegram = TelegramEmulator(time_factor=0.01)
        self.slack = SlackEmulator(time_factor=0.01)
        self.twilio = TwilioEmulator()
        self.mail = MailEmulator()
        self.synapse = synapse
        self.homeserver = homeserver or synapse.url
        self.matrix: Account = synapse.register("bridge", "walking")
        self._numbers = 1000

    def side(self, network: str, url: str) -> Side:
        """Somebody new on a network."""
        self._numbers += 1
        number = self._numbers
        match network:
            case "telegram":
                return OnTelegram(self.telegram, number)
            case "slack":
                return OnSlack(self.slack, f"U0P{number}")
            case "sms":
                return OnSms(self.twilio, f"+3161234{number}")
            case "whatsapp":
                return OnWhatsApp(self.twilio, f"+3161234{number}")
            case "email":
                return OnMail(self.mail, f"p{number}@people.example", OUR_MAIL)
            case "matrix":
                account = self.synapse.register(f"p{number}", "pw")
                return OnMatrix(account, self.matrix.user_id)
            case _:
                return OnWeb(url)

    def settings(self) -> str:
        """Return the accounts as TOML."""
        return f"""
[slack.main]
bot_token = "{BOT_TOKEN}"
app_token = "{APP_TOKEN}"
signing_secret = "{SIGNING_SECRET}"
mode = "socket"
api_url = "{self.slack.api_url}"
rate_per_second = 0
chat_rate_per_second = 0
[twilio.main]
account_sid = "{SID}"
auth_token = "{TWILIO_TOKEN}"
numbers = ["{OURS}"]
whatsapp = "{OURS_WHATSAPP}"
api_url = "{self.twilio.api_url}"
rate_per_second = 0
whatsapp_rate_per_second = 0
chat_rate_per_second = 0
[email.main]
smtp_url = "smtp://127.0.0.1:{self.mail.smtp_port}"
imap_url = "imap://127.0.0.1:{self.mail.imap_port}"
address = "{OUR_MAIL}"
user = "{OUR_MAIL}"
password = "{MAIL_PASSWORD}"
rate_per_second = 0
[matrix.main]
homeserver = "{self.homeserver}"
user_id = "{self.matrix.user_id}"
password = "walking"
encryption = false
rate_per_second = 0
"""


@asynccontextmanager
async def stage(
    folder: Path, wanted: Sequence[tuple[str, str]], homeserver: str = "", more: str = ""
) -> AsyncIterator[Stage]:
    """Start everything, apply the practice, serve.

    ``homeserver`` is a door in front of the homeserver, ``more`` settings beside the accounts.
    """
    world = World(shared(), homeserver)
    async with AsyncExitStack() as stack:
        for emulator in (world.telegram, world.slack, world.twilio, world.mail):
            await stack.enter_async_context(emulator)
        world.telegram.bot(TOKEN, "coachbridge_bot")
        world.twilio.account(SID, TWILIO_TOKEN, (OURS,), OURS_WHATSAPP)
        world.mail.account(OUR_MAIL, MAIL_PASSWORD)
        options = Options(token=TOKEN, more=world.settings() + more)
        url = blank(folder / "coachbridge.db")
        bridge = await stack.enter_async_context(
            Bridge(folder, url, world.telegram.api_url, options)
        )
        world.twilio.world.accounts[SID].webhook = f"{bridge.url}/webhooks/twilio/main/message"
        pairs = {
            (coach, client): Pair(
                f"{coach}-{client}", world.side(coach, bridge.url), world.side(client, bridge.url)
            )
            for coach, client in wanted
        }
        await bridge.apply("".join(map(_tables, pairs.values())))
        await bridge.start()
        yield Stage(bridge, pairs, world)
        for pair in pairs.values():
            for side in (pair.coach, pair.client):
                if isinstance(side, OnWeb):
                    await side.close()


def _tables(pair: Pair) -> str:
    text = ""
    for person, side in ((f"coach-{pair.name}", pair.coach), (pair.name, pair.client)):
        endpoints = f'["{side.endpoint}"]' if side.endpoint else "[]"
        text += (
            f'[[person]]\nid = "{person}"\nname = "{person}"\nlanguage = "en"\n'
            f'time_zone = "Europe/Amsterdam"\nendpoints = {endpoints}\n\n'
        )
    return text + (
        f'[[trajectory]]\nid = "{pair.name}"\ncoaches = ["coach-{pair.name}"]\n'
        f'clients = ["{pair.name}"]\nconsent = "recorded"\n\n'
    )
