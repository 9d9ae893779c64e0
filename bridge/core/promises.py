"""What a trajectory knows of its response promises, and of the hours its coaches keep.

1. At most one promise to a client is open: the oldest message that nobody answered has it.
2. A broken promise stays open until somebody answers; it counts as broken all the same.
3. Everything here follows from the envelopes of entries, so that a promise can be checked after
   the words are gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from bridge.core import entries as e
from bridge.core.notices import NoticeKey
from scheduling.calendar.working import Working

URGENT = frozenset({"urgent", "dringend", "spoed", "crisis", "sos"})
"""What a message begins with that rings a coach after her stop moment."""

AWAY = frozenset(
    {
        NoticeKey.AWAY_ANSWER,
        NoticeKey.AWAY_READ,
        NoticeKey.REST_ANSWER,
        NoticeKey.REST_READ,
    }
)
"""What a client is told who writes while nobody works."""


class OpenPromise(msgspec.Struct, frozen=True):
    """An answer that was promised: to which message, and until when."""

    seq: int
    due: datetime
    warned: bool = False
    broken: bool = False


class Promises(msgspec.Struct, frozen=True):
    """The promises of a trajectory.

    ``within`` is minutes of working time by network ('' = every other one, 0 = no promise);
    ``pace_days`` is how long a client may be silent by agreement, 0 = as long as they like.
    ``work`` is by coach; ``open`` and ``away`` (when a client was last told that nobody works) are
    by client.
    ``by`` is the coach who set ``within`` and ``pace_days`` herself, '' = the practice file did.
    ``resting`` are coaches for whom something waits until their stop moment is over.
    """

    within: Mapping[str, int] = {}
    pace_days: int = 0
    work: Mapping[str, Working] = {}
    open: Mapping[str, OpenPromise] = {}
    away: Mapping[str, datetime] = {}
    resting: tuple[str, ...] = ()
    kept: int = 0
    broken: int = 0
    by: str = ""

    def promised(self, network: str) -> int:
        """Return the minutes of working time within which an answer is promised, 0 = none."""
        return self.within.get(network, self.within.get("", 0))


NO_PROMISES = Promises()

PromiseEntry = (
    e.PromiseSet
    | e.WorkingHoursSet
    | e.PromiseMade
    | e.PromiseWarned
    | e.PromiseKept
    | e.PromiseBroken
    | e.PromiseMended
    | e.PromiseDropped
    | e.RestKept
    | e.RestEnded
)


def apply_promise(state: Promises, entry: PromiseEntry) -> Promises:
    """Return the promises after an entry about them."""
    match entry:
        case e.PromiseSet(within=within, pace_days=pace_days, author=author):
            by = "" if author == e.BRIDGE else author
            return msgspec.structs.replace(state, within=within, pace_days=pace_days, by=by)
        case e.WorkingHoursSet(party=party, work=work):
            hours = {one: known for one, known in state.work.items() if one != party}
            return msgspec.structs.replace(
                state, work=hours if work is None else {**hours, party: work}
            )
        case e.RestKept(party=party):
            others = tuple(one for one in state.resting if one != party)
            return msgspec.structs.replace(state, resting=(*others, party))
        case e.RestEnded(party=party):
            left = tuple(one for one in state.resting if one != party)
            return msgspec.structs.replace(state, resting=left)
        case _:
            return _of_client(state, entry)


def _of_client(
    state: Promises,
    entry: e.PromiseMade
    | e.PromiseWarned
    | e.PromiseKept
    | e.PromiseBroken
    | e.PromiseMended
    | e.PromiseDropped,
) -> Promises:
    known = state.open.get(entry.party)
    others = {client: one for client, one in state.open.items() if client != entry.party}
    match entry:
        case e.PromiseMade(party=party, target=target, due=due):
            return msgspec.structs.replace(state, open={**others, party: OpenPromise(target, due)})
        case e.PromiseKept():
            return msgspec.structs.replace(state, open=others, kept=state.kept + 1)
        case e.PromiseWarned(party=party):
            if known is not None:
                others[party] = msgspec.structs.replace(known, warned=True)
            return msgspec.structs.replace(state, open=others)
        case e.PromiseBroken(party=party):
            if known is not None:
                others[party] = msgspec.structs.replace(known, broken=True)
            return msgspec.structs.replace(state, open=others, broken=state.broken + 1)
        case _:
            return msgspec.structs.replace(state, open=others)


def told_away(state: Promises, client: str, at: datetime) -> Promises:
    """Return the promises after a client was told that nobody works."""
    return msgspec.structs.replace(state, away={**state.away, client: at})


def without(state: Promises, party: str) -> Promises:
    """Return the promises after somebody left: nothing is open to them, or agreed with them."""
    if not any(party in known for known in (state.open, state.away, state.work, state.resting)):
        return state
    return msgspec.structs.replace(
        state,
        open={one: known for one, known in state.open.items() if one != party},
        away={one: at for one, at in state.away.items() if one != party},
        work={one: known for one, known in state.work.items() if one != party},
        resting=tuple(one for one in state.resting if one != party),
    )
