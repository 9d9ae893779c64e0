"""What the bridge says about appointments and sessions."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
    NoticeKey.SESSION_LOGGED: "In the log of {name}: a session of {minutes} minutes, face to face.",
    NoticeKey.KIND_CHAT: "a chat",
    NoticeKey.KIND_PHONE: "a phone call",
    NoticeKey.KIND_VIDEO: "a video call",
    NoticeKey.KIND_F2F: "a meeting in person",
    NoticeKey.KIND_INTAKE: "an intake",
    NoticeKey.AGENDA_WHICH_KIND: "What kind of appointment with {coach}?",
    NoticeKey.AGENDA_OFFER: (
        "When does {modality} with {coach} suit you? It takes {minutes} minutes; times are "
        "those of {zone}."
    ),
    NoticeKey.AGENDA_OFFER_PAGE: (
        "When does {modality} with {coach} suit you? It takes {minutes} minutes; times are "
        "those of {zone}. All moments: {link}"
    ),
    NoticeKey.AGENDA_TAKEN: "That moment is no longer free. These are; times are those of {zone}.",
    NoticeKey.AGENDA_MORE: "Other moments",
    NoticeKey.AGENDA_FULL: (
        "In the next {days} days no moment is free for {modality} with {coach}. {coach} "
        "knows that you asked."
    ),
    NoticeKey.AGENDA_FULL_COACH: (
        "{name} looked for {modality} and found no free moment in the next {days} days."
    ),
    NoticeKey.AGENDA_NOT_HERE: (
        "There are no moments to choose from here. {coach} knows that you asked; write when it "
        "suits you."
    ),
    NoticeKey.AGENDA_WANTED_COACH: (
        "{name} asks for a moment for an appointment, and you offer none to choose from. Book one: "
        "book {name} tue 10:00 phone 50."
    ),
    NoticeKey.AGENDA_WANTED_OTHER: (
        "{name} asks for another moment than {when}, and you offer none to choose from. Agree on "
        "one and book it: book {name} tue 10:00 phone 50."
    ),
    NoticeKey.AGENDA_BOOKED: (
        "Booked: {when}, {modality} with {name}, {minutes} minutes. Write MOVE or CANCEL "
        "to change it."
    ),
    NoticeKey.AGENDA_BOOKED_VIDEO: (
        "Booked: {when}, {modality} with {name}, {minutes} minutes. Your link: {link} "
        "Write MOVE or CANCEL to change it."
    ),
    NoticeKey.AGENDA_BOOKED_COACH: (
        "New appointment with {name}: {when}, {modality}, {minutes} minutes."
    ),
    NoticeKey.AGENDA_BOOKED_AWAY: (
        "New appointment with {name}: {when} ({last} for {name}), {modality}, {minutes} minutes."
    ),
    NoticeKey.AGENDA_MOVED: "Moved to {when}: {modality} with {name}, {minutes} minutes.",
    NoticeKey.AGENDA_CANCELLED: "Cancelled: {when}, {modality} with {name}.",
    NoticeKey.AGENDA_NONE: "You have no appointment. Write APPOINTMENT to make one.",
    NoticeKey.AGENDA_WHICH_MOVE: "Which appointment do you want to move?",
    NoticeKey.AGENDA_WHICH_CANCEL: "Which appointment do you want to cancel?",
    NoticeKey.AGENDA_SURE: "Cancel {when}, {modality} with {name}?",
    NoticeKey.AGENDA_CANCEL_YES: "Yes, cancel it",
    NoticeKey.AGENDA_CANCEL_NO: "No, it stays",
    NoticeKey.AGENDA_KEPT: "It stays as it was.",
    NoticeKey.AGENDA_LIST: "Ahead of you:\n{list}\nWrite APPOINTMENT, MOVE or CANCEL.",
    NoticeKey.AGENDA_LIST_PAGE: "Ahead of you:\n{list}\nBook, move or cancel: {link}",
    NoticeKey.AGENDA_PAGE: "You have no appointment. Make one here, or write APPOINTMENT: {link}",
    NoticeKey.AGENDA_CLASH: "Not booked: at {when} you have something else.",
    NoticeKey.AGENDA_PAST: "Not booked: {when} is over already.",
    NoticeKey.AGENDA_REMINDER: (
        "A reminder: {when}, {modality} with {name}. Does that still suit you?"
    ),
    NoticeKey.AGENDA_REMINDER_YES: "Yes, I will be there",
    NoticeKey.AGENDA_REMINDER_MOVE: "Another moment, please",
    NoticeKey.AGENDA_CONFIRMED: "Good. Until {when}.",
    NoticeKey.AGENDA_CONFIRMED_COACH: "{name} will be there: {when}.",
    NoticeKey.SESSION_SOON: (
        "In ten minutes: {modality} with {name}. Put your work aside, and get yourself "
        "something to drink."
    ),
    NoticeKey.SESSION_SOON_VIDEO: (
        "In ten minutes: {modality} with {name}. Put your work aside, and get yourself "
        "something to drink. Your link: {link}"
    ),
    NoticeKey.RECAP_OFFER: (
        "Your session with {name} is over. On paper a reinforcement works much more "
        "strongly than spoken: write {name} a short recap?"
    ),
    NoticeKey.RECAP_WRITE: "Yes, write it",
    NoticeKey.RECAP_SKIP: "Not this time",
    NoticeKey.RECAP_TEMPLATE: (
        "What you write next is your draft; it goes to nobody before you say so. For "
        "example:\nWe talked about …\nWhat struck me in you: … (one "
        "reinforcement)\nYou take with you: …"
    ),
    NoticeKey.RECAP_PREVIEW: "This has not gone to {name} yet:\n\n{text}",
    NoticeKey.RECAP_SEND: "Send it",
    NoticeKey.RECAP_AGAIN: "Write it again",
    NoticeKey.RECAP_DROP: "Throw it away",
    NoticeKey.RECAP_SENT: "Sent.",
    NoticeKey.RECAP_DROPPED: "All right, nothing was sent.",
    NoticeKey.INVITATION_DECLINED: (
        "The calendar of {who} declined {when}, {modality} with {name}. The appointment "
        "stands until one of you cancels it here."
    ),
    NoticeKey.WORD_APPOINTMENT: "make an appointment",
    NoticeKey.WORD_MOVE: "move an appointment",
    NoticeKey.WORD_CANCEL: "cancel an appointment",
    NoticeKey.WORD_AGENDA: "what is ahead, and your page",
    NoticeKey.WORD_BOOK: "book for a client: when, how, minutes",
    NoticeKey.BOOK_HOW: (
        "Write it like this: book anna tue 24 nov 10:00 phone 50. The ways are chat, "
        "phone, video, f2f and intake."
    ),
}
