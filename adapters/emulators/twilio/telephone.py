"""A telephone that rings: it is answered, keys are pressed, somebody speaks, or nobody does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adapters.emulators.twilio import sound
from adapters.emulators.twilio.legs import Heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.emulators.twilio.emulator import TwilioEmulator
    from adapters.emulators.twilio.legs import Leg


class Telephone:
    """What its owner does; a script for tests, or by hand for the demo.

    ``answers``: yes, no (it rings on), busy, mailbox (a machine picks up and speaks), or by_hand.
    ``keys`` are pressed one after the other, one per question. ``voice`` is the tone in hertz that
    stands for its owner's voice, ``talks`` how long they talk before they hang up, None = they
    wait for the other one.
    """

    def __init__(self, emulator: TwilioEmulator, number: str) -> None:
        self._emu = emulator
        self.number = number
        self.answers = "yes"
        self.keys = ""
        self.voice = 440.0
        self.talks: float | None = None
        self.leaves: float = 0.0
        """Seconds of message left after a tone; 0 = they hang up without a word."""
        self.ended_by_key = True
        self.legs: list[Leg] = []
        self._picked = asyncio.Event()

    @property
    def leg(self) -> Leg | None:
        """The call it is in, or was in last."""
        return self.legs[-1] if self.legs else None

    @property
    def said(self) -> list[str]:
        """Everything it heard in the last call."""
        return self.legs[-1].said if self.legs else []

    @property
    def in_call(self) -> bool:
        """Whether it rings or somebody is on the line."""
        return self.leg is not None and not self.leg.over.is_set()

    def call(self, to: str, keys: str = "", sender: str = "") -> Leg:
        """Call one of the program's numbers; ``sender`` as shown, where it is withheld."""
        leg = self._emu.switchboard.call_in(self, to, sender)
        self._take(leg)
        self.press(keys)
        return leg

    def press(self, keys: str) -> None:
        """Press keys in the call it is in."""
        if self.legs:
            for key in keys:
                self.legs[-1].heard.append(Heard("key", key, mine=True))
                self.legs[-1].keys.put_nowait(key)
            self._emu.touch()

    def speak(self, samples: list[int]) -> None:
        """Speak, by hand: after a tone into the message, else to who is on the other end."""
        leg = self.leg
        if leg is None or leg.over.is_set():
            return
        leg.heard.append(Heard("voice", mine=True))
        if leg.doing == "Record":
            leg.message.extend(samples)
        elif leg.peer is not None:
            leg.speak(samples)
            leg.peer.heard.append(Heard("voice"))
        self._emu.touch()

    def pick_up(self) -> None:
        """Answer what rings, by hand."""
        self._picked.set()

    def hang_up(self) -> None:
        """End the call it is in."""
        if self.legs:
            self.legs[-1].hang_up()

    def _take(self, leg: Leg) -> None:
        self.legs.append(leg)
        self._emu.touch()

    async def rung(self, leg: Leg, seconds: float) -> str:
        """It rings; return how that ended."""
        if self.answers == "by_hand" and self.in_call:
            return "busy"
        self._take(leg)
        match self.answers:
            case "busy":
                return "busy"
            case "no":
                await asyncio.sleep(seconds)
                return "no-answer"
            case "by_hand":
                return await self._by_hand(leg, seconds)
            case "mailbox":
                leg.telephone = None
                return "answered"
            case _:
                self.press(self.keys)
                return "answered"

    async def _by_hand(self, leg: Leg, seconds: float) -> str:
        self._picked.clear()
        picked = asyncio.create_task(self._picked.wait())
        over = asyncio.create_task(leg.over.wait())
        done, _ = await asyncio.wait(
            {picked, over}, timeout=max(seconds, 25.0), return_when=asyncio.FIRST_COMPLETED
        )
        picked.cancel()
        over.cancel()
        return "answered" if picked in done else ("busy" if over in done else "no-answer")

    async def connected(self, leg: Leg) -> None:
        """Talk to whoever is on the other end, then hang up or wait."""
        if self.answers == "by_hand":
            return
        await asyncio.sleep(self._emu.switchboard.second)
        seconds = self.talks if self.talks is not None else 1.0
        leg.speak(sound.tone(self.voice, min(seconds, 2.0)))
        if self.talks is not None:
            await asyncio.sleep(self.talks * self._emu.switchboard.second)
            leg.hang_up()

    async def beeped(self, leg: Leg) -> None:
        """After the tone: leave a message, or do not."""
        if self.answers == "by_hand":
            return
        await asyncio.sleep(self._emu.switchboard.second)
        if self.leaves:
            leg.message = sound.tone(self.voice, self.leaves)
        if self.leaves and self.ended_by_key:
            leg.keys.put_nowait("#")
        else:
            leg.hang_up()

    async def heard(self, words: str, within: float = 5.0) -> str:
        """Wait until it hears some words; return the sentence. Raises TimeoutError."""

        def look() -> str | None:
            return next((said for leg in self.legs for said in leg.said if words in said), None)

        found: Callable[[], str | None] = look
        return await self._emu.until(found, within)
