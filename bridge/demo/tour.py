"""The tour: scenes that play on the phones by themselves, one at a time.

A scene can be played again, and after anything a visitor did; where it waits for something that
does not come, it ends with TimeoutError and nothing is broken.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bridge.demo.phones import Open, Trouble
from bridge.demo.picture import sunrise

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.emulators.telegram import Message, Person
    from bridge.demo.board import Board

WITHIN = 20.0
_TYPING, _READING = 0.7, 1.8


class Player:
    """What scenes are made of: people who type at a pace one can follow."""

    def __init__(self, board: Board, pace: float = 1.0) -> None:
        self._board = board
        self._pace = pace

    def who(self, name: str) -> Person:
        """Return somebody with a phone."""
        return self._board.rooms.people[name]

    def newest(self, name: str) -> int:
        """Return the number of the newest message on a phone, 0 when there is none."""
        return max((line.message_id for line in self.who(name).screen()), default=0)

    async def pause(self, seconds: float = _READING) -> None:
        """Let people read."""
        await asyncio.sleep(seconds * self._pace)

    async def opens(self, name: str) -> None:
        """Let somebody follow the invitation on the phone."""
        await self._board.phones[name].do(Open())

    async def writes(self, name: str, words: str, answering: Message | None = None) -> Message:
        """Let somebody write, perhaps in answer to a message on the own phone."""
        await self.pause(_TYPING)
        if answering is None:
            return await self.who(name).send(words)
        return await self.who(name).send(words, reply_to=answering.message_id)

    async def sees(self, name: str, words: str, after: int = 0) -> Message:
        """Wait until somebody's phone shows words. Raises TimeoutError."""
        return await self.who(name).wait_for(words, WITHIN, after=after)

    async def asked(self, name: str, after: int = 0) -> Message:
        """Wait for a question with buttons. Raises TimeoutError."""
        return await self.who(name).wait_for(lambda m: m.markup is not None, WITHIN, after=after)

    async def telegram(self, trouble: Trouble) -> None:
        """Let the network do badly, or well again."""
        await self._board.make("telegram", trouble)


async def opening(play: Player) -> None:
    """Give the page something to look at from the start."""
    await play.writes("bram", "Morning Noor! I gave the talk on Monday ☀️")
    first = await play.sees("noor", "gave the talk")
    await play.writes("noor", "Well done, Bram. What went better than last time?", first)
    await play.writes("dewi", "Ik heb gisteren gewandeld, zoals afgesproken 🌿")
    told = await play.sees("noor", "gewandeld")
    await play.who("noor").react(told.message_id, "👏")


async def join(play: Player) -> None:
    anna = play.who("anna")
    if anna.chat.started:
        await play.writes("anna", "Hi Noor, it is me again 🙂")
        return
    await play.opens("anna")
    question = await play.asked("anna")
    await play.writes("anna", "Hi Noor! I am nervous about Thursday 😬")
    await play.pause()
    await anna.press(question.message_id, 0)
    await play.sees("noor", "nervous about Thursday")


async def answer(play: Player) -> None:
    after = play.newest("noor")
    await play.writes("bram", "Could we talk about the next step?")
    seen = await play.sees("noor", "next step", after)
    await play.writes("noor", "Of course. What would be a small one?", seen)
    await play.sees("bram", "small")


async def whom(play: Player) -> None:
    after = play.newest("noor")
    await play.writes("noor", "Suc6! 🍀")
    question = await play.asked("noor", after)
    await play.pause()
    await play.who("noor").press(question.message_id, "Dewi")
    await play.sees("dewi", "Suc6")


async def correct(play: Player) -> None:
    after = play.newest("noor")
    sent = await play.writes("bram", "I am on at 9:40")
    copy = await play.sees("noor", "9:40", after)
    await play.pause()
    await play.who("bram").edit(sent.message_id, "I am on at 10:40")
    await play.sees("noor", "10:40", after)
    await play.who("noor").react(copy.message_id, "👍")
    await play.pause(_TYPING)
    caption = "Mijn eerste stap: hiervoor uit bed 🌅"
    await play.who("dewi").send_photo(sunrise(), caption=caption, name="s.png", mime="image/png")
    await play.sees("noor", "uit bed", after)


async def lose(play: Player) -> None:
    after = play.newest("bram")
    there = await play.who("noor").send("One more thing, Bram …")
    question = await play.asked("noor", there.message_id)
    await play.pause(_TYPING)
    await play.telegram(Trouble.LOST)
    await play.who("noor").press(question.message_id, "Bram")
    await play.sees("bram", "One more thing", after)


async def cut(play: Player) -> None:
    after = play.newest("noor")
    await play.telegram(Trouble.DOWN)
    try:
        for words in ("I made the first slide.", "And the second!", "The third can wait."):
            await play.writes("bram", words)
        await play.pause()
    finally:
        await play.telegram(Trouble.WELL)
    await play.sees("noor", "The third can wait.", after)


SCENES: Mapping[str, Callable[[Player], Awaitable[None]]] = {
    "join": join,
    "answer": answer,
    "whom": whom,
    "correct": correct,
    "lose": lose,
    "cut": cut,
}

# key: title (English, Dutch), text (English, Dutch); the last is played by the page itself.
TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "join": (
        ("Anna comes in", "Anna komt binnen"),
        (
            "She opens her invitation and writes at once. Nothing is passed on before she agrees.",
            "Ze opent haar uitnodiging en schrijft meteen. Niets gaat door voordat ze akkoord is.",
        ),
    ),
    "answer": (
        ("Noor answers", "Noor antwoordt"),
        (
            "By replying to Bram’s message, from her own messenger. See both phones and the log.",
            "Op Brams bericht, in haar eigen messenger. Kijk naar beide telefoons en het logboek.",
        ),
    ),
    "whom": (
        ("For whom?", "Voor wie?"),
        (
            "Noor writes without saying to whom. The bridge never guesses: it asks.",
            "Noor schrijft zonder te zeggen aan wie. De brug raadt nooit: hij vraagt het.",
        ),
    ),
    "correct": (
        ("Second thoughts", "Bij nader inzien"),
        (
            "Edits, reactions and photos travel too; in the log each is a line of its own.",
            "Ook bewerkingen, reacties en foto’s gaan mee; in het logboek heeft elk een regel.",
        ),
    ),
    "lose": (
        ("A lost answer", "Een verloren antwoord"),
        (
            "Telegram takes a message, but its answer never arrives. Did it or didn’t it?",
            "Telegram neemt een bericht aan, maar het antwoord komt nooit. Wel of niet gelukt?",
        ),
    ),
    "cut": (
        ("The line is cut", "De lijn is door"),
        (
            "Bram writes on while Telegram is away. Nothing is lost, and order stays.",
            "Bram schrijft door terwijl Telegram weg is. Niets gaat verloren, de volgorde blijft.",
        ),
    ),
    "proof": (
        ("What stays", "Wat blijft"),
        (
            "Check every promise against the data, and try to change a line by hand.",
            "Toets elke belofte aan de gegevens, en probeer een regel met de hand te wijzigen.",
        ),
    ),
}
