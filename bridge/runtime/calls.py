"""The telephone at the desk: whose call it is, what was asked, and what to say now.

1. The answer is kept in the transaction that settles the payload, under the payload's key: the
   network hears what was committed, and the same again when it asks again.
2. Who is not known is told one fixed text and may type a code; nothing tells who exists.
3. Whoever has several trajectories chooses by key, or calls the number that belongs to one.
4. What the desk would write to somebody who is on the line is spoken to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.calls import Stage
from bridge.core.inbound import CallIn, StartIn
from bridge.core.notices import NoticeKey
from bridge.core.speech import Answer, Ask, HangUp, Say, Speech
from bridge.runtime import joining
from bridge.runtime.aloud import MOST_OPTIONS, READ_TRIES, read_out, say, turn_of
from bridge.runtime.asking import labels
from bridge.runtime.codes import KEYPAD_DIGITS
from bridge.runtime.desk import language_of
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.runtime.aloud import Take
    from bridge.runtime.desk import Desk
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit


def on_call(desk: Desk, inbound: CallIn, take: Take) -> None:
    """Settle one piece of news from the telephone, and keep what is to be said."""
    desk.reason = "call"
    answer = _answer(desk, inbound, take)
    if answer and inbound.key:
        place = inbound.place
        spoken = tuple(_spoken(desk, one) for one in answer)
        desk.unit.calls.put_answer(place.network, place.account, inbound.key, spoken)


def _answer(desk: Desk, inbound: CallIn, take: Take) -> Answer:
    match inbound.what:
        case "ringing":
            return _ringing(desk, inbound)
        case "heard":
            return _heard(desk, inbound, take)
        case "over":
            trajectory = _trajectory(desk.unit, inbound.call)
            if trajectory:
                over = c.CallOver(inbound.call, inbound.status, inbound.external_id, desk.row_id)
                _do(desk, trajectory, over)
        case "recorded":
            _recorded(desk, inbound)
        case _:
            desk.reason = "call_unknown"
    return ()


def _do(desk: Desk, trajectory: str, command: c.Command) -> Answer:
    """Carry out a command of a call; return what is to be said."""
    before = desk.unit.state(trajectory)
    decision = handle(desk.unit, trajectory, command, desk.catalogue)
    if decision.entries and not desk.seq:
        desk.trajectory, desk.seq = trajectory, (before.seq if before else 0) + 1
    return decision.answer


# -- who calls ------------------------------------------------------------------------------------


def _ringing(desk: Desk, inbound: CallIn) -> Answer:
    unit = desk.unit
    row = unit.endpoint(inbound.sender.endpoint)
    if row is None or row.revoked or not row.verified:
        return _ask_for_a_code(desk, inbound)
    desk.line = inbound.sender.endpoint
    mine = [one.trajectory for one in unit.memberships(row.person) if one.role in _CALLERS]
    bound = unit.binding(inbound.place)
    if bound is not None and bound[1] == row.person and bound[0] in mine:
        mine = [bound[0]]
    if len(mine) == 1:
        return _receive(desk, inbound, row.person, mine[0])
    if not mine:
        return (say(language_of(unit, row.person), NoticeKey.CALL_NO_CONSENT), HangUp())
    options = tuple(mine[:MOST_OPTIONS])
    unit.calls.put_route(inbound.call, "", options)
    return _which(desk, row.person, options)


_CALLERS = frozenset({"coach", "client"})


def _receive(desk: Desk, inbound: CallIn, person: str, trajectory: str) -> Answer:
    desk.unit.calls.put_route(inbound.call, trajectory)
    command = c.CallReceived(person, inbound.call, inbound.place, inbound.asks, desk.row_id)
    return _do(desk, trajectory, command)


def _which(desk: Desk, person: str, options: Sequence[str], turn: int = 0) -> Answer:
    """Ask for whom a call is; each turn has a name of its own, for its answer is another one."""
    if turn >= READ_TRIES:
        return (HangUp(),)
    language = language_of(desk.unit, person)
    said = tuple(
        say(language, NoticeKey.CALL_WHICH, digit=str(number), name=name)
        for number, name in enumerate(labels(desk, person, options), 1)
    )
    return (Ask(said, then=f"{turn}.which"), HangUp())


def _on_which(desk: Desk, inbound: CallIn) -> Answer:
    route = desk.unit.calls.route(inbound.call)
    row = desk.unit.endpoint(inbound.sender.endpoint)
    if route is None or row is None or not row.usable or not route.options:
        return (HangUp(),)
    mine = {one.trajectory for one in desk.unit.memberships(row.person)}
    chosen = int(inbound.keys) if inbound.keys.isdecimal() else 0
    if not 1 <= chosen <= len(route.options) or route.options[chosen - 1] not in mine:
        turn = turn_of(inbound.then) + 1
        return _which(desk, row.person, route.options, turn) if inbound.keys else (HangUp(),)
    return _receive(desk, inbound, row.person, route.options[chosen - 1])


def _ask_for_a_code(desk: Desk, inbound: CallIn) -> Answer:
    sender = inbound.sender
    desk.reason = "stranger"
    desk.unit.stranger_seen(sender.endpoint, "", sender.language)
    language = desk.catalogue.language_of(sender.language)
    said = (say(language, NoticeKey.CALL_UNKNOWN),)
    return (Ask(said, then="0.code", digits=KEYPAD_DIGITS, seconds=10), HangUp())


def _on_code(desk: Desk, inbound: CallIn) -> Answer:
    """A stranger typed a code, and hears what became of it."""
    desk.reason = "stranger"
    if not inbound.keys or not inbound.sender.endpoint.address:
        return (HangUp(),)
    desk.line = inbound.sender.endpoint
    start = StartIn(inbound.place, inbound.sender, inbound.external_id, inbound.at, inbound.keys)
    joining.redeem(desk, start, inbound.keys)
    linked = desk.unit.endpoint(inbound.sender.endpoint)
    if linked is not None and linked.usable:
        desk.spoken.append(say(language_of(desk.unit, linked.person), NoticeKey.CALL_WELCOME))
    return (*desk.spoken, HangUp())


# -- what was answered ----------------------------------------------------------------------------


def _heard(desk: Desk, inbound: CallIn, take: Take) -> Answer:
    _, _, kind = inbound.then.partition(".")
    match kind:
        case "which":
            return _on_which(desk, inbound)
        case "code":
            return _on_code(desk, inbound)
        case "read" | "open" | "choose":
            return read_out(desk, inbound, kind, take)
        case _:
            pass
    trajectory = _trajectory(desk.unit, inbound.call)
    if not trajectory:
        return (HangUp(),)
    command = c.CallHeard(
        call=inbound.call,
        then=inbound.then,
        keys=inbound.keys,
        status=inbound.status,
        seconds=inbound.seconds,
        leg=inbound.external_id,
        place=inbound.place,
        file=inbound.file,
        said=_what_was_asked(desk, trajectory, inbound.call),
        asks=inbound.asks,
        inbox=desk.row_id,
    )
    return _do(desk, trajectory, command)


def _what_was_asked(desk: Desk, trajectory: str, call: str) -> str:
    """Return the question about a recording as the party was asked it, '' where none stands."""
    state = desk.unit.state(trajectory)
    known = state.calls.open.get(call) if state is not None else None
    if known is None or known.stage not in (Stage.ASKING, Stage.AGREEING):
        return ""
    first = known.stage is Stage.ASKING
    asked, about = (known.first, known.other) if first else (known.other, known.first)
    person = desk.unit.person(about)
    name = person.name if person is not None else about
    language = language_of(desk.unit, asked)
    return desk.catalogue.say(NoticeKey.CALL_RECORD, language, name=name)


def _trajectory(unit: Unit, call: str) -> str:
    """Return the trajectory of a call: by its route, or by our own name for it."""
    route = unit.calls.route(call)
    if route is not None:
        return route.trajectory
    trajectory, _, number = call.rpartition("/")
    state = unit.state(trajectory) if number.isdecimal() and trajectory else None
    return trajectory if state is not None and state.seq else ""


def _recorded(desk: Desk, inbound: CallIn) -> None:
    trajectory = _trajectory(desk.unit, inbound.call)
    if trajectory and inbound.file is not None:
        made = c.RecordingMade(
            call=inbound.call,
            recording=inbound.recording,
            seconds=inbound.seconds,
            file=inbound.file,
            place=inbound.place,
            inbox=desk.row_id,
            days=inbound.days,
        )
        _do(desk, trajectory, made)


def fetched(unit: Unit, blob: str, catalogue: Catalogue) -> None:
    """The bytes of a file came: where they are a recording, the log gets their hash."""
    trajectory, _, seq = blob.removesuffix("/file").rpartition("/")
    logged = unit.entry(trajectory, int(seq)) if seq.isdecimal() else None
    kept = unit.blob(blob)
    if logged is None or not isinstance(logged.entry, e.RecordingStored) or kept is None:
        return
    if kept.state == "stored":
        entry = logged.entry
        command = c.RecordingFetched(int(seq), entry.call, entry.recording, kept.sha256)
        handle(unit, trajectory, command, catalogue)


# -- words ----------------------------------------------------------------------------------------


def _spoken(desk: Desk, speech: Speech) -> Speech:
    """Return speech with all its notices as words of the listener's language."""
    if isinstance(speech, Ask):
        said = tuple(_worded(desk, one) for one in speech.said)
        return Ask(said, speech.then, speech.digits, speech.seconds)
    return _worded(desk, speech) if isinstance(speech, Say) else speech


def _worded(desk: Desk, said: Say) -> Say:
    if said.notice is None:
        return said
    text = desk.catalogue.say(said.notice, said.language, **said.params)
    return Say(said.language, text=text)
