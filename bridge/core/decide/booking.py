"""What becomes of an appointment: booked, moved, cancelled; both are told, each in their own time.

1. Nothing is booked that meets another appointment of the coach, whoever asks; what a client takes
   must be free as well: offered, after the notice, apart from others (I11).
2. Whoever loses a race reads so in the log and is shown what is free now.
3. A changed appointment keeps its number and its timers' names, so nothing fires for the old time.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.agenda import Appointment, CoachAgenda
from bridge.core.content import Choice, Notice
from bridge.core.effects import (
    Address,
    CalendarEvent,
    Priority,
    Purpose,
    Release,
    SendMessage,
    session_hold,
)
from bridge.core.moments import told
from bridge.core.notices import NoticeKey
from scheduling.calendar.quiet import QuietHours
from scheduling.calendar.reminders import remind_at
from scheduling.calendar.slots import is_free, overlapping, slots, spread
from scheduling.calendar.zones import wall

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.decide.draft import Draft

SHOWN = 3
"""Moments in one question, so that it fits a text message and the digits 1 to 4."""

BEFORE = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def coach_of(draft: Draft) -> str:
    """Return whose time is booked: the first coach with hours, else the first, '' without any."""
    coaches = draft.state.with_role("coach")
    with_hours = [one for one in coaches if time_of(draft, one).availability.kinds]
    return next(iter((*with_hours, *coaches)), "")


def client_of(draft: Draft, party: str, wanted: str = "") -> str:
    """Return whom an appointment is with: the client who asks, or the one a coach means."""
    clients = draft.state.with_role("client")
    for one in (wanted, party):
        if one in clients:
            return one
    return next(iter(clients), "")


def time_of(draft: Draft, coach: str) -> CoachAgenda:
    """Return what is known of a coach's time."""
    facts = draft.facts.agenda
    return facts.coaches.get(coach, CoachAgenda()) if facts is not None else CoachAgenda()


def may_hear(draft: Draft, party: str) -> bool:
    """Tell whether a party may be told of appointments: nothing goes to a client before consent."""
    member = draft.state.parties.get(party)
    return member is not None and member.may_talk


def name_of(draft: Draft, number: int) -> str:
    """Return how an appointment is called over all trajectories."""
    return f"{draft.state.id}/{number}"


def shown(draft: Draft, party: str, moment: datetime) -> str:
    """Return a moment in a party's own zone and language."""
    person = draft.facts.people.get(party)
    zone, language = (person.time_zone, person.language) if person else ("UTC", "en")
    return told(moment, zone, language)


def zone_of(draft: Draft, party: str) -> str:
    """Return a party's zone."""
    person = draft.facts.people.get(party)
    return person.time_zone if person else "UTC"


def page_of(draft: Draft, party: str) -> str:
    """Return the link to a party's own page, '' where there is none."""
    return draft.facts.agenda.pages.get(party, "") if draft.facts.agenda is not None else ""


def params_for(draft: Draft, party: str, one: Appointment) -> dict[str, str]:
    """Return what a text about an appointment is filled with, for one of its two people."""
    other = one.coach if party == one.client else one.client
    return {
        "name": draft.name(other),
        "modality": one.modality,
        "minutes": str(one.minutes),
        "when": shown(draft, party, one.start),
    }


def link_for(draft: Draft, party: str, number: int, one: Appointment) -> str:
    """Return a party's own link into a video appointment, '' where there is none."""
    page = page_of(draft, party)
    video = draft.facts.agenda is not None and draft.facts.agenda.video
    return f"{page}/join/{number}" if one.modality == "video" and video and page else ""


def key_of(moment: datetime) -> str:
    """Return a moment, to the minute, as the key of a choice: ``t`` and at most six characters."""
    left, digits = int(moment.timestamp()) // 60, ""
    while left:
        left, digit = divmod(left, 36)
        digits = _DIGITS[digit] + digits
    return f"t{digits}"


# -- offering -------------------------------------------------------------------------------------


