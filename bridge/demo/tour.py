"""The tour: scenes that play on the phones by themselves, one at a time.

A scene can be played again, and after anything a visitor did; where it waits for something that
does not come, it ends with TimeoutError and nothing is broken.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bridge.demo.phones import Edit, Open, Press, React, Say, Show, Trouble
from bridge.demo.phones.receiver import Answer, Dial, HangUp, Keys, Talk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bridge.demo.board import Board
    from bridge.demo.doors import Sem
    from bridge.demo.phones import Bubble, Phone
    from bridge.demo.phones.receiver import Display, Use

WITHIN = 20.0
_TYPING, _READING, _LOOK = 0.7, 1.8, 0.03
_FREE = frozenset({"idle", "over"})


class Player:
    """What scenes are made of: people who type at a pace one can follow."""

    def __init__(self, board: Board, pace: float = 1.0) -> None:
        self._board = board
        self._pace = pace

    def who(self, name: str) -> Phone:
        """Return somebody's phone or window."""
        return self._board.phones[name]

    def count(self, name: str) -> int:
        """Return how many messages stand on a phone."""
        return len(self.who(name).screen().bubbles)

    async def pause(self, seconds: float = _READING) -> None:
        """Let people read."""
        await asyncio.sleep(seconds * self._pace)

    async def writes(self, name: str, words: str, answering: Bubble | None = None) -> Bubble:
        """Let somebody write, perhaps in answer to a message on the own phone."""
        await self.pause(_TYPING)
        await self.who(name).do(Say(words, answering.id if answering is not None else ""))
        return next(one for one in reversed(self.who(name).screen().bubbles) if one.mine)

    async def sees(self, name: str, words: str, after: int = 0) -> Bubble:
        """Wait until a phone shows words below its first messages. Raises TimeoutError."""
        return await self._until(name, lambda one: words in one.text, after)

    async def asked(self, name: str, after: int = 0) -> Bubble:
        """Wait for a question with buttons. Raises TimeoutError."""
        return await self._until(name, lambda one: bool(one.buttons), after)

    async def until_photo(self, name: str, after: int) -> Bubble:
        """Wait until a phone shows a photo. Raises TimeoutError."""
        return await self._until(name, lambda one: one.kind == "photo", after)

    async def until_voice(self, name: str, after: int) -> Bubble:
        """Wait until a phone shows a voice note. Raises TimeoutError."""
        return await self._until(name, lambda one: one.kind == "voice", after)

    def uses(self, name: str, act: Use) -> None:
        """Let somebody do something with their telephone."""
        self._board.receivers[name].use(act)

    async def rings(self, name: str, fits: Callable[[Display], bool]) -> None:
        """Wait until a telephone is like this. Raises TimeoutError."""
        async with asyncio.timeout(WITHIN):
            while True:
                if fits(self._board.receivers[name].display()):
                    return
                await asyncio.sleep(_LOOK)

    async def free(self, name: str) -> None:
        """Let somebody's telephone be free, whatever went on there before."""
        if self._board.receivers[name].display().state not in _FREE:
            self.uses(name, HangUp())
            await self.rings(name, lambda shown: shown.state in _FREE)

    async def _until(self, name: str, fits: Callable[[Bubble], bool], after: int) -> Bubble:
        async with asyncio.timeout(WITHIN):
            while True:
                for one in self.who(name).screen().bubbles[after:]:
                    if not one.mine and fits(one):
                        return one
                await asyncio.sleep(_LOOK)

    async def presses(self, name: str, question: Bubble, label: str) -> None:
        """Let somebody press a button by its label."""
        await self.who(name).do(Press(question.id, question.buttons.index(label)))

    async def make(self, wire: str, trouble: Trouble) -> None:
        """Let a network do badly, or well again."""
        await self._board.make(wire, trouble)


async def opening(play: Player, sem: Sem) -> None:
    """Give the page something to look at from the start."""
    await play.writes("bram", "Morning Noor! I gave the talk on Monday ☀️")
    await play.writes("finn", "Two evenings without a screen this week 📖")
    first = await play.sees("noor", "gave the talk")
    await play.writes("noor", "dewi: Dag Dewi, hoe ging het wandelen?")
    await play.writes("noor", "Well done, Bram. What went better than last time?", first)
    await play.writes("eva", "Good morning! 10 minutes of breathing, done 🌿")
    told = await play.sees("noor", "breathing")
    await sem.say("Hello Noor, I have nothing but a browser here.")
    await play.writes(
        "dewi", "Gisteren een halfuur, zoals afgesproken 🌳", await play.sees("dewi", "")
    )
    await play.sees("noor", "browser")
    await play.sees("noor", "halfuur")
    await play.sees("noor", "without a screen")
    await play.who("noor").do(React(told.id, "👏"))


async def join(play: Player) -> None:
    if not play.who("anna").screen().waiting:
        await play.writes("anna", "Hi Noor, it is me again 🙂")
        return
    await play.who("anna").do(Open())
    question = await play.asked("anna")
    await play.writes("anna", "Hi Noor! I am nervous about Thursday 😬")
    await play.pause()
    await play.presses("anna", question, question.buttons[0])
    await play.sees("noor", "nervous about Thursday")


async def answer(play: Player) -> None:
    after, before = play.count("noor"), play.count("bram")
    await play.writes("bram", "Could we talk about the next step?")
    seen = await play.sees("noor", "next step", after)
    await play.writes("noor", "Of course. What would be a small one?", seen)
    await play.sees("bram", "small", before)


