"""Telephone calls: who is rung, what is said meanwhile, and what the log keeps of it.

1. Only parties who may talk are connected, each on telephones of their own that are verified and
   did not opt out; nobody sees another person's number (I3, I4).
2. A question is answered by the key that was asked for, once; what comes late is answered with
   what is to be said now.
3. Recording is asked for after everybody agreed, by an effect of its own, and never else (I13).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.agenda import PHONE
from bridge.core.calls import TELEPHONE, Call, Happened, Stage
from bridge.core.commands.talk import Receive
from bridge.core.content import VoiceNote
from bridge.core.decide import answering, call_log, hooks, promises, recordings, relay, rest
from bridge.core.decide.telephones import phones, tell
from bridge.core.effects import Act, Address, Priority, Purpose, UseTelephone
from bridge.core.endpoint import Endpoint
from bridge.core.inbound import MessageIn, Sender
from bridge.core.notices import NoticeKey
from bridge.core.speech import HangUp

if TYPE_CHECKING:
    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft

BAD_LINE = timedelta(minutes=10)
"""A call so soon after the last one goes on with its session."""

YES = "1"
SHORTEST = 1
"""Seconds; a shorter message is somebody who hung up."""


# -- how a call begins -----------------------------------------------------------------------------


def on_received(draft: Draft, command: c.CallReceived) -> None:
    """Somebody we know calls in."""
    refusal = _refusal(draft, command)
    if refusal:
        network = command.place.network
        draft.add(
            e.InboundRefused(
                author=command.party, reason=refusal, network=network, inbox=command.inbox
            )
        )
        draft.speak(answering.say(draft, command.party, _WHY[refusal]), HangUp())
        return
    if command.call in draft.state.calls.open:
        answering.go_on(draft, draft.state.calls.open[command.call])
        return
    other = _other(draft, command.party)
    draft.add(
        e.CallStarted(
            author=command.party,
            call=command.call,
            first=command.party,
            other=other,
            network=command.place.network,
            account=command.place.account,
            ours=command.place.thread,
            session=_session(draft, command.party, other),
            asks=command.asks and bool(other),
            inbox=command.inbox,
        )
    )
    _move(draft, command.call, None)


_WHY = {
    "closed": NoticeKey.TRAJECTORY_CLOSED,
    "network_not_allowed": NoticeKey.CALL_NOT_HERE,
    "no_consent": NoticeKey.CALL_NO_CONSENT,
}


def _refusal(draft: Draft, command: c.CallReceived) -> str:
    """Return why somebody who calls in is not put through, '' if they are."""
    member = draft.state.parties.get(command.party)
    if not draft.state.open:
        return "closed"
    if not draft.state.policy.allows(command.place.network):
        return "network_not_allowed"
    return "" if member is not None and member.may_talk else "no_consent"


def on_requested(draft: Draft, command: c.CallRequested) -> None:
    """Somebody wants to be called: the coach is rung first, then the other one."""
    member = draft.state.parties.get(command.party)
    other = command.whom or _other(draft, command.party)
    if member is None or not member.may_talk or not draft.state.open or not other:
        tell(draft, command.party, NoticeKey.CALL_NOBODY)
        return
    if not draft.state.policy.allows(TELEPHONE):
        tell(draft, command.party, NoticeKey.CALL_NOT_HERE)
        return
    coach = command.party if member.role == "coach" else other
    client = other if coach == command.party else command.party
    roles = [one.role for one in map(draft.state.parties.get, (coach, client)) if one is not None]
    if roles != ["coach", "client"]:
        tell(draft, command.party, NoticeKey.CALL_NOBODY)
        return
    for party in (coach, client):
        if not phones(draft, party, TELEPHONE):
            params = {"name": draft.name(party)}
            key = NoticeKey.CALL_NO_PHONE if party != command.party else NoticeKey.CALL_NO_OWN_PHONE
            tell(draft, command.party, key, params)
            return
    if draft.state.calls.open:
        tell(draft, command.party, NoticeKey.CALL_BUSY)
        return
    again = rest.may_be_called(draft, coach)
    if client == command.party and again > draft.facts.now and not _session(draft, coach, client):
        when = promises.spoken_to(draft, client, again)
        tell(draft, client, NoticeKey.CALL_NOT_NOW, {"name": draft.name(coach), "when": when})
        return
    name = f"{draft.state.id}/{draft.state.seq + 1}"
    reach = phones(draft, coach, TELEPHONE)[0]
    seq = draft.add(
        e.CallStarted(
            author=command.party,
            call=name,
            first=coach,
            other=client,
            network=TELEPHONE,
            account=reach.endpoint.account,
            session=_session(draft, coach, client),
            inward=False,
        )
    )
    to = Address(coach, reach.endpoint, reach.epoch, reach.place)
    draft.effect(
        UseTelephone(
            seq=seq,
            to=to,
            purpose=Purpose.CALL,
            priority=Priority.URGENT,
            act=Act.CALL,
            call=name,
        )
    )
    if client == command.party:
        tell(draft, client, NoticeKey.CALL_COMING, {"name": draft.name(coach)})


def _session(draft: Draft, *parties: str) -> int:
    """Return the session a call belongs to: an appointment under way, or a call that broke off.

    0 = none; the call begins one.
    """
    for number, one in draft.state.agenda.appointments.items():
        if one.opened and one.modality == PHONE and one.client in parties and one.coach in parties:
            return int(number)
    calls = draft.state.calls
    soon = calls.ended_at is not None and draft.facts.now - calls.ended_at <= BAD_LINE
    return calls.session if soon else 0


# -- how it goes on --------------------------------------------------------------------------------


def on_heard(draft: Draft, command: c.CallHeard) -> None:
    """A question of ours was answered, or a telephone was picked up or not."""
    call = draft.state.calls.open.get(command.call)
    number, _, kind = command.then.partition(".")
    if call is None:
        late = draft.state.calls.late.get(command.call, "")
        if kind == "message" and late:
            _pass_on(draft, late, command)
        draft.speak(HangUp())
        return
    if call.stage in _BEFORE and not _may_be_connected(draft, call):
        _part(draft, call, command, kind)
        return
    if kind in ("key", "greeted") and number != str(call.step):
        answering.go_on(draft, call, greeted=kind == "greeted")
        return
    if kind == "rung" and (number != str(call.phone) or call.stage is Stage.LEAVING):
        answering.go_on(draft, call)
        return
    _ON[kind](draft, call, command) if kind in _ON else draft.speak(HangUp())


_BEFORE = frozenset(
    {Stage.CALLING, Stage.CONFIRMING, Stage.ASKING, Stage.RINGING, Stage.GREETING, Stage.AGREEING}
)


def _may_be_connected(draft: Draft, call: Call) -> bool:
    """Tell whether both still take part and agree, while one of them is being rung."""
    both = [draft.state.parties.get(one) for one in (call.first, call.other) if one]
    return draft.state.open and all(one is not None and one.may_talk for one in both)


def _part(draft: Draft, call: Call, command: c.CallHeard, kind: str) -> None:
    """Somebody left meanwhile: whoever picked up is let go, and so is the call."""
    if kind not in ("greet", "greeted"):
        outcome = call_log.how_it_went(call)
        call_log.end(draft, call, Happened.OVER, outcome, inbox=command.inbox)
    draft.speak(HangUp())


def _on_first(draft: Draft, call: Call, command: c.CallHeard) -> None:
    call_log.advance(
        draft, call, Happened.PICKED_UP, command.leg, asks=command.asks, inbox=command.inbox
    )
    answering.go_on(draft, draft.state.calls.open[call.id])


def _on_key(draft: Draft, call: Call, command: c.CallHeard) -> None:
    yes = command.keys == YES
    if call.stage is Stage.ASKING:
        call_log.consent(draft, call, call.first, command.said, yes=yes)
    happened = Happened.AGREED if yes else Happened.DECLINED
    _move(draft, call.id, happened, inbox=command.inbox)


def _on_greet(draft: Draft, call: Call, command: c.CallHeard) -> None:
    if call.stage is not Stage.RINGING:
        draft.speak(HangUp())
        return
    call_log.advance(draft, call, Happened.PICKED_UP, inbox=command.inbox)
    answering.go_on(draft, draft.state.calls.open[call.id], greeted=True)


def _on_greeted(draft: Draft, call: Call, command: c.CallHeard) -> None:
    """The other party pressed a key, or none, on their own leg."""
    yes = command.keys == YES
    if call.stage is Stage.AGREEING:
        call_log.consent(draft, call, call.other, command.said, yes=yes)
    elif call.stage is not Stage.GREETING:
        draft.speak(HangUp())
        return
    call_log.advance(
        draft, call, Happened.AGREED if yes else Happened.DECLINED, inbox=command.inbox
    )
    call = draft.state.calls.open[call.id]
    if call.stage is Stage.AGREEING and call.first not in call.agreed:
        call_log.advance(draft, call, Happened.UNASKED)
        call = draft.state.calls.open[call.id]
    if call.stage is Stage.TALKING and call.recorded:
        recordings.switch(draft, call, Act.RECORD, author=call.other)
    answering.go_on(draft, call, greeted=True)


def _on_rung(draft: Draft, call: Call, command: c.CallHeard) -> None:
    """The network is done with ringing: they talked and one hung up, or nobody came."""
    if call.stage is Stage.TALKING:
        _move(draft, call.id, Happened.OVER, inbox=command.inbox)
    elif call.phone < len(phones(draft, call.other, call.network)):
        _move(draft, call.id, Happened.NEXT, inbox=command.inbox)
    else:
        nobody = Happened.NOBODY if call.inward else Happened.UNREACHED
        _move(draft, call.id, nobody, inbox=command.inbox)


def _on_message(draft: Draft, call: Call, command: c.CallHeard) -> None:
    """The caller left a message: it goes to the others as a voice note."""
    said = _pass_on(draft, call.first, command)
    call_log.end(draft, call, Happened.SPOKEN, "message" if said else "missed", inbox=command.inbox)
    draft.speak(answering.say(draft, call.first, NoticeKey.CALL_THANKS), HangUp())


def _pass_on(draft: Draft, author: str, command: c.CallHeard) -> bool:
    """Let a message go where the author's words go; tell whether there was one."""
    place = command.place
    if command.file is None or place is None or command.seconds < SHORTEST:
        return False
    inbound = MessageIn(
        place=place,
        sender=Sender(Endpoint(place.network, place.account, place.chat)),
        external_id=f"{command.call}/message",
        content=VoiceNote(command.file),
        at=draft.facts.now,
    )
    received = Receive(party=author, inbound=inbound, inbox=command.inbox)
    relay.on_receive(draft, received)
    hooks.after_receive(draft, received)
    return True


