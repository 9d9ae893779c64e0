"""The moments of an appointment: a reminder, the way over, the session itself, its end.

1. What comes too late is not said: a reminder or a transition message after the session began.
   A reminder keeps to the client's quiet hours; the transition message is what they agreed to.
2. While a coach is in a session, notices about others wait until it is over (``draft``).
3. Opening and closing carry the times that were agreed, so that minutes do not depend on how
   punctual a computer is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.agenda import PHONE, RECAPPED, Appointment
from bridge.core.calls import TELEPHONE
from bridge.core.commands.calls import CallRequested
from bridge.core.content import Choice
from bridge.core.decide import booking, budget, calls
from bridge.core.decide.telephones import phones
from bridge.core.effects import Release, session_hold
from bridge.core.notices import NoticeKey
from scheduling.calendar import quiet, reminders

if TYPE_CHECKING:
    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft


def on_timer(draft: Draft, command: c.TimerFired) -> None:
    """Decide what a moment of an appointment comes to; one that is gone comes to nothing."""
    _, number, what = command.name.split(":")
    one = draft.state.agenda.get(int(number))
    if one is None:
        return
    match what:
        case "remind":
            _remind(draft, int(number), one)
        case "soon":
            _soon(draft, int(number), one)
        case "open":
            _open(draft, int(number), one)
            _call(draft, one)
        case "close":
            _close(draft, int(number), one)
        case _:
            raise LookupError(f"no moment of an appointment is called {what!r}")


def _remind(draft: Draft, number: int, one: Appointment) -> None:
    if draft.facts.now >= one.start or not booking.may_hear(draft, one.client):
        return
    hours, zone = booking.quiet_of(draft, one.client), booking.zone_of(draft, one.client)
    if quiet.is_quiet(draft.facts.now, hours, zone):  # they have changed since it was planned
        at = reminders.instead_of(draft.facts.now, one.start, hours, zone)
        if at is not None:
            draft.start_timer(f"session:{number}:remind", at)
        return
    options = (
        Choice(f"y{number}", NoticeKey.AGENDA_REMINDER_YES),
        Choice(f"m{number}", NoticeKey.AGENDA_REMINDER_MOVE),
    )
    params = booking.params_for(draft, one.client, one)
    draft.notify(one.client, NoticeKey.AGENDA_REMINDER, params, options)


def _soon(draft: Draft, number: int, one: Appointment) -> None:
    """Ten minutes to leave one's work and get something to drink."""
    if draft.facts.now >= one.start:
        return
    for person in filter(partial(booking.may_hear, draft), (one.client, one.coach)):
        link = booking.link_for(draft, person, number, one)
        key = NoticeKey.SESSION_SOON_VIDEO if link else NoticeKey.SESSION_SOON
        draft.notify(person, key, {**booking.params_for(draft, person, one), "link": link})


def _open(draft: Draft, number: int, one: Appointment) -> None:
    if not one.opened:
        draft.add(
            e.SessionOpened(
                appointment=number,
                coach=one.coach,
                client=one.client,
                modality=one.modality,
                start=one.start,
            )
        )


def _call(draft: Draft, one: Appointment) -> None:
    """Ring both at an appointment by telephone, where both have one that is linked."""
    both = (one.coach, one.client)
    if one.modality == PHONE and all(phones(draft, who, TELEPHONE) for who in both):
        calls.on_requested(draft, CallRequested(one.coach, one.client))


def _close(draft: Draft, number: int, one: Appointment) -> None:
    _open(draft, number, one)
    draft.add(
        e.SessionClosed(
            appointment=number,
            coach=one.coach,
            client=one.client,
            modality=one.modality,
            start=one.start,
            end=one.end,
            minutes=one.minutes,
        )
    )
    budget.on_closed(draft, number, one)
    draft.change_hold(Release(session_hold(one.coach)))
    if one.modality in RECAPPED and booking.may_hear(draft, one.coach):
        options = (
            Choice(f"w{number}", NoticeKey.RECAP_WRITE),
            Choice("n", NoticeKey.RECAP_SKIP),
        )
        params = booking.params_for(draft, one.coach, one)
        draft.notify(one.coach, NoticeKey.RECAP_OFFER, params, options)
