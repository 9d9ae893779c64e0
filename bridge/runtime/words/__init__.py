"""Words that ask the bridge something, on every network and in both languages.

1. A word counts only as a whole message, in a private chat or in a place of one's own; inside a
   sentence, or as an answer to somebody, it is what people say to each other.
2. An answer tells only what the asker may know (I4).
3. A message that neither is nor begins with a word of ours is shown only to those concerns that
   have to see every message.
4. To add words: a module with a ``CONCERN``, and a line here. Order matters only where two
   concerns know the same word: the first that answers it wins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.content import Text
from bridge.runtime.desk import text_of
from bridge.runtime.words import (
    appointments,
    asides,
    budget,
    calling,
    day,
    entering,
    helping,
    hours,
    mending,
    moving,
    nudges,
    numbers,
    pace,
    parting,
    people,
    reading,
    steps,
    weekly,
    writing,
)
from bridge.runtime.words.hearing import is_private

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from bridge.runtime.words.concern import Concern

_CONCERNS = (
    entering.CONCERN,  # first: no other word may keep anybody from stopping us
    reading.CONCERN,
    people.CONCERN,
    calling.CONCERN,
    day.CONCERN,
    writing.NOTES,
    writing.SESSIONS,
    mending.UNDO,
    mending.RESEND,
    moving.CONCERN,
    appointments.CONCERN,
    weekly.CONCERN,  # before what begins with the same words and comes once
    nudges.CONCERN,
    pace.CONCERN,
    steps.CONCERN,
    budget.CONCERN,
    asides.CONCERN,
    numbers.CONCERN,
    hours.CONCERN,
    parting.CLOSE,
    parting.CONCERN,
)
CONCERNS: tuple[Concern, ...] = (*_CONCERNS, helping.over(_CONCERNS))
_FOR_ALL = tuple(concern for concern in CONCERNS if not concern.words)
_WORDS = frozenset().union(*(concern.words for concern in CONCERNS))
_FIRST = re.compile(r"\W*(\w*)")


def on_word(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Carry out a message that is a word for the bridge; tell whether it was one."""
    if not isinstance(inbound.content, Text):
        return False
    private = is_private(desk.unit, person, inbound)
    answers = bool(inbound.reply_to) and inbound.place.network not in desk.catalogue.answering
    return any(
        concern.handler(desk, person, inbound, word)
        for concern in _asked(inbound, word)
        if concern.handler is not None
        and (private or concern.anywhere)
        and (concern.answers or not answers)
    )


def _asked(inbound: MessageIn, word: str) -> tuple[Concern, ...]:
    """Return the concerns that may know a message."""
    if word in _WORDS:
        return CONCERNS
    # A long message is no word, yet its beginning may be one.
    begins = word or keywords.keyword(text_of(inbound)[: keywords.LONGEST])
    found = _FIRST.match(begins)
    return _FOR_ALL if found is None or found[1] not in _WORDS else CONCERNS
