"""What the log keeps of a telephone call, and who is told of its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.calls import Stage
from bridge.core.content import Choice
from bridge.core.decide import budget, promises
from bridge.core.decide.telephones import tell
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.calls import Call, Happened
    from bridge.core.decide.draft import Draft


def advance(
    draft: Draft,
    call: Call,
    happened: Happened,
    leg: str = "",
    *,
    asks: bool = False,
    inbox: int = 0,
) -> None:
    """Log what moves a call on; ``draft.state`` has the call as it is then."""
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


def end(draft: Draft, call: Call, happened: Happened, outcome: str, inbox: int = 0) -> None:
    """Log what ended a call, and its end."""
    advance(draft, call, happened, inbox=inbox)
    close(draft, draft.state.calls.open[call.id], outcome, inbox)


def close(draft: Draft, call: Call, outcome: str, inbox: int = 0) -> None:
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
        budget.on_call(draft, seq, seconds)
    if outcome == "missed" and call.other:
        tell(draft, call.other, NoticeKey.CALL_MISSED, {"name": draft.name(call.first)})
    elif outcome in ("not_reached", "declined"):
        _tell_of_nobody(draft, call)


def _tell_of_nobody(draft: Draft, call: Call) -> None:
    """A call of the bridge's came to nothing: the client is offered another moment.

    The coach, the first in such a call, hears it of the client; of herself she knows, and a client
    who expects no call is not told that there was nearly one.
    """
    params = {"name": draft.name(call.first)}
    later = (Choice("later", NoticeKey.AGENDA_REMINDER_MOVE),)
    if not call.phone:
        opened = draft.state.agenda.appointments.values()
        expected = any(one.opened and one.client == call.other for one in opened)
        if expected or call.asked == call.other:
            tell(draft, call.other, NoticeKey.CALL_ANOTHER_TIME, params, later)
        return
    tell(draft, call.first, NoticeKey.CALL_NOT_REACHED, {"name": draft.name(call.other)})
    tell(draft, call.other, NoticeKey.CALL_TRIED, params, later)


def how_it_went(call: Call) -> str:
    """Return the word for how a call ended that nobody else has a word for."""
    if call.talked_at is not None:
        return "talked"
    if call.inward:
        return "missed"
    return "declined" if call.phone == 0 else "not_reached"


def consent(draft: Draft, call: Call, party: str, said: str, *, yes: bool) -> None:
    """Log whether a party lets a call be recorded, with the words they were asked in."""
    person = draft.facts.people.get(party)
    language = person.language if person else "en"
    kind = e.RecordingAgreed if yes else e.RecordingRefused
    draft.add(kind(author=party, call=call.id, language=language, text=said))
