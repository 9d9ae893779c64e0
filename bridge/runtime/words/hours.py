"""HOURS, ``stop 17:30``, ``off 24 dec``: a coach's own time, from any messenger.

1. ``hours`` tells what holds; ``hours mon-thu 9-17, fri 9-12`` sets the working week. What she sets
   here is what she sets on her page: it goes before the practice file.
2. ``stop`` and ``off`` also begin sentences; they count only where nothing but a time, or days,
   follows. STOP alone is the word of the door, as ever.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.content import Notice, words
from bridge.core.moments import DAYS, day_told
from bridge.core.notices import NoticeKey
from bridge.runtime import hours
from bridge.runtime.desk import language_of
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached, opening
from scheduling.calendar import own as hers
from scheduling.calendar.clock_words import read_clock
from scheduling.calendar.day_words import read_day
from scheduling.calendar.week_words import read_clock_time, read_week, write_week
from scheduling.calendar.zones import wall

if TYPE_CHECKING:
    from datetime import date, datetime

    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from scheduling.calendar.slots import Closed

HOURS = frozenset({"hours", "uren", "werkuren", "working hours"})
STOP_AT = frozenset({"stop", "stopmoment"})
OFF = frozenset({"off", "vrij", "vakantie", "holiday"})
ON = frozenset({"work", "werk", "werken"})
_NEVER = frozenset({"none", "never", "geen", "nooit"})
_TO = re.compile(r"\s+(?:t/m|tot en met|tot|to|until|till|through|-|–)\s+")
_DAY_WORDS = 5
_WHY = {
    "past": NoticeKey.HOURS_PAST,
    "ends_before": NoticeKey.HOURS_PAST,
    "gone": NoticeKey.HOURS_NOT_OFF,
    "too_many": NoticeKey.HOURS_TOO_MANY,
    "early_stop": NoticeKey.HOURS_EARLY_STOP,
}


def on_word(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Carry out a coach's word about her own time; tell whether it was one."""
    first, rest = opening(inbound)
    if not coached(desk.unit, person):
        return False
    if word in HOURS:
        told = _summary(desk, person)
        answer(desk, person, inbound, NoticeKey.HOURS_TOLD, {"lines": "\n".join(told)})
    elif first in HOURS and rest:
        return _week(desk, person, inbound, rest)
    elif first in STOP_AT and rest:
        return _stop(desk, person, inbound, rest)
    elif first in OFF | ON and rest:
        return _days(desk, person, inbound, rest, off=first in OFF)
    else:
        return False
    desk.reason = "hours"
    return True


def _week(desk: Desk, coach: str, inbound: MessageIn, rest: str) -> bool:
    week = read_week(rest)
    if not week and not any(one.isdigit() for one in rest):
        return False  # "Hours went by" is said to somebody
    desk.reason = "hours"
    stop = hours.week_of(desk.unit, coach).stop
    why = hours.work(desk.unit, desk.catalogue, coach, week or (), stop)
    if why:
        key = NoticeKey.HOURS_EARLY_STOP if why == "early_stop" else NoticeKey.HOURS_UNCLEAR
        answer(desk, coach, inbound, key)
    else:
        told = _written(desk, coach, hours.week_of(desk.unit, coach))
        answer(desk, coach, inbound, NoticeKey.HOURS_SET, {"week": told})
    return True


def _stop(desk: Desk, coach: str, inbound: MessageIn, rest: str) -> bool:
    folded = keywords.keyword(rest)
    minutes = None if folded in _NEVER else _minutes(folded)
    if minutes is None and folded not in _NEVER:
        return False
    desk.reason = "hours"
    why = hours.stop_at(desk.unit, desk.catalogue, coach, minutes)
    if why:
        answer(desk, coach, inbound, _WHY.get(why, NoticeKey.HOURS_EARLY_STOP))
    elif minutes is None:
        answer(desk, coach, inbound, NoticeKey.HOURS_STOP_NONE)
    else:
        week = _written(desk, coach, hours.week_of(desk.unit, coach))
        params = {"at": _clock(minutes), "week": week}
        answer(desk, coach, inbound, NoticeKey.HOURS_STOP_SET, params)
    return True


def _minutes(text: str) -> int | None:
    """Return minutes after midnight; an hour in words is one of the afternoon or evening."""
    said = text.split()
    used, clock = read_clock(said, "evening")
    if clock is not None and used == len(said) and not clock.problem:
        return clock.at.hour * 60 + clock.at.minute
    late = read_clock_time(text)
    return late if late is not None and late > 12 * 60 else None


