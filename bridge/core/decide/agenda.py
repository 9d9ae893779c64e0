"""Appointments as people ask for them: by a word, a digit, a button or the page without login.

1. A question that was answered already, or was overtaken by another, does nothing but show what is
   free now: a button under an old list never books what that list no longer stands for.
2. Clients ask for themselves; a coach asks for a client of hers.
3. A refusal is an entry, and the one who asked is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.agenda import Appointment
from bridge.core.content import Choice
from bridge.core.decide import booking, recaps
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.decide.draft import Draft
    from bridge.core.facts import Target
    from bridge.core.inbound import ChoiceIn

_OFFERS = frozenset({NoticeKey.AGENDA_OFFER, NoticeKey.AGENDA_OFFER_PAGE, NoticeKey.AGENDA_TAKEN})
_NOT_REACHED = frozenset({NoticeKey.CALL_TRIED, NoticeKey.CALL_ANOTHER_TIME})
_MINE = (
    _OFFERS
    | _NOT_REACHED
    | {
        NoticeKey.AGENDA_WHICH_KIND,
        NoticeKey.AGENDA_WHICH_MOVE,
        NoticeKey.AGENDA_WHICH_CANCEL,
        NoticeKey.AGENDA_SURE,
        NoticeKey.AGENDA_REMINDER,
        NoticeKey.INVITATION_DECLINED,
        NoticeKey.RECAP_OFFER,
        NoticeKey.RECAP_PREVIEW,
    }
)
_KIND_LABELS = {
    "chat": NoticeKey.KIND_CHAT,
    "phone": NoticeKey.KIND_PHONE,
    "video": NoticeKey.KIND_VIDEO,
    "f2f": NoticeKey.KIND_F2F,
    "intake": NoticeKey.KIND_INTAKE,
}

Asked = c.AskForSlots | c.BookSlot | c.AskToChange | c.CancelAppointment | c.ShowAgenda


def on_asked(draft: Draft, command: Asked) -> None:
    """Decide what a party gets who asks about appointments; others get nothing."""
    party = draft.state.parties.get(command.party)
    if party is None or not party.may_talk or not draft.state.open:
        draft.add(e.BookingRefused(author=command.party, party=command.party, reason="not_offered"))
        return
    match command:
        case c.AskForSlots():
            _ask(draft, command)
        case c.BookSlot():
            _book(draft, command)
        case c.AskToChange():
            _change(draft, command)
        case c.CancelAppointment(party=who, appointment=number):
            _cancel(draft, who, number)
        case c.ShowAgenda(party=who):
            _show(draft, who)
        case _:
            assert_never(command)


def on_leaving(draft: Draft, reason: str, party: str = "") -> None:
    """Call off what cannot be any more: a trajectory ends, or one of the two leaves it."""
    if draft.state.open:
        booking.cancel_all(draft, reason, party)


# -- asking ---------------------------------------------------------------------------------------


def _ask(draft: Draft, command: c.AskForSlots) -> None:
    moved = draft.state.agenda.get(command.moving) if command.moving else None
    if command.moving and (moved is None or moved.opened):
        draft.add(e.BookingRefused(author=command.party, party=command.party, reason="gone"))
        draft.notify(command.party, NoticeKey.AGENDA_NONE)
        return
    coach = booking.coach_of(draft)
    kinds = booking.time_of(draft, coach).availability.kinds
    modality = moved.modality if moved is not None else command.modality
    if not modality and len(kinds) > 1:
        options = tuple(Choice(one.modality, _KIND_LABELS[one.modality]) for one in kinds)
        draft.notify(
            command.party, NoticeKey.AGENDA_WHICH_KIND, {"coach": draft.name(coach)}, options
        )
        return
    modality = modality or next((one.modality for one in kinds), "")
    booking.offer(draft, command.party, modality, command.moving, command.after)


def _show(draft: Draft, party: str) -> None:
    """Tell what is ahead, and where it can be changed."""
    mine = draft.state.agenda.of(party, ahead=False)
    page = booking.page_of(draft, party)
    lines = []
    for _, one in mine:
        known = booking.params_for(draft, party, one)
        lines.append(f"• {known['when']}, {one.minutes} min, {known['name']}")
    params = {"list": "\n".join(lines), "link": page}
    if page:
        key = NoticeKey.AGENDA_LIST_PAGE if mine else NoticeKey.AGENDA_PAGE
    else:
        key = NoticeKey.AGENDA_LIST if mine else NoticeKey.AGENDA_NONE
    draft.notify(party, key, params)


# -- booking --------------------------------------------------------------------------------------


def _book(draft: Draft, command: c.BookSlot) -> None:
    party = command.party
    known = draft.state.agenda.get(command.moving) if command.moving else None
    if command.moving and (known is None or known.opened or not _is_theirs(draft, party, known)):
        draft.add(e.BookingRefused(author=party, party=party, reason="gone", start=command.start))
        draft.notify(party, NoticeKey.AGENDA_NONE)
        return
    coach = _coach_for(draft, party, known)
    client = known.client if known is not None else booking.client_of(draft, party, command.client)
    modality = known.modality if known is not None else command.modality
    kind = booking.time_of(draft, coach).availability.kind(modality)
    minutes = command.minutes or (kind.minutes if kind else known.minutes if known else 50)
    why = booking.refusal(draft, party, coach, modality, command.start, minutes, command.moving)
    if not client or not coach:
        why = "not_offered"
    elif not booking.may_hear(draft, client):
        why = "no_consent"
    if why:
        _refuse(draft, command, modality, why)
    elif command.moving:
        booking.move(draft, party, command.moving, command.start, minutes)
    else:
        one = Appointment(coach, client, modality, command.start, minutes)
        booking.book(draft, party, one, command.how)


def _coach_for(draft: Draft, party: str, known: Appointment | None) -> str:
    if known is not None:
        return known.coach
    return party if draft.state.parties[party].role == "coach" else booking.coach_of(draft)


def _is_theirs(draft: Draft, party: str, one: Appointment) -> bool:
    return party in (one.coach, one.client) or draft.state.parties[party].role == "coach"


def _refuse(draft: Draft, command: c.BookSlot, modality: str, why: str) -> None:
    """A moment could not be had: say so, and show a client what can."""
    party = command.party
    draft.add(e.BookingRefused(author=party, party=party, reason=why, start=command.start))
    when = {"when": booking.shown(draft, party, command.start)}
    if why == "no_consent":
        client = booking.client_of(draft, party, command.client)
        draft.notify(party, NoticeKey.NOT_DELIVERED_NO_CONSENT, {"name": draft.name(client)})
    elif why == "past":
        draft.notify(party, NoticeKey.AGENDA_PAST, when)
    elif draft.state.parties[party].role == "coach" and command.how == "coach":
        draft.notify(party, NoticeKey.AGENDA_CLASH, when)
    else:
        booking.offer(draft, party, modality, command.moving, taken=True)


# -- changing -------------------------------------------------------------------------------------


def _change(draft: Draft, command: c.AskToChange) -> None:
    """Find the appointment that is meant; with several the party chooses."""
    mine = draft.state.agenda.of(command.party)
    if command.appointment:
        mine = [pair for pair in mine if pair[0] == command.appointment]
    if not mine:
        draft.notify(command.party, NoticeKey.AGENDA_NONE)
    elif len(mine) == 1:
        _change_one(draft, command.party, command.what, *mine[0])
    else:
        moving = command.what == "move"
        key = NoticeKey.AGENDA_WHICH_MOVE if moving else NoticeKey.AGENDA_WHICH_CANCEL
        options = tuple(
            Choice(f"a{number}", booking.shown(draft, command.party, one.start))
            for number, one in mine[:9]
        )
        draft.notify(command.party, key, {}, options)


def _change_one(draft: Draft, party: str, what: str, number: int, one: Appointment) -> None:
    if what == "move":
        booking.offer(draft, party, one.modality, number)
        return
    options = (
        Choice(f"y{number}", NoticeKey.AGENDA_CANCEL_YES),
        Choice("n", NoticeKey.AGENDA_CANCEL_NO),
    )
    params = booking.params_for(draft, party, one)
    draft.notify(party, NoticeKey.AGENDA_SURE, params, options)


def _cancel(draft: Draft, party: str, number: int) -> None:
    one = draft.state.agenda.get(number)
    if one is None or one.opened or not _is_theirs(draft, party, one):
        draft.add(e.BookingRefused(author=party, party=party, reason="gone"))
        draft.notify(party, NoticeKey.AGENDA_NONE)
        return
    booking.cancel(draft, party, number, one)


# -- what is chosen -------------------------------------------------------------------------------


def on_chosen(draft: Draft, party: str, target: Target, inbound: ChoiceIn) -> bool:
    """Take a choice that is about appointments; tell whether it was one."""
    key = inbound.key
    about = target.kind == "appointment_booked" or target.notice in _MINE
    if about and not booking.may_hear(draft, party):
        return True  # they withdrew since
    if target.kind == "appointment_booked":
        _on_answer(draft, party, target.seq, key)
        return True
    if target.notice in _OFFERS:
        _on_moment(draft, party, target, key)
        return True
    if target.notice in _NOT_REACHED:
        _ask(draft, c.AskForSlots(party, "phone"))
        return True
    match target.notice:
        case NoticeKey.AGENDA_WHICH_KIND:
            _ask(draft, c.AskForSlots(party, key))
        case NoticeKey.AGENDA_WHICH_MOVE | NoticeKey.AGENDA_WHICH_CANCEL:
            what = "move" if target.notice == NoticeKey.AGENDA_WHICH_MOVE else "cancel"
            _change(draft, c.AskToChange(party, what, _number(key) or -1))
        case NoticeKey.AGENDA_SURE | NoticeKey.INVITATION_DECLINED:
            _on_sure(draft, party, key)
        case NoticeKey.AGENDA_REMINDER:
            _on_reminded(draft, party, key)
        case _:
            return recaps.on_chosen(draft, party, target, inbound)
    return True


def _number(key: str) -> int:
    digits = key[1:]
    return int(digits) if digits.isascii() and digits.isdecimal() else 0


def _on_moment(draft: Draft, party: str, target: Target, key: str) -> None:
    """Book what stands behind a digit, if the list it was in is the one that stands."""
    offered = draft.state.agenda.offers.get(party)
    if offered is None or offered.seq + 1 != target.seq:
        _on_outdated(draft, party, key)
        return
    if key == "more":
        _ask(draft, c.AskForSlots(party, offered.modality, offered.moving, offered.slots[-1]))
        return
    start = next((one for one in offered.slots if booking.key_of(one) == key), None)
    if start is not None:
        command = c.BookSlot(party, offered.modality, start, moving=offered.moving)
        _book(draft, command)


def _on_outdated(draft: Draft, party: str, key: str) -> None:
    """Somebody pressed twice, or under an old list."""
    mine = draft.state.agenda.of(party)
    if not any(booking.key_of(one.start) == key for _, one in mine):
        _ask(draft, c.AskForSlots(party))


def _on_sure(draft: Draft, party: str, key: str) -> None:
    if _number(key):
        _cancel(draft, party, _number(key))
    else:
        draft.notify(party, NoticeKey.AGENDA_KEPT)


def _on_reminded(draft: Draft, party: str, key: str) -> None:
    number = _number(key)
    one = draft.state.agenda.get(number)
    if one is None or one.opened:
        draft.notify(party, NoticeKey.AGENDA_NONE)
    elif key.startswith("m"):
        booking.offer(draft, party, one.modality, number)
    else:
        draft.add(e.AppointmentConfirmed(author=party, appointment=number))
        for person, text in (
            (one.client, NoticeKey.AGENDA_CONFIRMED),
            (one.coach, NoticeKey.AGENDA_CONFIRMED_COACH),
        ):
            if booking.may_hear(draft, person):
                draft.notify(person, text, booking.params_for(draft, person, one))


def _on_answer(draft: Draft, party: str, number: int, answer: str) -> None:
    """A calendar answered an invitation; a decline is told, and changes nothing by itself."""
    one = draft.state.agenda.get(number)
    if one is None or party not in (one.coach, one.client):
        return
    if answer not in ("accepted", "tentative", "declined"):
        return
    draft.add(e.InvitationAnswered(author=party, appointment=number, answer=answer))
    if answer != "declined":
        return
    options = (
        Choice(f"y{number}", NoticeKey.AGENDA_CANCEL_YES),
        Choice("n", NoticeKey.AGENDA_CANCEL_NO),
    )
    for person in (one.client, one.coach):
        if not booking.may_hear(draft, person):
            continue
        params = booking.params_for(draft, person, one)
        who = {"who": draft.name(party)}
        draft.notify(person, NoticeKey.INVITATION_DECLINED, {**params, **who}, options)
