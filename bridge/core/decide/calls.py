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
from bridge.core.calls import TELEPHONE, Call, Happened, Stage
from bridge.core.commands.talk import Receive
from bridge.core.content import VoiceNote
from bridge.core.decide import hooks, promises, recordings, relay, rest
from bridge.core.decide.telephones import phones, tell
from bridge.core.effects import Act, Address, Priority, Purpose, UseTelephone
from bridge.core.endpoint import Endpoint
from bridge.core.inbound import MessageIn, Sender
from bridge.core.notices import NoticeKey
from bridge.core.speech import Ask, Connect, HangUp, Join, Say, TakeMessage

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
    member = draft.state.parties.get(command.party)
    if member is None or not member.may_talk or not draft.state.open:
        draft.add(
            e.InboundRefused(
                author=command.party,
                reason="closed" if not draft.state.open else "no_consent",
                network=command.place.network,
                inbox=command.inbox,
            )
        )
        draft.speak(_say(draft, command.party, NoticeKey.CALL_NO_CONSENT), HangUp())
        return
    if command.call in draft.state.calls.open:
        _go_on(draft, draft.state.calls.open[command.call])
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
            session=_session(draft),
            asks=command.asks and bool(other),
            inbox=command.inbox,
        )
    )
    _move(draft, command.call, None)


def on_requested(draft: Draft, command: c.CallRequested) -> None:
    """Somebody wants to be called: the coach is rung first, then the other one."""
    member = draft.state.parties.get(command.party)
    other = command.whom or _other(draft, command.party)
    if member is None or not member.may_talk or not draft.state.open or not other:
        tell(draft, command.party, NoticeKey.CALL_NOBODY)
        return
    coach = command.party if member.role == "coach" else other
    client = other if coach == command.party else command.party
    for party in (coach, client):
        if not phones(draft, party, TELEPHONE):
            params = {"name": draft.name(party)}
            key = NoticeKey.CALL_NO_PHONE if party != command.party else NoticeKey.CALL_NO_OWN_PHONE
            tell(draft, command.party, key, params)
            return
    if draft.state.calls.open:
        tell(draft, command.party, NoticeKey.CALL_BUSY)
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
            session=_session(draft),
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


def _session(draft: Draft) -> int:
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
    if kind in ("key", "greeted") and number != str(call.step):
        _go_on(draft, call, greeted=kind == "greeted")
        return
    if kind == "rung" and (number != str(call.phone) or call.stage is Stage.LEAVING):
        _go_on(draft, call)
        return
    _ON[kind](draft, call, command) if kind in _ON else draft.speak(HangUp())


def _on_first(draft: Draft, call: Call, command: c.CallHeard) -> None:
    _advance(draft, call, Happened.PICKED_UP, command.leg, asks=command.asks, inbox=command.inbox)
    _go_on(draft, draft.state.calls.open[call.id])


def _on_key(draft: Draft, call: Call, command: c.CallHeard) -> None:
    yes = command.keys == YES
    if call.stage is Stage.ASKING:
        _consent(draft, call, call.first, command.said, yes=yes)
    happened = Happened.AGREED if yes else Happened.DECLINED
    _move(draft, call.id, happened, inbox=command.inbox)


def _on_greet(draft: Draft, call: Call, command: c.CallHeard) -> None:
    if call.stage is not Stage.RINGING:
        draft.speak(HangUp())
        return
    _advance(draft, call, Happened.PICKED_UP, inbox=command.inbox)
    _go_on(draft, draft.state.calls.open[call.id], greeted=True)


def _on_greeted(draft: Draft, call: Call, command: c.CallHeard) -> None:
    """The other party pressed a key, or none, on their own leg."""
    yes = command.keys == YES
    if call.stage is Stage.AGREEING:
        _consent(draft, call, call.other, command.said, yes=yes)
    elif call.stage is not Stage.GREETING:
        draft.speak(HangUp())
        return
    _advance(draft, call, Happened.AGREED if yes else Happened.DECLINED, inbox=command.inbox)
    call = draft.state.calls.open[call.id]
    if call.stage is Stage.AGREEING and call.first not in call.agreed:
        _advance(draft, call, Happened.UNASKED)
        call = draft.state.calls.open[call.id]
    if call.stage is Stage.TALKING and call.recorded:
        recordings.switch(draft, call, Act.RECORD, author=call.other)
    _go_on(draft, call, greeted=True)


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
    _end(draft, call, Happened.SPOKEN, "message" if said else "missed", inbox=command.inbox)
    draft.speak(_say(draft, call.first, NoticeKey.CALL_THANKS), HangUp())