def _days(desk: Desk, coach: str, inbound: MessageIn, rest: str, *, off: bool) -> bool:
    person = desk.unit.person(coach)
    language = desk.catalogue.language_of(language_of(desk.unit, coach))
    here = wall(desk.unit.now, (person.time_zone if person else "") or "UTC")
    span = _span(rest, here, language)
    if span is None:
        return False
    desk.reason = "hours"
    first, last = span
    change = hours.close_days if off else hours.open_days
    why = change(desk.unit, desk.catalogue, coach, first, last)
    days = _told(first, last, language)
    if why:
        answer(desk, coach, inbound, _WHY.get(why, NoticeKey.HOURS_PAST), {"days": days})
        return True
    params = {"days": days, "count": str(_booked(desk, coach, first, last))}
    key = NoticeKey.HOURS_OFF_SET if off else NoticeKey.HOURS_ON_SET
    if off and params["count"] != "0":
        key = NoticeKey.HOURS_OFF_BOOKED
    answer(desk, coach, inbound, key, params)
    return True


def _span(text: str, here: datetime, language: str) -> tuple[date, date] | None:
    """Return the first and the last day that a text names; None where it says anything else."""
    folded = text.casefold().strip(" .!")
    begin, *end = _TO.split(folded)
    if len(end) > 1:
        return None
    first = _day(begin, here, language)
    last = _day(end[0], here, language) if end else first
    if first is None and end and begin.isdecimal() and last is not None:
        first = _day(f"{begin} {' '.join(end[0].split()[1:])}", here, language)  # 24 to 26 dec
    if first is None or last is None:
        return None
    return first, last


def _day(text: str, here: datetime, language: str) -> date | None:
    said = text.split()
    if not 0 < len(said) <= _DAY_WORDS:
        return None
    used, found = read_day(said, here, language)
    exact = found is None or found.problem or found.part or found.exact is not None
    return None if found is None or exact or used != len(said) else found.day


def _booked(desk: Desk, coach: str, first: date, last: date) -> int:
    """Return how many appointments stand on some days, which stay."""
    person = desk.unit.person(coach)
    zone = (person.time_zone if person else "") or "UTC"
    busy = desk.unit.agendas.lock(coach).busy
    return sum(first <= wall(one.start, zone).date() <= last for one in busy)


# -- what holds -----------------------------------------------------------------------------------


def _summary(desk: Desk, coach: str) -> list[str]:
    unit, catalogue = desk.unit, desk.catalogue
    language = catalogue.language_of(language_of(unit, coach))
    known, week = unit.agendas.kept(coach), hours.week_of(unit, coach)
    agreed = known.own.work is not None or known.work is not None
    key = NoticeKey.HOURS_WEEK if agreed else NoticeKey.HOURS_USUAL
    lines = [catalogue.say(key, language, week=_written(desk, coach, week))]
    if week.stop is not None:
        lines.append(catalogue.say(NoticeKey.HOURS_STOP, language, at=_clock(week.stop)))
    offered = hers.offered(known.offered, known.own)
    today = unit.now.date()
    ahead = [one for one in offered.closed if one.last >= today]
    if ahead:
        days = "; ".join(_told(one.first, one.last, language) for one in _ordered(ahead))
        lines.append(catalogue.say(NoticeKey.HOURS_OFF, language, days=days))
    for kind in offered.kinds:
        params = {
            "modality": kind.modality,
            "week": write_week(hours.week_from(kind.hours), DAYS[language]),
            "minutes": str(kind.minutes),
        }
        notice = Notice(key=NoticeKey.HOURS_OFFER, params=params)
        lines.append(words(catalogue.translate(notice, language)))
    return lines


def _ordered(days: list[Closed]) -> list[Closed]:
    return sorted(days, key=lambda one: (one.first, one.last))


def _written(desk: Desk, coach: str, week: hers.Week) -> str:
    language = desk.catalogue.language_of(language_of(desk.unit, coach))
    return write_week(week.week, DAYS[language])


def _told(first: date, last: date, language: str) -> str:
    if first == last:
        return day_told(first, language)
    return f"{day_told(first, language)} – {day_told(last, language)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


CONCERN = Concern(
    on_word,
    (
        Offer("HOURS", "UREN", NoticeKey.WORD_HOURS, COACHES),
        Offer("stop 17:30", "stop 17:30", NoticeKey.WORD_STOP_AT, COACHES),
        Offer("off 24 dec", "vrij 24 dec", NoticeKey.WORD_OFF, COACHES),
    ),
    HOURS | STOP_AT | OFF | ON,
)
