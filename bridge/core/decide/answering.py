"""What is said now in a telephone call, on the first party's leg and on the other's.

1. It depends on where the call stands and on nothing else, so that it can be said again.
2. No coach is rung outside her hours or after her stop moment, and who leaves a message hears the
   truth about that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.calls import Happened, Stage
from bridge.core.decide import call_log, promises, rest
from bridge.core.decide.telephones import phones
from bridge.core.notices import NoticeKey
from bridge.core.speech import Ask, Connect, HangUp, Join, Say, TakeMessage

if TYPE_CHECKING:
    from bridge.core.calls import Call
    from bridge.core.decide.draft import Draft


def go_on(draft: Draft, call: Call, *, greeted: bool = False) -> None:
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


def _ring(draft: Draft, call: Call) -> None:
    theirs = phones(draft, call.other, call.network)
    if call.inward and rest.may_be_called(draft, call.other) > draft.facts.now:
        theirs = []  # outside her hours, and after her stop moment, nothing rings
    if call.phone > len(theirs):
        nobody = Happened.NOBODY if call.inward else Happened.UNREACHED
        call_log.advance(draft, call, nobody)
        go_on(draft, draft.state.calls.open[call.id])
        return
    number = theirs[call.phone - 1].endpoint.address
    if call.phone == 1:
        draft.speak(say(draft, call.first, NoticeKey.CALL_WAIT, {"name": draft.name(call.other)}))
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


def _why_nobody(draft: Draft, call: Call) -> Say:
    """Return what a caller hears before the tone: who cannot come, and from when they can."""
    if not call.other:
        return say(draft, call.first, NoticeKey.CALL_NOBODY_THERE)
    params = {"name": draft.name(call.other)}
    again = rest.may_be_called(draft, call.other)
    if again <= draft.facts.now:
        return say(draft, call.first, NoticeKey.CALL_LEAVE, params)
    params["when"] = promises.spoken_to(draft, call.first, again)
    return say(draft, call.first, NoticeKey.CALL_RESTING, params)


def _finish(draft: Draft, call: Call) -> None:
    """Say good-bye and close the call in the log."""
    outcome = call_log.how_it_went(call)
    if outcome == "not_reached":
        params = {"name": draft.name(call.other)}
        draft.speak(say(draft, call.first, NoticeKey.CALL_NOT_REACHED, params))
    draft.speak(HangUp())
    call_log.close(draft, call, outcome)


def _ask(draft: Draft, call: Call, party: str, key: NoticeKey, kind: str, about: str) -> None:
    said = say(draft, party, key, {"name": draft.name(about)})
    draft.speak(Ask(said=(said,), then=f"{call.step}.{kind}"))


def say(draft: Draft, party: str, key: NoticeKey, params: dict[str, str] | None = None) -> Say:
    person = draft.facts.people.get(party)
    return Say(language=person.language if person else "en", notice=key, params=params or {})
