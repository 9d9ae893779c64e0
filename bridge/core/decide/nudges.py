"""Nudges asked for, taken back and answered; what comes of one when it is due is ``nudges_due``.

1. A coach hears back the exact moment, for the client and for herself, with a key to undo it.
2. The same words to the same client within 60 days are refused when they are asked for.
3. An encouragement goes a little before its event; where that is quiet, the last moment before.
4. The first thing a client says or chooses after a nudge is its answer, and linked to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Choice
from bridge.core.notices import NoticeKey
from bridge.core.nudges import (
    LEAD,
    NUDGE,
    PROMPT_KEEPS,
    NudgeFacts,
    NudgeKind,
    Proposal,
)
from scheduling.calendar import quiet, zones

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.decide.draft import Draft
    from bridge.core.facts import Target

UNDO = "u"
SEND = "s"
DROP = "d"
"""What the keys of options begin with; the seq they are about follows."""


def timer(seq: int) -> str:
    """Return the name of the timer of what was planned in an entry."""
    return f"{NUDGE}:{seq}"


def local(draft: Draft, moment: datetime, party: str) -> str:
    """Return a moment for a notice; the catalogue writes it in the reader's words."""
    return f"{moment.isoformat()} {zone_of(draft, party)}"


def zone_of(draft: Draft, party: str) -> str:
    """Return the zone somebody lives in."""
    person = draft.facts.people.get(party)
    return (person.time_zone if person else "") or "UTC"


def known(draft: Draft) -> NudgeFacts:
    """Return the facts about nudges."""
    return draft.facts.nudge or NudgeFacts()


def _refusal(draft: Draft, coach: str, client: str) -> str:
    if not draft.state.open:
        return "closed"
    author = draft.state.parties.get(coach)
    if author is None or not author.active or author.role != "coach":
        return "not_a_coach"
    member = draft.state.parties.get(client)
    if member is None or not member.active or member.role != "client":
        return "not_a_client"
    return ""


def _refuse(draft: Draft, party: str, reason: str, params: dict[str, str] | None = None) -> None:
    draft.add(e.InboundRefused(author=party, reason=reason))
    member = draft.state.parties.get(party)
    if member is not None and member.active and member.role == "coach" and draft.state.open:
        draft.notify(party, NoticeKey.NUDGE_REFUSED, {"reason": reason, **(params or {})})


def on_command(
    draft: Draft,
    command: c.PlanNudge | c.MoveNudge | c.CancelNudge | c.ChangePace | c.GiveLater | c.AnswerDraft,
) -> None:
    """Carry out what a coach asks for, or log the pace a client wants."""
    match command:
        case c.PlanNudge():
            on_plan(draft, command)
        case c.MoveNudge():
            on_move(draft, command)
        case c.CancelNudge():
            on_cancel(draft, command)
        case c.ChangePace():
            on_pace(draft, command)
        case c.GiveLater():
            on_give_later(draft, command)
        case c.AnswerDraft():
            on_draft(draft, command)
        case _:
            assert_never(command)


def on_plan(draft: Draft, command: c.PlanNudge) -> None:
    """Plan a nudge, or a series of them, and read it back."""
    coach, client = command.party, command.client
    name = {"name": draft.name(client)}
    why = _refusal(draft, coach, client)
    if not why and not command.wanted:
        why = "no_moment"
    if not why and known(draft).repeated:
        why = "same_words"
    if why:
        _refuse(draft, coach, why, name)
        return
    first = 0
    for wanted in command.wanted:
        moment = _moment(draft, command, wanted.at)
        if moment is None:
            if not first:
                _refuse(draft, coach, "no_quiet_moment", name)
                return
            continue
        at, until, event_at = moment
        seq = draft.add(
            e.NudgePlanned(
                author=coach,
                client=client,
                nudge=command.nudge,
                at=at,
                until=until,
                event_at=event_at,
                series=first,
                text=wanted.text,
                event=command.event,
            )
        )
        first = first or seq
        draft.start_timer(timer(seq), at)
    _read_back(draft, coach, client, first, command.wanted[0].text, dates=command.dates)


def _moment(
    draft: Draft, command: c.PlanNudge, at: datetime
) -> tuple[datetime, datetime, datetime | None] | None:
    """Return when to say it, until when that makes sense, and its event; None = there is none."""
    hours, zone, now = known(draft).pace.quiet, zone_of(draft, command.client), draft.facts.now
    if command.nudge is NudgeKind.PROMPT:
        said = quiet.after(at, hours, zone)
        return (said, said + PROMPT_KEEPS, None) if at > now else None
    if at <= now:
        return None
    said = quiet.before(max(at - LEAD, now), hours, zone)
    if said < now:
        return None
    return said, at, at


