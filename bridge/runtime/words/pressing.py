"""What presses on a coach's day: answers she promised, soonest first, and who stalled.

Names and moments only, no words of clients: whoever looks over her shoulder reads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.desk import language_of
from bridge.runtime.words.hearing import coached
from scheduling.calendar.moments import spoken
from storage import agreements

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk


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
