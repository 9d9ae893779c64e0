"""What presses on a coach's day: her sessions, answers she promised, and who stalled.

Names and moments only, no words of clients: whoever looks over her shoulder reads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.content import Notice, words
from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.desk import language_of
from bridge.runtime.words.hearing import coached
from scheduling.calendar.moments import spoken
from scheduling.calendar.zones import wall
from storage import agreements

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk


def sessions(desk: Desk, coach: str) -> list[str]:
    """Return whom she meets today and when, soonest first; what is under way is still today."""
    unit, language = desk.unit, language_of(desk.unit, coach)
    reader = unit.person(coach)
    zone = reader.time_zone if reader is not None else "UTC"
    today = wall(unit.now, zone).date()
    found = [
        one
        for state in _states(desk, coach).values()
        for _, one in state.agenda.of(coach, ahead=False)
        if one.coach == coach and wall(one.start, zone).date() == today and one.end > unit.now
    ]
    lines = []
    for one in sorted(found, key=lambda meeting: meeting.start):
        client = unit.person(one.client)
        params = {
            "moment": spoken(one.start, zone, language, unit.now),
            "name": client.name if client is not None else one.client,
            "modality": one.modality,
            "minutes": str(one.minutes),
        }
        notice = Notice(key=NoticeKey.TODAY_SESSION, params=params)
        lines.append(words(desk.catalogue.translate(notice, language)))
    return lines


def promised(desk: Desk, coach: str) -> list[str]:
    """Return whom an answer was promised, soonest first, and until when."""
    lines = []
    for one in agreements.promised(_states(desk, coach)):
        over = one.broken or one.due < desk.unit.now
        key = NoticeKey.TODAY_PROMISE_BROKEN if over else NoticeKey.TODAY_PROMISE
        lines.append(_line(desk, coach, key, one, one.due))
    return lines


def stalled(desk: Desk, coach: str) -> list[str]:
    """Return with whom nothing goes on, the longest first; silence alone is no reason."""
    why = {"step": NoticeKey.TODAY_STALLED_STEP, "silence": NoticeKey.TODAY_STALLED_SILENCE}
    found = desk.unit.pages.stalled(_states(desk, coach))
    return [_line(desk, coach, why[one.why], one, one.since) for one in found]


def _states(desk: Desk, coach: str) -> Mapping[str, Trajectory]:
    states = ((name, desk.unit.state(name)) for name in coached(desk.unit, coach))
    return {name: state for name, state in states if state is not None}


def _line(
    desk: Desk, coach: str, key: NoticeKey, one: agreements.Due | agreements.Stalled, at: datetime
) -> str:
    reader, about = desk.unit.person(coach), desk.unit.person(one.client)
    language = language_of(desk.unit, coach)
    zone = reader.time_zone if reader is not None else "UTC"
    when = spoken(at, zone, language, desk.unit.now)
    name = about.name if about is not None else one.client
    if not desk.may_name(one.trajectory):
        (name,) = asking.labels(desk, coach, (one.trajectory,))
    return desk.catalogue.say(key, language, name=name, when=when)
