"""Appointments in the shell: what a decision about them may know, and what it changes.

1. A coach's time is read behind that coach's lock, in the transaction that decides (I11). Only
   decisions that may be about appointments do so; chat never waits for an agenda.
2. A link to a page is made from chance we can repeat: told again at will, kept as a hash only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.agenda import AgendaFacts, Turning
from bridge.core.content import Content, Erased
from bridge.core.inbound import ChoiceIn
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.endpoint import Endpoint
    from bridge.core.facts import Person, Target
    from bridge.core.trajectory import Trajectory
    from storage.unit import Unit

_TOKEN_BYTES = 16
_ASKING = (c.AskForSlots, c.BookSlot, c.AskToChange, c.CancelAppointment, c.ShowAgenda)
_LEAVING = (c.CloseTrajectory, c.RemoveParty, c.AnswerConsent, c.EraseParty)
_ABOUT = frozenset(key.value for key in NoticeKey if key.name.startswith("AGENDA_")) | {
    NoticeKey.RECAP_OFFER,
    NoticeKey.RECAP_PREVIEW,
    NoticeKey.INVITATION_DECLINED,
    NoticeKey.CALL_TRIED,
    NoticeKey.CALL_ANOTHER_TIME,
}
_MINUTE = timedelta(minutes=1)


class AgendaPages:
    """Makes the secrets of pages, and tells which networks carry invitations for calendars."""

    def __init__(
        self,
        key: bytes,
        public_url: str,
        invitations: frozenset[str] = frozenset(),
        *,
        video: bool = False,
    ) -> None:
        self._key = key
        self._public_url = public_url
        self.invitations = invitations
        self.video = video

    def url(self, unit: Unit, trajectory: str, person: str) -> str:
        """Return the link to a party's page; it opens for two months at least."""

        def token(number: int) -> str:
            text = msgspec.json.encode(["agenda", trajectory, person, number])
            tag = hmac.digest(self._key, text, hashlib.sha256)[:_TOKEN_BYTES]
            return base64.urlsafe_b64encode(tag).decode().rstrip("=")

        return f"{self._public_url}/agenda/{unit.agendas.link(trajectory, person, token)}"

    def room(self, trajectory: str, number: int) -> str:
        """Return the name of the room of a video appointment, which nobody can guess."""
        text = msgspec.json.encode(["room", trajectory, number])
        tag = hmac.digest(self._key, text, hashlib.sha256)[:_TOKEN_BYTES]
        return base64.b32encode(tag).decode().rstrip("=").lower()


def facts(
    unit: Unit,
    state: Trajectory,
    command: c.Command,
    target: Target | None,
    people: Mapping[str, Person],
    pages: AgendaPages | None,
) -> AgendaFacts | None:
    """Return what a decision may know of appointments, None where it is about something else."""
    if not _is_about(state, command, target):
        return None
    coaches = {coach: unit.agendas.lock(coach) for coach in sorted(state.with_role("coach"))}
    quiet = {one: unit.ledger.pace(one).quiet for one in state.with_role("client")}
    if pages is None:
        return AgendaFacts(coaches, drafted=_drafted(unit, state, command), quiet=quiet)
    parties = [*state.with_role("client"), *state.with_role("coach")]
    links = {one: pages.url(unit, state.id, one) for one in parties}
    found = {one: _mail(people.get(one), pages.invitations) for one in parties}
    mails = {one: endpoint for one, endpoint in found.items() if endpoint is not None}
    drafted = _drafted(unit, state, command)
    return AgendaFacts(coaches, links, mails, pages.video, drafted, quiet)


def _is_about(state: Trajectory, command: c.Command, target: Target | None) -> bool:
    match command:
        case c.Receive(inbound=inbound):
            if target is None or not isinstance(inbound, ChoiceIn):
                return False
            if target.notice == NoticeKey.CONSENT_QUESTION:
                return bool(state.agenda.appointments)
            return target.notice in _ABOUT or target.kind == "appointment_booked"
        case c.TimerFired(name=name):
            return name.startswith("session:")
        case _ if isinstance(command, _LEAVING):
            return bool(state.agenda.appointments)
        case _:
            return isinstance(command, _ASKING)


def _mail(person: Person | None, networks: frozenset[str]) -> Endpoint | None:
    for reach in person.reach if person is not None else ():
        if reach.endpoint.network in networks and not reach.opted_out:
            return reach.endpoint
    return None


def _drafted(unit: Unit, state: Trajectory, command: c.Command) -> Content:
    """Return the recap that a coach may be sending now."""
    recap = state.agenda.recaps.get(getattr(command, "party", ""))
    logged = unit.entry(state.id, recap.draft) if recap is not None and recap.draft else None
    entry = logged.entry if logged is not None else None
    return entry.content if isinstance(entry, e.RecapDrafted) else Erased()


def project(unit: Unit, before: Trajectory, number: int, entry: Turning) -> None:
    """Bring the tables of appointments in line with one entry."""
    agendas, trajectory = unit.agendas, before.id
    match entry:
        case e.AppointmentBooked(coach=coach, client=client, start=start):
            end = start + entry.minutes * _MINUTE
            agendas.book(trajectory, number, coach, client, entry.modality, start, end)
        case e.AppointmentMoved(appointment=moved, start=start):
            agendas.move(trajectory, moved, start, start + entry.minutes * _MINUTE)
        case e.AppointmentCancelled(appointment=gone):
            agendas.cancel(trajectory, gone)
            known = before.agenda.get(gone)
            if known is not None and known.opened:
                _over(unit, trajectory, known.coach)
        case e.SessionOpened(appointment=opened, coach=coach):
            agendas.opened(trajectory, opened, coach)
            unit.registry_changed()
        case e.SessionClosed(appointment=held, coach=coach):
            agendas.closed(trajectory, held)
            _over(unit, trajectory, coach)
        case _:
            pass


def _over(unit: Unit, trajectory: str, coach: str) -> None:
    unit.agendas.ended(trajectory, coach)
    unit.registry_changed()
