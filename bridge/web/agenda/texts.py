"""What the page of appointments says: English here, other languages in ``agenda.po``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bridge.runtime.texts import language_of, said_in

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "title": "Appointments",
    "with": "Appointments with {name}",
    "zone": "All times are those of {zone}.",
    "yours": "What is ahead",
    "none": "You have no appointment yet.",
    "move": "Move",
    "cancel": "Cancel",
    "cancel_sure": "Yes, cancel it",
    "open_video": "Open the video call",
    "new": "Make an appointment",
    "moving": "Choose another moment for {when}",
    "keep": "Leave it as it is",
    "kind": "What kind",
    "chat": "Chat",
    "phone": "Phone call",
    "video": "Video call",
    "f2f": "In person",
    "intake": "Intake",
    "minutes": "{minutes} minutes",
    "month_before": "The month before",
    "month_after": "The month after",
    "free_on": "{day}: {count} free",
    "full_on": "{day}: nothing free",
    "free_legend": "Days with a number have so many free moments.",
    "choose_day": "Choose a day to see its moments.",
    "moments": "Free on {day}",
    "no_moments": "Nothing is free on this day.",
    "book": "Book {when}",
    "move_to": "Move to {when}",
    "not_offered": "Appointments cannot be made here. Write to {name} when it suits you.",
    "consent": "You can make appointments once you have agreed to be coached here.",
    "calendar": "In your own calendar",
    "calendar_lead": (
        "Subscribe to this address, and your calendar shows your appointments. It is for you "
        "alone, like this page."
    ),
    "done_booked": "Booked.",
    "done_moved": "Moved.",
    "done_cancelled": "Cancelled.",
    "done_taken": "That moment is no longer free. Please choose another.",
    "done_gone": "That appointment does not exist any more.",
    "lost_title": "This page is not here",
    "lost": (
        "The link may be old, or somebody has asked for a new one. Write AGENDA to get the one "
        "that works now."
    ),
    "busy": "That were many requests. Please wait a minute and try again.",
    "away": "This does not work just now. Please try again in a moment.",
    "no_video": "There is no video call behind this link any more.",
    "new_link": "Anybody with this link can see this page. To close it, write AGENDA NEW.",
}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts by key in the language that fits a BCP 47 tag, else in English."""
    known = said_in(language_of(language), "agenda")
    return {key: known.get(text, text) for key, text in TEXTS.items()}
