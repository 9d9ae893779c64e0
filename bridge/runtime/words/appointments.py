"""APPOINTMENT, MOVE, CANCEL, AGENDA; and a coach's ``book anna tue 10:00 phone 50``.

1. Clients ask for themselves, where they have agreed to be coached; whoever takes part in several
   trajectories is asked which one is meant.
2. A coach names a client, a moment, and how; minutes are those she offers, or the ones named. Words
   that name neither a client nor a moment are what she says to somebody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.moments import told
from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.desk import language_of
from bridge.runtime.words import naming
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached, opening
from scheduling.calendar import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk

BOOK = frozenset(
    {
        *("appointment", "make appointment", "make an appointment", "book"),
        *("afspraak", "afspraak maken", "afspraak plannen", "boek"),
    }
)
MOVE = frozenset({"move", "verzet", "verzetten"})
CANCEL = frozenset({"cancel", "afzeggen", "afzeg", "annuleren"})
APPOINTMENTS = frozenset({"appointments", "afspraken"})
AGENDA = APPOINTMENTS | {"agenda"}
NEW_PAGE = frozenset({"agenda new", "agenda nieuw"})
BOOK_FOR = frozenset({"book", "boek"})
BOOKS_TOO = frozenset({"appointment", "afspraak"})
"""What also begins such a line, where a client of hers is named."""

_HOW = {
    "chat": "chat",
    "phone": "phone",
    "call": "phone",
    "telefoon": "phone",
    "telefonisch": "phone",
    "bellen": "phone",
    "video": "video",
    "videobellen": "video",
    "beeldbellen": "video",
    "f2f": "f2f",
    "locatie": "f2f",
    "person": "f2f",
    "intake": "intake",
}
_AROUND = frozenset(
    {*("op", "per", "via", "voor", "minuten", "minuut"), *("in", "by", "for", "min", "minutes")}
)
"""What people write around how and how long."""
_MOST_MINUTES = 24 * 60
_NAME_WORDS = 4


def on_word(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Carry out a word about appointments; tell whether it was one."""
    opened, rest = opening(inbound)
    mine = coached(desk.unit, person)
    names = bool(naming.called(desk.unit, rest.partition(" ")[0], mine))
    if (opened in BOOK_FOR and rest and mine) or (opened in BOOKS_TOO and names):
        return _book_for(desk, person, inbound, rest)
    named = naming.called(desk.unit, rest, mine) if opened in MOVE | CANCEL | AGENDA else []
    word = opened if named and word not in NEW_PAGE else word
    if word not in BOOK | MOVE | CANCEL | AGENDA | NEW_PAGE:
        return False
    return _for(desk, person, inbound, word, named or _mine(desk, person))


def _for(desk: Desk, person: str, inbound: MessageIn, word: str, mine: Sequence[str]) -> bool:
    """Carry out a word about the one of these trajectories that is meant."""
    if not mine:
        return False
    trajectory = _certain(desk, person, inbound, mine)
    if not trajectory and word in AGENDA and {*mine} <= {*coached(desk.unit, person)}:
        _tell_all(desk, person, inbound, mine)
        return True
    if not trajectory:
        asking.ask_which(desk, person, inbound, tuple(mine))
        return True
    if word in BOOK_FOR and trajectory in coached(desk.unit, person):
        answer(desk, person, inbound, NoticeKey.BOOK_HOW)
        desk.reason = "book_how"
        return True
    if word in NEW_PAGE:
        desk.unit.agendas.revoke_links(trajectory, person)
    desk.handle(trajectory, _asked(person, word))
    desk.reason = desk.reason or "agenda"
    return True


def _tell_all(desk: Desk, coach: str, inbound: MessageIn, mine: Sequence[str]) -> None:
    """Tell a coach what is ahead with all of her clients, soonest first."""
    unit, language = desk.unit, language_of(desk.unit, coach)
    reader = unit.person(coach)
    zone = (reader.time_zone if reader is not None else "") or "UTC"
    states = ((one, unit.state(one)) for one in mine if desk.may_name(one))
    ahead = [
        (one.start, one.minutes, one.client)
        for _, state in states
        if state is not None
        for _, one in state.agenda.of(coach, ahead=False)
        if one.coach == coach
    ]
    lines = []
    for start, minutes, client in sorted(ahead):
        known = unit.person(client)
        name = known.name if known is not None else client
        lines.append(f"• {told(start, zone, language)}, {minutes} min, {name}")
    desk.reason = "agenda"
    key = NoticeKey.AGENDA_ALL if lines else NoticeKey.AGENDA_ALL_NONE
    answer(desk, coach, inbound, key, {"list": "\n".join(lines)})


