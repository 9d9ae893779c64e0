"""The stop moment of a coach: after it nothing rings, and nothing is lost.

1. After it everything for her waits on a hold, but for what is urgent and what answers something
   she does herself just now: whoever works at night is not stopped from it. While she is in a
   session, and for the word before it, there is no rest.
2. What was queued before it and has not gone when it comes waits as well: the claim asks
   ``may_not_ring``. What answers her own act has some minutes to go out.
3. What waits goes out from the first hour of her next working day, before anything newer: a timer
   lets it go, or the first thing that comes for her, whichever is earlier.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.content import Notice
from bridge.core.effects import Priority, Release, SendMessage, rest_hold
from bridge.core.notices import NoticeKey
from bridge.core.timers import REST
from scheduling.calendar import working

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft
    from bridge.core.effects import Effect
    from bridge.core.trajectory import Trajectory
    from scheduling.calendar.working import Working

CONCERN = REST
JUST_NOW = timedelta(minutes=10)
"""For so long an answer to a coach who rests, and does something, may still come."""

_OF_A_SESSION = frozenset({NoticeKey.SESSION_SOON, NoticeKey.SESSION_SOON_VIDEO})
"""What rings at any hour, for she has an appointment then."""


def respect(draft: Draft, effect: Effect) -> Effect:
    """Return an effect as it may go out now: held where it would ring after a stop moment."""
    party = effect.to.party
    work = draft.state.promises.work.get(party)
    member = draft.state.parties.get(party)
    if work is None or work.stop is None or member is None or member.role != "coach":
        return effect
    if _awake(draft.state, party, work, draft.facts.now):
        end(draft, party)
        return effect
    if effect.hold or effect.priority is Priority.URGENT or party == draft.actor:
        return effect
    content = effect.content if isinstance(effect, SendMessage) else None
    if isinstance(content, Notice) and content.key in _OF_A_SESSION:
        return effect
    keep(draft, party)
    return msgspec.structs.replace(effect, hold=rest_hold(draft.state.id, party))


def keep(draft: Draft, party: str) -> None:
    """Let something wait for a coach who rests: a timer lets it go."""
    work = draft.state.promises.work.get(party)
    if work is not None and rests(draft, party) and party not in draft.state.promises.resting:
        until = working.rings_from(work, draft.facts.now)
        draft.add(e.RestKept(party=party, until=until))
        draft.start_timer(f"{CONCERN}:{party}", until)


def may_not_ring(
    state: Trajectory, party: str, made: datetime, now: datetime, *, waited: bool
) -> bool:
    """Tell whether what was queued at ``made`` has to wait for a coach who rests by now.

    ``waited``: it was held for something before, so it is no answer to what she does just now.
    """
    member = state.parties.get(party)
    if member is None or member.role != "coach" or not _rests(state, party, now):
        return False
    return waited or now - made > JUST_NOW or not _rests(state, party, made)


def rings_at_any_hour(entry: e.Entry) -> bool:
    """Tell whether an entry is about a session a coach has now."""
    return isinstance(entry, e.NoticeGiven) and entry.notice in _OF_A_SESSION


def rests(draft: Draft, party: str) -> bool:
    """Tell whether nothing may ring for a coach now."""
    return _rests(draft.state, party, draft.facts.now)


def _rests(state: Trajectory, party: str, at: datetime) -> bool:
    work = state.promises.work.get(party)
    return work is not None and work.stop is not None and not _awake(state, party, work, at)


def may_be_called(draft: Draft, party: str) -> datetime:
    """Return from when a coach's telephone may ring: now, or when she works again.

    A call cannot wait as a message does. So it comes in the hours she works, and after them until
    her stop moment where she has one; at any hour where nobody wrote down hours.
    """
    work, now = draft.state.promises.work.get(party), draft.facts.now
    if work is None or _in_session(draft.state, party):
        return now
    if work.stop is not None:
        return working.rings_from(work, now)
    return working.next_moment(work, now) if working.is_closed(work, now) else now


def _awake(state: Trajectory, party: str, work: Working, at: datetime) -> bool:
    """Tell whether messages may ring: by her hours, or because she is in a session."""
    return _in_session(state, party) or working.rings(work, at)


def _in_session(state: Trajectory, party: str) -> bool:
    return any(one.opened and one.coach == party for one in state.agenda.appointments.values())


def end(draft: Draft, party: str) -> None:
    """Let go what waits for a coach."""
    if party in draft.state.promises.resting:
        draft.add(e.RestEnded(party=party))
        draft.change_hold(Release(rest_hold(draft.state.id, party)))
        draft.cancel_timer(f"{CONCERN}:{party}")


def on_timer(draft: Draft, command: c.TimerFired) -> None:
    """Let go what waits, unless her hours have changed meanwhile and she still rests."""
    reconsider(draft, command.name.partition(":")[2])


def reconsider(draft: Draft, party: str) -> None:
    """Let go what waits for a coach if she rests no more; else look again when she will."""
    if party not in draft.state.promises.resting:
        return
    work, now = draft.state.promises.work.get(party), draft.facts.now
    if work is None or _awake(draft.state, party, work, now):
        end(draft, party)
    else:
        draft.start_timer(f"{CONCERN}:{party}", working.rings_from(work, now))
