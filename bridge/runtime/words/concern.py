"""What a concern brings so that people can talk to it by words: a handler, and lines for HELP.

1. A handler ``(desk, person, inbound, word) -> bool`` answers whole messages and tells whether it
   did. ``word`` is the message folded to compare (``keywords.keyword``), '' for one that is too
   long to be one word; ``hearing.opening`` reads "note: …" of any length.
2. The first handler that answers True wins. One that answers False has changed nothing.
3. A concern that says which ``words`` its messages begin with, or are, is not asked about others:
   nearly everything people write begins with another word.
4. HELP is made of what concerns offer, so a word that is gone cannot be told of.
5. A concern without a handler only tells HELP of words that are read elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bridge.core.inbound import MessageIn
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import Desk
from storage.unit import Unit

Handler = Callable[[Desk, str, MessageIn, str], bool]

EVERYBODY = frozenset({"coach", "client", "sponsor", "observer"})
COACHES = frozenset({"coach"})


class Offer(msgspec.Struct, frozen=True):
    """A word as HELP tells of it, to those with one of the roles.

    ``en`` and ``nl`` are what to write, an example where something follows ("note: …"); ``does``
    is what it does in a few words, None where the word says it all. ``only`` tells whether it is
    of use to a person of that role at all.
    """

    en: str
    nl: str
    does: NoticeKey | None = None
    roles: frozenset[str] = EVERYBODY
    only: Callable[[Unit, str], bool] | None = None

    def written(self, language: str) -> str:
        """Return what to write in a language."""
        return self.nl if language == "nl" else self.en


class Concern(msgspec.Struct, frozen=True):
    """One line in the tuple of words; ``handler`` is None where others read what it offers.

    ``words``: a message it answers is one of these or begins with one, folded like ``word``; empty
    for a concern that has to see every message.
    ``anywhere``: also where others may read along, so the handler looks at that itself.
    ``answers``: also a message that answers another one, which else is said to whom it answers.
    """

    handler: Handler | None
    offers: tuple[Offer, ...]
    words: frozenset[str] = frozenset()
    anywhere: bool = False
    answers: bool = False
