"""The time budget: what is granted, what is counted, and who is told of what is left.

1. What the bridge sees is counted at once: a call when it ends, an appointment when it closes, a
   session a coach logs. A meeting is counted once; see ``bridge.core.budget``.
2. What a coach writes is proposed to her, at the end of her working day at most, and counted when
   she says so. How it is put to her is the shell's: one question for all her clients.
3. Both are told when a quarter and a tenth of a package is left, and when it is used up, once each;
   clients not in their quiet hours. Nothing is ever cut off.
4. A trajectory without a budget starts no timer, and nothing of this is ever said in it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import budget as core
from bridge.core import entries as e
from bridge.core.agenda import PHONE
from bridge.core.decide import promises, rest
from bridge.core.decide.quietly import undisturbed
from bridge.core.notices import NoticeKey
from scheduling.calendar import working

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core import commands as c
    from bridge.core.agenda import Appointment
    from bridge.core.decide.draft import Draft

BALANCE = "balance"
"""The timer after which a party is told what is left."""
WRITTEN = "written"
"""The timer at the end of a coach's day: what she wrote is counted then."""
ASKING = "ask_time"
"""The timer after which she is asked about it, when every trajectory of hers has counted."""

BEFORE_THE_END = timedelta(minutes=15)
"""So long before the end of her day, and before her stop moment, she is asked."""
TOGETHER = timedelta(minutes=2)
"""So long trajectories have to count before she is asked about all of them."""
AGAIN = timedelta(minutes=10)
"""How soon it is tried again while she is in a session."""


def on_grant(draft: Draft, command: c.GrantTime) -> None:
    """Agree on a package, or correct one; the first begins the budget."""
    known, author = draft.state.budget, command.party or e.BRIDGE
    if _may_not(draft, command.party) or _refused(
        draft, author, core.not_granted(known, command.minutes)
    ):
        return
    draft.add(e.TimeGranted(author=author, minutes=command.minutes, text=command.reason.strip()))
    if not known.since:
        for coach in draft.state.with_role("coach"):
            on_joined(draft, coach)
    if command.minutes < 0:
        _warn(draft)
    elif known.since or command.party:
        _tell(draft, but=command.party)
    else:  # whoever wrote the file knows what it begins with
        _tell(draft, roles=("client",))


def on_note(draft: Draft, command: c.NoteTime) -> None:
    """Count what a coach says was spent.

    A number alone answers what was proposed to her, if anything was; with a reason it is its own.
    """
    coach, known = command.party, draft.state.budget
    if _may_not(draft, coach) or _refused(
        draft, coach, core.not_noted(known, coach, command.minutes, command.reason)
    ):
        return
    proposed = known.proposed.get(coach)
    if proposed is not None and command.minutes >= 0 and not command.reason.strip():
        _answer(draft, coach, proposed, command.minutes)
        return
    what = "noted" if command.minutes > 0 else "correction"
    _count(draft, coach, command.minutes, what, reason=command.reason)


def on_take(draft: Draft, command: c.TakeTime) -> None:
    """Count, or leave, what was proposed to a coach; what stands no more is passed over."""
    proposed = draft.state.budget.proposed.get(command.party)
    if proposed is None or proposed.seq != command.target or _may_not(draft, command.party):
        return
    _answer(draft, command.party, proposed, proposed.minutes if command.yes else 0)


def on_call(draft: Draft, seq: int, seconds: int) -> None:
    """Two people talked by telephone: that counts, unless it is part of another kind of session."""
    within = any(
        one.opened and one.modality != PHONE for one in draft.state.agenda.appointments.values()
    )
    if draft.state.budget.since and not within and (minutes := core.rounded(seconds)):
        _count(draft, e.BRIDGE, minutes, "call", seq)


def on_closed(draft: Draft, number: int, one: Appointment) -> None:
    """An appointment is over: counted as agreed, unless it was counted by a call, or by her word.

    Where the bridge rang both and nobody came, nothing is counted; a call that goes on is, later.
    """
    known = draft.state.budget
    if not known.since or (known.met is not None and known.met.target == number):
        return
    calls = draft.state.calls.open.values()
    under_way = any(one.is_of(call.first, call.other) for call in calls)
    if one.modality == PHONE and (one.called or under_way):
        return
    what = one.modality if one.modality == e.FACE_TO_FACE else "session"
    _count(draft, e.BRIDGE, one.minutes, what, number)


def on_logged(draft: Draft, seq: int, logged: e.SessionLogged) -> None:
    """A coach logged a meeting: the one she had an appointment for, or another one."""
    known = draft.state.budget
    if not known.since:
        return
    now, target, minutes = draft.facts.now, seq, logged.minutes
    for number, one in draft.state.agenda.appointments.items():
        said = known.met is not None and known.met.target == int(number)
        if one.opened and one.modality == logged.modality and not said:
            target = int(number)
    met = known.met if target == seq else None
    if met is not None and not met.said and now - met.at <= core.SAME_MEETING:
        target, minutes = met.target, minutes - met.minutes
    _count(draft, logged.author, minutes, e.FACE_TO_FACE, target)