_ON = {
    "first": _on_first,
    "key": _on_key,
    "greet": _on_greet,
    "greeted": _on_greeted,
    "rung": _on_rung,
    "message": _on_message,
}


def on_over(draft: Draft, command: c.CallOver) -> None:
    """The first party's leg is over, whatever we thought."""
    call = draft.state.calls.open.get(command.call)
    if call is None:
        return
    if call.stage is Stage.CALLING:
        call_log.end(draft, call, Happened.UNREACHED, "not_reached", inbox=command.inbox)
    else:
        call_log.end(draft, call, Happened.OVER, call_log.how_it_went(call), inbox=command.inbox)


def _move(draft: Draft, name: str, happened: Happened | None, inbox: int = 0) -> None:
    """Let something happen on the first party's leg, and say what comes of it."""
    call = draft.state.calls.open[name]
    if happened is not None:
        call_log.advance(draft, call, happened, inbox=inbox)
        call = draft.state.calls.open[name]
    if call.stage is Stage.ASKING and not call.asks:
        has_phone = bool(call.other and phones(draft, call.other, call.network))
        call_log.advance(draft, call, Happened.UNASKED if has_phone else Happened.NOBODY)
        call = draft.state.calls.open[name]
    answering.go_on(draft, call)


def _other(draft: Draft, party: str) -> str:
    """Return whom a party reaches by telephone: a coach for a client, a client for a coach."""
    member = draft.state.parties.get(party)
    wanted = "client" if member is not None and member.role == "coach" else "coach"
    there = [one for one in draft.state.with_role(wanted) if draft.state.parties[one].may_talk]
    return there[0] if there else ""
