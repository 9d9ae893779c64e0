"""What the bridge says to a coach about her own hours."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
    NoticeKey.AGENDA_ALL: "Ahead of you:\n{list}\nMOVE, CANCEL or AGENDA and a name changes one.",
    NoticeKey.AGENDA_ALL_NONE: (
        "Nothing is ahead with your clients. To make an appointment: book anna tue 10:00 phone 50."
    ),
    NoticeKey.WORD_APPOINTMENTS: "what is ahead with all of your clients",
    NoticeKey.HOURS_TOLD: (
        "{lines}\nTo change it: “hours mon-thu 9-17, fri 9-12”, “stop 17:30”, “off 24 dec”. "
        "What clients can book stands in your console."
    ),
    NoticeKey.HOURS_WEEK: "You work {week}.",
    NoticeKey.HOURS_USUAL: ("No working hours are set; you are taken to work {week}."),
    NoticeKey.HOURS_STOP: "Your stop moment is {at}.",
    NoticeKey.HOURS_OFF: "Off: {days}.",
    NoticeKey.HOURS_OFFER: "Clients can book {modality}: {week}, {minutes} min.",
    NoticeKey.HOURS_SET: "From now on you work {week}.",
    NoticeKey.HOURS_STOP_SET: (
        "After {at}, and on days without work, nothing rings until you work again. You work "
        "{week}. Clients who write then are told so. “stop none” takes it back."
    ),
    NoticeKey.HOURS_STOP_NONE: ("You have no stop moment any more: it may ring at any time."),
    NoticeKey.HOURS_OFF_SET: (
        "You are off: {days}. Nothing can be booked then. “work …” with the same days takes "
        "it back."
    ),
    NoticeKey.HOURS_OFF_BOOKED: (
        "You are off: {days}. Nothing new can be booked then; already booked: {count}. That "
        "stays: AGENDA shows it. “work …” with the same days takes it back."
    ),
    NoticeKey.HOURS_ON_SET: "You work as usual: {days}.",
    NoticeKey.HOURS_PAST: "Those days are over, or end before they begin: {days}.",
    NoticeKey.HOURS_NOT_OFF: "You had taken no day off then yourself: {days}.",
    NoticeKey.HOURS_TOO_MANY: (
        "That is more than a hundred days that differ. Take one back first."
    ),
    NoticeKey.HOURS_EARLY_STOP: (
        "The stop moment has to be later than your first hour of every day of work. HOURS "
        "tells them."
    ),
    NoticeKey.HOURS_UNCLEAR: (
        "I cannot read these hours. Write days and then hours that do not overlap: “hours "
        "mon-thu 9:00-12:30 13:30-17:00, fri 9-12”."
    ),
    NoticeKey.WORD_HOURS: "when you work, and how to change it",
    NoticeKey.WORD_STOP_AT: "your stop moment: nothing rings after it",
    NoticeKey.WORD_OFF: "a day off",
}
