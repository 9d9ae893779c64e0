"""What a trajectory knows of its end: how long it is kept, and what each client chose.

1. It is kept until the last of the agreed days, counted from the moment it was closed; without
   agreed days until its clients say otherwise.
2. Who destroyed their words has none any more: nothing is asked of them, and nothing sealed for
   them can be read or sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from bridge.core import entries as e

SURE_FOR = timedelta(days=1)
"""How long the words that destroy count after they were asked for."""

TAKE_DAYS = 7
"""For how many days the link opens by which a client takes the log along."""

MOST_DAYS = 36_500


class Parting(msgspec.Struct, frozen=True):
    """Where one client stands; ``question`` is the latest notice that asked, 0 = none yet."""

    question: int = 0
    choice: str = ""
    sure: datetime | None = None
    taken: datetime | None = None


class Ending(msgspec.Struct, frozen=True):
    """The end of a trajectory; ``until`` is None while it is open, or where no end was agreed."""

    days: int = 0
    until: datetime | None = None
    clients: Mapping[str, Parting] = {}
    destroyed: tuple[str, ...] = ()

    def of(self, client: str) -> Parting:
        """Return where a client stands."""
        return self.clients.get(client, _NEW)


_NEW = Parting()
NO_ENDING = Ending()

PartingEntry = e.RetentionSet | e.PartingAsked | e.PartingDecided | e.LogExported


def apply_parting(state: Ending, entry: PartingEntry, at: datetime) -> Ending:
    """Return the end after an entry about it."""
    match entry:
        case e.RetentionSet(days=days):
            return msgspec.structs.replace(state, days=days)
        case e.PartingAsked(party=party, question=question):
            return _change(state, party, question=question)
        case e.PartingDecided(party=party, choice=choice):
            return _change(state, party, choice=choice, sure=None)
        case e.LogExported(party=party):
            return _change(state, party, taken=at)


def destroyed(state: Ending, owners: Iterable[str]) -> Ending:
    """Return the end after the keys of these were destroyed."""
    fresh = tuple(one for one in owners if one not in state.destroyed)
    return msgspec.structs.replace(state, destroyed=(*state.destroyed, *fresh))


def closed(state: Ending, at: datetime) -> Ending:
    """Return the end of a trajectory that is closed now."""
    until = at + timedelta(days=state.days) if state.days else None
    return msgspec.structs.replace(state, until=until)


def asked_whether_sure(state: Ending, client: str, at: datetime) -> Ending:
    """Return the end after a client was asked for the words that destroy."""
    return _change(state, client, sure=at)


def _change(state: Ending, client: str, **fields: object) -> Ending:
    changed = msgspec.structs.replace(state.of(client), **fields)
    return msgspec.structs.replace(state, clients={**state.clients, client: changed})
