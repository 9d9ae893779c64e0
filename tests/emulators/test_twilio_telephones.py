"""The emulated Twilio's telephones in somebody's hands: they ring, are answered, keys pressed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from adapters.emulators.twilio import Telephone, TwilioEmulator, sound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SID, TOKEN, OURS = "AC" + "ab12" * 8, "a-token-of-nobody", "+3197010200009"
ANNA, NOOR = "+31611119001", "+31611119002"
GREET = '<Gather action="/greeted" numDigits="1" timeout="500"><Say>Press 1</Say></Gather>'
DIAL = f'<Dial action="/rung" timeout="500"><Number url="/greet">{NOOR}</Number></Dial>'
RECORD = '<Say language="nl-NL">Na de toon</Say><Record action="/left" maxLength="500"/>'


class Program:
    """Answers every path with a document of its own, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers = {"/voice": DIAL, "/greet": GREET, "/greeted": "", "/rung": RECORD}
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Say what to do."""
        form = await request.post()
        self.asked.append((request.path, {name: str(value) for name, value in form.items()}))
        inner = self.answers.get(request.path, "<Hangup/>")
        inner = inner.replace('="/', f'="http://{request.host}/')
        return web.Response(text=f"<Response>{inner}</Response>", content_type="text/xml")

    def told(self, path: str) -> dict[str, str]:
        """Return the fields of the newest question at a path, empty where there was none."""
        return next((fields for asked, fields in reversed(self.asked) if asked == path), {})


@pytest.fixture
async def program() -> AsyncIterator[tuple[Program, str]]:
    """A program that Twilio calls, and where it is."""
    made = Program()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield made, f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
async def twilio(program: tuple[Program, str]) -> AsyncIterator[TwilioEmulator]:
    """An emulator whose account has a number for calls, and two telephones in hands."""
    async with TwilioEmulator() as running:
        account = running.account(SID, TOKEN, (OURS,))
        account.voice_webhook = f"{program[1]}/voice"
        account.voice_status = f"{program[1]}/status"
        for number in (ANNA, NOOR):
            running.telephone(number).answers = "by_hand"
        yield running


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so. Raises TimeoutError."""
    async with asyncio.timeout(10):
        while True:
            if true():
                return
            await asyncio.sleep(0.01)


async def rings(twilio: TwilioEmulator) -> tuple[Telephone, Telephone]:
    """Let Anna call, until Noor's telephone rings."""
    anna, noor = twilio.telephone(ANNA), twilio.telephone(NOOR)
    anna.call(OURS)
    await until(lambda: noor.leg is not None and noor.leg.status == "ringing")
    return anna, noor


async def test_two_talk_after_a_key_and_hear_each_other(
    twilio: TwilioEmulator, program: tuple[Program, str]
) -> None:
    anna, noor = await rings(twilio)
    assert noor.in_call
    noor.pick_up()
    await until(lambda: "Press 1" in noor.said)
    noor.press("1")
    assert anna.leg is not None
    assert noor.leg is not None
    await until(lambda: anna.leg and anna.leg.peer)
    assert program[0].told("/greeted")["Digits"] == "1"
    assert anna.leg.talking_since is not None
    assert noor.leg.doing == "", "nobody waits for a key any more"
    anna.speak(sound.tone(440, 0.1))
    assert [(one.what, one.mine) for one in noor.leg.heard] == [
        ("words", False),
        ("key", True),
        ("voice", False),
    ]
    anna.hang_up()
    await until(lambda: not noor.in_call)
    assert [path.rpartition("/")[2] for path in noor.leg.asked] == ["greet", "greeted"]


async def test_who_hangs_up_while_the_other_is_greeted_takes_that_leg_along(
    twilio: TwilioEmulator, program: tuple[Program, str]
) -> None:
    anna, noor = await rings(twilio)
    noor.pick_up()
    await until(lambda: "Press 1" in noor.said)
    anna.hang_up()
    await until(lambda: not noor.in_call)
    await twilio.quiet()
    assert not program[0].told("/greeted"), "it did not wait for a key"


async def test_a_message_is_what_was_spoken_after_the_tone(
    twilio: TwilioEmulator, program: tuple[Program, str]
) -> None:
    anna, noor = await rings(twilio)
    anna.press("#")  # before the tone it ends nothing
    noor.hang_up()
    assert anna.leg is not None
    await until(lambda: anna.leg and anna.leg.doing == "Record")
    assert anna.leg.heard[-1].language == "nl-NL"
    anna.speak(sound.tone(440, 1.5))
    anna.press("#")
    await until(lambda: not anna.in_call)
    told = program[0].told("/left")
    assert (told["RecordingDuration"], told["Digits"]) == ("1", "#")
    kept = twilio.switchboard.recordings[told["RecordingSid"]]
    assert sound.heard(kept.wav, 440) > 0.8
    assert program[0].told("/rung")["DialCallStatus"] == "busy"


async def test_a_telephone_in_a_call_is_busy(twilio: TwilioEmulator) -> None:
    anna, noor = await rings(twilio)
    other = twilio.telephone("+31611119003")
    other.answers = "by_hand"
    leg = other.call(OURS)
    await until(lambda: "Na de toon" in leg.said)
    assert len(noor.legs) == 1
    anna.hang_up()
    other.hang_up()
    await twilio.quiet()


async def test_nobody_gets_through_while_it_is_down_and_the_end_is_told_afterwards(
    twilio: TwilioEmulator, program: tuple[Program, str]
) -> None:
    anna, noor = await rings(twilio)
    await twilio.down()
    anna.hang_up()
    await until(lambda: not noor.in_call)
    leg = anna.call(OURS)
    await until(leg.over.is_set)
    assert leg.status == "failed"
    assert not program[0].told("/status")
    await twilio.up()
    await until(lambda: program[0].told("/status"))
    await twilio.quiet()
    assert len([path for path, _ in program[0].asked if path == "/status"]) == 1
