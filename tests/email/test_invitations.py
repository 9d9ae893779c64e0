"""Appointments by mail: invitations a calendar understands, and what it answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING

from icalendar import Calendar

from adapters.email.payloads import wrap
from bridge.core.adapter import Delivery
from bridge.core.content import Text
from bridge.core.effects import Address, CalendarEvent, Purpose, SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import ChoiceIn
from tests.conformance.kit import MemoryFiles
from tests.email.kit import ANNA

if TYPE_CHECKING:
    from adapters.email import EmailAdapter
    from adapters.emulators.mail import Box, MailEmulator, Person

SLOT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
EVENT = CalendarEvent(
    uid="anna-2026/5@coachbridge",
    sequence=0,
    method="request",
    summary="Noor",
    start=SLOT,
    minutes=50,
    zone="Europe/Amsterdam",
    url="https://b.example.org/agenda/x/join/5",
)


async def _send(mail: EmailAdapter, event: CalendarEvent, seq: int = 7) -> None:
    place = Place("email", "main", ANNA)
    effect = SendMessage(
        seq=seq,
        to=Address("anna", Endpoint("email", "main", ANNA), 1, place),
        purpose=Purpose.NOTICE,
        content=Text(("Booked: Wed 25 Nov 09:00",)),
        calendar=event,
    )
    (request,) = mail.render(Delivery(effect)).requests
    await mail.send(request, f"t/{seq}/anna/0", MemoryFiles())


def _calendar(letter: bytes) -> tuple[str, Calendar]:
    """Return the method that the mail names, and the calendar in it."""
    whole = message_from_bytes(letter, policy=default)
    (part,) = [one for one in whole.walk() if one.get_content_type() == "text/calendar"]
    return str(part.get_param("method")), Calendar.from_ical(part.get_content())


async def test_an_invitation_its_change_and_its_end(mail: EmailAdapter, anna: Person) -> None:
    later = SLOT + timedelta(days=1)
    for seq, (sequence, method, start) in enumerate(
        [(0, "request", SLOT), (1, "request", later), (2, "cancel", later)], 7
    ):
        event = CalendarEvent(EVENT.uid, sequence, method, "Noor", start, 50, "Europe/Amsterdam")
        await _send(mail, event, seq)
    uids = set()
    for letter, method, sequence in zip(
        anna.inbox(), ("REQUEST", "REQUEST", "CANCEL"), range(3), strict=True
    ):
        named, calendar = _calendar(letter.data)
        (shown,) = calendar.walk("VEVENT")
        assert named == method == str(calendar["method"])
        assert shown["sequence"] == sequence
        assert [str(one["tzid"]) for one in calendar.walk("VTIMEZONE")] == ["Europe/Amsterdam"]
        assert str(shown["organizer"]).lower() == f"mailto:{letter.sender}".lower()
        assert str(shown["attendee"]) == f"mailto:{ANNA}"
        assert letter.text.strip().endswith("Booked: Wed 25 Nov 09:00")
        uids.add(str(shown["uid"]))
    assert uids == {EVENT.uid}


async def test_a_decline_is_a_choice_of_the_one_who_was_invited(
    mail: EmailAdapter, anna: Person, emu: MailEmulator, box: Box
) -> None:
    del emu
    await _send(mail, EVENT)
    letter = anna.inbox()[0]
    _, calendar = _calendar(letter.data)
    calendar["method"] = "REPLY"
    (event,) = calendar.walk("VEVENT")
    event["attendee"].params["PARTSTAT"] = "DECLINED"
    for sender in (ANNA, "bram@example.net"):
        answer = EmailMessage()
        answer["From"] = sender
        answer["To"] = letter.sender
        answer["Subject"] = "Declined: Noor"
        answer["Message-ID"] = f"<answer-{sender}>"
        answer["Auto-Submitted"] = "auto-generated"
        answer.set_content("Anna has declined this invitation.")
        answer.add_alternative(
            calendar.to_ical().decode(), subtype="calendar", params={"method": "REPLY"}
        )
        box.add(answer.as_bytes())
    assert _parsed(mail, box, 0) == [("anna-2026/5", "declined")]
    assert _parsed(mail, box, 1) == [], "only the invited may answer"


def _parsed(mail: EmailAdapter, box: Box, number: int) -> list[tuple[str, str]]:
    data = box.mails[number].data
    payload = wrap(1, number + 1, 1_700_000_000, len(data), data)
    return [(one.ref, one.key) for one in mail.parse(payload) if isinstance(one, ChoiceIn)]
