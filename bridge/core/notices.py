"""The bridge's own texts, by key: English here, every other language in the gettext catalogue.

A notice is written for one reader in the reader's language. Parameters in braces are filled with
people's names and the like; they are data, never formatting.
"""

from __future__ import annotations

from enum import StrEnum

from bridge.core import agenda_texts


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
    CALL_NO_CONSENT = "call_no_consent"
    CALL_UNKNOWN = "call_unknown"
    CALL_WHOM = "call_whom"
    CALL_WELCOME = "call_welcome"
    CALL_WHICH = "call_which"
    CALL_CONFIRM = "call_confirm"
    CALL_GREET = "call_greet"
    CALL_RECORD = "call_record"
    CALL_WAIT = "call_wait"
    CALL_LEAVE = "call_leave"
    CALL_NOBODY_THERE = "call_nobody_there"
    CALL_THANKS = "call_thanks"
    CALL_SORRY = "call_sorry"
    CALL_NOT_REACHED = "call_not_reached"
    CALL_MISSED = "call_missed"
    CALL_COMING = "call_coming"
    CALL_NOBODY = "call_nobody"
    CALL_NO_PHONE = "call_no_phone"
    CALL_NO_OWN_PHONE = "call_no_own_phone"
    CALL_BUSY = "call_busy"
    CALL_NOT_RECORDED = "call_not_recorded"
    CALL_EMERGENCY = "call_emergency"
    CALL_REFUSED_NUMBER = "call_refused_number"
    CALL_NO_LINE = "call_no_line"
    CALL_READ = "call_read"
    CALL_OPTION = "call_option"
    CALL_AGAIN = "call_again"
    WORD_CALL = "word_call"
    MOVED = "moved"
    MOVED_ALREADY = "moved_already"
    MOVED_STOPPED = "moved_stopped"
    MOVED_NOT_ALLOWED = "moved_not_allowed"
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
    NOTED = "noted"
    SESSION_LOGGED = "session_logged"
    WORD_NOTE = "word_note"
    WORD_SESSION = "word_session"
    NUDGE_TEXT = "nudge_text"
    NUDGE_THANKS = "nudge_thanks"
    NUDGE_TALK = "nudge_talk"
    NUDGE_DONE = "nudge_done"
    NUDGE_NOT_YET = "nudge_not_yet"
    NUDGE_PASS = "nudge_pass"  # noqa: S105 - no password
    NUDGE_PLANNED = "nudge_planned"
    NUDGE_SERIES_PLANNED = "nudge_series_planned"
    NUDGE_HERE = "nudge_here"
    NUDGE_UNDO = "nudge_undo"
    NUDGE_CANCELLED = "nudge_cancelled"
    NUDGE_REFUSED = "nudge_refused"
    NUDGE_WITHHELD = "nudge_withheld"
    NUDGE_STOPPED = "nudge_stopped"
    NUDGE_ANSWERED = "nudge_answered"
    NUDGE_PROPOSED = "nudge_proposed"
    NUDGE_SEND = "nudge_send"
    NUDGE_OVER = "nudge_over"
    NUDGE_ASK_TIME = "nudge_ask_time"
    NUDGE_ASK_WHAT = "nudge_ask_what"
    NUDGE_ASK_WHICH = "nudge_ask_which"
    NUDGE_PAST = "nudge_past"
    NUDGE_NO_SUCH_DAY = "nudge_no_such_day"
    NUDGE_EXAMPLE = "nudge_example"
    NUDGE_LIST = "nudge_list"
    NUDGE_LIST_EMPTY = "nudge_list_empty"
    NUDGE_LIST_LINE = "nudge_list_line"
    NUDGE_LIST_WEEK = "nudge_list_week"
    NUDGE_ENCOURAGEMENT_WORDS = "nudge_encouragement_words"
    NUDGE_DAYS_LATER = "nudge_days_later"
    NUDGE_DAY_LATER = "nudge_day_later"
    NUDGE_FOLLOW_UP = "nudge_follow_up"
    NUDGE_TEMPLATE_KEPT = "nudge_template_kept"
    NUDGE_TEMPLATE_WRONG = "nudge_template_wrong"
    NUDGE_TEMPLATE_UNKNOWN = "nudge_template_unknown"
    PACE_PAUSED = "pace_paused"
    PACE_RESUMED = "pace_resumed"
    PACE_LATER = "pace_later"
    PACE_WEEK = "pace_week"
    PACE_PAUSED_COACH = "pace_paused_coach"
    PACE_RESUMED_COACH = "pace_resumed_coach"
    PACE_LATER_COACH = "pace_later_coach"
    PACE_WEEK_COACH = "pace_week_coach"
    WORD_ENCOURAGE = "word_encourage"
    WORD_PROMPT = "word_prompt"
    WORD_NUDGES = "word_nudges"
    WORD_TEMPLATE = "word_template"
    WORD_PAUSE = "word_pause"
    WORD_LATER = "word_later"
    WORD_PACE = "word_pace"
    UNDO_NOTHING = "undo_nothing"
    UNDONE_IN_TIME = "undone_in_time"
    UNDONE_LATE = "undone_late"
    RESENT = "resent"
    RESEND_NOTHING = "resend_nothing"
    TODAY = "today"
    TODAY_NOTHING = "today_nothing"
    TODAY_UNANSWERED = "today_unanswered"
    TODAY_FAILED = "today_failed"
    TODAY_UNCERTAIN = "today_uncertain"
    TODAY_WAITING = "today_waiting"
    TODAY_UNREAD = "today_unread"
    WORD_UNDO = "word_undo"
    WORD_RESEND = "word_resend"
    WORD_TODAY = "word_today"
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
    NETWORK_NOT_ALLOWED = "network_not_allowed"
    NOT_DELIVERED_NOT_ALLOWED = "not_delivered_not_allowed"
    MESSAGE_WAITS = "message_waits"
    CORRECTION_WAITS = "correction_waits"
    REACTION_WAITS = "reaction_waits"
    WITHDRAWN_UNSEEN = "withdrawn_unseen"
    MESSAGE_PAGE_TITLE = "message_page_title"
    MESSAGE_PAGE_LEAD = "message_page_lead"
    MESSAGE_PAGE_SHOW = "message_page_show"
    MESSAGE_PAGE_GONE = "message_page_gone"
    MESSAGE_PAGE_AFTER = "message_page_after"
    MESSAGE_PAGE_FILE = "message_page_file"
    MESSAGE_PAGE_WITHDRAWN = "message_page_withdrawn"
    AWAY_ANSWER = "away_answer"
    AWAY_READ = "away_read"
    REST_ANSWER = "rest_answer"
    REST_READ = "rest_read"
    REST_URGENT = "rest_urgent"
    PROMISE_SOON = "promise_soon"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_BROKEN_COACH = "promise_broken_coach"
    STEP_NOTICE = "step_notice"
    TODAY_PROMISE = "today_promise"
    TODAY_PROMISE_BROKEN = "today_promise_broken"
    TODAY_STALLED_STEP = "today_stalled_step"
    TODAY_STALLED_SILENCE = "today_stalled_silence"
    STEP_NOBODY = "step_nobody"
    WORD_STEP = "word_step"
    WORD_SCALE = "word_scale"
    WORD_STEP_OWN = "word_step_own"
    STEP_OPTION_KEEP = "step_option_keep"
    STEP_AGREED = "step_agreed"
    STEP_NOTED = "step_noted"
    STEP_AGREED_COACH = "step_agreed_coach"
    STEP_PROPOSED_COACH = "step_proposed_coach"
    STEP_FOLLOW_UP = "step_follow_up"
    STEP_OPTION_DONE = "step_option_done"
    STEP_OPTION_NOT_YET = "step_option_not_yet"
    STEP_OPTION_OTHER = "step_option_other"
    STEP_DONE = "step_done"
    STEP_DONE_COACH = "step_done_coach"
    STEP_SMALLER = "step_smaller"
    STEP_NOT_DONE_COACH = "step_not_done_coach"
    STEP_OTHER = "step_other"
    SCALE_QUESTION = "scale_question"
    SCALE_AGAIN = "scale_again"
    SCALE_NOTED = "scale_noted"
    SCALE_COURSE = "scale_course"
    SCALE_COURSE_COACH = "scale_course_coach"
    SCALE_ASKED_COACH = "scale_asked_coach"
    ASIDE_HEADER = "aside_header"
    ASIDE_TO_WHOM = "aside_to_whom"
    ASIDE_GONE = "aside_gone"
    ASIDE_EDIT = "aside_edit"
    LOG_ASIDE = "log_aside"
    READ_NOT_HERE = "read_not_here"
    WORD_ASIDE = "word_aside"


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
    NoticeKey.MOVED_NOT_ALLOWED: "Your agreement does not allow {network}, so nothing comes there.",
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
    NoticeKey.NOTED: "Noted with {name}, for coaches only.",
    NoticeKey.SESSION_LOGGED: "In the log of {name}: a session of {minutes} minutes, face to face.",
    NoticeKey.WORD_NOTE: "for the log, only for coaches",
    NoticeKey.WORD_SESSION: "log a session of 45 minutes, face to face",
    NoticeKey.UNDO_NOTHING: "There is nothing of yours to take back.",
    NoticeKey.UNDONE_IN_TIME: "Taken back before anybody saw it: “{words}”",
    NoticeKey.UNDONE_LATE: (
        "Taken back: “{words}”. It was on its way already, so it is taken away where the "
        "messenger can do that; elsewhere it says that you withdrew it."
    ),
    NoticeKey.RESENT: "Sent again to {name}: “{words}”",
    NoticeKey.RESEND_NOTHING: "Nothing of yours is waiting to be sent again.",
    NoticeKey.TODAY: "Today:\n{lines}",
    NoticeKey.TODAY_NOTHING: "Nothing waits for you.",
    NoticeKey.TODAY_UNANSWERED: "{name} waits for an answer since {since}",
    NoticeKey.TODAY_FAILED: "{name}: not delivered: {count}",
    NoticeKey.TODAY_UNCERTAIN: "{name}: not sure whether it arrived: {count}",
    NoticeKey.TODAY_WAITING: "{name}: waits for consent: {count}",
    NoticeKey.TODAY_UNREAD: "{name}: not read yet: {count}",
    NoticeKey.WORD_UNDO: "take back your last message",
    NoticeKey.WORD_RESEND: "send again what did not arrive",
    NoticeKey.WORD_TODAY: "what waits for you",
    NoticeKey.NAME_SEVERAL: "Several of your clients are called {name}: {people}.",
    NoticeKey.NAME_NOBODY: "None of your clients is called {name}. There are: {people}.",
    NoticeKey.WORD_PEOPLE: "who takes part",
    NoticeKey.WORD_LINK: "use another messenger too",
    NoticeKey.WORD_TOPICS: "in a group of your own: a topic for each client",
    NoticeKey.WORD_STOP: "nothing more comes here until START",
    NoticeKey.CALL_NO_CONSENT: (
        "Hello. We cannot connect you yet, because the coaching text was not agreed to."
        " Please answer the question you were sent. Good-bye."
    ),
    NoticeKey.CALL_UNKNOWN: (
        "Hello. This is a private coaching line and does not know your number yet. If "
        "you were given a code of digits for the telephone, type it now, and end with "
        "the hash key."
    ),
    NoticeKey.CALL_WHOM: "Whom do you want to talk to by telephone?",
    NoticeKey.CALL_WELCOME: "Thank you. Your telephone is linked now. Please call again.",
    NoticeKey.CALL_WHICH: "Press {digit} for {name}.",
    NoticeKey.CALL_CONFIRM: (
        "This is the coaching line, with a call to {name}. Press 1 to be connected."
    ),
    NoticeKey.CALL_GREET: (
        "This is the coaching line. {name} is calling you. Press 1 to take the call."
    ),
    NoticeKey.CALL_RECORD: (
        "This call with {name} may be recorded, if you both agree. Press 1 if you agree"
        " to a recording. Press 2 if you do not; then nothing is recorded."
    ),
    NoticeKey.CALL_WAIT: "One moment please. We are calling {name}.",
    NoticeKey.CALL_LEAVE: (
        "{name} cannot come to the telephone now. Leave a message after the tone; it "
        "will reach {name} as a voice message. End with the hash key."
    ),
    NoticeKey.CALL_NOBODY_THERE: (
        "Nobody can take your call here. Leave a message after the tone; it is kept in "
        "the logbook. End with the hash key."
    ),
    NoticeKey.CALL_THANKS: "Thank you. Good-bye.",
    NoticeKey.CALL_SORRY: "Sorry, something went wrong here. Please wait a moment.",
    NoticeKey.CALL_NOT_REACHED: (
        "{name} was not reached by telephone. Write when it suits you to try again."
    ),
    NoticeKey.CALL_MISSED: "Missed call from {name}.",
    NoticeKey.CALL_COMING: "We are calling {name} first, and then you.",
    NoticeKey.CALL_NOBODY: "There is nobody here whom we could call for you.",
    NoticeKey.CALL_NO_PHONE: "{name} has no telephone linked to us, so no call was made.",
    NoticeKey.CALL_NO_OWN_PHONE: (
        "You have no telephone linked to us yet, so no call was made. Write LINK to link one."
    ),
    NoticeKey.CALL_BUSY: "There is a call under way already.",
    NoticeKey.CALL_NOT_RECORDED: "No call of yours is being recorded now.",
    NoticeKey.CALL_EMERGENCY: (
        "Emergency numbers cannot be called from here. Please dial 112 on your own telephone."
    ),
    NoticeKey.CALL_REFUSED_NUMBER: (
        "This number cannot be called from here: emergency, premium and service numbers"
        " are left out. People are called on the telephone they linked."
    ),
    NoticeKey.CALL_NO_LINE: "Telephone calls are not switched on in this practice.",
    NoticeKey.CALL_READ: (
        "This is the coaching line, with a message for {name}. Press 1 to hear it."
    ),
    NoticeKey.CALL_OPTION: "Press {digit} for: {label}.",
    NoticeKey.CALL_AGAIN: "To hear it again, press the star key.",
    NoticeKey.WORD_CALL: "be connected by telephone",
    NoticeKey.NETWORK_NOT_ALLOWED: (
        "This was not passed on. For this trajectory only these messengers may be used: "
        "{networks}. Please write to us there."
    ),
    NoticeKey.NOT_DELIVERED_NOT_ALLOWED: (
        "Not delivered to {name}: {name} has no messenger that may be used for this trajectory."
    ),
    NoticeKey.MESSAGE_WAITS: "There is a message for you. Read it here, until {day}: {link}",
    NoticeKey.CORRECTION_WAITS: ("A message to you was changed. Read it here, until {day}: {link}"),
    NoticeKey.REACTION_WAITS: ("There is a reaction for you. See it here, until {day}: {link}"),
    NoticeKey.WITHDRAWN_UNSEEN: "A message to you was withdrawn.",
    NoticeKey.MESSAGE_PAGE_TITLE: "A message for you",
    NoticeKey.MESSAGE_PAGE_LEAD: (
        "It is shown here because others could read along on the way to your phone or mailbox."
    ),
    NoticeKey.MESSAGE_PAGE_SHOW: "Show the message",
    NoticeKey.MESSAGE_PAGE_GONE: "There is nothing to show here, or not any more.",
    NoticeKey.MESSAGE_PAGE_AFTER: (
        "To answer, write back where you got the link. Close this page when you have read it."
    ),
    NoticeKey.MESSAGE_PAGE_FILE: "Open the file {name}",
    NoticeKey.MESSAGE_PAGE_WITHDRAWN: "This message was withdrawn.",
    NoticeKey.NUDGE_TEXT: "{text}",
    NoticeKey.NUDGE_THANKS: "Thanks",
    NoticeKey.NUDGE_TALK: "Let us talk",
    NoticeKey.NUDGE_DONE: "Yes, done",
    NoticeKey.NUDGE_NOT_YET: "Not yet",
    NoticeKey.NUDGE_PASS: "Rather not",
    NoticeKey.NUDGE_PLANNED: ("{name} gets this on {when}{here}:\n“{text}”"),
    NoticeKey.NUDGE_SERIES_PLANNED: (
        "{name} gets this on {when}{here} and {more} times more, the last time on {last}:\n“{text}”"
    ),
    NoticeKey.NUDGE_HERE: " ({when} where you are)",
    NoticeKey.NUDGE_UNDO: "Undo",
    NoticeKey.NUDGE_CANCELLED: "Taken back ({count}): {name} does not get it.",
    NoticeKey.NUDGE_REFUSED: "Not planned: {reason}.",
    NoticeKey.NUDGE_WITHHELD: "Not sent to {name} (planned for {when}): {reason}.",
    NoticeKey.NUDGE_STOPPED: (
        "Not sent to {name} (planned for {when}): the last four were not answered, so nothing more "
        "goes out by itself. A word of your own may do more now."
    ),
    NoticeKey.NUDGE_ANSWERED: "{name} to “{text}”: {answer}",
    NoticeKey.NUDGE_PROPOSED: ("{event} of {name} is over. Shall I ask on {when}:\n“{text}”"),
    NoticeKey.NUDGE_SEND: "Yes, send it",
    NoticeKey.NUDGE_OVER: "That is over already; nothing was changed.",
    NoticeKey.NUDGE_ASK_TIME: "At what time? {example}",
    NoticeKey.NUDGE_ASK_WHAT: "About what? {example}",
    NoticeKey.NUDGE_ASK_WHICH: "When do you mean: {options}? Write it again with the full moment.",
    NoticeKey.NUDGE_PAST: "That moment is over. Nothing was planned.",
    NoticeKey.NUDGE_NO_SUCH_DAY: "There is no such moment, or it is too far away. {example}",
    NoticeKey.NUDGE_EXAMPLE: (
        "For example: encourage anna fri 08:30 exam, or: prompt anna tomorrow 10:00 first step?"
    ),
    NoticeKey.NUDGE_LIST: "Planned:\n{lines}\n{week}",
    NoticeKey.NUDGE_LIST_EMPTY: "Nothing is planned. {week}\n{example}",
    NoticeKey.NUDGE_LIST_LINE: "• {when}, {name}: “{text}”",
    NoticeKey.NUDGE_LIST_WEEK: (
        "In the last seven days: {sent} sent, {answered} answered, {withheld} not sent."
    ),
    NoticeKey.NUDGE_ENCOURAGEMENT_WORDS: "Good luck with {event}, {name}!",
    NoticeKey.NUDGE_DAYS_LATER: "{days} days later: {text}",
    NoticeKey.NUDGE_DAY_LATER: "A day later: {text}",
    NoticeKey.NUDGE_FOLLOW_UP: "How did it go with {event}, {name}?",
    NoticeKey.NUDGE_TEMPLATE_KEPT: "Kept as {template}: “{text}”",
    NoticeKey.NUDGE_TEMPLATE_WRONG: (
        "A template needs {{event}} in it, and may have {{name}} and nothing else in braces. For "
        "example: template encouragement You can do it, {{name}}: {{event}}!"
    ),
    NoticeKey.NUDGE_TEMPLATE_UNKNOWN: "There is no template {template}. You have: {templates}.",
    NoticeKey.PACE_PAUSED: (
        "No nudges until {until}. Your coach can still write to you. Write RESUME to begin earlier."
    ),
    NoticeKey.PACE_RESUMED: "You get nudges again, at most {week} a week.",
    NoticeKey.PACE_LATER: "What was planned waits until {until}.",
    NoticeKey.PACE_WEEK: "From now on at most {week} a week. LESS, MORE and PAUSE change that.",
    NoticeKey.PACE_PAUSED_COACH: "{name} wants no nudges until {until}.",
    NoticeKey.PACE_RESUMED_COACH: "{name} wants nudges again.",
    NoticeKey.PACE_LATER_COACH: "{name} wants the next nudge a day later.",
    NoticeKey.PACE_WEEK_COACH: "{name} wants at most {week} nudges a week.",
    NoticeKey.WORD_ENCOURAGE: "encourage before an event",
    NoticeKey.WORD_PROMPT: "ask for a step",
    NoticeKey.WORD_NUDGES: "what is planned",
    NoticeKey.WORD_TEMPLATE: "words of your own",
    NoticeKey.WORD_PAUSE: "no nudges for a while",
    NoticeKey.WORD_LATER: "the next one a day later",
    NoticeKey.WORD_PACE: "how many nudges",
    NoticeKey.AWAY_ANSWER: (
        "{coach} is not working now. Your message has arrived, and you get an answer {when} at the "
        "latest."
    ),
    NoticeKey.AWAY_READ: (
        "{coach} is not working now. Your message has arrived and is read {when} or later."
    ),
    NoticeKey.REST_ANSWER: (
        "{coach} is not working now. Your message has arrived, and you get an answer {when} at the "
        "latest. If it really cannot wait, begin a message with URGENT: that one gets through."
    ),
    NoticeKey.REST_READ: (
        "{coach} is not working now. Your message has arrived and is read {when} or later. If it "
        "really cannot wait, begin a message with URGENT: that one gets through."
    ),
    NoticeKey.REST_URGENT: (
        "{coach} is not working now, but this message was passed on at once, with a sound. Nobody "
        "can promise that it is seen."
    ),
    NoticeKey.PROMISE_SOON: "{name} was promised an answer {when} at the latest.",
    NoticeKey.PROMISE_BROKEN: (
        "You were promised an answer {when} at the latest, and that was not kept. Sorry. Your "
        "message is not lost: {coach} has been told again."
    ),
    NoticeKey.PROMISE_BROKEN_COACH: (
        "{name} was promised an answer {when} at the latest. That was not kept, and {name} has "
        "been told so."
    ),
    NoticeKey.TODAY_PROMISE: "{name} is promised an answer {when}",
    NoticeKey.TODAY_PROMISE_BROKEN: "{name} was promised an answer {when}, and has none",
    NoticeKey.TODAY_STALLED_STEP: "{name} has not said how a step went, since {when}",
    NoticeKey.TODAY_STALLED_SILENCE: "{name} has been silent for longer than agreed, since {when}",
    NoticeKey.STEP_NOTICE: (
        "“{step}”: how would one notice that it is done? Write the step again with something "
        "one can see or count, and when: “if the meeting begins on Thursday, then I speak "
        "first”. Or keep it as it is."
    ),
    NoticeKey.STEP_OPTION_KEEP: ("Keep it as it is"),
    NoticeKey.STEP_AGREED: ("A step: {step}\n{coach} asks how it went {when}."),
    NoticeKey.STEP_NOTED: ("Noted as your step: {step}\nYou are asked how it went {when}."),
    NoticeKey.STEP_AGREED_COACH: (
        "{name} has this as a step: {step}\n{name} is asked how it went {when}."
    ),
    NoticeKey.STEP_PROPOSED_COACH: (
        "{name} has chosen a step: {step}\n{name} is asked how it went {when}."
    ),
    NoticeKey.STEP_FOLLOW_UP: ("How did it go? {step}"),
    NoticeKey.STEP_OPTION_DONE: ("Done"),
    NoticeKey.STEP_OPTION_NOT_YET: ("Not yet"),
    NoticeKey.STEP_OPTION_OTHER: ("Something else"),
    NoticeKey.STEP_DONE: ("You did it: {step}\nThat was you. {coach} knows."),
    NoticeKey.STEP_DONE_COACH: ("{name} did it: {step}"),
    NoticeKey.STEP_SMALLER: (
        "That happens. What would be a smaller piece of “{step}”, one that you could do today "
        "or tomorrow? Write “step:” and what it is, or tell {coach} about it."
    ),
    NoticeKey.STEP_NOT_DONE_COACH: (
        "{name} has not done it yet: {step}\n{name} was asked for a smaller piece of it."
    ),
    NoticeKey.STEP_OTHER: ("Tell {coach} in your own words."),
    NoticeKey.SCALE_QUESTION: ("{coach} asks: {question}\nAnswer with a number from 0 to 10."),
    NoticeKey.SCALE_AGAIN: ("The scale goes from 0 to 10. Which number is it?"),
    NoticeKey.SCALE_NOTED: ("Noted: {course}."),
    NoticeKey.SCALE_COURSE: ("Noted. So far: {course}"),
    NoticeKey.SCALE_COURSE_COACH: ("{name}: {course}"),
    NoticeKey.SCALE_ASKED_COACH: ("{name} has been asked."),
    NoticeKey.STEP_NOBODY: (
        "Nothing was agreed: there is not exactly one client here who has agreed to the "
        "coaching text ({name})."
    ),
    NoticeKey.WORD_STEP: "agree on something small, asked about when it is due",
    NoticeKey.WORD_SCALE: "ask for a number from 0 to 10",
    NoticeKey.WORD_STEP_OWN: "a small step of your own",
    NoticeKey.ASIDE_HEADER: "{name}, only to you",
    NoticeKey.ASIDE_TO_WHOM: (
        "Your aside went to nobody, because it was not clear whom it is for. Begin it with a name "
        "and a colon, such as: aside {name}: …"
    ),
    NoticeKey.ASIDE_GONE: "Your aside went to nobody: the other does not take part any more.",
    NoticeKey.ASIDE_EDIT: (
        "Your change was not passed on. What everybody has read cannot become an aside; write the "
        "aside as a message of its own."
    ),
    NoticeKey.LOG_ASIDE: "aside",
    NoticeKey.READ_NOT_HERE: (
        "The log is not shown here, because others could read along on the way. Ask for it from "
        "another messenger."
    ),
    NoticeKey.WORD_ASIDE: "to one coach alone",
}
ENGLISH |= {NoticeKey(key): text for key, text in agenda_texts.TEXTS.items()}
