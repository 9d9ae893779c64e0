"""Written work in the shell: it is counted when a coach's day ends, and put to her in one question.

1. Nothing is counted while messages pass: the log tells when the timer is due.
2. One question a day stands for all her clients of whom work was proposed; those whose logs counted
   later wait for the next day's. Logs are read for it, not locked: several workers may ask.
3. A client is named only where their trajectory's policy lets them be (I4).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import budget as core
from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.calls import TELEPHONE
from bridge.core.content import Choice, Notice
from bridge.core.decide.budget import ASKING, WRITTEN
from bridge.core.effects import Address, Purpose, SendMessage
from bridge.core.notices import NoticeKey
from bridge.core.timers import StartTimer
from bridge.runtime.words.budget import COUNT, LEAVE, QUESTION
from scheduling.calendar.zones import wall
from storage.codec import micros

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.decide import Decision
    from bridge.core.facts import Person
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.timers import Timer
    from storage.unit import Unit

NEXT_DAY = timedelta(days=1)


def counted(unit: Unit, timer: Timer) -> c.CountWritten | None:
    """Return what a coach wrote, where it is the end of her day that came; else None."""
    concern, _, coach = timer.name.partition(":")
    state = unit.state(timer.trajectory) if concern == WRITTEN else None
    if state is None:
        return None
    after = state.budget.settled(coach)
    seqs, last = unit.pages.written(state.id, coach, after, state.seq)
    unit.fetch_entries({(state.id, seq) for seq in seqs})
    found = (unit.entry(state.id, seq) for seq in seqs)
    entries = (one.entry for one in found if one is not None)
    said = [one.content for one in entries if isinstance(one, e.MessagePosted | e.AsidePosted)]
    return c.CountWritten(coach, core.written(said), last)


def ask(unit: Unit, timer: Timer, decision: Decision, catalogue: Catalogue) -> None:
    """Ask a coach about what she wrote, once a day, where nothing put it off."""
    concern, _, coach = timer.name.partition(":")
    if concern != ASKING or decision.timers:
        return
    states = {
        name: state
        for name, state in unit.pages.coached(coach).items()
        if coach in state.budget.proposed
    }
    person = unit.person(coach)
    if person is None or timer.trajectory not in states:
        return
    today = wall(unit.now, person.time_zone).date()
    key = f"desk/once/{QUESTION}/{coach}/{today}"
    asked = unit.outbox_row_by_key(key)
    if asked is None:
        _put(unit, key, person, states, catalogue)
    elif states[timer.trajectory].budget.proposed[coach].at > asked.created_at:
        unit.set_timer(timer.trajectory, StartTimer(timer.name, unit.now + NEXT_DAY))


def _put(
    unit: Unit, key: str, person: Person, states: Mapping[str, Trajectory], catalogue: Catalogue
) -> None:
    usable = (one for one in person.reach if not one.opted_out)
    reach = next((one for one in usable if one.endpoint.network != TELEPHONE), None)
    if reach is None:
        return
    language = person.language
    lines = "\n".join(
        f"• {catalogue.say(NoticeKey.TIME_WRITTEN_LINE, language, name=name, minutes=minutes)}"
        for name, minutes in _lines(unit, person, states, reach.endpoint.network, catalogue)
    )
    options = (
        Choice(COUNT, NoticeKey.TIME_OPTION_COUNT),
        Choice(LEAVE, NoticeKey.TIME_OPTION_LEAVE),
    )
    ref = f"{QUESTION}/{micros(unit.now)}"
    notice = Notice(NoticeKey.TIME_WRITTEN, {"lines": lines}, options, ref)
    to = Address(person.id, reach.endpoint, reach.epoch, reach.place)
    content = catalogue.translate(notice, language)
    unit.enqueue_desk(key, SendMessage(seq=0, to=to, purpose=Purpose.DESK, content=content))


def _lines(
    unit: Unit,
    coach: Person,
    states: Mapping[str, Trajectory],
    network: str,
    catalogue: Catalogue,
) -> list[tuple[str, str]]:
    """Return whom she wrote to, each by another name, and for how many minutes."""
    found: list[tuple[str, str]] = []
    names = [_clients(unit, one) for one in states.values()]
    for name, state in zip(names, states.values(), strict=True):
        shown = f"{name} ({state.title or state.id})" if names.count(name) > 1 else name
        if not state.policy.takes_from(network):
            shown = catalogue.say(NoticeKey.WHICH_ELSEWHERE, coach.language)
        found.append((shown, str(state.budget.proposed[coach.id].minutes)))
    return sorted(found)


def _clients(unit: Unit, state: Trajectory) -> str:
    known = ((one, unit.person(one)) for one in state.with_role("client"))
    return ", ".join(person.name if person is not None else one for one, person in known)
