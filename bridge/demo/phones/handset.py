"""A phone with SMS or WhatsApp on it, and what can go wrong there, driven through the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from adapters.emulators.twilio import EmulatorMisuseError, faults
from bridge.demo.phones import (
    Act,
    Bubble,
    CannotError,
    Edit,
    File,
    Open,
    Press,
    React,
    Say,
    Screen,
    Show,
    Speak,
    Trouble,
    first_words,
    kind_of,
    linked,
)
from bridge.demo.phones.chat import VOICE
from bridge.demo.picture import sunrise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from adapters.emulators.faults import Rule
    from adapters.emulators.twilio import Line, Phone, TwilioEmulator

BUSY_SECONDS = 3
_SENDING = ("create", "call")
"""What makes a message or a call."""
_CAN = {"sms": ("say", "photo"), "whatsapp": ("say", "photo", "voice", "reply")}


class TwilioWire:
    """The emulated Twilio as a whole: SMS, WhatsApp and the telephone."""

    name = "twilio"
    networks = ("sms", "whatsapp", "voice")
    refusal = "429"

    def __init__(self, twilio: TwilioEmulator) -> None:
        self._twilio = twilio
        self._trouble = Trouble.WELL
        self._lost: list[Rule] = []

    @property
    def trouble(self) -> Trouble:
        """Return how it does now."""
        if any(rule.hits for rule in self._lost):
            self._end()
        return self._trouble

    async def make(self, trouble: Trouble) -> None:
        """Let it do like this from now on."""
        self._end()
        if trouble is Trouble.DOWN:
            await self._twilio.down()
        else:
            await self._twilio.up()
        plan = self._twilio.faults.plan
        if trouble is Trouble.BUSY:
            for what in _SENDING:
                plan(faults.too_many(BUSY_SECONDS), on=what, count=None)
        if trouble is Trouble.LOST:
            self._lost = [plan(faults.accept_then_drop(), on=what) for what in _SENDING]
        self._trouble = trouble

    def kept(self) -> int:
        """Return how many messages of people wait with the carriers."""
        return self._twilio.held

    def _end(self) -> None:
        self._twilio.faults.clear()
        self._lost = []
        self._trouble = Trouble.WELL


class Handset:
    """One person's phone, as far as one of the two networks shows on it."""

    def __init__(
        self,
        person: str,
        owner: Phone,
        twilio: TwilioEmulator,
        network: Literal["sms", "whatsapp"],
    ) -> None:
        self.person = person
        self.network: Literal["sms", "whatsapp"] = network
        self._owner = owner
        self._twilio = twilio

    def screen(self) -> Screen:
        """Return the conversation with the practice's number, oldest first."""
        lines = self._owner.screen(self.network)
        words = {line.sid: line.text for line in lines}
        return Screen(tuple(_bubble(line, words) for line in lines), _CAN[self.network])

    def file(self, name: str) -> File | None:
        """Return a file that stands in the conversation, by its id."""
        for line in self._owner.screen(self.network):
            for file in line.media:
                if file.sid == name:
                    return File(file.data, file.mime)
        return None

    async def do(self, act: Act) -> None:
        """Do what its owner does, who has read everything by then. Raises CannotError."""
        if isinstance(act, Say) and not act.text.strip():
            raise CannotError("a message has words")
        if self.network == "whatsapp":
            await self._owner.read()
        try:
            await self._do(act)
        except EmulatorMisuseError as refused:
            raise CannotError(str(refused)) from refused

    async def _do(self, act: Act) -> None:
        match act:
            case Say(text=text, reply_to=answered):
                if answered and self.network == "whatsapp":
                    await self._owner.reply(answered, text)
                else:
                    await self._owner.send(text, network=self.network)
            case Show():
                await self._owner.send_file("sunrise.png", sunrise(), network=self.network)
            case Speak():
                if self.network == "sms":
                    raise CannotError("an SMS is words or a picture")
                await self._owner.send_voice(VOICE.read_bytes())
            case Press() | Edit() | React() | Open():
                raise CannotError(f"{self.network} has nothing like it")
            case _:
                assert_never(act)


def _bubble(line: Line, words: Mapping[str, str]) -> Bubble:
    file = line.media[0] if line.media else None
    kind = kind_of(file.mime) if file is not None else "text"
    return Bubble(
        id=line.sid,
        at=line.at.isoformat(),
        mine=line.mine,
        kind=kind,
        runs=tuple(linked(line.text)),
        quoted=first_words(words.get(line.quoted, "")),
        file=file.sid if file is not None else "",
    )
