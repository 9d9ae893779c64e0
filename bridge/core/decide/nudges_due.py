"""A nudge is due: given, put off or withheld, by the facts of this moment; each is an entry.

1. Quiet hours and LATER put off; everything else that is in the way withholds, and the coach is
   told why. A nudge for an event that has begun is worthless.
2. Caps count what was given over all trajectories and networks of the client.
3. A clock that steps back changes nothing: what was decided is no longer planned.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.content import Choice, Notice
from bridge.core.decide.nudges import (
    DROP,
    NUDGE_OPTIONS,
    SEND,
    known,
    local,
    timer,
    zone_of,
)
from bridge.core.effects import Priority, Purpose, SendMessage
from bridge.core.notices import NoticeKey
from bridge.core.nudges import (
    FOLLOW_UP,
    FOLLOW_UP_AFTER,
    PROMPT_KEEPS,
    STOPPED_AFTER,
    TALKING,
    NudgeKind,
    Planned,
    over_caps,
)
from scheduling.calendar import quiet
from scheduling.calendar.phrases import later

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft
    from bridge.core.effects import Address

SOON = timedelta(days=1)


def _number(name: str) -> int:
    text = name.partition(":")[2]
    return int(text) if text.isdecimal() else 0


def on_due(draft: Draft, command: c.TimerFired) -> None:
    """Give a nudge, put it off, or withhold it; see the rules above."""
    planned = draft.state.nudges.find(_number(command.name))
    if planned is None or command.at < planned.at:
        return  # taken back, or moved on: its own timer comes
    address = draft.address(planned.client)
    reason = _in_the_way(draft, planned)
    if not reason and isinstance(address, str):
        reason = address
    if reason:
        _withhold(draft, planned, reason)
        return
    after = _not_before(draft, planned)
    if after is not None:
        _put_off(draft, planned, *after)
        return
    reason = _too_much(draft, planned)
    if reason or isinstance(address, str):
        _withhold(draft, planned, reason)
        return
    _give(draft, planned, address)


def _in_the_way(draft: Draft, planned: Planned) -> str:
    """Return what forbids it whatever the hour is."""
    facts, now = known(draft), draft.facts.now
    client = draft.state.parties.get(planned.client)
    coach = draft.state.parties.get(planned.coach)
    if client is None or not client.active or coach is None or not coach.active:
        return "not_a_party"
    if not client.may_talk:
        return "no_consent"
    if now > planned.until or (planned.event_at is not None and now >= planned.event_at):
        return "too_late"
    if not facts.text:
        return "erased"
    return "paused" if facts.pace.paused(now) else ""


def _not_before(draft: Draft, planned: Planned) -> tuple[datetime, str] | None:
    """Return until when it has to wait, and why; None when now is right."""
    pace, now, zone = known(draft).pace, draft.facts.now, zone_of(draft, planned.client)
    why = "later" if pace.later_until is not None and pace.later_until > now else "quiet_hours"
    start = pace.later_until if why == "later" and pace.later_until else now
    at = quiet.after(start, pace.quiet, zone)
    return (at, why) if at > now else None


def _put_off(draft: Draft, planned: Planned, at: datetime, why: str) -> None:
    if planned.event_at is not None and at >= planned.event_at:
        _withhold(draft, planned, "too_late" if why == "later" else why)
        return
    until = planned.event_at or at + PROMPT_KEEPS
    draft.add(e.NudgePostponed(target=planned.seq, at=at, until=until, reason=why))
    draft.start_timer(timer(planned.seq), at)


def _too_much(draft: Draft, planned: Planned) -> str:
    """Return why it would be one too many, or not the words for this moment."""
    facts, now = known(draft), draft.facts.now
    if facts.repeated:
        return "same_words"
    if facts.unanswered >= STOPPED_AFTER:
        return "unanswered"
    heard = planned.heard
    if planned.nudge is NudgeKind.PROMPT and heard is not None and now - heard < TALKING:
        return "heard_since"
    return over_caps(facts, now, zone_of(draft, planned.client))


def _withhold(draft: Draft, planned: Planned, reason: str) -> None:
    draft.add(e.NudgeWithheld(target=planned.seq, client=planned.client, reason=reason))
    coach = draft.state.parties.get(planned.coach)
    if coach is None or not coach.may_talk or reason == "erased":
        return
    params = {
        "name": draft.name(planned.client),
        "when": local(draft, planned.event_at or planned.at, planned.coach),
        "reason": reason,
    }
    key = NoticeKey.NUDGE_STOPPED if reason == "unanswered" else NoticeKey.NUDGE_WITHHELD
    draft.notify(planned.coach, key, params)


def _give(draft: Draft, planned: Planned, address: Address) -> None:
    facts, client = known(draft), planned.client
    seq = draft.add(
        e.NudgeGiven(
            author=planned.coach,
            target=planned.seq,
            client=client,
            nudge=planned.nudge,
            until=planned.until,
            zone=zone_of(draft, client),
            quiet=facts.pace.quiet,
            event_at=planned.event_at,
            text=facts.text,
        )
    )
    content = Notice(
        key=NoticeKey.NUDGE_TEXT,
        params={"text": facts.text},
        options=NUDGE_OPTIONS[planned.nudge],
        ref=f"{draft.state.id}/{seq}",
    )
    draft.effect(
        SendMessage(
            seq=seq,
            to=address,
            purpose=Purpose.NUDGE,
            priority=Priority.NUDGE,
            content=content,
            header=draft.header(client, planned.coach, address.place),
        )
    )
    if planned.event_at is not None:
        draft.start_timer(f"{FOLLOW_UP}:{seq}", planned.event_at + FOLLOW_UP_AFTER)


def on_follow_up(draft: Draft, command: c.TimerFired) -> None:
    """The event is over and nothing was heard: offer the coach to ask how it went."""
    given = next((one for one in draft.state.nudges.open if one.seq == _number(command.name)), None)
    facts = known(draft)
    if given is None or not facts.follow_up or facts.repeated or given.event_at is None:
        return
    coaches = draft.state.with_role("coach")
    member = draft.state.parties.get(given.client)
    if not coaches or member is None or not member.may_talk:
        return
    zone = zone_of(draft, given.client)
    at = quiet.after(later(given.event_at, 1, zone), facts.pace.quiet, zone)
    coach = given.coach if given.coach in coaches else coaches[0]
    seq = draft.add(
        e.NudgeProposed(
            coach=coach,
            client=given.client,
            at=at,
            until=at + PROMPT_KEEPS,
            text=facts.follow_up,
        )
    )
    draft.notify(
        coach,
        NoticeKey.NUDGE_PROPOSED,
        {
            "name": draft.name(given.client),
            "event": facts.event,
            "text": facts.follow_up,
            "when": local(draft, at, given.client),
        },
        options=(
            Choice(f"{SEND}{seq}", NoticeKey.NUDGE_SEND),
            Choice(f"{DROP}{seq}", NoticeKey.NO),
        ),
    )