def offer(
    draft: Draft,
    party: str,
    modality: str,
    moving: int = 0,
    after: datetime | None = None,
    *,
    taken: bool = False,
) -> None:
    """Show a party some free moments, in their time, with a way to see later ones."""
    coach = coach_of(draft)
    time = time_of(draft, coach)
    kind = time.availability.kind(modality)
    if kind is None:
        _tell_wanted(draft, party, coach, moving)
        return
    but = name_of(draft, moving) if moving else ""
    free = partial(slots, time.availability, modality, draft.facts.now, time.busy, but)
    found, more = spread((one for one in free() if after is None or one > after), SHOWN)
    if not found and after is not None:
        found, more = spread(free(), SHOWN)  # that was the last of them: from the beginning
    if not found:
        _tell_full(draft, party, coach, modality, kind.horizon)
        return
    draft.label(party)  # first, for the question is known by the entry before it
    draft.add(
        e.SlotsOffered(party=party, coach=coach, modality=modality, slots=found, moving=moving)
    )
    options = [Choice(key_of(one), shown(draft, party, one)) for one in found]
    if more or after is not None:
        options.append(Choice("more", NoticeKey.AGENDA_MORE))
    page = page_of(draft, party)
    params = {
        "modality": modality,
        "coach": draft.name(coach),
        "minutes": str(kind.minutes),
        "zone": zone_of(draft, party),
        "link": page,
    }
    key = NoticeKey.AGENDA_OFFER_PAGE if page else NoticeKey.AGENDA_OFFER
    draft.notify(party, NoticeKey.AGENDA_TAKEN if taken else key, params, tuple(options))


def _tell_wanted(draft: Draft, party: str, coach: str, moving: int) -> None:
    """Nothing is offered to choose from: the coach hears that somebody would like a moment."""
    draft.notify(party, NoticeKey.AGENDA_NOT_HERE, {"coach": draft.name(coach)})
    if party == coach or not may_hear(draft, coach):
        return
    params = {"name": draft.name(party)}
    one = draft.state.agenda.get(moving) if moving else None
    if one is not None:
        params["when"] = shown(draft, coach, one.start)
    key = NoticeKey.AGENDA_WANTED_OTHER if one is not None else NoticeKey.AGENDA_WANTED_COACH
    draft.notify(coach, key, params, about=party)


def _tell_full(draft: Draft, party: str, coach: str, modality: str, days: int) -> None:
    params = {"modality": modality, "coach": draft.name(coach), "days": str(days)}
    draft.notify(party, NoticeKey.AGENDA_FULL, params)
    if party != coach and may_hear(draft, coach):
        draft.notify(
            coach,
            NoticeKey.AGENDA_FULL_COACH,
            {"modality": modality, "name": draft.name(party), "days": str(days)},
        )


# -- booking --------------------------------------------------------------------------------------


def refusal(
    draft: Draft, party: str, coach: str, modality: str, start: datetime, minutes: int, moving: int
) -> str:
    """Return why a moment cannot be had, '' when it can."""
    time = time_of(draft, coach)
    but = name_of(draft, moving) if moving else ""
    if start <= draft.facts.now:
        return "past"
    if overlapping(start, start + minutes * _MINUTE, time.busy, but):
        return "taken"
    if draft.state.parties[party].role == "coach":
        return ""
    now = draft.facts.now
    kind = time.availability.kind(modality)
    if kind is None or minutes != kind.minutes:
        return "not_offered"
    return "" if is_free(time.availability, modality, start, now, time.busy, but) else "taken"


def book(draft: Draft, party: str, one: Appointment, how: str) -> None:
    """Give a slot to a client; it is known to be free."""
    number = draft.add(
        e.AppointmentBooked(
            author=party,
            coach=one.coach,
            client=one.client,
            modality=one.modality,
            start=one.start,
            minutes=one.minutes,
            how=how,
        )
    )
    start_timers(draft, number, one)
    for person in (one.client, one.coach):
        video = link_for(draft, person, number, one)
        key = NoticeKey.AGENDA_BOOKED_VIDEO if video else NoticeKey.AGENDA_BOOKED
        more = {"link": video}
        if person == one.coach:
            key = NoticeKey.AGENDA_BOOKED_COACH
            theirs = zone_of(draft, one.client)
            if wall(one.start, theirs) != wall(one.start, zone_of(draft, one.coach)):
                key = NoticeKey.AGENDA_BOOKED_AWAY
                more["last"] = f"{one.start.isoformat()} {theirs}"
        tell(draft, person, key, number, one, more)


