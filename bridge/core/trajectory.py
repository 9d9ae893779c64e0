"""The state of one trajectory and how an entry changes it.

1. ``apply`` is pure and total: every kind of entry, in any order the log can have, also when the
   sealed fields are gone.
2. The state stays small: it holds people, places and consent, never messages, so its cost does
   not grow with the log.
3. ``seq`` is the number of the last entry; an entry's own number is the new ``seq``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from bridge.core import entries as e
from bridge.core.endpoint import Place


class Consent(StrEnum):
    """Whether words may pass to and from a party."""

    NONE = "none"
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


class Party(msgspec.Struct, frozen=True):
    """A person in this trajectory.

    ``asked_seq`` is the entry by which they were first asked for ``asked_version``: an answer to a
    question before it is one to an older text.
    """

    role: str
    active: bool = True
    consent: Consent = Consent.NONE
    asked_at: datetime | None = None
    asked_version: str = ""
    asked_seq: int = 0
    place: Place | None = None

    @property
    def may_talk(self) -> bool:
        """Words may pass: coaches always; clients once they agreed; others never."""
        return self.active and (
            self.role == "coach" or (self.role == "client" and self.consent is Consent.GIVEN)
        )


class Trajectory(msgspec.Struct, frozen=True):
    """What the engine knows of one trajectory."""

    id: str
    seq: int = 0
    title: str = ""
    closed: bool = False
    parties: Mapping[str, Party] = {}

    @property
    def open(self) -> bool:
        """The trajectory was opened and not closed."""
        return self.seq > 0 and not self.closed

    def with_role(self, role: str) -> tuple[str, ...]:
        """Return the ids of the active parties with a role, in a stable order."""
        return tuple(p for p, party in self.parties.items() if party.active and party.role == role)

    def others(self, author: str) -> tuple[str, ...]:
        """Return the active coaches and clients but for the author, in a stable order."""
        return tuple(
            p
            for p, party in self.parties.items()
            if p != author and party.active and party.role in ("coach", "client")
        )


def apply(state: Trajectory, entry: e.Entry, at: datetime) -> Trajectory:
    """Return the state after one more entry, written at ``at``."""
    state = msgspec.structs.replace(state, seq=state.seq + 1)
    match entry:
        case (
            e.MessagePosted()
            | e.MessageEdited()
            | e.MessageDeleted()
            | e.ReactionSet()
            | e.ChoiceMade()
            | e.NoticeGiven()
            | e.DeliveryChanged()
            | e.InboundRefused()
            | e.EndpointLinked()
            | e.EndpointRevoked()
            | e.PlaceAsked()
            | e.OptedOut()
            | e.OptedIn()
        ):
            return state
        case e.TrajectoryOpened(title=title):
            return msgspec.structs.replace(state, title=title)
        case e.TrajectoryClosed():
            return msgspec.structs.replace(state, closed=True)
        case e.PartyAdded(party=party, role=role):
            return _with(state, party, Party(role=role))
        case _:
            return _apply_to_party(state, entry, at)


def _apply_to_party(state: Trajectory, entry: e.Entry, at: datetime) -> Trajectory:
    match entry:
        case e.PartyRemoved(party=party):
            return _change(state, party, active=False, place=None)
        case e.PlaceBound(party=party, place=place):
            return _change(state, party, place=place)
        case e.PlaceUnbound(party=party):
            return _change(state, party, place=None)
        case e.ConsentAsked(party=party, version=version):
            return _asked(state, party, version, at)
        case e.ConsentGiven(party=party):
            return _change(state, party, consent=Consent.GIVEN)
        case e.ConsentRefused(party=party):
            return _change(state, party, consent=Consent.REFUSED)
        case _:
            msg = f"apply does not know {type(entry).__name__}"
            raise TypeError(msg)


def _asked(state: Trajectory, party: str, version: str, at: datetime) -> Trajectory:
    known = state.parties.get(party)
    same = known is not None and known.asked_version == version
    seq = known.asked_seq if known is not None and same else state.seq
    return _change(
        state,
        party,
        consent=Consent.ASKED,
        asked_at=at,
        asked_version=version,
        asked_seq=seq,
    )


def fold(trajectory: str, log: Iterable[tuple[e.Entry, datetime]]) -> Trajectory:
    """Return the state a whole log leads to; the projection must equal it."""
    state = Trajectory(id=trajectory)
    for entry, at in log:
        state = apply(state, entry, at)
    return state


def _with(state: Trajectory, party: str, value: Party) -> Trajectory:
    return msgspec.structs.replace(state, parties={**state.parties, party: value})


def _change(state: Trajectory, party: str, **fields: object) -> Trajectory:
    known = state.parties.get(party)
    if known is None:
        return state
    return _with(state, party, msgspec.structs.replace(known, **fields))
