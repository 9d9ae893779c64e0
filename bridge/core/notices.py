"""The bridge's own texts, by key: English here, every other language in the gettext catalogue.

A notice is written for one reader in the reader's language. Parameters in braces are filled with
people's names and the like; they are data, never formatting.
"""

from __future__ import annotations

from enum import StrEnum


class NoticeKey(StrEnum):
    """Every text the bridge itself says to a person."""

    UNKNOWN_SENDER = "unknown_sender"
    INVITE_INVALID = "invite_invalid"
    INVITE_TOO_MANY = "invite_too_many"
    INVITE_WELCOME_CLIENT = "invite_welcome_client"
    INVITE_WELCOME_COACH = "invite_welcome_coach"
    CONSENT_QUESTION = "consent_question"
    CONSENT_YES = "consent_yes"
    CONSENT_NO = "consent_no"
    CONSENT_THANKS = "consent_thanks"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_WITHDRAWN_COACH = "consent_withdrawn_coach"
    CONSENT_GIVEN_COACH = "consent_given_coach"
    CONSENT_REFUSED_COACH = "consent_refused_coach"
    WAITING_FOR_CONSENT = "waiting_for_consent"
    NOBODY_YET = "nobody_yet"
    WHICH_CLIENT = "which_client"
    WHICH_CLIENT_DONE = "which_client_done"
    WHICH_GONE = "which_gone"
    WHICH_NOBODY = "which_nobody"
    WHICH_FORGOTTEN = "which_forgotten"
    LINK_CONFIRM = "link_confirm"
    LINK_CODE = "link_code"
    LINK_DONE = "link_done"
    LINK_REFUSED = "link_refused"
    LINK_WAITING = "link_waiting"
    YES = "yes"
    NO = "no"
    NOT_DELIVERED = "not_delivered"
    NOT_DELIVERED_BLOCKED = "not_delivered_blocked"
    NOT_DELIVERED_NO_ENDPOINT = "not_delivered_no_endpoint"
    NOT_DELIVERED_NO_CONSENT = "not_delivered_no_consent"
    NOT_DELIVERED_UNCLEAR = "not_delivered_unclear"
    MEDIA_LOST = "media_lost"
    TRAJECTORY_CLOSED = "trajectory_closed"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    OPTED_OUT_COACH = "opted_out_coach"
    UNREACHABLE_COACH = "unreachable_coach"
    MESSAGE_CORRECTED = "message_corrected"
    MESSAGE_DELETED = "message_deleted"
    REACTED = "reacted"
    CHOOSE = "choose"
    HELP = "help"
    PEOPLE = "people"
    PROTECTION_END_TO_END = "protection_end_to_end"
    PROTECTION_TO_VENDOR = "protection_to_vendor"
    PROTECTION_PLAIN = "protection_plain"
    FILE_PHOTO = "file_photo"
    FILE_VIDEO = "file_video"
    FILE_AUDIO = "file_audio"
    FILE_VOICE = "file_voice"
    FILE_OTHER = "file_other"
    TOPICS_DONE = "topics_done"
    TOPICS_REFUSED = "topics_refused"
    TOPICS_EXPOSED = "topics_exposed"
    TOPICS_NOT_ONE = "topics_not_one"
    SIGN_IN_LINK = "sign_in_link"
    SENDER_UNPROVEN = "sender_unproven"
    MOVED = "moved"
    MOVED_ALREADY = "moved_already"
    MOVED_STOPPED = "moved_stopped"
    MOVED_UNKNOWN = "moved_unknown"
    WORD_NETWORK = "word_network"
    WHICH_LOG = "which_log"
    READ_MORE = "read_more"
    READ_ALL = "read_all"
    READ_NOTHING = "read_nothing"
    LOG_YOU = "log_you"
    LOG_WITHDRAWN = "log_withdrawn"
    LOG_ERASED = "log_erased"
    LOG_EDITED = "log_edited"
    LOG_PHOTO = "log_photo"
    LOG_STICKER = "log_sticker"
    LOG_VIDEO = "log_video"
    LOG_AUDIO = "log_audio"
    LOG_VOICE = "log_voice"
    LOG_FILE = "log_file"
    WORD_READ = "word_read"
    WORD_READ_DAY = "word_read_day"
    NAME_SEVERAL = "name_several"
    NAME_NOBODY = "name_nobody"
    WORD_PEOPLE = "word_people"
    WORD_LINK = "word_link"
    WORD_TOPICS = "word_topics"
    WORD_STOP = "word_stop"
    KIND_CHAT = "kind_chat"
    KIND_PHONE = "kind_phone"
    KIND_VIDEO = "kind_video"
    KIND_F2F = "kind_f2f"
    KIND_INTAKE = "kind_intake"
    AGENDA_WHICH_KIND = "agenda_which_kind"
    AGENDA_OFFER = "agenda_offer"
    AGENDA_OFFER_PAGE = "agenda_offer_page"
    AGENDA_TAKEN = "agenda_taken"
    AGENDA_MORE = "agenda_more"
    AGENDA_FULL = "agenda_full"
    AGENDA_FULL_COACH = "agenda_full_coach"
    AGENDA_NOT_HERE = "agenda_not_here"
    AGENDA_BOOKED = "agenda_booked"
    AGENDA_BOOKED_VIDEO = "agenda_booked_video"
    AGENDA_BOOKED_COACH = "agenda_booked_coach"
    AGENDA_MOVED = "agenda_moved"
    AGENDA_CANCELLED = "agenda_cancelled"
    AGENDA_NONE = "agenda_none"
    AGENDA_WHICH_MOVE = "agenda_which_move"
    AGENDA_WHICH_CANCEL = "agenda_which_cancel"
    AGENDA_SURE = "agenda_sure"
    AGENDA_CANCEL_YES = "agenda_cancel_yes"
    AGENDA_CANCEL_NO = "agenda_cancel_no"
    AGENDA_KEPT = "agenda_kept"
    AGENDA_LIST = "agenda_list"
    AGENDA_LIST_PAGE = "agenda_list_page"
    AGENDA_PAGE = "agenda_page"
    AGENDA_CLASH = "agenda_clash"
    AGENDA_PAST = "agenda_past"
    AGENDA_REMINDER = "agenda_reminder"
    AGENDA_REMINDER_YES = "agenda_reminder_yes"
    AGENDA_REMINDER_MOVE = "agenda_reminder_move"
    AGENDA_CONFIRMED = "agenda_confirmed"
    AGENDA_CONFIRMED_COACH = "agenda_confirmed_coach"
    SESSION_SOON = "session_soon"
    SESSION_SOON_VIDEO = "session_soon_video"
    RECAP_OFFER = "recap_offer"
    RECAP_WRITE = "recap_write"
    RECAP_SKIP = "recap_skip"
    RECAP_TEMPLATE = "recap_template"
    RECAP_PREVIEW = "recap_preview"
    RECAP_SEND = "recap_send"
    RECAP_AGAIN = "recap_again"
    RECAP_DROP = "recap_drop"
    RECAP_SENT = "recap_sent"
    RECAP_DROPPED = "recap_dropped"
    INVITATION_DECLINED = "invitation_declined"
    WORD_APPOINTMENT = "word_appointment"
    WORD_MOVE = "word_move"
    WORD_CANCEL = "word_cancel"
    WORD_AGENDA = "word_agenda"
    WORD_BOOK = "word_book"
    BOOK_HOW = "book_how"
    AGENDA_PAGE_NEW = "agenda_page_new"


