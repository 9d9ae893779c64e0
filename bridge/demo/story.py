"""The story the demo tells, scene by scene; each waits until the bridge has done its part."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from rich.text import Text

from adapters.emulators.telegram import faults
from bridge.cli import show
from bridge.core.errors import BridgeError
from bridge.demo.ledger import Ledger, tamper
from bridge.demo.picture import sunrise

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.emulators.telegram import Message, Person
    from bridge.demo.house import House
    from bridge.demo.stage import Stage

WITHIN = 8.0
OUTAGE = 1.2
_IN_ORDER = ("I made the first slide.", "And the second!", "The third can wait.")
SECRET_WORDS = "afraid of that presentation"  # noqa: S105 - words of Anna's, not a password


async def tell(stage: Stage, house: House) -> None:
    """Play every scene in order. Raises TimeoutError where the bridge does not do its part."""
    story = _Story(stage, house)
    stage.say(
        "Noor coaches Anna and Bram. All three use Telegram (an emulated one, over real HTTP at "
        f"{house.telegram.api_url}); between them is the real bridge, with its store in a "
        f"temporary folder and its web server at http://127.0.0.1:{house.web.port} (/readyz, "
        "/metrics)."
    )
    await story.anna_joins()
    await story.noor_answers()
    await story.for_whom()
    await story.corrections()
    await story.a_photo()
    await story.an_outage()
    await story.a_lost_answer()
    await story.the_log()


class _Story:
    def __init__(self, stage: Stage, house: House) -> None:
        self.stage = stage
        self.house = house
        self.ledger = Ledger(house.app.store)

    async def _types(self, person: Person, text: str, *, reply_to: int | None = None) -> Message:
        answering = " (as a reply)" if reply_to is not None else ""
        await self.stage.does(person, f"writes{answering}: {text}")
        if reply_to is None:
            return await person.send(text)
        return await person.send(text, reply_to=reply_to)

    async def _appears(
        self,
        person: Person,
        wanted: str | Callable[[Message], bool],
        since: float | None = None,
        after: int = 0,
    ) -> Message:
        """Wait for a message on a phone and show it, with the time it took if that is of interest.

        ``after`` is a message id; only later ones count.
        """
        message = await person.wait_for(wanted, WITHIN, after=after)
        took = None if since is None else time.monotonic() - since
        await self._show(person, message, took)
        return message

    async def _show(self, person: Person, message: Message, took: float | None = None) -> None:
        line = next(x for x in person.screen() if x.message_id == message.message_id)
        await self.stage.sees(person, line, took)

    # -- scenes -----------------------------------------------------------------------------

    async def anna_joins(self) -> None:
        house, stage = self.house, self.stage
        await stage.scene(
            "Anna comes in, and is asked first",
            "An invitation works once, for one person. Before consent a client gets one question "
            "and nothing else, and her words wait.",
        )
        link, code = await house.rooms.invitation("anna-2026", "anna")
        await stage.note(f"coachbridge invite anna-2026 anna  →  {link}")
        await stage.does(house.anna, "opens the link and presses START")
        await house.anna.start(code)
        question = await self._appears(house.anna, lambda m: m.markup is not None)
        words = f"Hi Noor! Honestly, I am {SECRET_WORDS} on Thursday 😬"
        await self._types(house.anna, words)
        await stage.note(f"kept, encrypted, and held: {await self.ledger.held()} in the inbox")
        await stage.does(house.anna, "presses [Yes, I agree]")
        pressed = time.monotonic()
        await house.anna.press(question.message_id, 0)
        await self._appears(house.anna, "Thank you")
        await self._appears(house.noor, "toestemming gegeven")
        self.first = await self._appears(house.noor, SECRET_WORDS, pressed)

    async def noor_answers(self) -> None:
        house, stage = self.house, self.stage
        await stage.scene(
            "Noor answers from her own phone",
            "She replies to Anna's message, so it is clear whom she means.",
        )
        words = "Of course you are. What would be a *small* first step?"
        began = time.monotonic()
        await self._types(house.noor, words, reply_to=self.first.message_id)
        await self._appears(house.anna, words, began)
        await stage.note(await self.ledger.outcome("anna-2026", words))

    async def for_whom(self) -> None:
        house, stage = self.house, self.stage
        await stage.scene(
            "For whom?",
            "Noor writes without saying to whom. The bridge never guesses: it asks, and nothing "
            "moves before her answer.",
        )
        await self._types(house.noor, "suc6 straks! 🍀")
        question = await self._appears(house.noor, lambda m: m.markup is not None)
        await stage.note(f"held until she chooses: {await self.ledger.held()} in the inbox")
        await stage.does(house.noor, "presses [Bram]")
        pressed = time.monotonic()
        await house.noor.press(question.message_id, "Bram")
        await self._appears(house.bram, "suc6", pressed)
        if any("suc6" in line.text for line in house.anna.screen()):
            raise BridgeError("the demo went wrong: Anna got what was meant for Bram")
        await stage.note("Anna's phone stays silent")

    async def corrections(self) -> None:
        house, stage = self.house, self.stage
        await stage.scene(
            "Second thoughts and a reaction",
            "Edits and reactions travel too; in the log each is a line of its own.",
        )
        sent = await self._types(house.bram, "Dank je! Ik ben om 9:40 aan de beurt")
        copy = await self._appears(house.noor, "9:40", time.monotonic())
        changed = "Dank je! Ik ben om 10:40 aan de beurt"
        await stage.does(house.bram, f"edits it: {changed}")
        await house.bram.edit(sent.message_id, changed)
        await self._appears(house.noor, "10:40")
        await stage.does(house.noor, "reacts with 👏")
        await house.noor.react(copy.message_id, "👏")
        await house.telegram.service.until(lambda: sent.reactions or None, WITHIN)
        await self._show(house.bram, sent)

    async def a_photo(self) -> None:
        house, stage = self.house, self.stage
        await stage.scene(
            "A photo",
            "The bridge fetches it, keeps it encrypted and uploads it anew; an address of "
            "Telegram's, which would contain the bot's token, is never passed on.",
        )
        picture, caption = sunrise(), "My first step: out of bed for this"
        await stage.does(house.anna, f"sends a photo: {caption}")
        began = time.monotonic()
        await house.anna.send_photo(picture, caption=caption, name="sunrise.png", mime="image/png")
        await self._appears(house.noor, lambda m: m.kind == "photo", began)
        await stage.note(await self.ledger.outcome("anna-2026", caption))

    async def an_outage(self) -> None:
        house, stage = self.house, self.stage
        await stage.scene(
            "Telegram is away, and then in a hurry",
            "The line is cut while people go on writing; afterwards Telegram tells the bridge to "
            "wait. Nothing is lost, and order stays.",
        )
        await house.telegram.down()
        await stage.note("the line to Telegram is cut", good=False)
        for words in _IN_ORDER:
            await self._types(house.anna, words)
        await asyncio.sleep(OUTAGE)
        if any(line.text.endswith(_IN_ORDER) for line in house.noor.screen()):
            raise BridgeError("the demo went wrong: the line was not cut")
        house.telegram.faults.plan(faults.too_many(1), method="sendMessage")
        await house.telegram.up()
        back = time.monotonic()
        await stage.note("the line is back; the first try is answered: 429, wait one second")
        after = self.first.message_id
        for words in _IN_ORDER:
            after = (await self._appears(house.noor, words, back, after)).message_id
        await stage.note(await self.ledger.outcome("anna-2026", _IN_ORDER[-1]))

    async def a_lost_answer(self) -> None:
        house, stage = self.house, self.stage
        await stage.scene(
            "The worst case: a lost answer",
            "Telegram takes a message, but its answer never arrives, and a bot cannot look back. "
            "The bridge says so, tries once more and marks it; a setting leaves it at that instead "
            "(outbox.ambiguous_chat).",
        )
        house.telegram.faults.plan(faults.accept_then_drop(), method="sendMessage", chat=333)
        reply_to = max(x.message_id for x in house.noor.screen() if "10:40" in x.text)
        words = "Heel veel succes, je kunt het"
        await self._types(house.noor, words, reply_to=reply_to)
        first = await self._appears(house.bram, words)
        await self._appears(house.bram, words, after=first.message_id)
        await stage.note(await self.ledger.outcome("bram-2026", words))

    async def the_log(self) -> None:
        stage, app = self.stage, self.house.app
        await stage.scene(
            "What stays: the log",
            "Anna's trajectory. Every line carries a hash over itself and the line before; the "
            "words are encrypted under a key per person. (coachbridge log anna-2026)",
        )
        stage.show(await self.ledger.table("anna-2026"))
        file = app.store.file
        if file is not None:
            if await self.ledger.leaks(file, SECRET_WORDS):
                raise BridgeError("the demo went wrong: words stand readable in the store")
            await stage.note(f"Anna's words, searched in {file.name} as it is on disk: not there")
            refusal = await asyncio.to_thread(tamper, file)
            await stage.note(f"UPDATE entries …, by hand: refused, “{refusal}”")
        stage.say("And the proof over all of it: coachbridge audit")
        found = await self.ledger.audited()
        stage.show(Text(show.audit(found)))
        if not found.holds:
            raise BridgeError("the demo went wrong: the audit does not hold")
