"""A coach asks every week: ``elke maandag 9:00 anna 4x hoe ging je week?``, ``every monday …``.

1. The day and the time come first, in the client's zone, then the name; how often stands after it
   or at the end: ``4x``, ``for 6 weeks``, ``until 1 May``. ``prompt anna every monday 9:00 …`` and
   ``suc6 anna elke maandag …`` are the same.
2. "Elke maandag wandel ik" is also what people say: without the name of one of her clients it is a
   word for the bridge only where it says how often, and then she is told who could be meant.
3. All the dates are read back, with one key to undo them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.core.nudges import NudgeKind, Wanted
from bridge.runtime.desk import language_of
from bridge.runtime.nudge_texts import MOST_WORDS, words_of
from bridge.runtime.words import nudges
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached, opening
from bridge.runtime.words.naming import meant
from scheduling.calendar import weekly, zones
from scheduling.calendar.phrases import When, later

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from scheduling.calendar.phrases import Unclear

_WEEK = 7


def on_weekly(desk: Desk, person: str, inbound: MessageIn, _word: str) -> bool:
    """Carry out a coach's line about something of every week; tell whether it was one."""
    first, rest = opening(inbound)
    kind = nudges.KINDS.get(first)
    line = rest if kind is not None else f"{first} {rest}"
    if not (first in weekly.EVERY or kind is not None) or not coached(desk.unit, person):
        return False
    trajectory, client = "", ""
    if not weekly.opens(line) and kind is not None:
        trajectory, client, line = nudges.whom(desk, person, inbound, line)
    if not weekly.opens(line):
        return False
    if not trajectory:
        behind = _behind_the_moment(desk, person, line)
        trajectory, client, left = nudges.whom(desk, person, inbound, behind, guess=False)
        if not trajectory:
            return _nobody(desk, person, inbound, line, behind)
        line = f"{line[: len(line) - len(behind)]}{left}"
    desk.reason = "nudge"
    _ask(desk, person, inbound, trajectory, client, kind or NudgeKind.PROMPT, line)
    return True


def _behind_the_moment(desk: Desk, person: str, line: str) -> str:
    """Return what stands after the day and, if there is one, the time: a name, if all is well."""
    found = _moment(desk, person, person, line)
    if found is not None and found.rest and line.endswith(found.rest):
        return found.rest
    return line.split(maxsplit=2)[2] if len(line.split()) > 2 else ""


def _nobody(desk: Desk, person: str, inbound: MessageIn, line: str, behind: str) -> bool:
    """Tell who could be meant where it was surely for the bridge; else it is said to somebody."""
    when = _moment(desk, person, person, line)
    if not isinstance(when, When) or not behind:
        return False
    here, language = zones.wall(desk.unit.now, "UTC"), language_of(desk.unit, person)
    name, _, left = behind.partition(" ")
    times, _ = weekly.read_times(left, when.wall.date(), here, language)
    return bool(times) and not meant(desk, person, inbound, name.rstrip(":,"))


def _moment(desk: Desk, coach: str, client: str, line: str) -> When | Unclear | None:
    known = desk.unit.person(client)
    zone = (known.time_zone if known is not None else "") or "UTC"
    return weekly.read_weekly(line, desk.unit.now, zone, language_of(desk.unit, coach))


def _ask(
    desk: Desk,
    person: str,
    inbound: MessageIn,
    trajectory: str,
    client: str,
    kind: NudgeKind,
    line: str,
) -> None:
    """Plan what every week brings, or say what is missing."""
    unit, language = desk.unit, language_of(desk.unit, person)
    when = _moment(desk, person, client, line)
    example = desk.catalogue.say(NoticeKey.NUDGE_EXAMPLE_WEEKLY, language)
    if not isinstance(when, When):
        nudges.unclear(desk, person, inbound, when, example)
        return
    known = unit.person(client)
    zone = (known.time_zone if known is not None else "") or "UTC"
    here = zones.wall(unit.now, zone)
    times, about = weekly.read_times(when.rest, when.wall.date(), here, language)
    if not 0 < times <= weekly.MOST_TIMES:
        key = NoticeKey.NUDGE_ASK_TIMES if not times else NoticeKey.NUDGE_TIMES_WRONG
        answer(desk, person, inbound, key, {"example": example, "most": str(weekly.MOST_TIMES)})
        return
    event, _, own = about.partition(": ")
    if not about.strip():
        answer(desk, person, inbound, NoticeKey.NUDGE_ASK_WHAT, {"example": example})
        return
    template = unit.ledger.templates(person).get(kind.value, "")
    subject = about if kind is NudgeKind.PROMPT else event
    text = words_of(unit, desk.catalogue, client, kind, subject, own, template)[:MOST_WORDS]
    reads = known.language if known is not None else "en"
    wanted = [Wanted(when.at, text)]
    for number in range(1, times):
        said = desk.catalogue.say(NoticeKey.NUDGE_WEEK, reads, week=str(number + 1), text=text)
        wanted.append(Wanted(later(when.at, _WEEK * number, zone), said))
    command = c.PlanNudge(person, client, kind, tuple(wanted), event.strip(), dates=True)
    desk.handle(trajectory, command)


CONCERN = Concern(
    on_weekly,
    (
        Offer(
            "every monday 9:00 anna 4x how was your week?",
            "elke maandag 9:00 Bram 4x hoe was je week?",
            NoticeKey.WORD_WEEKLY,
            COACHES,
        ),
    ),
    keywords.ENCOURAGE.union(keywords.PROMPT, weekly.EVERY),
)
