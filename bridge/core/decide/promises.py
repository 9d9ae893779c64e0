"""The response promise: made by a client's message, kept by a coach's answer, told when broken.

1. A client's message makes a promise where one is agreed for its network; later ones are covered
   by it. Any coach's message to that client, on any network, settles it.
2. The time is working time of whichever coach would be soonest; a coach whose hours nobody wrote
   down is taken to work Monday to Friday from nine to five.
3. Coaches are warned when a quarter of the time is left; when it is over the client is told, in
   their quiet hours after these, if it is still so then.
4. A client who writes while nobody works is told so, and when to expect an answer, once until
   somebody has worked again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.content import words
from bridge.core.decide import rest
from bridge.core.decide.quietly import undisturbed
from bridge.core.effects import Priority
from bridge.core.keywords import keyword
from bridge.core.notices import NoticeKey
from bridge.core.promises import URGENT
from scheduling.calendar import working
from scheduling.calendar.moments import spoken
from scheduling.calendar.own import USUAL_WEEK
from scheduling.calendar.working import Working

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core import commands as c
    from bridge.core.content import Content
    from bridge.core.decide.draft import Draft

CONCERN = "promise"
TELLING = "promise_broken"
"""The timer that waits for the end of a client's quiet hours."""
WARN_AT = 0.75
"""The part of the promised time after which coaches are warned."""


def on_set_promise(draft: Draft, command: c.SetPromise) -> None:
    """Agree how soon is answered; a promise that is open stands.

    What a coach says herself is not changed by the practice file any more.
    """
    known, within, coach = draft.state.promises, dict(command.within), command.party
    member = draft.state.parties.get(coach)
    if coach and (member is None or not member.active or member.role != "coach"):
        draft.add(e.InboundRefused(author=coach, reason="not_a_coach"))
    elif known.by and not coach:
        return
    elif (dict(known.within), known.pace_days) != (within, command.pace_days):
        author = coach or e.BRIDGE
        draft.add(e.PromiseSet(author=author, within=within, pace_days=command.pace_days))


def on_set_working_hours(draft: Draft, command: c.SetWorkingHours) -> None:
    """Agree when a coach works; hours that cannot be calculated with are as good as none.

    What waits for her waits no longer when she rests no more.
    """
    party, work = command.party, command.work
    member = draft.state.parties.get(party)
    if member is None or member.role != "coach":
        return
    if work is not None and working.wrong(work):
        work = None
    if draft.state.promises.work.get(party) != work:
        author = party if command.own else e.BRIDGE
        draft.add(e.WorkingHoursSet(author=author, party=party, work=work))
    rest.reconsider(draft, party)


def priority_of(draft: Draft, author: str, content: Content) -> Priority:
    """Return how soon a message goes; a client's that begins with URGENT rings at any hour."""
    member = draft.state.parties.get(author)
    if member is None or member.role != "client":
        return Priority.REPLY
    first = words(content).lstrip().partition("\n")[0].partition(" ")[0]
    return Priority.URGENT if keyword(first).rstrip(":,-!") in URGENT else Priority.REPLY


def on_posted(draft: Draft, seq: int, posted: e.MessagePosted) -> None:
    """A message was logged: a client's makes a promise, a coach's settles those it answers."""
    role = draft.state.parties[posted.author].role
    if role == "coach":
        for client in posted.to:
            _answered(draft, client, seq)
    elif role == "client":
        _asked(draft, seq, posted)


def on_talked(draft: Draft, seq: int) -> None:
    """They talked by telephone: that answers every client who took part."""
    for client in draft.state.with_role("client"):
        _answered(draft, client, seq)


def on_withdrawn(draft: Draft, party: str, target: int) -> None:
    """A message was taken back: nobody has to answer it."""
    known = draft.state.promises.open.get(party)
    if known is not None and known.seq == target and not known.broken:
        drop(draft, party, "withdrawn")


def drop(draft: Draft, client: str, reason: str) -> None:
    """Nothing is to be answered any more: the client is gone, or the trajectory over."""
    known = draft.state.promises.open.get(client)
    if known is not None:
        draft.add(e.PromiseDropped(party=client, target=known.seq, reason=reason))
        draft.cancel_timer(f"{CONCERN}:{client}")


def on_timer(draft: Draft, command: c.TimerFired) -> None:
    """A promise is about to be broken, or is."""
    client = command.name.partition(":")[2]
    known = draft.state.promises.open.get(client)
    if known is None or known.broken:
        return
    if draft.facts.now < known.due:
        if not known.warned:
            draft.add(e.PromiseWarned(party=client, target=known.seq))
            _tell_coaches(draft, NoticeKey.PROMISE_SOON, client, known.due)
        draft.start_timer(command.name, known.due)
        return
    draft.add(e.PromiseBroken(party=client, target=known.seq))
    _tell_coaches(draft, NoticeKey.PROMISE_BROKEN_COACH, client, known.due)
    _tell_client(draft, client)


