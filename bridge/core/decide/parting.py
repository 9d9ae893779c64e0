"""The end: each client keeps, takes along or destroys what was written, by one reply.

1. Once a trajectory is closed each client who agreed is asked, outside their quiet hours, and once
   more after a week. Who says nothing keeps.
2. Each decides about their own words. What coaches and others wrote goes with those of the last
   client: until then it is somebody else's conversation too. See decision record 017.
3. Destroying takes words that nobody types by accident, asked for within a day. It is done in the
   transaction of its entry; the coaches hear of a choice in the same commit, or when what was taken
   along was opened, never before.
4. When the agreed days are over everything is destroyed; its clients hear of that a week before.
5. Nothing is sealed for somebody whose key is gone: what there is to say to them then stands by the
   entry of the destruction, which is the bridge's own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.content import Choice, Notice
from bridge.core.decide.quietly import undisturbed
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Address, Priority, Purpose, SendMessage
from bridge.core.inbound import ChoiceIn
from bridge.core.moments import date_told
from bridge.core.notices import NoticeKey
from bridge.core.parting import MOST_DAYS, SURE_FOR
from bridge.core.timers import PARTING
from bridge.core.trajectory import Consent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft
    from bridge.core.facts import Target
    from bridge.core.trajectory import Trajectory

QUESTIONS = frozenset(
    {
        NoticeKey.PARTING_QUESTION,
        NoticeKey.PARTING_QUESTION_OPEN,
        NoticeKey.PARTING_LINK,
        NoticeKey.PARTING_WARNING,
    }
)
"""The notices whose answers come here, also when the trajectory is closed."""

WEEK = timedelta(days=7)
TAKEN_AGAIN = timedelta(hours=1)
"""How long what is opened counts as the same reading."""

_KEEP = Choice("keep", NoticeKey.PARTING_KEEP)
_TAKE = Choice("take", NoticeKey.PARTING_TAKE)
_DESTROY = Choice("destroy", NoticeKey.PARTING_DESTROY)

_MAIL = "email"

Told = tuple[NoticeKey, dict[str, str]]


def on_set_retention(draft: Draft, command: c.SetRetention) -> None:
    """Log for how long the log is kept, where that differs from what was agreed."""
    known = draft.state.ending.days
    if draft.state.open and 0 <= command.days <= MOST_DAYS and command.days != known:
        draft.add(e.RetentionSet(days=command.days))


def begin(draft: Draft, closer: str) -> None:
    """Ask each client as soon as they may be disturbed, and come back when the days are over.

    The coaches hear of it at once from one of them (``closer``), soon from the operator ('').
    """
    state, now = draft.state, draft.facts.now
    asked = [one for one in state.with_role("client") if may_decide(state, one)]
    for client in asked:
        draft.start_timer(f"{PARTING}:ask:{client}", now)
    until = state.ending.until
    if until is not None:
        draft.start_timer(f"{PARTING}:end:", until)
        for client in asked if until - now > WEEK else ():
            draft.start_timer(f"{PARTING}:warn:{client}", until - WEEK)
    if closer:
        _tell_coaches(draft)
    elif state.with_role("coach"):
        draft.start_timer(f"{PARTING}:tell:", now)


def _tell_coaches(draft: Draft) -> None:
    """Tell that it is closed, and who will be asked."""
    state = draft.state
    asked = [one for one in state.with_role("client") if may_decide(state, one)]
    names = _names(draft, "client") or state.title or state.id
    told = NoticeKey.CLOSED_COACH if asked else NoticeKey.CLOSED_COACH_NOBODY
    params = {"name": names}
    if asked:
        params["asked"] = ", ".join(draft.name(one) for one in asked)
    for coach in state.with_role("coach"):
        draft.notify(coach, told, params)


def may_decide(state: Trajectory, client: str) -> bool:
    """Tell whether somebody has a say in what happens to what was written, and it is time."""
    member = state.parties.get(client)
    if member is None or not state.closed or client in state.ending.destroyed:
        return False
    return member.role == "client" and member.may_talk


def is_answer(state: Trajectory, target: Target | None, command: c.Receive) -> bool:
    """Tell whether an act answers our question, which counts when nothing else does any more."""
    if target is None or not isinstance(command.inbound, ChoiceIn):
        return False
    asked = target.notice in QUESTIONS and target.party == command.party
    return asked and may_decide(state, command.party)


def on_choose(draft: Draft, client: str, choice: str) -> None:
    """Carry out what a client chose."""
    if not may_decide(draft.state, client):
        draft.add(e.InboundRefused(author=client, reason="closed"))
        return
    if choice in ("keep", "take"):  # who chose is not asked again
        for what in ("ask", "again"):
            draft.cancel_timer(f"{PARTING}:{what}:{client}")
    match choice:
        case "keep":
            _keep(draft, client)
        case "take":
            _take(draft, client)
        case "destroy":
            group = _with_others(draft.state, client)
            draft.notify(client, NoticeKey.PARTING_SURE_GROUP if group else NoticeKey.PARTING_SURE)
        case "sure":
            _sure(draft, client)


def _keep(draft: Draft, client: str) -> None:
    ending = draft.state.ending
    fresh = ending.of(client).choice != "keep"
    if fresh:
        draft.add(e.PartingDecided(author=client, party=client, choice="keep", until=ending.until))
    open_ended = ending.until is None
    told = NoticeKey.PARTING_KEPT_OPEN if open_ended else NoticeKey.PARTING_KEPT
    draft.notify(client, told, _day(draft, client))
    key = NoticeKey.PARTING_KEPT_COACH_OPEN if open_ended else NoticeKey.PARTING_KEPT_COACH
    for coach in draft.state.with_role("coach") if fresh else ():
        draft.notify(coach, key, {"name": draft.name(client), **_day(draft, coach)}, about=client)


def _take(draft: Draft, client: str) -> None:
    until = draft.state.ending.until
    draft.add(e.PartingDecided(author=client, party=client, choice="take", until=until))
    link = {"coach": _names(draft, "coach"), "link": ""}
    draft.notify(client, NoticeKey.PARTING_LINK, link, (_KEEP, _DESTROY))
    mail = _mailbox(draft, client)
    if mail is None:
        return
    key = NoticeKey.PARTING_LINK_MAIL
    seq = draft.add(e.NoticeGiven(party=client, notice=key, network=_MAIL, params=link))
    notice = Notice(key=key, params=link, ref=f"{draft.state.id}/{seq}")
    draft.effect(SendMessage(seq=seq, to=mail, purpose=Purpose.NOTICE, content=notice))


def _mailbox(draft: Draft, client: str) -> Address | None:
    """Return a client's mailbox beside where they are reached: an old phone opens no pages."""
    here, person = draft.address(client), draft.facts.people.get(client)
    if isinstance(here, str) or here.endpoint.network == _MAIL or person is None:
        return None
    if not draft.state.policy.allows(_MAIL):
        return None
    for reach in person.reach:
        if reach.endpoint.network == _MAIL and not reach.opted_out:
            return Address(client, reach.endpoint, reach.epoch, reach.place)
    return None


