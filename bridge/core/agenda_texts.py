"""What the bridge says about appointments, sessions and recaps: the English of those notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "kind_chat": "a chat",
    "kind_phone": "a phone call",
    "kind_video": "a video call",
    "kind_f2f": "a meeting in person",
    "kind_intake": "an intake",
    "agenda_which_kind": "What kind of appointment with {coach}?",
    "agenda_offer": (
        "When does {modality} with {coach} suit you? It takes {minutes} minutes; times are "
        "those of {zone}."
    ),
    "agenda_offer_page": (
        "When does {modality} with {coach} suit you? It takes {minutes} minutes; times are "
        "those of {zone}. All moments: {link}"
    ),
    "agenda_taken": "That moment is no longer free. These are; times are those of {zone}.",
    "agenda_more": "Other moments",
    "agenda_full": (
        "In the next {days} days no moment is free for {modality} with {coach}. {coach} "
        "knows that you asked."
    ),
    "agenda_full_coach": (
        "{name} looked for {modality} and found no free moment in the next {days} days."
    ),
    "agenda_not_here": "Appointments cannot be made here. Write to {coach} when it suits you.",
    "agenda_booked": (
        "Booked: {when}, {modality} with {name}, {minutes} minutes. Write MOVE or CANCEL "
        "to change it."
    ),
    "agenda_booked_video": (
        "Booked: {when}, {modality} with {name}, {minutes} minutes. Your link: {link} "
        "Write MOVE or CANCEL to change it."
    ),
    "agenda_booked_coach": "New appointment with {name}: {when}, {modality}, {minutes} minutes.",
    "agenda_moved": "Moved to {when}: {modality} with {name}, {minutes} minutes.",
    "agenda_cancelled": "Cancelled: {when}, {modality} with {name}.",
    "agenda_none": "You have no appointment. Write APPOINTMENT to make one.",
    "agenda_which_move": "Which appointment do you want to move?",
    "agenda_which_cancel": "Which appointment do you want to cancel?",
    "agenda_sure": "Cancel {when}, {modality} with {name}?",
    "agenda_cancel_yes": "Yes, cancel it",
    "agenda_cancel_no": "No, it stays",
    "agenda_kept": "It stays as it was.",
    "agenda_list": "Ahead of you:\n{list}\nWrite APPOINTMENT, MOVE or CANCEL.",
    "agenda_list_page": "Ahead of you:\n{list}\nBook, move or cancel: {link}",
    "agenda_page": "You have no appointment. Make one here, or write APPOINTMENT: {link}",
    "agenda_clash": "Not booked: at {when} you have something else.",
    "agenda_past": "Not booked: {when} is over already.",
    "agenda_reminder": "A reminder: {when}, {modality} with {name}. Does that still suit you?",
    "agenda_reminder_yes": "Yes, I will be there",
    "agenda_reminder_move": "Another moment, please",
    "agenda_confirmed": "Good. Until {when}.",
    "agenda_confirmed_coach": "{name} will be there: {when}.",
    "session_soon": (
        "In ten minutes: {modality} with {name}. Put your work aside, and get yourself "
        "something to drink."
    ),
    "session_soon_video": (
        "In ten minutes: {modality} with {name}. Put your work aside, and get yourself "
        "something to drink. Your link: {link}"
    ),
    "recap_offer": (
        "Your session with {name} is over. On paper a reinforcement works much more "
        "strongly than spoken: write {name} a short recap?"
    ),
    "recap_write": "Yes, write it",
    "recap_skip": "Not this time",
    "recap_template": (
        "What you write next is your draft; it goes to nobody before you say so. For "
        "example:\nWe talked about …\nWhat struck me in you: … (one "
        "reinforcement)\nYou take with you: …"
    ),
    "recap_preview": "This has not gone to {name} yet:\n\n{text}",
    "recap_send": "Send it",
    "recap_again": "Write it again",
    "recap_drop": "Throw it away",
    "recap_sent": "Sent.",
    "recap_dropped": "All right, nothing was sent.",
    "invitation_declined": (
        "The calendar of {who} declined {when}, {modality} with {name}. The appointment "
        "stands until one of you cancels it here."
    ),
    "word_appointment": "make an appointment",
    "word_move": "move an appointment",
    "word_cancel": "cancel an appointment",
    "word_agenda": "what is ahead, and your page",
    "word_book": "book for a client: when, how, minutes",
    "book_how": (
        "Write it like this: book anna tue 24 nov 10:00 phone 50. The ways are chat, "
        "phone, video, f2f and intake."
    ),
}