ENGLISH: dict[NoticeKey, str] = {
    NoticeKey.UNKNOWN_SENDER: (
        "Hello. This number is a private coaching line and does not know you yet. "
        "If you were given a code, send it here."
    ),
    NoticeKey.SENDER_UNPROVEN: (
        "Your message was not passed on: it was no answer to one from us, so we could not tell "
        "that it was yours. Please answer this one, and write it again."
    ),
    NoticeKey.INVITE_INVALID: (
        "This code does not work. It may have been used already or have expired. Ask for a new one."
    ),
    NoticeKey.INVITE_TOO_MANY: (
        "That were too many wrong codes. Please wait a day, or ask for a new invitation link."
    ),
    NoticeKey.INVITE_WELCOME_CLIENT: "Welcome, {name}.",
    NoticeKey.INVITE_WELCOME_COACH: ("Welcome, {name}. Messages of your clients will arrive here."),
    NoticeKey.CONSENT_QUESTION: (
        "{coach} would like to coach you through this chat. Everything you both write is kept in "
        "one encrypted logbook that only the people in this trajectory can read. You can ask for "
        "a copy, and you can stop at any moment by writing STOP. Do you agree?"
    ),
    NoticeKey.CONSENT_YES: "Yes, I agree",
    NoticeKey.CONSENT_NO: "No",
    NoticeKey.CONSENT_THANKS: "Thank you. You can write to {coach} here, at your own pace.",
    NoticeKey.CONSENT_REFUSED: (
        "That is fine. Nothing will be kept or passed on. If you change your mind, write START."
    ),
    NoticeKey.CONSENT_WITHDRAWN: (
        "That is fine. From now on nothing is kept or passed on. If you change your mind, "
        "write START."
    ),
    NoticeKey.CONSENT_WITHDRAWN_COACH: (
        "{name} does not agree any more. Nothing will be passed on from now on."
    ),
    NoticeKey.CONSENT_GIVEN_COACH: "{name} has agreed. You can write to each other now.",
    NoticeKey.CONSENT_REFUSED_COACH: "{name} has not agreed. Nothing will be passed on.",
    NoticeKey.WAITING_FOR_CONSENT: (
        "{name} has not agreed to the coaching text yet. Your message waits and goes out as soon "
        "as {name} has agreed."
    ),
    NoticeKey.NOBODY_YET: (
        "Nobody else takes part here yet, so your message went to nobody. It is kept in the "
        "logbook."
    ),
    NoticeKey.WHICH_CLIENT: "Who is this for? Nothing is sent until you choose.",
    NoticeKey.WHICH_CLIENT_DONE: "Sent to {name}.",
    NoticeKey.WHICH_GONE: (
        "You do not take part there any more, so nothing was sent. Is it for somebody else?"
    ),
    NoticeKey.WHICH_NOBODY: "For nobody",
    NoticeKey.WHICH_FORGOTTEN: "Nothing was sent.",
    NoticeKey.LINK_CONFIRM: (
        "Somebody who calls themselves {name} on {network} wants to be linked to you. Is that you?"
    ),
    NoticeKey.LINK_CODE: (
        "Send this code to us from your other messenger within {minutes} minutes: {code}"
    ),
    NoticeKey.LINK_DONE: "Linked. You can write to us from either messenger now.",
    NoticeKey.LINK_REFUSED: "This was not linked.",
    NoticeKey.LINK_WAITING: "Almost there: confirm it in the messenger you already use with us.",
    NoticeKey.YES: "Yes",
    NoticeKey.NO: "No",
    NoticeKey.NOT_DELIVERED: "Not delivered to {name}: {reason}",
    NoticeKey.NOT_DELIVERED_BLOCKED: (
        "Not delivered to {name}: {name} has stopped messages there."
    ),
    NoticeKey.NOT_DELIVERED_NO_ENDPOINT: (
        "Not delivered to {name}: {name} has no messenger linked to us yet."
    ),
    NoticeKey.NOT_DELIVERED_NO_CONSENT: (
        "Not delivered to {name}: {name} has not agreed to the coaching text."
    ),
    NoticeKey.NOT_DELIVERED_UNCLEAR: (
        "It is not clear whether your message reached {name}: the network gave no answer. "
        "It was not sent again."
    ),
    NoticeKey.MEDIA_LOST: "[A file ({name}) could not be passed on: {reason}]",
    NoticeKey.TRAJECTORY_CLOSED: "This trajectory is closed. Nothing was sent.",
    NoticeKey.OPTED_OUT: "You will get no more messages here. Write START to begin again.",
    NoticeKey.OPTED_IN: "Welcome back. Messages will reach you here again.",
    NoticeKey.OPTED_OUT_COACH: "{name} has stopped messages on {network}.",
    NoticeKey.UNREACHABLE_COACH: (
        "{name} cannot be reached on {network} any more, until {name} writes there again."
    ),
    NoticeKey.MESSAGE_CORRECTED: "Correction: ",
    NoticeKey.MESSAGE_DELETED: "A message was withdrawn by {name}.",
    NoticeKey.REACTED: "{name} reacted: {emoji}",
    NoticeKey.HELP: (
        "What you write here goes to the people of your trajectory and into its logbook. As a "
        "whole message these words are for the bridge itself: {words}. {protection}"
    ),
    NoticeKey.PEOPLE: "Besides you, these people take part:\n{people}",
    NoticeKey.PROTECTION_END_TO_END: (
        "Protection here: encrypted from end to end between you and the bridge."
    ),
    NoticeKey.PROTECTION_TO_VENDOR: (
        "Protection here: encrypted on the way, but the company behind this messenger can read "
        "along."
    ),
    NoticeKey.PROTECTION_PLAIN: (
        "Protection here: none; others on the way can read along. Keep what is sensitive for "
        "another messenger or a meeting."
    ),
    NoticeKey.CHOOSE: "Answer with a number.",
    NoticeKey.FILE_PHOTO: "Photo ({size}): {url}",
    NoticeKey.FILE_VIDEO: "Video ({size}): {url}",
    NoticeKey.FILE_AUDIO: "Sound ({size}): {url}",
    NoticeKey.FILE_VOICE: "Voice message ({size}): {url}",
    NoticeKey.FILE_OTHER: "File {name} ({size}): {url}",
    NoticeKey.TOPICS_DONE: "Each of your trajectories now has its own topic in this group.",
    NoticeKey.TOPICS_REFUSED: "No topics were made: {reason}",
    NoticeKey.TOPICS_EXPOSED: (
        "Somebody else is in your group with topics, so messages of {name} come to your private "
        "chat from now on."
    ),
    NoticeKey.TOPICS_NOT_ONE: (
        "What you just wrote in a group goes to nobody, for that is not the topic of a "
        "trajectory. Write in the topic of your client. To have topics made, write TOPICS there."
    ),
    NoticeKey.SIGN_IN_LINK: (
        "Open this to sign in to the console. It works once, within {minutes} minutes: {link} "
        "If you did not ask for it, do nothing."
    ),
    NoticeKey.MOVED: "From now on everything comes to you by {network}.",
    NoticeKey.MOVED_ALREADY: "Everything comes to you by {network} already.",
    NoticeKey.MOVED_STOPPED: (
        "Nothing can be sent to you by {network} now. Write START to us from there first."
    ),
    NoticeKey.MOVED_UNKNOWN: (
        "We do not know you on {network} yet. Write LINK to use another messenger too."
    ),
    NoticeKey.WORD_NETWORK: "go on there",
    NoticeKey.WHICH_LOG: "Whose conversation do you mean?",
    NoticeKey.READ_MORE: "{lines}\n\nFor what came before this, write MORE.",
    NoticeKey.READ_ALL: "{lines}\n\nBefore this there is nothing.",
    NoticeKey.READ_NOTHING: "There is nothing to read of then.",
    NoticeKey.LOG_YOU: "You",
    NoticeKey.LOG_WITHDRAWN: "withdrawn",
    NoticeKey.LOG_ERASED: "erased",
    NoticeKey.LOG_EDITED: "corrected",
    NoticeKey.LOG_PHOTO: "photo",
    NoticeKey.LOG_STICKER: "sticker",
    NoticeKey.LOG_VIDEO: "video",
    NoticeKey.LOG_AUDIO: "sound",
    NoticeKey.LOG_VOICE: "voice message",
    NoticeKey.LOG_FILE: "file",
    NoticeKey.WORD_READ: "what was said, again",
    NoticeKey.WORD_READ_DAY: "or another day",
    NoticeKey.NAME_SEVERAL: "Several of your clients are called {name}: {people}.",
    NoticeKey.NAME_NOBODY: "None of your clients is called {name}. There are: {people}.",
    NoticeKey.WORD_PEOPLE: "who takes part",
    NoticeKey.WORD_LINK: "use another messenger too",
    NoticeKey.WORD_TOPICS: "in a group of your own: a topic for each client",
    NoticeKey.WORD_STOP: "nothing more comes here until START",
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
        "Appointments cannot be made here. Write to {coach} when it suits you."
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
    NoticeKey.AGENDA_PAGE_NEW: "Your old page is gone. Your new one, for you alone: {link}",
}