def on_taken(draft: Draft, command: c.TakeLog) -> None:
    """What a client takes along was opened: the log says so, a coach hears it once."""
    client = command.party
    taken = draft.state.ending.of(client).taken
    if not may_decide(draft.state, client):
        return
    if taken is not None and draft.facts.now - taken < TAKEN_AGAIN:
        return  # one reading has several pages
    first = taken is None
    draft.add(e.LogExported(author=client, party=client, last=draft.state.seq))
    for coach in draft.state.with_role("coach") if first else ():
        params = {"name": draft.name(client)}
        draft.notify(coach, NoticeKey.PARTING_TAKEN_COACH, params, about=client)


def _sure(draft: Draft, client: str) -> None:
    """Destroy what a client may have destroyed, if they were asked whether they are sure."""
    asked, state = draft.state.ending.of(client).sure, draft.state
    if asked is None or draft.facts.now - asked > SURE_FOR:
        draft.notify(client, NoticeKey.PARTING_TOO_LATE)
        return
    group = _with_others(state, client)
    owners = (client,) if group else _left(state)
    draft.add(e.PartingDecided(author=client, party=client, choice="destroy"))
    told: dict[str, Told] = {
        client: (
            NoticeKey.PARTING_DESTROYED_GROUP if group else NoticeKey.PARTING_DESTROYED,
            {},
        )
    }
    key = NoticeKey.PARTING_DESTROYED_COACH
    if group:
        key = NoticeKey.PARTING_DESTROYED_COACH_GROUP
    for coach in state.with_role("coach"):
        told[coach] = (key, {"name": draft.name(client)})
    _destroy(draft, e.WordsDestroyed(owners=owners, party=client, told=tuple(told)), told)


