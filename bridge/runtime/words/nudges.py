"""A coach plans nudges in one line: ``suc6 Bram do 09:40 presentatie``, ``prompt anna …``.

1. The name comes first, then the moment, in the client's zone, then what it is about; where only
   one client can be meant (their own topic, the only one) the name may be left out.
2. ``suc6`` is also what people say to each other: without a moment it is no word for the bridge.
   After the other words everything that is not understood is asked, and nothing is passed on.
3. ``event: words`` says words of one's own; ``#name`` takes a template; ``+1 +3`` makes a series.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.core.nudges import NudgeKind
from bridge.runtime.desk import language_of
from bridge.runtime.moments import at_wall, written
from bridge.runtime.nudge_texts import (
    MOST_WORDS,
    has_fields,
    series,
    template_name,
    why_no_template,
    words_of,
)
from bridge.runtime.nudging import first_name
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached, opening
from bridge.runtime.words.naming import called, certain, meant
from scheduling.calendar.phrases import Unclear, When, Why, read, read_series

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk

MOST_LINES = 20
_NAME_WORDS = 4
KINDS = {
    **dict.fromkeys(keywords.ENCOURAGE, NudgeKind.ENCOURAGEMENT),
    **dict.fromkeys(keywords.PROMPT, NudgeKind.PROMPT),
}
_CHATTY = (keywords.ENCOURAGE | keywords.PROMPT | keywords.GOOD) - {
    *("encourage", "bemoedig", "prompt", "aansporing"),
}
"""Words that also begin a sentence to a client; "good luck!" is one, like "suc6!"."""
_ABOUT = re.compile(r"(?:met|voor|with|for)\s+", re.IGNORECASE)
"""How people lead up to an event; the usual words have it already."""


def on_line(desk: Desk, person: str, inbound: MessageIn, _word: str) -> bool:
    """Carry out a coach's line about nudges; tell whether it was one."""
    first, rest = opening(inbound)
    if not coached(desk.unit, person):
        return False
    if first in keywords.NUDGES and not rest:
        _list(desk, person, inbound)
        return True
    if first in keywords.TEMPLATE and rest:
        return _template(desk, person, inbound, rest)
    kind = KINDS.get(first)
    if first in keywords.GOOD and rest and keywords.keyword(rest.split()[0]) in keywords.LUCK:
        kind, rest = NudgeKind.ENCOURAGEMENT, rest.partition(" ")[2]
    if kind is None or not rest:
        return False
    desk.reason = "nudge"
    told = _plan(desk, person, inbound, kind, first, rest)
    if not told:
        desk.reason = ""
    return told


def _plan(
    desk: Desk, person: str, inbound: MessageIn, kind: NudgeKind, first: str, rest: str
) -> bool:
    chatty = first in _CHATTY
    trajectory, client, line = whom(desk, person, inbound, rest)
    if not trajectory:
        if chatty and not isinstance(_moment(desk, person, person, _after_name(rest)), When):
            return False
        return not meant(desk, person, inbound, rest.split()[0].rstrip(":,"))
    when = _moment(desk, person, client, line)
    if when is None and chatty:
        return False
    if isinstance(when, When):
        _ask_for(desk, person, inbound, trajectory, client, kind, when)
    else:
        unclear(desk, person, inbound, when)
    return True


def _after_name(rest: str) -> str:
    return rest.partition(" ")[2]


def _moment(desk: Desk, coach: str, client: str, line: str) -> When | Unclear | None:
    known = desk.unit.person(client)
    zone = (known.time_zone if known is not None else "") or "UTC"
    return read(line, desk.unit.now, zone, language_of(desk.unit, coach))


def whom(
    desk: Desk, person: str, inbound: MessageIn, rest: str, *, guess: bool = True
) -> tuple[str, str, str]:
    """Return trajectory, client and what follows the name; ('', '', '') where that is not one.

    ``guess`` = a moment may stand where the name would, if only one client can be meant.
    """
    mine = coached(desk.unit, person)
    words = rest.split()
    for size in range(min(_NAME_WORDS, len(words)), 0, -1):
        name = " ".join(words[:size]).rstrip(":,")
        found = called(desk.unit, name, mine)
        if len(found) == 1:
            return found[0], _client(desk, found[0], name), " ".join(words[size:])
        if found:
            return "", "", ""
    at = certain(desk, person, inbound, mine) if guess else ""
    clients = _clients(desk, at)
    if len(clients) == 1 and isinstance(_moment(desk, person, clients[0], rest), When):
        return at, clients[0], rest
    return "", "", ""


def _clients(desk: Desk, trajectory: str) -> tuple[str, ...]:
    state = desk.unit.state(trajectory) if trajectory else None
    return state.with_role("client") if state is not None else ()


def _client(desk: Desk, trajectory: str, name: str) -> str:
    """Return the client of a trajectory who is called so."""
    folded = keywords.keyword(name)
    for client in _clients(desk, trajectory):
        known = desk.unit.person(client)
        full = known.name if known is not None else client
        if folded in {keywords.keyword(one) for one in (client, full, first_name(full))}:
            return client
    return next(iter(_clients(desk, trajectory)), "")


