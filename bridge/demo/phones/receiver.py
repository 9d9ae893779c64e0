"""A telephone on the page: it rings, is answered, keys are pressed and somebody speaks.

1. It does nothing by itself: whoever looks at the page is its owner.
2. What it shows of a call is what its emulator did, and the TwiML that the bridge gave for it.
3. A tone stands for its owner's voice: a demo asks for no microphone.
"""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Literal, assert_never
from urllib.parse import urlsplit
from xml.etree import ElementTree

import msgspec

from adapters.emulators.twilio import sound
from bridge.demo.phones import CannotError

if TYPE_CHECKING:
    from adapters.emulators.twilio import Telephone
    from adapters.emulators.twilio.legs import Leg

KEYS = frozenset("0123456789*#")
MOST_KEYS = 20
MOST_SHOWN = 12
"""Answers of the bridge that are shown of one call, the newest."""
_MELODY = (1.0, 1.125, 1.25, 1.0, 1.5, 1.25)
_NOTE = 0.4
"""Seconds of one note."""

State = Literal["idle", "calling", "ringing", "talking", "over"]
Waits = Literal["", "key", "voice"]


class Dial(msgspec.Struct, frozen=True, tag="dial"):
    """Call the practice."""


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """Pick up."""


class HangUp(msgspec.Struct, frozen=True, tag="hang_up"):
    """End the call, or let it ring no more."""


class Keys(msgspec.Struct, frozen=True, tag="keys"):
    """Press keys."""

    keys: str


class Talk(msgspec.Struct, frozen=True, tag="talk"):
    """Say something, into a message or to the other one."""


Use = Dial | Answer | HangUp | Keys | Talk


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was heard: ``words`` in a language, a ``key``, or a ``voice``; ``mine`` by its owner."""

    what: str
    text: str = ""
    language: str = ""
    mine: bool = False


class Step(msgspec.Struct, frozen=True):
    """What Twilio asked the bridge, as a path, and the TwiML that it was told."""

    asked: str
    twiml: str


class Display(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a telephone shows; ``other`` is the number there, ``since`` when they began to talk.

    ``waits`` is what the bridge waits for on this leg; ``outcome`` is how Twilio calls the end of
    a call that was never answered.
    """

    state: State
    other: str = ""
    since: str = ""
    waits: Waits = ""
    outcome: str = ""
    heard: tuple[Sentence, ...] = ()
    steps: tuple[Step, ...] = ()


class Receiver:
    """One person's telephone; ``voice`` is the tone in hertz that stands for the person."""

    def __init__(self, person: str, telephone: Telephone, practice: str, voice: float) -> None:
        self.person = person
        self._telephone = telephone
        self._practice = practice
        self._melody = [
            sample for step in _MELODY for sample in sound.tone(voice * step, _NOTE, soft=True)
        ]
        telephone.answers = "by_hand"

    def display(self) -> Display:
        """Return what it shows now: its last call, until there is another."""
        leg = self._telephone.leg
        if leg is None:
            return Display("idle")
        inward = leg.direction == "inbound"
        heard = (
            Sentence(one.what, one.text, one.language.partition("-")[0], one.mine)
            for one in leg.heard
        )
        state = _state(leg)
        return Display(
            state=state,
            other=leg.to if inward else leg.sender,
            since=leg.talking_since.isoformat() if leg.talking_since and leg.peer else "",
            waits=_waits(leg) if state == "calling" else "",
            outcome=leg.status if state == "over" and leg.status != "completed" else "",
            heard=tuple(heard),
            steps=tuple(starmap(_step, zip(leg.asked, leg.twiml, strict=True)))[-MOST_SHOWN:],
        )

    def use(self, act: Use) -> None:
        """Do what its owner does. Raises CannotError."""
        state = self.display().state
        match act:
            case Dial():
                _only(state in {"idle", "over"}, "somebody is on the line")
                self._telephone.call(self._practice)
            case Answer():
                _only(state == "ringing", "it does not ring")
                self._telephone.pick_up()
            case HangUp():
                _only(state not in {"idle", "over"}, "nobody is on the line")
                self._telephone.hang_up()
            case Keys(keys=keys):
                _only(0 < len(keys) <= MOST_KEYS and KEYS.issuperset(keys), "keys are 0-9, * and #")
                _only(state in {"calling", "talking"}, "nobody is on the line")
                self._telephone.press(keys)
            case Talk():
                _only(state == "talking" or self.display().waits == "voice", "nobody would hear it")
                self._telephone.speak(self._melody)
            case _:
                assert_never(act)


def _state(leg: Leg) -> State:
    if leg.over.is_set():
        return "over"
    if leg.peer is not None:
        return "talking"
    return "ringing" if leg.status in {"queued", "ringing"} else "calling"


def _waits(leg: Leg) -> Waits:
    match leg.doing:
        case "Gather":
            return "key"
        case "Record":
            return "voice"
        case _:
            return ""


def _only(possible: bool, why: str) -> None:
    if not possible:
        raise CannotError(why)


def _step(asked: str, twiml: str) -> Step:
    """Return an answer of the bridge, indented, and the path it was asked at."""
    try:
        document = ElementTree.fromstring(twiml)  # noqa: S314 - of the bridge in this process
    except ElementTree.ParseError:
        return Step(urlsplit(asked).path, twiml)
    ElementTree.indent(document)
    return Step(urlsplit(asked).path, ElementTree.tostring(document, encoding="unicode"))
