"""What ``decide`` may know besides the state: the shell gathers it in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from bridge.core.agenda import AgendaFacts
from bridge.core.endpoint import Endpoint, Place
from bridge.core.entries.nudges import NudgeGiven
from bridge.core.nudges import NudgeFacts


class Reach(msgspec.Struct, frozen=True):
    """One verified, not revoked endpoint of a person.

    Where the conversation moved to last comes first, the others in the person's order of
    preference; ``used`` is when it moved there, None where it never did. ``chat`` is the direct
    chat there (often the address itself); ``opted_out`` is '' or how: ``stop``, ``blocked``,
    ``undeliverable``.
    """

    endpoint: Endpoint
    epoch: int
    chat: str
    opted_out: str = ""
    used: datetime | None = None

    @property
    def place(self) -> Place:
        """The private chat with this person."""
        return Place(self.endpoint.network, self.endpoint.account, self.chat)


class Person(msgspec.Struct, frozen=True):
    """A person as the registry knows them; ``active`` counts their open trajectories.

    ``session`` is the trajectory of the session this person is in just now, '' when in none.
    """

    id: str
    name: str
    language: str
    time_zone: str
    reach: tuple[Reach, ...] = ()
    active: int = 1
    session: str = ""


class Target(msgspec.Struct, frozen=True):
    """The message that a reply, an edit, a reaction or a choice is about.

    ``notice`` and ``options`` are set when it was a question of the bridge to ``party``; ``to`` is
    whom an aside was said to.
    """

    seq: int
    author: str
    kind: str
    party: str = ""
    notice: str = ""
    to: tuple[str, ...] = ()


class ConsentText(msgspec.Struct, frozen=True):
    """The text clients are asked to agree to, in one language; a change makes a new version."""

    version: str
    language: str
    text: str


class Facts(msgspec.Struct, frozen=True):
    """Everything outside the trajectory that one decision may depend on.

    ``asked_text`` is the consent question as the party of the command was shown it last, its names
    as they were then; '' where it cannot be read any more. ``given_nudge`` is what a command about
    a nudge that was given is about; ``agenda`` is there where it may be about appointments.
    ``send_delay`` is how long a coach's words wait so that she can take them back.
    ``words`` are what earlier entries say that the decision may quote, by seq.
    as they were then; '' where it cannot be read any more. ``protection`` is the level of each
    network of which people are to be told, and ``labelled`` tells (party, network) of those who
    were told in another trajectory.
    """

    now: datetime
    people: Mapping[str, Person] = {}
    target: Target | None = None
    consent_texts: Mapping[str, ConsentText] = {}
    asked_text: str = ""
    agenda: AgendaFacts | None = None
    nudge: NudgeFacts | None = None
    given_nudge: NudgeGiven | None = None
    send_delay: timedelta = timedelta()
    words: Mapping[int, str] = {}
    protection: Mapping[str, str] = {}
    labelled: frozenset[tuple[str, str]] = frozenset()

    def consent_text(self, language: str) -> ConsentText:
        """Return the text in the reader's language, else in English."""
        return self.consent_texts.get(language) or self.consent_texts["en"]