def _read_back(
    draft: Draft, coach: str, client: str, seq: int, text: str, *, dates: bool = False
) -> None:
    planned = draft.state.nudges.of_series(seq)
    first = planned[0]
    same = zones.wall(first.at, zone_of(draft, client)) == zones.wall(
        first.at, zone_of(draft, coach)
    )
    params = {
        "name": draft.name(client),
        "text": text,
        "when": local(draft, first.at, client),
        "here": "" if same else local(draft, first.at, coach),
        "more": str(len(planned) - 1),
    }
    key = NoticeKey.NUDGE_PLANNED
    if len(planned) > 1:
        key = NoticeKey.NUDGE_SERIES_PLANNED
        params["last"] = local(draft, planned[-1].at, client)
    if dates:
        key = NoticeKey.NUDGE_WEEKLY_PLANNED
        params |= {"dates": "|".join(local(draft, one.at, client) for one in planned)}
        params["count"] = str(len(planned))
    draft.notify(coach, key, params, options=(Choice(f"{UNDO}{seq}", NoticeKey.NUDGE_UNDO),))


def on_cancel(draft: Draft, command: c.CancelNudge, reason: str = "cancelled") -> None:
    """Take back what is planned, and what follows it in a series."""
    planned = draft.state.nudges.of_series(command.target)
    why = _refusal(draft, command.party, planned[0].client) if planned else "nothing_planned"
    if why:
        _refuse(draft, command.party, why)
        return
    for one in planned:
        draft.add(e.NudgeCancelled(author=command.party, target=one.seq, reason=reason))
        draft.cancel_timer(timer(one.seq))
    params = {"name": draft.name(planned[0].client), "count": str(len(planned))}
    draft.notify(command.party, NoticeKey.NUDGE_CANCELLED, params)


def drop(draft: Draft, party: str, reason: str) -> None:
    """Take back all that is planned or drafted for a client, or by a coach; nobody is told."""
    known = draft.state.nudges
    planned = [one.seq for one in known.planned if party in (one.client, one.coach)]
    drafted = [one.seq for one in known.proposed if party in (one.client, one.coach)]
    for seq in (*planned, *drafted):
        draft.add(e.NudgeCancelled(target=seq, reason=reason))
        draft.cancel_timer(timer(seq))


def on_move(draft: Draft, command: c.MoveNudge) -> None:
    """Give what is planned another moment."""
    planned = draft.state.nudges.find(command.target)
    why = _refusal(draft, command.party, planned.client) if planned else "nothing_planned"
    late = planned is not None and planned.event_at is not None and command.at > planned.event_at
    if not why and (command.at <= draft.facts.now or late):
        why = "after_event" if late else "past"
    if why or planned is None:
        _refuse(draft, command.party, why)
        return
    until = planned.event_at or command.at + PROMPT_KEEPS
    draft.add(e.NudgeMoved(author=command.party, target=planned.seq, at=command.at, until=until))
    draft.start_timer(timer(planned.seq), command.at)


def on_pace(draft: Draft, command: c.ChangePace) -> None:
    """Log the pace a client asks for; the coaches hear of it. The shell keeps it."""
    member = draft.state.parties.get(command.party)
    if not draft.state.open or member is None or not member.active or member.role != "client":
        return
    draft.add(
        e.PaceChanged(author=command.party, party=command.party, how=command.how, pace=command.pace)
    )
    params = {"name": draft.name(command.party), "week": str(command.pace.per_week)}
    key = _TOLD.get(command.how)
    if key is NoticeKey.PACE_PAUSED_COACH and command.pace.paused_until is not None:
        params["until"] = local(draft, command.pace.paused_until, command.party)
    if key is None or not member.may_talk:
        return
    for coach in draft.state.with_role("coach"):
        draft.notify(coach, key, params)


def on_give_later(draft: Draft, command: c.GiveLater) -> None:
    """Plan again what had been given and could not go before the quiet hours began."""
    facts, given = known(draft), draft.facts.given_nudge
    if given is None or not draft.state.open:
        return
    client, pace, now = given.client, facts.pace, draft.facts.now
    start = max(now, pace.later_until or now)
    at = quiet.after(start, pace.quiet, zone_of(draft, client))
    draft.add(e.NudgeWithheld(target=given.target, client=client, reason=command.reason))
    if facts.text and (given.event_at is None or at < given.event_at):
        seq = draft.add(
            e.NudgePlanned(
                author=given.author,
                client=client,
                nudge=given.nudge,
                at=at,
                until=given.event_at or at + PROMPT_KEEPS,
                event_at=given.event_at,
                text=facts.text,
                event=facts.event,
            )
        )
        draft.start_timer(timer(seq), at)
    elif (coach := draft.state.parties.get(given.author)) is not None and coach.may_talk:
        draft.tell_author(given.author, client, command.reason)


