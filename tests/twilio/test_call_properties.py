"""Calls with keys pressed at random: every path ends, only parties are connected, and nothing is
recorded without everybody's key.

A made-up network does what it is told and what people please: it rings, keys come or do not, legs
end, news comes twice and late, and people leave the trajectory in the middle of a call.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.twilio.voice import twiml
from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.calls import Stage
from bridge.core.content import Attachment
from bridge.core.decide import decide
from bridge.core.effects import Act, UseTelephone
from bridge.core.endpoint import Endpoint, Place
from bridge.core.facts import Facts, Person, Reach
from bridge.core.speech import Answer, Ask, Connect, HangUp, Join, Say, TakeMessage
from bridge.core.trajectory import Trajectory, apply, fold
from tests.core import cast

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = [pytest.mark.slow]

NUMBERS = {
    "noor": ("+31611110001", "+31611110002"),
    "anna": ("+31622220001",),
    "bram": ("+31633330001",),
    "olga": ("+31644440001",),
}
SAID = ("", "", "1", "1", "1", "2", "*", "9", "11", "hangup")
MOST = 60
"""Steps of one call on one leg; more means that it goes round."""


def person(name: str) -> Person:
    """Return somebody with telephones."""
    reach = tuple(Reach(Endpoint("voice", "main", one), 1, one) for one in NUMBERS[name])
    return Person(name, name.capitalize(), "en", "Europe/Amsterdam", reach)


class Network:
    """Noor coaches Anna, who agreed, and Bram, who did not; Olga has nothing to do with them."""

    def __init__(self, chances: Sequence[int]) -> None:
        self._chances = [*chances]
        self._turn = count()
        self.now = cast.NOON
        self.state = Trajectory(id=cast.TRAJECTORY)
        self.log: list[tuple[e.Entry, datetime]] = []
        self.sent: list[c.CallHeard | c.CallOver] = []
        self.joined: list[str] = []
        for command in (
            c.OpenTrajectory(),
            c.AddParty("noor", "coach", "Noor"),
            c.AddParty("anna", "client", "Anna"),
            c.AddParty("bram", "client", "Bram"),
            c.RecordConsent("anna"),
        ):
            self.do(command)

    def choose(self, options: Sequence[str]) -> str:
        """Return one of these, by chance."""
        n = next(self._turn)
        return options[self._chances[n] % len(options)] if n < len(self._chances) else options[0]

    def do(self, command: c.Command) -> Answer:
        """Decide, and look at what must hold after anything."""
        self.now += timedelta(seconds=1)
        facts = Facts(self.now, {one: person(one) for one in NUMBERS}, consent_texts=cast.TEXTS)
        decision = decide(self.state, command, facts)
        for entry in decision.entries:
            self.log.append((entry, self.now))
            self.state = apply(self.state, entry, self.now)
        for effect in decision.effects:
            if isinstance(effect, UseTelephone):
                self._look_at(effect)
        document = twiml.written(_worded(decision.answer), "https://b.example.org", "x")
        verbs = list(ElementTree.fromstring(document).iter())  # noqa: S314 - our own
        assert not any("record" in name for verb in verbs for name in verb.attrib)
        leaving = any(one.stage is Stage.LEAVING for one in self.state.calls.open.values())
        assert leaving or not any(verb.tag == "Record" for verb in verbs)
        for speech in decision.answer:
            if isinstance(speech, Connect):
                assert speech.number in self.may_be_rung()
        return decision.answer

    def _look_at(self, effect: UseTelephone) -> None:
        assert effect.to.endpoint.address in self.may_be_rung()
        if effect.act not in (Act.RECORD, Act.PAUSE, Act.RESUME):
            return
        call = self.state.calls.open[effect.call]
        yes = {
            one.author
            for one, _ in self.log
            if isinstance(one, e.RecordingAgreed) and one.call == call.id
        }
        no = [one for one, _ in self.log if isinstance(one, e.RecordingRefused)]
        assert {call.first, call.other} <= yes
        assert not [one for one in no if one.call == call.id]

    def may_be_rung(self) -> set[str]:
        """Return the telephones of those who take part and agreed."""
        there = [one for one, member in self.state.parties.items() if member.may_talk]
        return {number for one in there for number in NUMBERS[one]}

    def hear(self, command: c.CallHeard) -> Answer:
        """The network tells something, perhaps after something else happened."""
        match self.choose(("", "", "", "", "again", "late", "left", "switch")):
            case "again":
                self.do(command)
            case "late" if self.sent:
                self.do(self.sent[len(self.log) % len(self.sent)])
            case "left":
                self.do(c.RemoveParty("noor"))
            case "switch":
                self.do(c.SwitchRecording("anna", "pause"))
            case _:
                pass
        self.sent.append(command)
        return self.do(command)

    # -- the two legs

    def first(self, call: str, answer: Answer, *, asks: bool) -> None:
        """Do what is said on the first leg until it is over."""
        for _ in range(MOST):
            going: Answer | None = None
            for speech in answer:
                if isinstance(speech, HangUp):
                    break
                if isinstance(speech, Say):
                    continue
                assert not isinstance(speech, Join), "the first leg waits, it is not let through"
                going = self.answered(call, speech, asks=asks)
                break
            if going is None:
                break
            answer = going
        else:
            raise AssertionError("this call never ends")
        over = c.CallOver(call, "answered")
        self.do(over)
        self.sent.append(over)
        assert call not in self.state.calls.open, "what is over is over in the log"

    def answered(
        self, call: str, speech: Ask | Connect | TakeMessage, *, asks: bool
    ) -> Answer | None:
        """Return what is said next on the first leg, None when it was hung up."""
        heard = c.CallHeard(call, speech.then, leg="CA1", place=ANNAS, asks=asks, said="May it?")
        match speech:
            case Ask():
                keys = self.choose(SAID)
                if keys == "hangup":
                    return None
                return self.hear(msgspec.structs.replace(heard, keys=keys))
            case Connect():
                status = self.choose(("no_answer", "busy", "failed", "answered", "answered"))
                if status == "answered":
                    self.other(call, speech.greet)
                return self.hear(msgspec.structs.replace(heard, status=status))
            case TakeMessage():
                seconds = int(self.choose(("0", "5", "90")))
                file = Attachment(ref="/r", mime="audio/mpeg") if seconds else None
                return self.hear(msgspec.structs.replace(heard, seconds=seconds, file=file))

    def other(self, call: str, greet: str) -> None:
        """Somebody, or something, picked up: they are greeted, and press what they like."""
        answer = self.hear(c.CallHeard(call, greet, leg="CA2"))
        pressed: list[str] = []
        for _ in range(MOST):
            if answer and isinstance(answer[0], Join):
                assert "1" in pressed, "a mailbox presses nothing"
                known = self.state.calls.open[call]
                assert known.stage is Stage.TALKING
                assert self.state.parties[known.other].may_talk
                assert self.state.parties[known.first].may_talk
                self.joined.append(call)
                return
            ask = next((one for one in answer if isinstance(one, Ask)), None)
            if ask is None:
                return
            keys = self.choose(SAID)
            if keys == "hangup":
                return
            pressed.append(keys)
            heard = c.CallHeard(call, ask.then, keys=keys, leg="CA2", said="Mag het?")
            answer = self.hear(heard)
        raise AssertionError("this greeting never ends")


ANNAS = Place("voice", "main", "+31622220001", "+3197010200001")


def _worded(answer: Answer) -> Answer:
    said = Say("en", text='<Dial record="x"> & co')
    return tuple(
        msgspec.structs.replace(one, said=(said,)) if isinstance(one, Ask) else one
        for one in answer
    )


CHANCES = st.lists(st.integers(0, 10_000), min_size=0, max_size=80)
MANY = settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(CHANCES, st.sampled_from(sorted(NUMBERS)), st.booleans())
def test_whoever_calls_in_and_whatever_is_pressed(chances: list[int], who: str, asks: bool) -> None:
    network = Network(chances)
    place = Place("voice", "main", NUMBERS[who][0], "+3197010200001")
    answer = network.do(c.CallReceived(who, "CA1", place, asks=asks))
    network.first("CA1", answer, asks=asks)
    if not asks or who in ("bram", "olga"):
        assert not [one for one, _ in network.log if isinstance(one, e.RecordingSwitched)]
    if who in ("bram", "olga"):
        assert network.joined == []
    assert fold(cast.TRAJECTORY, network.log) == network.state


@MANY
@given(CHANCES, st.sampled_from(sorted(NUMBERS)), st.sampled_from(["", *NUMBERS]), st.booleans())
def test_whoever_asks_to_be_called_and_whatever_is_pressed(
    chances: list[int], who: str, whom: str, asks: bool
) -> None:
    network = Network(chances)
    network.do(c.CallRequested(who, whom))
    begun = [entry for entry, _ in network.log if isinstance(entry, e.CallStarted)]
    for entry in begun:
        assert (entry.first, entry.other) == ("noor", "anna")
        picked = c.CallHeard(entry.call, "0.first", leg="CA1", asks=asks)
        answer = network.hear(picked)
        network.first(entry.call, answer, asks=asks)
    assert fold(cast.TRAJECTORY, network.log) == network.state
