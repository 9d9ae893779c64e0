"""PAUSE, LATER, LESS, MORE and RESUME: the client owns the pace, over all their trajectories.

1. They act at once: what is planned or waits to be sent is judged by the new pace.
2. LATER, LESS and MORE are also answers to a coach; they count only while there is something they
   could be about: a nudge planned or given of late, or a step that will be asked about. HELP tells
   of them then, and only then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core import nudges as core
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import language_of
from bridge.runtime.moments import written
from bridge.runtime.words.concern import Concern, Offer
from bridge.runtime.words.hearing import answer, opening
from scheduling.calendar.phrases import When, read
from storage.codec import micros

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.core.nudges import Pace
    from bridge.runtime.desk import Desk
    from storage.unit import Unit

PAUSE = timedelta(weeks=1)
"""For how long PAUSE holds where nothing is said."""

OF_LATE = timedelta(weeks=2)
"""How long after a nudge LATER, LESS and MORE are about nudges."""

CLIENTS = frozenset({"client"})
_CHANGES = {
    "resume": keywords.RESUME,
    "later": keywords.LATER,
    "less": keywords.LESS,
    "more": keywords.MORE_NUDGES,
}
_UNTIL = ("tot", "until", "till")
_FOR = ("voor", "for")


def on_pace(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Carry out a client's word about their pace; tell whether it was one."""
    first, rest = opening(inbound)
    if first in keywords.PAUSE:
        until = _until(desk, person, rest)
        if until is None:
            return False
        return _change(desk, person, inbound, "pause", until)
    how = next((one for one, words in _CHANGES.items() if word in words), "")
    if not how or (how != "resume" and not _is_nudged(desk.unit, person)):
        return False
    return _change(desk, person, inbound, how, None)


def _is_nudged(unit: Unit, person: str) -> bool:
    """Tell whether somebody has nudges to come, or had some of late, or will be asked of a step."""
    since = micros(unit.now - OF_LATE)
    if any(
        one.state == "planned" or (one.settled_at or 0) > since for one in unit.ledger.of(person)
    ):
        return True
    states = (unit.state(one.trajectory) for one in unit.memberships(person))
    return any(
        one.party == person and not one.question
        for state in states
        if state is not None
        for one in state.steps.open
    )


def _until(desk: Desk, person: str, rest: str) -> datetime | None:
    """Return until when somebody pauses; None where the message says something else."""
    now = desk.unit.now
    if not rest:
        return now + PAUSE
    first, _, more = rest.partition(" ")
    known = desk.unit.person(person)
    zone = (known.time_zone if known is not None else "") or "UTC"
    language = language_of(desk.unit, person)
    tries = [f"in {more}" if first.casefold() in _FOR else f"in {rest}"]
    if first.casefold() in _UNTIL:
        tries = [more, f"{more} 08:00"]
    for text in tries:
        found = read(text, now, zone, language)
        if isinstance(found, When) and not found.rest:
            return found.at
    return None


def _change(desk: Desk, person: str, inbound: MessageIn, how: str, until: datetime | None) -> bool:
    mine = [
        one.trajectory
        for one in desk.unit.memberships(person)
        if one.role == "client" and _agreed(desk, one.trajectory, person)
    ]
    if not mine:
        return False
    pace = _changed(desk.unit.ledger.pace(person), how, until, desk.unit.now)
    desk.unit.ledger.put_own_pace(person, pace)
    for trajectory in mine:
        desk.handle(trajectory, c.ChangePace(person, how, pace))
    _acknowledge(desk, person, inbound, how, pace)
    return True


def _agreed(desk: Desk, trajectory: str, person: str) -> bool:
    state = desk.unit.state(trajectory)
    member = state.parties.get(person) if state is not None else None
    return member is not None and member.may_talk


def _changed(pace: Pace, how: str, until: datetime | None, now: datetime) -> Pace:
    match how:
        case "pause":
            return replace(pace, paused_until=until)
        case "resume":
            return replace(pace, paused_until=None, later_until=None)
        case "later":
            return replace(pace, later_until=now + core.LATER)
        case "less":
            return core.less(pace)
        case _:
            return replace(core.more(pace), paused_until=None)


_TOLD = {
    "pause": NoticeKey.PACE_PAUSED,
    "resume": NoticeKey.PACE_RESUMED,
    "later": NoticeKey.PACE_LATER,
    "less": NoticeKey.PACE_WEEK,
    "more": NoticeKey.PACE_WEEK,
}


def _acknowledge(desk: Desk, person: str, inbound: MessageIn, how: str, pace: Pace) -> None:
    known = desk.unit.person(person)
    zone = (known.time_zone if known is not None else "") or "UTC"
    language = desk.catalogue.language_of(language_of(desk.unit, person))
    moment = pace.paused_until if how == "pause" else pace.later_until
    params = {"week": str(pace.per_week)}
    if moment is not None:
        params["until"] = written(f"{moment.isoformat()} {zone}", language)
    answer(desk, person, inbound, _TOLD[how], params)


CONCERN = Concern(
    on_pace,
    (
        Offer("PAUSE 2 WEEKS", "PAUZE 2 WEKEN", NoticeKey.WORD_PAUSE, CLIENTS),
        Offer("RESUME", "HERVAT", roles=CLIENTS),
        Offer("LATER", "LATER", NoticeKey.WORD_LATER, CLIENTS, _is_nudged),
        Offer("LESS, MORE", "MINDER, MEER", NoticeKey.WORD_PACE, CLIENTS, _is_nudged),
    ),
    keywords.PAUSE.union(*_CHANGES.values()),
)