def _asked(person: str, word: str) -> c.AskForSlots | c.AskToChange | c.ShowAgenda:
    if word in BOOK:
        return c.AskForSlots(person)
    if word in MOVE:
        return c.AskToChange(person, "move")
    if word in CANCEL:
        return c.AskToChange(person, "cancel")
    return c.ShowAgenda(person)


def _mine(desk: Desk, person: str) -> list[str]:
    """Return the trajectories in which somebody may talk."""
    found = []
    for one in desk.unit.memberships(person):
        state = desk.unit.state(one.trajectory)
        member = state.parties.get(person) if state is not None else None
        if member is not None and member.may_talk:
            found.append(one.trajectory)
    return found


def _certain(desk: Desk, person: str, inbound: MessageIn, mine: Sequence[str]) -> str:
    """Return the trajectory that is meant: chosen when asked, that of the place, the only one."""
    bound = desk.unit.binding_around(inbound.place)
    at = bound[0] if bound is not None and bound[1] == person else ""
    found = asking.chosen_before(desk) or at or (mine[0] if len(mine) == 1 else "")
    return found if found in mine else ""


# -- a coach books for a client -------------------------------------------------------------------


def _book_for(desk: Desk, coach: str, inbound: MessageIn, rest: str) -> bool:
    name, phrase = _called_first(desk, coach, rest)
    known = desk.unit.person(coach)
    zone = known.time_zone if known is not None else "UTC"
    read = _read(phrase, desk.unit.now, zone, language_of(desk.unit, coach))
    if read is None and not naming.called(desk.unit, name, coached(desk.unit, coach)):
        return False  # "Boek gelezen?" is said to a client
    if read is None:
        answer(desk, coach, inbound, NoticeKey.BOOK_HOW)
        desk.reason = "book_how"
        return True
    trajectory = naming.meant(desk, coach, inbound, name)
    if trajectory:
        start, how, minutes = read
        client = _client(desk, trajectory, name)
        command = c.BookSlot(coach, how, start, minutes, client, how="coach")
        desk.handle(trajectory, command)
    return True


def _called_first(desk: Desk, coach: str, rest: str) -> tuple[str, str]:
    """Return the name of a client that a line begins with, in full or not, and what follows it."""
    said, mine = rest.split(), coached(desk.unit, coach)
    for size in range(min(_NAME_WORDS, len(said)), 1, -1):
        name = " ".join(said[:size])
        if naming.called(desk.unit, name, mine):
            return name, " ".join(said[size:])
    name, _, phrase = rest.partition(" ")
    return name, phrase


def _client(desk: Desk, trajectory: str, name: str) -> str:
    state = desk.unit.state(trajectory)
    clients = state.with_role("client") if state is not None else ()
    meant = keywords.keyword(name)
    for one in clients:
        if naming.is_called(desk.unit, one, meant):
            return one
    return next(iter(clients), "")


def _read(phrase: str, now: datetime, zone: str, language: str) -> tuple[datetime, str, int] | None:
    """Return when, how and how long (0 = as usual); None where that cannot be told."""
    moment = phrases.read(phrase, now, zone, language)
    if not isinstance(moment, phrases.When):
        return None
    how, minutes = "", 0
    for word in moment.rest.casefold().split():
        if word in _HOW:
            how = _HOW[word]
        elif word.isascii() and word.isdecimal() and 0 < int(word[:6]) <= _MOST_MINUTES:
            minutes = int(word)
        elif word.rstrip(".") not in _AROUND:
            return None
    return (moment.at, how, minutes) if how else None


CONCERN = Concern(
    on_word,
    (
        Offer("APPOINTMENT", "AFSPRAAK", NoticeKey.WORD_APPOINTMENT),
        Offer("MOVE", "VERZET", NoticeKey.WORD_MOVE),
        Offer("CANCEL", "AFZEGGEN", NoticeKey.WORD_CANCEL),
        Offer("AGENDA", "AGENDA", NoticeKey.WORD_AGENDA),
        Offer("APPOINTMENTS", "AFSPRAKEN", NoticeKey.WORD_APPOINTMENTS, COACHES),
        Offer(
            "book anna tue 10:00 phone 50",
            "boek anna di 10:00 telefoon 50",
            NoticeKey.WORD_BOOK,
            COACHES,
        ),
    ),
    BOOK | MOVE | CANCEL | AGENDA | NEW_PAGE,
)