def on_joined(draft: Draft, party: str) -> None:
    """A coach takes part from now on: what she writes is looked at when her day ends."""
    member = draft.state.parties.get(party)
    if draft.state.budget.since and member is not None and member.role == "coach":
        draft.start_timer(f"{WRITTEN}:{party}", _end_of_day(draft, party))


def on_written(draft: Draft, command: c.CountWritten) -> None:
    """Propose what a coach wrote; what is too little, or was proposed already, waits."""
    coach, now = command.coach, draft.facts.now
    member, known = draft.state.parties.get(coach), draft.state.budget
    if member is None or not member.active or member.role != "coach" or not draft.state.open:
        return
    if not known.since:
        return
    if (later := _later(draft, coach)) is not None:
        draft.start_timer(f"{WRITTEN}:{coach}", later)
        return
    before = known.proposed.get(coach)
    is_new = before is None or command.minutes > before.minutes
    if command.minutes >= core.LEAST_PROPOSED and is_new:
        draft.add(e.TimeProposed(party=coach, minutes=command.minutes, last=command.last))
        draft.start_timer(f"{ASKING}:{coach}", now + TOGETHER)
    draft.start_timer(f"{WRITTEN}:{coach}", _end_of_day(draft, coach))


def on_asking(draft: Draft, command: c.TimerFired) -> None:
    """Put it off where a coach must not be rung just now; else the shell asks her."""
    coach = command.name.partition(":")[2]
    if coach in draft.state.budget.proposed and (later := _later(draft, coach)) is not None:
        draft.start_timer(command.name, later)


def on_balance(draft: Draft, command: c.TimerFired) -> None:
    """Tell a party what is left, by what is so now; a client outside their quiet hours."""
    party = command.name.partition(":")[2]
    member, known = draft.state.parties.get(party), draft.state.budget
    if member is None or not member.may_talk:
        return
    if member.role == "client":
        free = undisturbed(draft, party, paused=False)
        if free > draft.facts.now:
            draft.start_timer(command.name, free)
            return
    other = "client" if member.role == "coach" else "coach"
    names = ", ".join(draft.name(one) for one in draft.state.with_role(other))
    of_coach = member.role == "coach"
    if known.told == core.FULL:
        key = NoticeKey.TIME_GRANTED_COACH if of_coach else NoticeKey.TIME_GRANTED
    elif known.told:
        key = NoticeKey.TIME_LOW_COACH if of_coach else NoticeKey.TIME_LOW
    else:
        key = NoticeKey.TIME_USED_COACH if of_coach else NoticeKey.TIME_USED
    params = {"name": names, "left": str(known.left), "granted": str(known.granted)}
    draft.notify(party, key, params)


def _count(
    draft: Draft, author: str, minutes: int, what: str, target: int = 0, reason: str = ""
) -> None:
    draft.add(
        e.TimeCounted(author=author, minutes=minutes, what=what, target=target, text=reason.strip())
    )
    _warn(draft)


def _answer(draft: Draft, coach: str, proposed: core.Proposed, minutes: int) -> None:
    if minutes:
        _count(draft, coach, minutes, "written", proposed.seq)
    else:
        draft.add(e.TimeDeclined(author=coach, target=proposed.seq))


def _warn(draft: Draft) -> None:
    """Tell both of a level that is reached for the first time since the last package."""
    known = draft.state.budget
    reached = core.level(known.base, known.left)
    if reached < known.told:
        draft.add(e.TimeWarned(percent=reached, left=known.left))
        _tell(draft)


def _tell(draft: Draft, but: str = "", roles: tuple[str, ...] = ("coach", "client")) -> None:
    """Let those who may talk be told at once, or as soon as they may be disturbed."""
    for party, member in draft.state.parties.items():
        if member.may_talk and member.role in roles and party != but:
            draft.start_timer(f"{BALANCE}:{party}", draft.facts.now)


def _may_not(draft: Draft, coach: str) -> bool:
    """Tell whether somebody may not speak of minutes; the log says why. '' = the practice file."""
    member = draft.state.parties.get(coach)
    if not draft.state.open:
        return _refused(draft, coach or e.BRIDGE, "closed")
    if coach and (member is None or not member.active or member.role != "coach"):
        return _refused(draft, coach, "not_a_coach")
    return False


def _refused(draft: Draft, author: str, reason: str) -> bool:
    if reason:
        draft.add(e.InboundRefused(author=author, reason=reason))
    return bool(reason)


def _later(draft: Draft, coach: str) -> datetime | None:
    """Return when a coach may be asked who must not be rung now; None = now."""
    now, person = draft.facts.now, draft.facts.people.get(coach)
    work = draft.state.promises.work.get(coach)
    if work is not None and rest.rests(draft, coach):
        return working.rings_from(work, now)
    busy = person is not None and person.session
    return now + AGAIN if busy else None


def _end_of_day(draft: Draft, coach: str) -> datetime:
    """Return the next moment, shortly before a coach's day ends, at which she is asked."""
    work = draft.state.promises.work.get(coach) or promises.usual(draft, coach)
    return working.end_of_day(work, draft.facts.now, BEFORE_THE_END)