_TOLD = {
    "pause": NoticeKey.PACE_PAUSED_COACH,
    "resume": NoticeKey.PACE_RESUMED_COACH,
    "later": NoticeKey.PACE_LATER_COACH,
    "less": NoticeKey.PACE_WEEK_COACH,
    "more": NoticeKey.PACE_WEEK_COACH,
}


def answered(draft: Draft, client: str, message: int, about: Target | None, key: str = "") -> None:
    """Link what a client said or chose in ``message`` to the nudge it answers, if to any."""
    waiting = draft.state.nudges.open_for(client)
    asked = waiting.seq if waiting is not None else 0
    if about is not None and about.kind == "nudge_given":
        asked = about.seq
    if asked:
        draft.add(e.NudgeAnswered(author=client, target=asked, message=message, key=key))


def on_choice(draft: Draft, party: str, message: int, about: Target, key: str) -> None:
    """A coach undid or approved; a client answered by a digit."""
    if about.kind == "nudge_given":
        answered(draft, party, message, about, key)
        label = _ANSWERS.get(key)
        for coach in draft.state.with_role("coach") if label else ():
            draft.notify(
                coach,
                NoticeKey.NUDGE_ANSWERED,
                {"name": draft.name(party), "text": known(draft).text, "answer": str(label)},
            )
        return
    number = int(key[1:]) if key[1:].isdecimal() else 0
    match key[:1]:
        case "u" if draft.state.nudges.of_series(number):
            on_cancel(draft, c.CancelNudge(party, number), "undone")
        case "s" if proposal := draft.state.nudges.proposal(number):
            _approve(draft, party, proposal)
        case "d" if draft.state.nudges.proposal(number) is not None:
            draft.add(e.NudgeCancelled(author=party, target=number, reason="declined"))
        case _:
            draft.notify(party, NoticeKey.NUDGE_OVER)


def on_draft(draft: Draft, command: c.AnswerDraft) -> None:
    """Plan what was drafted, or let it be: what the keys under the draft do."""
    proposal = draft.state.nudges.proposal(command.target)
    why = _refusal(draft, command.party, proposal.client) if proposal else "nothing_planned"
    if why or proposal is None:
        _refuse(draft, command.party, why)
    elif command.yes:
        _approve(draft, command.party, proposal)
    else:
        reason = "declined"
        draft.add(e.NudgeCancelled(author=command.party, target=proposal.seq, reason=reason))


def _approve(draft: Draft, coach: str, proposal: Proposal) -> None:
    """Plan what was drafted, by the yes of a coach."""
    hours, zone = known(draft).pace.quiet, zone_of(draft, proposal.client)
    at = quiet.after(max(proposal.at, draft.facts.now), hours, zone)
    if not known(draft).text or known(draft).repeated:
        draft.add(e.NudgeCancelled(author=coach, target=proposal.seq, reason="same_words"))
        draft.notify(coach, NoticeKey.NUDGE_REFUSED, {"reason": "same_words"})
        return
    seq = draft.add(
        e.NudgePlanned(
            author=coach,
            client=proposal.client,
            nudge=NudgeKind.PROMPT,
            at=at,
            until=at + PROMPT_KEEPS,
            draft=proposal.seq,
            text=known(draft).text,
        )
    )
    draft.start_timer(timer(seq), at)
    _read_back(draft, coach, proposal.client, seq, known(draft).text)


NUDGE_OPTIONS = {
    NudgeKind.ENCOURAGEMENT: (
        Choice("thanks", NoticeKey.NUDGE_THANKS),
        Choice("talk", NoticeKey.NUDGE_TALK),
    ),
    NudgeKind.PROMPT: (
        Choice("done", NoticeKey.NUDGE_DONE),
        Choice("notyet", NoticeKey.NUDGE_NOT_YET),
        Choice("pass", NoticeKey.NUDGE_PASS),
    ),
}
_ANSWERS = {
    choice.key: NoticeKey(choice.label) for options in NUDGE_OPTIONS.values() for choice in options
}


ASKED = frozenset(
    {
        NoticeKey.NUDGE_PLANNED,
        NoticeKey.NUDGE_SERIES_PLANNED,
        NoticeKey.NUDGE_WEEKLY_PLANNED,
        NoticeKey.NUDGE_PROPOSED,
    }
)
"""The questions of this concern to a coach."""
