"""How an entry changes what a trajectory knows of its nudges; pure, and total like ``apply``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import entries as e
from bridge.core.nudges import Nudges, Open, Planned, Proposal

if TYPE_CHECKING:
    from datetime import datetime

NudgeEntry = (
    e.NudgePlanned
    | e.NudgeProposed
    | e.NudgeMoved
    | e.NudgePostponed
    | e.NudgeCancelled
    | e.NudgeGiven
    | e.NudgeWithheld
    | e.NudgeAnswered
)


def apply_nudge(nudges: Nudges, seq: int, entry: NudgeEntry, at: datetime) -> Nudges:
    """Return what is known of nudges after the entry ``seq``, written at ``at``."""
    match entry:
        case e.NudgePlanned():
            return replace(
                _without(nudges, entry.draft), planned=(*nudges.planned, _planned(seq, entry))
            )
        case e.NudgeProposed(client=client, coach=coach, until=until):
            draft = Proposal(seq, client, coach, entry.at, until)
            return replace(nudges, proposed=(*nudges.proposed, draft))
        case e.NudgeMoved(target=target) | e.NudgePostponed(target=target):
            planned = tuple(
                replace(one, at=entry.at, until=entry.until) if one.seq == target else one
                for one in nudges.planned
            )
            return replace(nudges, planned=planned)
        case e.NudgeCancelled(target=target) | e.NudgeWithheld(target=target):
            return _without(nudges, target)
        case e.NudgeGiven():
            given = Open(entry.client, seq, at, entry.event_at, entry.author, entry.target)
            others = tuple(one for one in nudges.open if one.client != entry.client)
            return replace(_without(nudges, entry.target), open=(*others, given))
        case e.NudgeAnswered(author=author):
            return replace(nudges, open=tuple(o for o in nudges.open if o.client != author))


def heard(nudges: Nudges, author: str, at: datetime) -> Nudges:
    """Return what is known after somebody said something: they were heard."""
    if not any(one.client == author for one in nudges.planned):
        return nudges
    planned = tuple(
        replace(one, heard=at) if one.client == author else one for one in nudges.planned
    )
    return replace(nudges, planned=planned)


def lost(nudges: Nudges, seq: int) -> Nudges:
    """Return what is known after the nudge given in an entry did not arrive: nobody owes it."""
    if not any(one.seq == seq for one in nudges.open):
        return nudges
    return replace(nudges, open=tuple(one for one in nudges.open if one.seq != seq))


def _planned(seq: int, entry: e.NudgePlanned) -> Planned:
    return Planned(
        seq=seq,
        client=entry.client,
        coach=entry.author,
        nudge=entry.nudge,
        at=entry.at,
        until=entry.until,
        event_at=entry.event_at,
        series=entry.series,
    )


def _without(nudges: Nudges, seq: int) -> Nudges:
    """Return the same without what an entry planned or proposed."""
    return replace(
        nudges,
        planned=tuple(one for one in nudges.planned if one.seq != seq),
        open=tuple(one for one in nudges.open if one.planned != seq),
        proposed=tuple(one for one in nudges.proposed if one.seq != seq),
    )