def unclear(
    desk: Desk, person: str, inbound: MessageIn, when: Unclear | None, example: str = ""
) -> None:
    """Say what is not clear about a moment, with an example of what would be."""
    language = desk.catalogue.language_of(language_of(desk.unit, person))
    example = example or desk.catalogue.say(NoticeKey.NUDGE_EXAMPLE, language)
    why = when.why if when is not None else Why.NO_TIME
    key = {
        Why.NO_TIME: NoticeKey.NUDGE_ASK_TIME,
        Why.PAST: NoticeKey.NUDGE_PAST,
        Why.IMPOSSIBLE: NoticeKey.NUDGE_NO_SUCH_DAY,
        Why.TOO_FAR: NoticeKey.NUDGE_NO_SUCH_DAY,
    }.get(why, NoticeKey.NUDGE_ASK_WHICH)
    options = " / ".join(at_wall(one, language) for one in (when.options if when else ()))
    answer(desk, person, inbound, key, {"example": example, "options": options})


def _ask_for(
    desk: Desk,
    person: str,
    inbound: MessageIn,
    trajectory: str,
    client: str,
    kind: NudgeKind,
    when: When,
) -> None:
    days, about = read_series(when.rest)
    name, about = _chosen_template(about)
    if kind is NudgeKind.ENCOURAGEMENT and (lead := _ABOUT.match(about)):
        about = about[lead.end() :]
    event, _, own = about.partition(": ")
    texts = desk.unit.ledger.templates(person)
    if name and name not in texts:
        params = {"template": name, "templates": ", ".join(sorted(texts)) or "-"}
        answer(desk, person, inbound, NoticeKey.NUDGE_TEMPLATE_UNKNOWN, params)
        return
    if not about.strip():
        language = language_of(desk.unit, person)
        example = desk.catalogue.say(NoticeKey.NUDGE_EXAMPLE, language)
        answer(desk, person, inbound, NoticeKey.NUDGE_ASK_WHAT, {"example": example})
        return
    template = texts.get(name or kind.value, "")
    unit, catalogue = desk.unit, desk.catalogue
    subject = about if kind is NudgeKind.PROMPT else event
    text = words_of(unit, catalogue, client, kind, subject, own, template)
    wanted = series(unit, catalogue, client, when.at, days, text[:MOST_WORDS])
    desk.handle(trajectory, c.PlanNudge(person, client, kind, wanted, event.strip()))


def _chosen_template(about: str) -> tuple[str, str]:
    words = about.split()
    named = [word for word in words if word.startswith("#") and len(word) > 1]
    if not named:
        return "", about
    return named[0][1:].casefold(), " ".join(word for word in words if word != named[0])


def _template(desk: Desk, person: str, inbound: MessageIn, rest: str) -> bool:
    """Keep words of the coach's own: ``template encouragement You can do it, {name}: {event}!``."""
    called, _, text = rest.partition(" ")
    called, text = called.casefold().strip("#: "), text.strip()
    if not has_fields(text):
        return False  # nobody writes a template without a field: it was said to somebody
    desk.reason = "nudge"
    name = template_name(called)
    if why_no_template(name, text):
        answer(desk, person, inbound, NoticeKey.NUDGE_TEMPLATE_WRONG)
        return True
    desk.unit.ledger.put_template(person, name, text)
    answer(desk, person, inbound, NoticeKey.NUDGE_TEMPLATE_KEPT, {"template": called, "text": text})
    return True


def _list(desk: Desk, person: str, inbound: MessageIn) -> None:
    """Tell what is planned over all of a coach's clients, and how the last week went."""
    unit, language = desk.unit, desk.catalogue.language_of(language_of(desk.unit, person))
    lines: list[tuple[str, str]] = []
    for trajectory in filter(desk.may_name, coached(unit, person)):
        state = unit.state(trajectory)
        for planned in state.nudges.planned if state is not None else ():
            logged = unit.entry(trajectory, planned.seq)
            text = logged.entry.text if logged and isinstance(logged.entry, e.NudgePlanned) else ""
            client = unit.person(planned.client)
            zone = (client.time_zone if client is not None else "") or "UTC"
            line = desk.catalogue.say(
                NoticeKey.NUDGE_LIST_LINE,
                language,
                when=written(f"{planned.at.isoformat()} {zone}", language),
                name=client.name if client is not None else planned.client,
                text=text,
            )
            lines.append((planned.at.isoformat(), line))
    sent, answered, withheld = unit.ledger.counts(person, unit.now - timedelta(days=7))
    week = desk.catalogue.say(
        NoticeKey.NUDGE_LIST_WEEK,
        language,
        sent=str(sent),
        answered=str(answered),
        withheld=str(withheld),
    )
    desk.reason = "nudges"
    if not lines:
        example = desk.catalogue.say(NoticeKey.NUDGE_EXAMPLE, language)
        params = {"week": week, "example": example}
        answer(desk, person, inbound, NoticeKey.NUDGE_LIST_EMPTY, params)
        return
    shown = [line for _, line in sorted(lines)[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(f"… +{len(lines) - MOST_LINES}")
    params = {"lines": "\n".join(shown), "week": week}
    answer(desk, person, inbound, NoticeKey.NUDGE_LIST, params)


CONCERN = Concern(
    on_line,
    (
        Offer(
            "encourage anna fri 08:30 exam",
            "suc6 Bram do 09:40 presentatie",
            NoticeKey.WORD_ENCOURAGE,
            COACHES,
        ),
        Offer(
            "prompt anna tomorrow 10:00 first step?",
            "aansporing Bram morgen 10u eerste stap?",
            NoticeKey.WORD_PROMPT,
            COACHES,
        ),
        Offer("NUDGES", "DUWTJES", NoticeKey.WORD_NUDGES, COACHES),
        Offer(
            "template encouragement …",
            "sjabloon bemoediging …",
            NoticeKey.WORD_TEMPLATE,
            COACHES,
        ),
    ),
    keywords.NUDGES.union(keywords.TEMPLATE, keywords.GOOD, KINDS),
)