async def whom(play: Player) -> None:
    after, before = play.count("noor"), play.count("dewi")
    await play.writes("noor", "Suc6! 🍀")
    question = await play.asked("noor", after)
    await play.pause()
    await play.presses("noor", question, "Dewi")
    await play.sees("dewi", "Suc6", before)


async def correct(play: Player) -> None:
    after = play.count("noor")
    sent = await play.writes("finn", "Could we talk at 9:40?")
    await play.sees("noor", "9:40", after)
    await play.pause()
    await play.who("finn").do(Edit(sent.id, "Could we talk at 10:40?"))
    copy = await play.sees("noor", "10:40", after)
    await play.who("noor").do(React(copy.id, "👍"))
    await play.pause(_TYPING)
    await play.who("eva").do(Show())
    await play.until_photo("noor", after)


async def lose(play: Player) -> None:
    before = play.count("dewi")
    after = play.count("noor")
    await play.writes("noor", "Nog iets, Dewi …")
    question = await play.asked("noor", after)
    await play.pause(_TYPING)
    await play.make("email", Trouble.LOST)
    await play.presses("noor", question, "Dewi")
    await play.sees("dewi", "Nog iets", before)


async def cut(play: Player) -> None:
    after = play.count("noor")
    await play.make("slack", Trouble.DOWN)
    try:
        for words in ("I made the first slide.", "And the second!", "The third can wait."):
            await play.writes("bram", words)
        await play.pause()
    finally:
        await play.make("slack", Trouble.WELL)
    await play.sees("noor", "The third can wait.", after)


async def call(play: Player) -> None:
    for name in ("tom", "mila"):
        await play.free(name)
    after = play.count("mila")
    play.uses("tom", Dial())
    await play.rings("mila", lambda shown: shown.state == "ringing")
    await play.pause()
    play.uses("mila", Answer())
    await play.rings("mila", lambda shown: shown.waits == "key" and bool(shown.heard))
    await play.pause()
    play.uses("mila", Keys("1"))
    await play.rings("tom", lambda shown: shown.state == "talking")
    for name in ("mila", "tom"):
        await play.pause(_TYPING)
        play.uses(name, Talk())
    await play.pause()
    play.uses("tom", HangUp())
    await play.rings("mila", lambda shown: shown.state == "over")
    await play.pause()
    play.uses("tom", Dial())
    await play.rings("mila", lambda shown: shown.state == "ringing")
    await play.pause()
    play.uses("mila", HangUp())
    await play.rings("tom", lambda shown: shown.waits == "voice")
    play.uses("tom", Talk())
    await play.pause(_TYPING)
    play.uses("tom", Keys("#"))
    await play.until_voice("mila", after)
    await play.rings("tom", lambda shown: shown.state == "over")


SCENES: Mapping[str, Callable[[Player], Awaitable[None]]] = {
    "join": join,
    "answer": answer,
    "whom": whom,
    "correct": correct,
    "lose": lose,
    "cut": cut,
    "call": call,
}

# key: title (English, Dutch), text (English, Dutch); the last is played by the page itself.
TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "join": (
        ("Anna comes in", "Anna komt binnen"),
        (
            "On Telegram, by invitation. She writes at once; nothing goes on until she agrees.",
            "Op Telegram, op uitnodiging, en schrijft meteen. Niets gaat door voor ze akkoord is.",
        ),
    ),
    "answer": (
        ("From SMS to Slack, and back", "Van sms naar Slack, en terug"),
        (
            "Bram texts. Noor replies to it in Slack. See his phone, her console and the log.",
            "Bram sms’t. Noor antwoordt in Slack. Kijk op zijn telefoon, haar console en in het "
            "logboek.",
        ),
    ),
    "whom": (
        ("For whom?", "Voor wie?"),
        (
            "Noor writes and says not to whom. The bridge never guesses: it asks. Dewi gets mail.",
            "Noor schrijft zonder te zeggen aan wie. De brug raadt nooit: hij vraagt het. Dewi "
            "krijgt post.",
        ),
    ),
    "correct": (
        ("Second thoughts", "Bij nader inzien"),
        (
            "Finn corrects himself on Matrix, Noor reacts, Eva sends a photo. All of it travels.",
            "Finn verbetert zich op Matrix, Noor reageert, Eva stuurt een foto. Alles gaat mee.",
        ),
    ),
    "lose": (
        ("A lost answer", "Een verloren antwoord"),
        (
            "The mail server takes a mail, but its answer never arrives. Did it or didn’t it?",
            "De mailserver neemt een mail aan, maar het antwoord komt nooit. Wel of niet gelukt?",
        ),
    ),
    "cut": (
        ("The line is cut", "De lijn is door"),
        (
            "Bram texts on while Noor’s Slack is away. Nothing is lost, and order stays.",
            "Bram sms’t door terwijl Noors Slack weg is. Niets gaat verloren, de volgorde blijft.",
        ),
    ),
    "call": (
        ("Tom calls", "Tom belt"),
        (
            "Tom has only a telephone. Mila takes his call with 1. The second time she cannot, and "
            "his message comes to her Telegram.",
            "Tom heeft alleen een telefoon. Mila neemt op met 1. De tweede keer kan ze niet, en "
            "komt zijn bericht in haar Telegram.",
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
