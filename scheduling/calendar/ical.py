"""Appointments as calendars read them: iCalendar (RFC 5545), invitations (RFC 5546).

1. Every time names its zone, and the zone's rules come along: readers that get a TZID without a
   VTIMEZONE show an hour too few in half of the year.
2. A UID stays for ever and SEQUENCE grows, so that a change replaces what is there.
3. Pure: the same appointments give the same bytes, DTSTAMP included, which is given.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from scheduling.calendar.zones import zone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icalendar import Calendar, Event

PRODUCT = "-//Coachbridge//Appointments//EN"


class Meeting(msgspec.Struct, frozen=True):
    """One appointment for one reader, in the reader's zone."""

    uid: str
    sequence: int
    summary: str
    start: datetime
    minutes: int
    zone: str
    stamp: datetime
    url: str = ""
    cancelled: bool = False


def feed(name: str, meetings: Iterable[Meeting]) -> bytes:
    """Return a calendar to subscribe to."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    listed = list(meetings)
    for one in listed:
        calendar.add_component(_event(one))
    return _whole(calendar, [one.start.year for one in listed])


def invitation(one: Meeting, organizer: str, attendee: str, name: str = "") -> bytes:
    """Return an invitation, or with ``cancelled`` its end; both are mail addresses."""
    from icalendar import vCalAddress, vText

    calendar = _calendar("CANCEL" if one.cancelled else "REQUEST")
    event = _event(one)
    host = vCalAddress(f"mailto:{organizer}")
    host.params["cn"] = vText(name or organizer)
    event.add("organizer", host)
    guest = vCalAddress(f"mailto:{attendee}")
    guest.params["partstat"] = vText("NEEDS-ACTION")
    guest.params["rsvp"] = vText("TRUE")
    event.add("attendee", guest, encode=False)
    calendar.add_component(event)
    return _whole(calendar, [one.start.year])


def answer(data: bytes) -> tuple[str, str] | None:
    """Return (UID, what was answered) of a calendar's REPLY, None for anything else.

    The answer is ``accepted``, ``tentative`` or ``declined``.
    """
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(data)
        if str(calendar.get("method", "")).upper() != "REPLY":
            return None
        for event in calendar.walk("VEVENT"):
            attendee = event.get("attendee")
            one = attendee[0] if isinstance(attendee, list) else attendee
            state = str(one.params.get("PARTSTAT", "")).lower() if one is not None else ""
            if state in ("accepted", "tentative", "declined"):
                return str(event.get("uid", "")), state
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        return None
    return None


def _calendar(method: str) -> Calendar:
    from icalendar import Calendar  # costs 100 ms; most processes never need it

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(one: Meeting) -> Event:
    from icalendar import Event

    start = one.start.astimezone(zone(one.zone))
    event = Event()
    event.add("uid", one.uid)
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.stamp)
    event.add("dtstart", start)
    event.add("dtend", (one.start + timedelta(minutes=one.minutes)).astimezone(zone(one.zone)))
    event.add("summary", one.summary)
    event.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if one.url:
        event.add("url", one.url)
        event.add("location", one.url)
    return event


def _whole(calendar: Calendar, years: list[int]) -> bytes:
    """Return a calendar with the rules of its zones, from the year before it to the one after."""
    if years:
        first, last = date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1)
        calendar.add_missing_timezones(first, last)
    return bytes(calendar.to_ical())