def _with_others(state: Trajectory, client: str) -> bool:
    """Tell whether words of another client may stand here: then only one's own can be destroyed."""
    return any(
        one != client and member.role == "client" and _has_words(state, one)
        for one, member in state.parties.items()
    )


def _has_words(state: Trajectory, client: str) -> bool:
    """Tell whether a client ever agreed, so that words of theirs may stand here, and still do."""
    agreed = state.parties[client].consent in (Consent.GIVEN, Consent.REFUSED)
    return agreed and client not in state.ending.destroyed


def _left(state: Trajectory) -> tuple[str, ...]:
    return tuple(one for one in state.parties if one not in state.ending.destroyed)


def _destroy(draft: Draft, entry: e.WordsDestroyed, told: Mapping[str, Told]) -> None:
    seq = draft.add(entry)
    for party in entry.owners:
        for what in ("ask", "again", "warn"):
            draft.cancel_timer(f"{PARTING}:{what}:{party}")
    if not _left(draft.state):
        draft.cancel_timer(f"{PARTING}:end:")
    for party, (key, params) in told.items():
        address = draft.address(party)
        if isinstance(address, str):
            draft.add(
                e.DeliveryChanged(
                    target=seq, party=party, state=DeliveryState.SUPPRESSED, reason=address
                )
            )
            continue
        notice = Notice(key=key, params=params)
        draft.effect(
            SendMessage(
                seq=seq,
                to=address,
                purpose=Purpose.NOTICE,
                priority=Priority.REPLY,
                content=notice,
            )
        )


def on_timer(draft: Draft, command: c.TimerFired) -> None:
    """Ask, ask again, warn, or destroy what was kept for as long as was agreed."""
    _, what, client = command.name.split(":", 2)
    if not client:
        (_over if what == "end" else _tell_coaches)(draft)
        return
    ending = draft.state.ending
    if not may_decide(draft.state, client) or (what == "again" and ending.of(client).choice):
        return
    when = undisturbed(draft, client, paused=what == "again")
    if when > draft.facts.now:
        if ending.until is None or when < ending.until:
            draft.start_timer(command.name, when)
        return
    _ask(draft, client, what)


_REASON: Mapping[str, str] = {"ask": "closed", "again": "again", "warn": "ends"}


def _ask(draft: Draft, client: str, what: str) -> None:
    until, now = draft.state.ending.until, draft.facts.now
    key = NoticeKey.PARTING_QUESTION if until is not None else NoticeKey.PARTING_QUESTION_OPEN
    options: tuple[Choice, ...] = (_KEEP, _TAKE, _DESTROY)
    if what == "warn":
        key, options = NoticeKey.PARTING_WARNING, (_TAKE, _DESTROY)
    draft.label(client)  # first, or the question would have another number
    question = draft.state.seq + 1
    params = {"coach": _names(draft, "coach"), **_day(draft, client)}
    draft.notify(client, key, params, options)
    draft.add(e.PartingAsked(party=client, question=question, reason=_REASON[what]))
    if what == "ask" and (until is None or until - now > 2 * WEEK):
        draft.start_timer(f"{PARTING}:again:{client}", now + WEEK)


def _over(draft: Draft) -> None:
    """Destroy everything: it was kept for as long as was agreed."""
    state = draft.state
    owners = _left(state)
    if state.ending.until is None or not owners:
        return
    coach = {"coach": _names(draft, "coach")}
    client = {"name": _names(draft, "client")}
    told: dict[str, Told] = {
        **{
            one: (NoticeKey.PARTING_OVER, coach)
            for one in state.with_role("client")
            if may_decide(state, one)
        },
        **dict.fromkeys(state.with_role("coach"), (NoticeKey.PARTING_OVER_COACH, client)),
    }
    entry = e.WordsDestroyed(owners=owners, how="retention", told=tuple(told))
    _destroy(draft, entry, told)


def _names(draft: Draft, role: str) -> str:
    return ", ".join(draft.name(one) for one in draft.state.with_role(role))


def _day(draft: Draft, reader: str) -> dict[str, str]:
    """Return the last day on which it is kept, as its reader says it; {} where there is none."""
    until, person = draft.state.ending.until, draft.facts.people.get(reader)
    if until is None:
        return {}
    zone, language = (person.time_zone, person.language) if person else ("UTC", "en")
    return {"day": date_told(until, zone, language)}
