"""What a trajectory knows of its action steps and scaling questions: which are open, never words.

1. Steps and questions are named by the seq of their entry; what they say is sealed there, and the
   shell looks up for a decision what ``wanted`` names.
2. Only what is still open is kept, and of each scale the last ``COURSE`` answers, so that the state
   does not grow with the log.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.inbound import ChoiceIn, MessageIn

COURSE = 8
MOST = 12
"""Steps, proposals and scales at most; the oldest is forgotten, not closed."""


class Step(msgspec.Struct, frozen=True):
    """A step that is agreed; ``question`` is the notice that asked how it went, 0 = not asked."""

    seq: int
    party: str
    due: datetime
    question: int = 0
    answered: bool = False


class Proposal(msgspec.Struct, frozen=True):
    """A step in which nothing can be seen, until its author says that it is to be so."""

    seq: int
    party: str
    author: str
    due: datetime


class Scale(msgspec.Struct, frozen=True):
    """One question, however often it is asked: its first seq, and the last answers to it."""

    seq: int
    party: str
    answers: tuple[int, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """A scaling question a client has not answered; ``again`` = the answer was off the scale."""

    seq: int
    party: str
    scale: int
    at: datetime
    again: bool = False


class Steps(msgspec.Struct, frozen=True):
    """The steps and scales of a trajectory, oldest first; one question at a time per client."""

    open: tuple[Step, ...] = ()
    proposed: tuple[Proposal, ...] = ()
    scales: tuple[Scale, ...] = ()
    asked: tuple[Asked, ...] = ()

    def step(self, seq: int) -> Step | None:
        """Return an open step by its seq."""
        return next((one for one in self.open if one.seq == seq), None)

    def asked_by(self, question: int) -> Step | None:
        """Return the step that a notice asked about."""
        return next((one for one in self.open if question and one.question == question), None)

    def proposal(self, question: int) -> Proposal | None:
        """Return the proposal that a notice is about; it comes right after it."""
        return next((one for one in self.proposed if one.seq + 1 == question), None)

    def asking(self, client: str) -> Asked | None:
        """Return the scaling question that stands for a client."""
        return next((one for one in self.asked if one.party == client), None)

    def answers(self, scale: int) -> tuple[int, ...]:
        """Return the seqs of a scale's last answers."""
        return next((one.answers for one in self.scales if one.seq == scale), ())


NO_STEPS = Steps()

StepEntry = (
    e.StepProposed
    | e.StepAgreed
    | e.StepFollowedUp
    | e.StepDone
    | e.StepNotDone
    | e.StepClosed
    | e.ScaleAsked
    | e.ScaleAnswered
)


def apply_step(state: Steps, entry: StepEntry, seq: int, at: datetime) -> Steps:
    """Return the steps after an entry about them, which has this seq."""
    match entry:
        case e.StepProposed(party=party, author=author, due=due):
            made = (*state.proposed, Proposal(seq, party, author, due))
            return msgspec.structs.replace(state, proposed=made[-MOST:])
        case e.StepAgreed(party=party, due=due, proposal=proposal):
            left = tuple(one for one in state.proposed if one.seq != proposal)
            known = (*state.open, Step(seq, party, due))[-MOST:]
            return msgspec.structs.replace(state, open=known, proposed=left)
        case e.StepFollowedUp(target=target, question=question):
            return _change(state, target, question=question)
        case e.StepNotDone(target=target):
            return _change(state, target, answered=True)
        case e.StepDone(target=target) | e.StepClosed(target=target):
            left_open = tuple(one for one in state.open if one.seq != target)
            return msgspec.structs.replace(state, open=left_open)
        case e.ScaleAsked():
            return _asked(state, entry, seq, at)
        case e.ScaleAnswered():
            return _answered(state, entry, seq)


def _change(state: Steps, seq: int, **fields: object) -> Steps:
    changed = tuple(
        msgspec.structs.replace(one, **fields) if one.seq == seq else one for one in state.open
    )
    return msgspec.structs.replace(state, open=changed)


def _asked(state: Steps, entry: e.ScaleAsked, seq: int, at: datetime) -> Steps:
    scale = entry.scale or seq
    others = tuple(one for one in state.asked if one.party != entry.party)
    scales = state.scales
    if not any(one.seq == scale for one in scales):
        scales = (*scales, Scale(scale, entry.party))[-MOST:]
    asked = (*others, Asked(seq, entry.party, scale, at))
    return msgspec.structs.replace(state, scales=scales, asked=asked)


def _answered(state: Steps, entry: e.ScaleAnswered, seq: int) -> Steps:
    scales = tuple(
        msgspec.structs.replace(one, answers=(*one.answers, seq)[-COURSE:])
        if one.seq == entry.scale
        else one
        for one in state.scales
    )
    left = tuple(one for one in state.asked if one.party != entry.party)
    return msgspec.structs.replace(state, scales=scales, asked=left)


def not_asked(state: Steps, question: int) -> Steps:
    """Return the steps after a question was held back: it is asked another time."""
    step = state.asked_by(question)
    return state if step is None else _change(state, step.seq, question=0)


def asked_again(state: Steps, client: str) -> Steps:
    """Return the steps after a client was asked again."""
    asked = tuple(
        msgspec.structs.replace(one, again=True) if one.party == client else one
        for one in state.asked
    )
    return msgspec.structs.replace(state, asked=asked)


def wanted(state: Steps, command: c.Command) -> tuple[int, ...]:
    """Return the entries whose words a decision may need."""
    match command:
        case c.TimerFired(name=name):
            concern, _, number = name.partition(":")
            return (int(number),) if concern == "step" and number.isdecimal() else ()
        case c.FollowUpStep(step=number):
            return (number,)
        case c.AskScale():
            return tuple(one.seq for one in state.scales if one.party == command.client)
        case c.Receive(inbound=ChoiceIn(ref=ref)):
            number = ref.rpartition("/")[2]
            question = int(number) if number.isdecimal() else 0
            found = (state.asked_by(question), state.proposal(question))
            return tuple(one.seq for one in found if one is not None)
        case c.Receive(party=party, inbound=MessageIn()):
            asked = state.asking(party)
            return state.answers(asked.scale) if asked is not None else ()
        case _:
            return ()


def said(entry: e.Entry) -> str:
    """Return what an entry about a step or a scale says, '' where it says nothing any more."""
    match entry:
        case e.StepProposed(text=text) | e.StepAgreed(text=text) | e.ScaleAsked(text=text):
            return text
        case e.ScaleAnswered(value=value) if value is not None:
            return f"{value:g}"
        case _:
            return ""
