"""The emulated networks of the demo: their servers, who is on them, and the bridge's accounts.

Matrix is spoken by a homeserver; a real one is too heavy for a demo, so one is emulated too
(docs/decisions/014). Its rooms are plain: nothing of the demo leaves this machine.
Web chat needs no emulation: its pages are the bridge's own.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from adapters.emulators.mail import MailEmulator
from adapters.emulators.matrix import SERVER, MatrixEmulator
from adapters.emulators.slack import APP_TOKEN, BOT_TOKEN, SlackEmulator
from adapters.emulators.telegram import TelegramEmulator
from adapters.emulators.twilio import TwilioEmulator
from bridge.accounts import (
    EmailSettings,
    MatrixSettings,
    SlackSettings,
    TelegramSettings,
    TwilioSettings,
)
from bridge.demo import cast
from bridge.demo.phones.handset import Handset, TwilioWire
from bridge.demo.phones.mail import MailWindow, MailWire
from bridge.demo.phones.matrix import MatrixRoom, matrix_wire
from bridge.demo.phones.receiver import Receiver
from bridge.demo.phones.slack import SlackWindow, SlackWire
from bridge.demo.phones.telegram import TelegramPhone, telegram_wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.matrix import Room
    from bridge.demo.phones import Phone, Wire

TOKEN = "100100:only-for-the-demo"  # noqa: S105 - of a bot that does not exist
SID = "AC" + "de40" * 8
_PASSWORD = "only-for-the-demo"  # noqa: S105 - of servers that do not exist either
_RETRIES = 0.02
"""How fast Slack's minutes go by."""
_SECOND = 1.5
"""How long a second of a call takes: a visitor has two telephones and a mouse."""


@dataclass(frozen=True, slots=True)
class Networks:
    """The servers."""

    telegram: TelegramEmulator
    slack: SlackEmulator
    twilio: TwilioEmulator
    mail: MailEmulator
    matrix: MatrixEmulator
    room: Room

    def accounts(self, folder: Path) -> dict[str, Any]:
        """Return the bridge's accounts on them, as settings; what they keep goes into a folder."""
        return {
            "matrix": {
                "main": MatrixSettings(
                    homeserver=self.matrix.api_url,
                    user_id=f"@{cast.BRIDGE}:{SERVER}",
                    password=SecretStr(_PASSWORD),
                    encryption=False,
                    keys=folder / "matrix-keys",
                    rate_per_second=0,
                )
            },
            "telegram": {
                "main": TelegramSettings(
                    token=SecretStr(TOKEN),
                    api_url=self.telegram.api_url,
                    rate_per_second=0,
                    chat_rate_per_second=0,
                )
            },
            "slack": {
                "main": SlackSettings(
                    bot_token=SecretStr(BOT_TOKEN),
                    app_token=SecretStr(APP_TOKEN),
                    api_url=self.slack.api_url,
                    rate_per_second=0,
                    chat_rate_per_second=0,
                )
            },
            "twilio": {
                "main": TwilioSettings(
                    account_sid=SID,
                    auth_token=SecretStr(_PASSWORD),
                    numbers=(cast.OUR_SMS,),
                    whatsapp=cast.OUR_WHATSAPP,
                    voice=True,
                    api_url=self.twilio.api_url,
                    rate_per_second=0,
                    whatsapp_rate_per_second=0,
                    chat_rate_per_second=0,
                )
            },
            "email": {
                "main": EmailSettings(
                    smtp_url=SecretStr(f"smtp://{self.mail.host}:{self.mail.smtp_port}"),
                    imap_url=SecretStr(f"imap://{self.mail.host}:{self.mail.imap_port}"),
                    address=cast.OUR_MAIL,
                    user=cast.OUR_MAIL,
                    password=SecretStr(_PASSWORD),
                    name="Praktijk Noor",
                    rate_per_second=0,
                )
            },
        }

    def phones(self, link: str, code: str) -> dict[str, Phone]:
        """Return everybody's phone or window, clients first.

        ``link`` and ``code`` are of Anna's invitation.
        """
        anna = self.telegram.person(cast.ANNA, "Anna", language_code="en")
        bram = self.twilio.person(cast.BRAM_SMS, "Bram", whatsapp=False)
        eva = self.twilio.person(cast.EVA, "Eva", sms=False)
        dewi = self.mail.person(cast.DEWI_MAIL, "Dewi")
        noor = self.slack.person(cast.NOOR_SLACK, "Noor")
        mila = self.telegram.person(cast.MILA, "Mila", language_code="en", started=True)
        return {
            "anna": TelegramPhone("anna", anna, code, link),
            "bram": Handset("bram", bram, self.twilio, "sms"),
            "eva": Handset("eva", eva, self.twilio, "whatsapp"),
            "dewi": MailWindow("dewi", dewi, self.mail, cast.OUR_MAIL),
            "finn": MatrixRoom("finn", self.matrix.person(cast.FINN), self.room),
            "noor": SlackWindow("noor", noor),
            "mila": TelegramPhone("mila", mila),
        }

    def receivers(self) -> dict[str, Receiver]:
        """Return the telephones of those who call each other."""
        tom, mila = self.twilio.telephone(cast.TOM_AT), self.twilio.telephone(cast.MILA_AT)
        return {
            "tom": Receiver("tom", tom, cast.OUR_SMS, 220.0),
            "mila": Receiver("mila", mila, cast.OUR_SMS, 330.0),
        }

    def wires(self) -> dict[str, Wire]:
        """Return what can fail."""
        wires: tuple[Wire, ...] = (
            telegram_wire(self.telegram),
            TwilioWire(self.twilio),
            MailWire(self.mail, cast.OUR_MAIL),
            matrix_wire(self.matrix),
            SlackWire(self.slack),
        )
        return {wire.name: wire for wire in wires}

    async def up(self) -> None:
        """Let what is under way end, instead of trying again."""
        await self.telegram.up()
        await self.slack.up()
        await self.twilio.up()
        await self.matrix.up()


@asynccontextmanager
async def open_networks(bridge_url: str) -> AsyncIterator[Networks]:
    """Start all servers, and end them; they call the bridge at its own address."""
    async with (
        TelegramEmulator() as telegram,
        SlackEmulator(time_factor=_RETRIES) as slack,
        TwilioEmulator() as twilio,
        MailEmulator() as mail,
        MatrixEmulator() as matrix,
    ):
        telegram.bot(TOKEN)
        hook = f"{bridge_url}/webhooks/twilio/main/message"
        account = twilio.account(SID, _PASSWORD, (cast.OUR_SMS,), cast.OUR_WHATSAPP, webhook=hook)
        account.voice_webhook = f"{bridge_url}/webhooks/twilio/main/voice"
        account.voice_status = f"{account.voice_webhook}/status"
        twilio.switchboard.second = _SECOND
        mail.account(cast.OUR_MAIL, _PASSWORD)
        yield Networks(telegram, slack, twilio, mail, matrix, _room(matrix))


def _room(matrix: MatrixEmulator) -> Room:
    """Return the room in which Finn and the bridge have been for long."""
    bridge = matrix.account(cast.BRIDGE, _PASSWORD, "Bridge")
    room = matrix.person(cast.FINN, "Finn").make_room(bridge.user_id)
    return matrix.service.join(room.id, bridge.user_id)