def on_told(draft: Draft, command: c.TimerFired) -> None:
    """Quiet hours are over: tell the client what is still true."""
    _tell_client(draft, command.name.partition(":")[2])


def _tell_client(draft: Draft, client: str) -> None:
    """Tell a client that a promise was broken, once they may be disturbed."""
    known, member = draft.state.promises.open.get(client), draft.state.parties.get(client)
    if known is None or not known.broken or member is None or not member.may_talk:
        return
    free = undisturbed(draft, client, paused=False)
    if free > draft.facts.now:
        draft.start_timer(f"{TELLING}:{client}", free)
        return
    when = spoken_to(draft, client, known.due)
    draft.notify(client, NoticeKey.PROMISE_BROKEN, {"coach": _coaches(draft), "when": when})


def _answered(draft: Draft, client: str, seq: int) -> None:
    known = draft.state.promises.open.get(client)
    if known is None:
        return
    draft.cancel_timer(f"{CONCERN}:{client}")
    if known.broken:
        draft.add(e.PromiseMended(party=client, target=known.seq, answer=seq))
        return
    if draft.facts.now > known.due:  # the bridge was away when it was over
        draft.add(e.PromiseBroken(party=client, target=known.seq))
        draft.add(e.PromiseMended(party=client, target=known.seq, answer=seq))
        return
    draft.add(e.PromiseKept(party=client, target=known.seq, answer=seq))


def _asked(draft: Draft, seq: int, posted: e.MessagePosted) -> None:
    client, state, now = posted.author, draft.state.promises, draft.facts.now
    minutes = state.promised(posted.network)
    if minutes <= 0 and not state.work and client not in state.open:
        return  # nothing is promised, and nobody wrote down hours
    hours = _hours(draft)
    if not hours:
        return
    if minutes > 0 and client not in state.open:
        due = min(working.add(work, now, timedelta(minutes=minutes)) for work in hours)
        soon = timedelta(minutes=minutes * WARN_AT)
        warn_at = min(working.add(work, now, soon) for work in hours)
        draft.add(e.PromiseMade(party=client, target=seq, due=due, warn_at=warn_at))
        draft.start_timer(f"{CONCERN}:{client}", warn_at)
    _acknowledge(draft, client, posted, hours)


def _acknowledge(
    draft: Draft, client: str, posted: e.MessagePosted, hours: tuple[Working, ...]
) -> None:
    """Tell a client that nobody works now, once until somebody has worked again."""
    state, now = draft.state.promises, draft.facts.now
    known = state.open.get(client)
    agreed = state.work or known is not None
    if not agreed or not all(working.is_closed(work, now) for work in hours):
        return
    if priority_of(draft, client, posted.content) is Priority.URGENT and all(
        work.stop is not None and not working.rings(work, now) for work in hours
    ):
        draft.notify(client, NoticeKey.REST_URGENT, {"coach": _coaches(draft)})
        return
    since = max(working.closed_since(work, now) for work in hours)
    told = state.away.get(client)
    if told is not None and told >= since:
        return
    resting = any(coach in state.resting for coach in draft.state.with_role("coach"))
    if known is not None and not known.broken:
        key = NoticeKey.REST_ANSWER if resting else NoticeKey.AWAY_ANSWER
        when = known.due
    else:
        key = NoticeKey.REST_READ if resting else NoticeKey.AWAY_READ
        when = min(working.next_moment(work, now) for work in hours)
    params = {"coach": _coaches(draft), "when": spoken_to(draft, client, when)}
    draft.notify(client, key, params)


def _hours(draft: Draft) -> tuple[Working, ...]:
    """Return when each coach works, as agreed or as usual."""
    agreed = draft.state.promises.work
    return tuple(agreed.get(coach) or usual(draft, coach) for coach in _coach_ids(draft))


def usual(draft: Draft, coach: str) -> Working:
    """Return when a coach is taken to work whose hours nobody wrote down."""
    person = draft.facts.people.get(coach)
    return Working(person.time_zone if person else "UTC", USUAL_WEEK)


def _coach_ids(draft: Draft) -> tuple[str, ...]:
    return draft.state.with_role("coach")


def _coaches(draft: Draft) -> str:
    return ", ".join(draft.name(coach) for coach in _coach_ids(draft))


def _tell_coaches(draft: Draft, key: NoticeKey, client: str, due: datetime) -> None:
    for coach in _coach_ids(draft):
        params = {"name": draft.name(client), "when": spoken_to(draft, coach, due)}
        draft.notify(coach, key, params, about=client)


def spoken_to(draft: Draft, reader: str, moment: datetime) -> str:
    """Return an instant on a reader's own clock, in their language."""
    person = draft.facts.people.get(reader)
    zone, language = (person.time_zone, person.language) if person else ("UTC", "en")
    return spoken(moment, zone, language, draft.facts.now)
