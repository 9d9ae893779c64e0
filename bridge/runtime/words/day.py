"""today: what a coach has on her plate, section by section.

1. A section is a function ``(desk, coach) -> lines`` in the coach's language; one without lines is
   left out. To add one: a function, and its name in ``SECTIONS``.
2. It tells names and counts, no words of clients: whoever looks over her shoulder reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.desk import Desk, language_of
from bridge.runtime.words import budget, days, pressing
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.inbound import MessageIn
    from storage.attention import Attention

Section = Callable[[Desk, str], list[str]]


def unanswered(desk: Desk, coach: str) -> list[str]:
    """Return who waits for an answer, the longest first, and since when."""
    known = desk.unit.person(coach)
    zone = days.zone_of(known.time_zone if known is not None else "")
    language = desk.catalogue.language_of(language_of(desk.unit, coach))
    today = desk.unit.now.astimezone(zone).date()
    waits = [
        (one.unanswered, name)
        for name, one in _stands(desk, coach).items()
        if one.unanswered is not None
    ]
    lines = []
    for since, trajectory in sorted(waits):
        at = since.astimezone(zone)
        when = f"{at:%H:%M}"
        if at.date() != today:
            when = f"{days.written(at.date(), language, today)} {when}"
        params = {"name": _label(desk, coach, trajectory), "since": when}
        lines.append(desk.catalogue.say(NoticeKey.TODAY_UNANSWERED, language, **params))
    return lines


def undelivered(desk: Desk, coach: str) -> list[str]:
    """Return where something failed, is uncertain or waits for a consent."""
    language = language_of(desk.unit, coach)
    lines = []
    for trajectory, one in _stands(desk, coach).items():
        for count, key in (
            (one.failed, NoticeKey.TODAY_FAILED),
            (one.uncertain, NoticeKey.TODAY_UNCERTAIN),
            (one.waiting, NoticeKey.TODAY_WAITING),
        ):
            if count:
                params = {"name": _label(desk, coach, trajectory), "count": str(count)}
                lines.append(desk.catalogue.say(key, language, **params))
    return lines


def unread(desk: Desk, coach: str) -> list[str]:
    """Return whose lines she has not read in the console, nor answered."""
    language = language_of(desk.unit, coach)
    return [
        desk.catalogue.say(
            NoticeKey.TODAY_UNREAD,
            language,
            name=_label(desk, coach, trajectory),
            count=str(one.unread),
        )
        for trajectory, one in _stands(desk, coach).items()
        if one.unread
    ]


SECTIONS: tuple[Section, ...] = (
    pressing.sessions,
    pressing.promised,
    unanswered,
    undelivered,
    unread,
    pressing.stalled,
    budget.low,
)


def on_today(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Tell a coach what waits for her."""
    if word not in keywords.TODAY or not coached(desk.unit, person):
        return False
    desk.reason = "today"
    lines = [f"• {line}" for section in SECTIONS for line in section(desk, person)]
    if lines:
        answer(desk, person, inbound, NoticeKey.TODAY, {"lines": "\n".join(lines)})
    else:
        answer(desk, person, inbound, NoticeKey.TODAY_NOTHING)
    return True


def _stands(desk: Desk, coach: str) -> Mapping[str, Attention]:
    """Return how each open trajectory of a coach stands."""
    mine = coached(desk.unit, coach)
    states = ((name, desk.unit.state(name)) for name in mine)
    clients = {name: frozenset(s.with_role("client")) for name, s in states if s is not None}
    return desk.unit.pages.attention(coach, clients)


def _label(desk: Desk, coach: str, trajectory: str) -> str:
    (label,) = asking.labels(desk, coach, (trajectory,))
    return label


CONCERN = Concern(
    on_today, (Offer("TODAY", "VANDAAG", NoticeKey.WORD_TODAY, COACHES),), keywords.TODAY
)
