"""note: … and f2f 45 …: what a coach writes down for the coaches; no network ever sees it again.

1. ``note anna: …`` and ``f2f anna 45 …`` name the client; without a name the place tells, or the
   only client there is, or the coach is asked.
2. Only coaches have these words: from anybody else they are what people say to each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.entries import FACE_TO_FACE, MOST_MINUTES
from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.desk import text_of
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, body_after, coached
from bridge.runtime.words.naming import about, meant

if TYPE_CHECKING:
    from collections.abc import Collection

    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk

_FIRST = re.compile(r"\w{3,12}(?!\w)")
_NOTE = re.compile(r"(?P<word>\w{4,12})(?:[ \t]+(?P<name>[^:\n]{1,60}?))?[ \t]*:\s*(?=\S)")
_HELD = re.compile(
    r"(?P<word>\w{3,12})[ \t]+(?:(?P<name>[^\d\n:]{1,60}?)[ \t]+)?"
    r"(?P<minutes>\d{1,3})(?:[ \t]*(?:m|min|mins|minuten|minutes)\b)?[ \t]*[.:,]?(?=\s|$)"
)


def on_note(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Keep a note of a coach."""
    del word
    found = _begun(inbound, keywords.NOTE, _NOTE)
    if found is None:
        return False
    body = body_after(inbound, found[0])
    return _written(desk, person, inbound, found["name"] or "", c.AddNote(person, body))


def on_held(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Log a session that a coach held face to face."""
    del word
    found = _begun(inbound, keywords.FACE_TO_FACE, _HELD)
    if found is None:
        return False
    minutes = int(found["minutes"])
    if not 1 <= minutes <= MOST_MINUTES:
        return False
    body = body_after(inbound, found[0])
    command = c.LogSession(person, FACE_TO_FACE, minutes, body)
    return _written(desk, person, inbound, found["name"] or "", command)


def _begun(
    inbound: MessageIn, words: Collection[str], form: re.Pattern[str]
) -> re.Match[str] | None:
    """Return a message in a form if it begins with one of the words; most begin with another."""
    text = text_of(inbound).lstrip()
    first = _FIRST.match(text)
    if first is None or keywords.keyword(first[0]) not in words:
        return None
    return form.match(text)


def _written(
    desk: Desk, person: str, inbound: MessageIn, name: str, command: c.AddNote | c.LogSession
) -> bool:
    """Write it into the log of the client who is meant; False for somebody who is no coach."""
    mine = coached(desk.unit, person)
    if not mine:
        return False
    desk.reason = "written"
    if name:
        trajectory = meant(desk, person, inbound, name)
    else:
        trajectory = about(desk, person, inbound, mine, NoticeKey.WHICH_LOG)
    if trajectory:
        desk.handle(trajectory, command)
        (label,) = asking.labels(desk, person, (trajectory,))
        if isinstance(command, c.AddNote):
            answer(desk, person, inbound, NoticeKey.NOTED, {"name": label})
        else:
            params = {"name": label, "minutes": str(command.minutes)}
            answer(desk, person, inbound, NoticeKey.SESSION_LOGGED, params)
    return True


NOTES = Concern(
    on_note,
    (Offer("NOTE: …", "NOTITIE: …", NoticeKey.WORD_NOTE, COACHES),),
    keywords.NOTE,
    answers=True,
)
SESSIONS = Concern(
    on_held,
    (Offer("F2F 45 …", "GESPREK 45 …", NoticeKey.WORD_SESSION, COACHES),),
    keywords.FACE_TO_FACE,
    answers=True,
)