def _pass_on(draft: Draft, author: str, command: c.CallHeard) -> bool:
    """Let a message go where the author's words go; tell whether there was one."""
    person = draft.facts.people.get(author)
    if command.file is None or command.place is None or command.seconds < SHORTEST:
        return False
    place = command.place
    network = (
        [one for one in person.reach if one.endpoint.network == place.network] if person else []
    )
    endpoint = (
        network[0].endpoint if network else Endpoint(place.network, place.account, place.chat)
    )
    inbound = MessageIn(
        place=place,
        sender=Sender(endpoint),
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
        _end(draft, call, Happened.UNREACHED, "not_reached", inbox=command.inbox)
    else:
        _end(draft, call, Happened.OVER, _outcome(call), inbox=command.inbox)


# -- what is said ----------------------------------------------------------------------------------


def _move(
    draft: Draft, name: str, happened: Happened | None, leg: str = "", inbox: int = 0
) -> None:
    """Let something happen on the first party's leg, and say what comes of it."""
    call = draft.state.calls.open[name]
    if happened is not None:
        _advance(draft, call, happened, leg=leg, inbox=inbox)
        call = draft.state.calls.open[name]
    if call.stage is Stage.ASKING and not call.asks:
        has_phone = bool(call.other and phones(draft, call.other, call.network))
        _advance(draft, call, Happened.UNASKED if has_phone else Happened.NOBODY)
        call = draft.state.calls.open[name]
    _go_on(draft, call)


def _go_on(draft: Draft, call: Call, *, greeted: bool = False) -> None:
    """Say what is to be said now, on the first party's leg or (``greeted``) on the other's."""
    if greeted:
        _greet(draft, call)
        return
    match call.stage:
        case Stage.CONFIRMING:
            _ask(draft, call, call.first, NoticeKey.CALL_CONFIRM, "key", call.other)
        case Stage.ASKING:
            _ask(draft, call, call.first, NoticeKey.CALL_RECORD, "key", call.other)
        case Stage.RINGING | Stage.GREETING | Stage.AGREEING:
            _ring(draft, call)
        case Stage.LEAVING:
            draft.speak(_why_nobody(draft, call))
            draft.speak(TakeMessage(then=f"{call.step}.message"))
        case Stage.ENDED:
            _finish(draft, call)
        case Stage.TALKING | Stage.CALLING:
            draft.speak(HangUp())


def _why_nobody(draft: Draft, call: Call) -> Say:
    """Return what a caller hears before the tone: who cannot come, and from when they can."""
    if not call.other:
        return _say(draft, call.first, NoticeKey.CALL_NOBODY_THERE)
    params = {"name": draft.name(call.other)}
    until = rest.until(draft, call.other)
    if until is None:
        return _say(draft, call.first, NoticeKey.CALL_LEAVE, params)
    params["when"] = promises.spoken_to(draft, call.first, until)
    return _say(draft, call.first, NoticeKey.CALL_RESTING, params)


def _ring(draft: Draft, call: Call) -> None:
    theirs = phones(draft, call.other, call.network)
    if call.inward and rest.rests(draft, call.other):
        theirs = []  # after her stop moment nothing rings
    if call.phone > len(theirs):
        nobody = Happened.NOBODY if call.inward else Happened.UNREACHED
        _advance(draft, call, nobody)
        _go_on(draft, draft.state.calls.open[call.id])
        return
    number = theirs[call.phone - 1].endpoint.address
    if call.phone == 1:
        draft.speak(_say(draft, call.first, NoticeKey.CALL_WAIT, {"name": draft.name(call.other)}))
    greet, then = f"{call.phone}.greet", f"{call.phone}.rung"
    draft.speak(Connect(number=number, shown=call.ours, greet=greet, then=then))


def _greet(draft: Draft, call: Call) -> None:
    match call.stage:
        case Stage.GREETING:
            _ask(draft, call, call.other, NoticeKey.CALL_GREET, "greeted", call.first)
        case Stage.AGREEING:
            _ask(draft, call, call.other, NoticeKey.CALL_RECORD, "greeted", call.first)
        case Stage.TALKING:
            draft.speak(Join())
        case _:
            draft.speak(HangUp())


def _finish(draft: Draft, call: Call) -> None:
    """Say good-bye and close the call in the log."""
    outcome = _outcome(call)
    if outcome == "not_reached":
        params = {"name": draft.name(call.other)}
        draft.speak(_say(draft, call.first, NoticeKey.CALL_NOT_REACHED, params))
    draft.speak(HangUp())
    _close(draft, call, outcome)


def _outcome(call: Call) -> str:
    if call.talked_at is not None:
        return "talked"
    if call.inward:
        return "missed"
    return "declined" if call.phone == 0 else "not_reached"


def _end(draft: Draft, call: Call, happened: Happened, outcome: str, inbox: int = 0) -> None:
    _advance(draft, call, happened, inbox=inbox)
    _close(draft, draft.state.calls.open[call.id], outcome, inbox)


def _close(draft: Draft, call: Call, outcome: str, inbox: int = 0) -> None:
    """Write the call's last line, and tell who has to know."""
    seconds = 0
    if call.talked_at is not None:
        seconds = max(0, round((draft.facts.now - call.talked_at).total_seconds()))
    seq = draft.add(
        e.CallEnded(
            author=call.first,
            call=call.id,
            session=call.session,
            outcome=outcome,
            seconds=seconds,
            inbox=inbox,
        )
    )
    if outcome == "talked":
        promises.on_talked(draft, seq)
    if outcome == "missed" and call.other:
        tell(draft, call.other, NoticeKey.CALL_MISSED, {"name": draft.name(call.first)})
    elif outcome in ("not_reached", "declined") and not call.inward:
        who = call.other if call.phone else call.first
        for party in draft.state.others(""):
            if party in (call.first, call.other) and party != who:
                tell(draft, party, NoticeKey.CALL_NOT_REACHED, {"name": draft.name(who)})


def _advance(
    draft: Draft,
    call: Call,
    happened: Happened,
    leg: str = "",
    *,
    asks: bool = False,
    inbox: int = 0,
) -> None:
    who = call.other if call.stage in (Stage.RINGING, Stage.GREETING, Stage.AGREEING) else ""
    draft.add(
        e.CallAdvanced(
            author=who or call.first,
            call=call.id,
            happened=happened,
            leg=leg,
            asks=asks,
            inbox=inbox,
        )
    )


def _ask(draft: Draft, call: Call, party: str, key: NoticeKey, kind: str, about: str) -> None:
    said = _say(draft, party, key, {"name": draft.name(about)})
    draft.speak(Ask(said=(said,), then=f"{call.step}.{kind}"))


def _say(draft: Draft, party: str, key: NoticeKey, params: dict[str, str] | None = None) -> Say:
    person = draft.facts.people.get(party)
    return Say(language=person.language if person else "en", notice=key, params=params or {})


def _other(draft: Draft, party: str) -> str:
    """Return whom a party reaches by telephone: a coach for a client, a client for a coach."""
    member = draft.state.parties.get(party)
    wanted = "client" if member is not None and member.role == "coach" else "coach"
    there = [one for one in draft.state.with_role(wanted) if draft.state.parties[one].may_talk]
    return there[0] if there else ""


def _consent(draft: Draft, call: Call, party: str, said: str, *, yes: bool) -> None:
    person = draft.facts.people.get(party)
    language = person.language if person else "en"
    kind = e.RecordingAgreed if yes else e.RecordingRefused
    draft.add(kind(author=party, call=call.id, language=language, text=said))
