"""What phones with a chat share: acts taken apart, and what one can do to their network.

A phone says how its network does each act; what cannot be done is said in the emulator's words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, assert_never

from adapters.emulators import faults
from adapters.emulators.misuse import EmulatorMisuseError, RefusalError
from bridge.demo.phones import (
    Act,
    CannotError,
    Edit,
    Open,
    Press,
    React,
    Say,
    Show,
    Speak,
    Trouble,
)
from bridge.demo.picture import sunrise

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

    from adapters.emulators.changes import Changes
    from adapters.emulators.faults import Fault, FaultPlan, Rule

VOICE = Path(__file__).parent.parent / "static" / "voice.ogg"
VOICE_SECONDS = 5
BUSY_SECONDS = 3
CAN = ("say", "photo", "voice", "reply", "edit", "react")


class _Journal(Protocol):
    def unconfirmed(self) -> Sized:
        """Return what the bridge did not confirm."""


class Emulator(Protocol):
    """An emulated network that listens at one address."""

    @property
    def service(self) -> Changes:
        """Return what wakes those who wait."""

    @property
    def faults(self) -> FaultPlan:
        """Return what goes wrong."""

    @property
    def journal(self) -> _Journal:
        """Return the judge's record."""

    async def down(self) -> None:
        """Refuse connections."""

    async def up(self) -> None:
        """Listen again."""


class ChatWire:
    """An emulated network as a whole; by the calls in ``sending`` the bridge writes there."""

    refusal = "429"

    def __init__(self, network: str, emulator: Emulator, sending: Sequence[str]) -> None:
        self.name = network
        self.networks: tuple[str, ...] = (network,)
        self._emulator = emulator
        self._sending = sending
        self._trouble = Trouble.WELL
        self._rules: list[Rule] = []

    @property
    def trouble(self) -> Trouble:
        """Return how it does now."""
        if self._trouble is Trouble.LOST and any(rule.spent for rule in self._rules):
            self._end()
        return self._trouble

    async def make(self, trouble: Trouble) -> None:
        """Let it do like this from now on."""
        self._end()
        if trouble is Trouble.DOWN:
            await self._emulator.down()
        else:
            await self._emulator.up()
        if trouble is Trouble.BUSY:
            self._plan(faults.too_many(BUSY_SECONDS), count=None)
        if trouble is Trouble.LOST:
            self._plan(faults.accept_then_drop(), count=1)
        self._trouble = trouble
        self._emulator.service.touch()

    def kept(self) -> int:
        """Return how much of what people did the bridge did not confirm."""
        return len(self._emulator.journal.unconfirmed())

    def _plan(self, fault: Fault, count: int | None) -> None:
        plan = self._emulator.faults
        self._rules = [plan.plan(fault, method=method, count=count) for method in self._sending]

    def _end(self) -> None:
        self._emulator.faults.clear()
        self._rules = []
        self._trouble = Trouble.WELL


class ChatPhone(ABC):
    """One person's phone or window with one conversation on it; ``person`` is its owner's id."""

    def __init__(self, person: str) -> None:
        self.person = person

    async def do(self, act: Act) -> None:
        """Do what its owner does. Raises CannotError."""
        if isinstance(act, Say | Edit) and not act.text.strip():
            raise CannotError("a message has words")
        try:
            await self._do(act)
        except (EmulatorMisuseError, RefusalError) as refused:
            raise CannotError(str(refused)) from refused

    async def _do(self, act: Act) -> None:
        match act:
            case Say(text=text, reply_to=answered):
                await self.say(text, answered)
            case Show(reply_to=answered):
                await self.show(sunrise(), answered)
            case Speak(reply_to=answered):
                await self.speak(VOICE.read_bytes(), answered)
            case Press(message=message, button=button):
                await self.press(message, button)
            case Edit(message=message, text=text):
                await self.edit(message, text)
            case React(message=message, emoji=emoji):
                await self.react(message, emoji)
            case Open():
                await self.open()
            case _:
                assert_never(act)

    # -- what each network does in its own way --------------------------------------------------

    @abstractmethod
    async def say(self, text: str, answered: str) -> None:
        """Write a text, in answer to a message where ``answered`` is not ''."""

    @abstractmethod
    async def show(self, picture: bytes, answered: str) -> None:
        """Send a PNG."""

    @abstractmethod
    async def speak(self, sound: bytes, answered: str) -> None:
        """Send a voice note, Ogg, of VOICE_SECONDS."""

    @abstractmethod
    async def edit(self, message: str, text: str) -> None:
        """Change one's own message."""

    @abstractmethod
    async def react(self, message: str, emoji: str) -> None:
        """Put an emoji to a message in the stead of one's own others; '' takes it back."""

    async def press(self, message: str, button: int) -> None:
        """Press a button. Raises CannotError."""
        del message, button
        raise CannotError("there are no buttons here")

    async def open(self) -> None:
        """Follow the invitation that waits. Raises CannotError."""
        raise CannotError("nothing waits here")
