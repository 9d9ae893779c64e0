"""What a coach agrees with a client on a page, steps and numbers: for the console and its twin.

1. The commands are those that ``step anna: …`` and ``scale anna: …`` cause in a messenger.
2. Each function works in one transaction and returns '' or the code of why nothing was done. A form
   that is sent twice is carried out once: the same step that is open is not agreed on again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.observable import observable
from bridge.runtime.handle import handle
from bridge.runtime.words.steps import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

MOST_WORDS = 600
"""Characters of a step or a question, as in a messenger."""
MOST_MINUTES = 240 * 60
MOST_DAYS = 366
FARTHEST = timedelta(days=366)
_AT_ONCE = timedelta(minutes=2)
"""Within which the same question is the same form sent twice."""


def agree(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    coach: str,
    client: str,
    text: str,
    due: datetime | None,
    *,
    as_is: bool = False,
) -> str:
    """Agree on a step; without a moment by the day its words name. ``as_is`` = however vague."""
    text, state = text.strip(), unit.state(trajectory)
    why = _hindered(state, client, text)
    if why or state is None:
        return why
    if due is not None and not unit.now < due <= unit.now + FARTHEST:
        return "past" if due <= unit.now else "too_far"
    if not as_is and not observable(text):
        return "how_noticed"
    if any(one.party == client and _says(unit, state, one.seq, text) for one in state.steps.open):
        return ""
    when = due or moment_of(unit, coach, client, text)
    command = c.AgreeStep(coach, client, text, when, as_is=as_is)
    return refused(handle(unit, trajectory, command, catalogue).entries)


def change(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, seq: int, what: str
) -> str:
    """Note that a step was ``done``, ``ask`` now how it went, or ``drop`` it."""
    state = unit.state(trajectory)
    step = state.steps.step(seq) if state is not None else None
    if step is None or (what == "ask" and step.question):
        return "no_such_step" if step is None else "asked_already"
    command: c.Command = c.CloseStep(coach, seq, done=what == "done")
    if what == "ask":
        command = c.FollowUpStep(coach, seq)
    return refused(handle(unit, trajectory, command, catalogue).entries)


def ask(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, client: str, text: str
) -> str:
    """Ask a client for a number from 0 to 10."""
    text, state = text.strip(), unit.state(trajectory)
    why = _hindered(state, client, text)
    if why or state is None:
        return why
    asked = state.steps.asking(client)
    if asked is not None and unit.now - asked.at < _AT_ONCE and _says(unit, state, asked.seq, text):
        return ""
    return refused(handle(unit, trajectory, c.AskScale(coach, client, text), catalogue).entries)


def promise(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    coach: str,
    within: Mapping[str, int],
    pace_days: int,
) -> str:
    """Promise an answer within minutes of working time, by network; 0 = no promise there."""
    state = unit.state(trajectory)
    if state is None or not state.open:
        return "closed"
    if not all(0 <= minutes <= MOST_MINUTES for minutes in within.values()):
        return "no_time"
    if not 0 <= pace_days <= MOST_DAYS:
        return "no_days"
    command = c.SetPromise(within, pace_days, coach)
    return refused(handle(unit, trajectory, command, catalogue).entries)


def refused(entries: tuple[e.Entry, ...]) -> str:
    """Return the code of why a command was not carried out, '' when it was."""
    found = (one.reason for one in entries if isinstance(one, e.InboundRefused | e.BookingRefused))
    return next(found, "")


def _hindered(state: Trajectory | None, client: str, text: str) -> str:
    member = state.parties.get(client) if state is not None else None
    if state is None or not state.open:
        return "closed"
    if member is None or member.role != "client" or not member.active:
        return "not_a_client"
    if not member.may_talk:
        return "no_consent"
    if not text or "\x00" in text:
        return "no_words"
    return "too_long" if len(text) > MOST_WORDS else ""


def _says(unit: Unit, state: Trajectory, seq: int, text: str) -> bool:
    logged = unit.entry(state.id, seq)
    entry = logged.entry if logged is not None else None
    return isinstance(entry, e.StepAgreed | e.ScaleAsked) and entry.text == text