def move(draft: Draft, party: str, number: int, start: datetime, minutes: int) -> None:
    """Put an appointment at another time; it is known to be free."""
    draft.add(e.AppointmentMoved(author=party, appointment=number, start=start, minutes=minutes))
    one = draft.state.agenda.get(number)
    if one is not None:
        start_timers(draft, number, one)
        for person in (one.client, one.coach):
            tell(draft, person, NoticeKey.AGENDA_MOVED, number, one)


def cancel(draft: Draft, party: str, number: int, one: Appointment, reason: str = "asked") -> None:
    """Call an appointment off; nothing of it fires any more."""
    draft.add(e.AppointmentCancelled(author=party, appointment=number, reason=reason))
    if one.opened:
        draft.change_hold(Release(session_hold(one.coach)))
    for what in ("remind", "soon", "open", "close"):
        draft.cancel_timer(f"session:{number}:{what}")
    for person in (one.client, one.coach):
        tell(draft, person, NoticeKey.AGENDA_CANCELLED, number, one, method="cancel")


def cancel_all(draft: Draft, reason: str, party: str = "") -> None:
    """Call off everything that is ahead, or everything of one party."""
    for number, one in [*draft.state.agenda.appointments.items()]:
        if party in ("", one.coach, one.client):
            cancel(draft, e.BRIDGE, int(number), one, reason)


def quiet_of(draft: Draft, client: str) -> QuietHours:
    """Return a client's quiet hours; where nothing is known, those everybody has."""
    facts = draft.facts.agenda
    return facts.quiet.get(client, QuietHours()) if facts is not None else QuietHours()


def start_timers(draft: Draft, number: int, one: Appointment) -> None:
    """Come back before, at the beginning and at the end; what would be too late is left out."""
    now, zone = draft.facts.now, zone_of(draft, one.client)
    for what, at in (
        ("remind", remind_at(one.start, now, quiet_of(draft, one.client), zone)),
        ("soon", one.start - BEFORE),
        ("open", one.start),
        ("close", one.end),
    ):
        if at is not None and at > now:
            draft.start_timer(f"session:{number}:{what}", at)
        else:
            draft.cancel_timer(f"session:{number}:{what}")


# -- telling --------------------------------------------------------------------------------------


def tell(
    draft: Draft,
    person: str,
    key: NoticeKey,
    number: int,
    one: Appointment,
    more: dict[str, str] | None = None,
    method: str = "request",
) -> None:
    """Tell one of the two what became of an appointment, with an invitation where they take one."""
    params = {**params_for(draft, person, one), **(more or {})}
    if not may_hear(draft, person):
        return
    facts = draft.facts.agenda
    mail = facts.mails.get(person) if facts is not None else None
    if mail is None:
        draft.notify(person, key, params)
        return
    sequence = one.sequence + (method == "cancel")
    event = CalendarEvent(
        uid=f"{name_of(draft, number)}@coachbridge",
        sequence=sequence,
        method=method,
        summary=draft.name(one.coach if person == one.client else one.client),
        start=one.start,
        minutes=one.minutes,
        zone=zone_of(draft, person),
        url=link_for(draft, person, number, one),
    )
    seq = draft.add(
        e.InvitationMailed(party=person, appointment=number, method=method, sequence=sequence)
    )
    usual = draft.address(person)
    if not isinstance(usual, str) and usual.endpoint == mail:
        draft.notify(person, key, params, calendar=event)
        return
    draft.notify(person, key, params)
    reach = next((r for r in draft.facts.people[person].reach if r.endpoint == mail), None)
    if reach is not None and not reach.opted_out:
        draft.effect(
            SendMessage(
                seq=seq,
                to=Address(person, mail, reach.epoch, reach.place),
                purpose=Purpose.NOTICE,
                priority=Priority.REPLY,
                content=Notice(key=key, params=params),
                calendar=event,
            )
        )
