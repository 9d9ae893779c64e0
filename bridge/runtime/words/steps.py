"""STEP and SCALE: something small to do, and a number from 0 to 10, in one line.

1. A coach writes "step anna: …" or "scale anna: …"; without a name where it is certain whose it is.
   A client writes "step: …" for a step of their own.
2. Only before a colon, with at most two words of a name: "step by step: we did it" is said to
   people, and so is a line of somebody who has no trajectory it could be for. A coach may leave the
   colon out behind the name of a client of hers.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.desk import language_of, text_of
from bridge.runtime.words import naming
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached
from scheduling.calendar.due import due
from scheduling.calendar.phrases import When, read

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.inbound import MessageIn
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk
    from storage.unit import Unit

_WHAT = "actiestap|step|stap|scale|schaalvraag|schaal"
_LINE = re.compile(
    rf"\s*(?P<what>{_WHAT})(?P<name>(?:\s+[^\s:]{{1,40}}){{0,2}})\s*:\s*(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_AFTER = timedelta(hours=1)
"""How long after the moment that a step itself names its client is asked about it."""
_BARE = re.compile(
    rf"\s*(?P<what>{_WHAT})\s+(?P<name>[^\s:]{{1,40}})\s+(?P<text>[^:]*\S)",
    re.IGNORECASE | re.DOTALL,
)
_STEP = frozenset({"step", "stap", "actiestap"})
_SCALE = frozenset({"scale", "schaal", "schaalvraag"})
_LONGEST = 600
CLIENTS = frozenset({"client"})


def on_line(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:  # noqa: ARG001
    """Agree on a step, or ask a scaling question; tell whether the line was one."""
    found = _LINE.fullmatch(text_of(inbound)) or _without_colon(desk, person, inbound)
    if found is None or len(found["text"]) > _LONGEST:
        return False
    scale, name, text = found["what"].casefold() in _SCALE, found["name"].strip(), found["text"]
    if coached(desk.unit, person):
        _of_coach(desk, person, inbound, (name, text), scale=scale)
        return True
    mine = [one for one in desk.unit.memberships(person) if one.role == "client"]
    if scale or name or len(mine) != 1:
        return False
    state = desk.unit.state(mine[0].trajectory)
    if state is None or not state.parties[person].may_talk:
        return False
    _agree(desk, person, state, person, text)
    return True


def _without_colon(desk: Desk, person: str, inbound: MessageIn) -> re.Match[str] | None:
    """Return a coach's line with a client's name and no colon: "stap anna bel morgen de bank"."""
    found = _BARE.fullmatch(text_of(inbound))
    mine = coached(desk.unit, person) if found is not None else ()
    return found if found is not None and naming.called(desk.unit, found["name"], mine) else None


def _of_coach(
    desk: Desk, coach: str, inbound: MessageIn, said: tuple[str, str], *, scale: bool
) -> None:
    name, text = said
    if name:
        trajectory = naming.meant(desk, coach, inbound, name)
    else:
        trajectory = naming.about(desk, coach, inbound, coached(desk.unit, coach))
    state = desk.unit.state(trajectory) if trajectory else None
    if state is None:
        return
    client = _client(desk, state, name)
    if not client or not state.parties[client].may_talk:
        (people,) = asking.labels(desk, coach, (state.id,))
        answer(desk, coach, inbound, NoticeKey.STEP_NOBODY, {"name": people})
        desk.reason = "step_nobody"
    elif scale:
        desk.handle(state.id, c.AskScale(coach, client, text.strip()))
    else:
        _agree(desk, coach, state, client, text)


def _agree(desk: Desk, author: str, state: Trajectory, client: str, text: str) -> None:
    when = moment_of(desk.unit, author, client, text)
    desk.handle(state.id, c.AgreeStep(author, client, text.strip(), when))


def moment_of(unit: Unit, author: str, client: str, text: str) -> datetime:
    """Return when a client is asked about a step: by the day or the moment that its words name."""
    known = unit.person(client)
    zone = (known.time_zone if known is not None else "") or "UTC"
    named = read(text, unit.now, zone, language_of(unit, author))
    return named.at + _AFTER if isinstance(named, When) else due(text, unit.now, zone)


def _client(desk: Desk, state: Trajectory, name: str) -> str:
    """Return the client of a trajectory who is meant, '' where that is not certain."""
    clients = state.with_role("client")
    if len(clients) == 1:
        return clients[0]
    called = [one for one in clients if name and naming.is_called(desk.unit, one, name)]
    return called[0] if len(called) == 1 else ""


CONCERN = Concern(
    on_line,
    (
        Offer("step anna: …", "stap anna: …", NoticeKey.WORD_STEP, COACHES),
        Offer("scale anna: …", "schaal anna: …", NoticeKey.WORD_SCALE, COACHES),
        Offer("step: …", "stap: …", NoticeKey.WORD_STEP_OWN, CLIENTS),
    ),
    _STEP | _SCALE,
    answers=True,
)
