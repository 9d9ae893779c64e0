"""A person with a phone: SMS and WhatsApp in one pair of hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.twilio.world import CHANNEL, File, Handset, Message, Network, bare, new_sid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.emulators.twilio.emulator import TwilioEmulator
    from adapters.emulators.twilio.world import Account


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the screen; `by_vendor` is Twilio's own answer to STOP, START or HELP."""

    sid: str
    mine: bool
    network: Network
    number: str
    """The other end: one of the program's numbers."""
    text: str
    media: tuple[File, ...]
    location: str
    by_vendor: bool
    at: datetime
    quoted: str
    """The id of the message it answers, '' for none."""

    def __str__(self) -> str:
        files = "".join(f" [{file.mime}]" for file in self.media)
        return f"{'>' if self.mine else '<'} {self.text}{files}"


class Phone:
    """What its owner does and sees; without `to`, messages go to the account's first number."""

    def __init__(self, emulator: TwilioEmulator, handset: Handset) -> None:
        self._emu = emulator
        self.handset = handset

    @property
    def number(self) -> str:
        """Its number."""
        return self.handset.number

    async def send(
        self,
        text: str,
        *,
        network: Network = "sms",
        to: str = "",
        files: Sequence[File] = (),
        extra: dict[str, str] | None = None,
    ) -> Message:
        """Write a message."""
        if not (self.handset.sms if network == "sms" else self.handset.whatsapp):
            raise EmulatorMisuseError(f"this phone has no {network}")
        account = self._emu.world.account_of(to) if to else self._first(network)
        ours = to or (account.numbers[0] if network == "sms" else account.whatsapp)
        prefix = CHANNEL if network == "whatsapp" else ""
        message = Message(
            sid=new_sid("MM" if files else "SM"),
            account=account.sid,
            inbound=True,
            sender=prefix + self.number,
            to=prefix + bare(ours),
            body=text,
            created=datetime.now(UTC).replace(microsecond=0),
            status="received",
            files=list(files),
            extra=extra or {},
        )
        await self._emu.receive(message)
        return message

    def _first(self, network: Network) -> Account:
        for account in self._emu.world.accounts.values():
            if account.numbers if network == "sms" else account.whatsapp:
                return account
        raise EmulatorMisuseError(f"no account has {network}")

    async def send_file(
        self, name: str, data: bytes, caption: str = "", *, network: Network = "sms", mime: str = ""
    ) -> Message:
        """Send a file, its kind told by `mime` or the name."""
        file = self._emu.file(name, data, mime)
        extra = {"MessageType": file.mime.partition("/")[0]} if network == "whatsapp" else None
        return await self.send(caption, network=network, files=[file], extra=extra)

    async def send_voice(self, data: bytes, *, network: Network = "whatsapp") -> Message:
        """Send a voice note."""
        return await self.send_file("voice.ogg", data, network=network, mime="audio/ogg")

    async def send_location(
        self, latitude: float, longitude: float, label: str = "", address: str = ""
    ) -> Message:
        """Send a point, which only WhatsApp can.

        https://www.twilio.com/docs/whatsapp/api#location-messages
        """
        extra = {"MessageType": "location", "Latitude": f"{latitude}", "Longitude": f"{longitude}"}
        extra |= {k: v for k, v in (("Label", label), ("Address", address)) if v}
        return await self.send("", network="whatsapp", extra=extra)

    async def reply(self, sid: str, text: str) -> Message:
        """Answer a message by swiping it, which only WhatsApp can."""
        original = self._message(sid)
        extra = {
            "OriginalRepliedMessageSid": sid,
            "OriginalRepliedMessageSender": original.sender,
        }
        return await self.send(text, network="whatsapp", extra=extra)

    async def press(self, sid: str, payload: str, text: str) -> Message:
        """Press a quick-reply button. https://www.twilio.com/docs/whatsapp/buttons"""
        self._message(sid)
        extra = {
            "MessageType": "button",
            "ButtonPayload": payload,
            "ButtonText": text,
            "OriginalRepliedMessageSid": sid,
        }
        return await self.send(text, network="whatsapp", extra=extra)

    async def read(self) -> None:
        """Open the chat on WhatsApp: the sender is told that it was read."""
        for message in self._messages():
            if message.inbound or message.network != "whatsapp" or message.status != "delivered":
                continue
            message.status = "read"
            account = self._emu.world.accounts[message.account]
            self._emu.start(self._emu.tell(account, message, "read"))

    def switch(self, *, on: bool) -> None:
        """Switch the phone on or off; what is sent to one that is off is not delivered."""
        self.handset.on = on

    # -- the screen -------------------------------------------------------------------------

    def _messages(self) -> list[Message]:
        shown = {one.sid for one in self._emu.journal.shown}
        return [
            message
            for message in self._emu.world.messages
            if (message.inbound and bare(message.sender) == self.number)
            or (message.sid in shown and bare(message.to) == self.number)
        ]

    def _message(self, sid: str) -> Message:
        for message in self._messages():
            if message.sid == sid:
                return message
        raise EmulatorMisuseError(f"message {sid} is not on this phone")

    def screen(self, network: Network | None = None) -> list[Line]:
        """What it shows, oldest first."""
        return [
            Line(
                message.sid,
                message.inbound,
                message.network,
                bare(message.to if message.inbound else message.sender),
                message.body,
                tuple(message.files),
                message.action.removeprefix("geo:"),
                message.by_vendor,
                message.created,
                message.extra.get("OriginalRepliedMessageSid", ""),
            )
            for message in self._messages()
            if network in (None, message.network)
        ]

    async def wait_for(
        self,
        wanted: str | Callable[[Line], bool],
        within: float = 5.0,
        *,
        network: Network | None = None,
        after: int = 0,
    ) -> Line:
        """Wait for a line of the program that has these words; `after` lines are skipped.

        Raises TimeoutError.
        """

        def look() -> Line | None:
            for line in self.screen(network)[after:]:
                if line.mine:
                    continue
                if wanted in line.text if isinstance(wanted, str) else wanted(line):
                    return line
            return None

        return await self._emu.until(look, within)
