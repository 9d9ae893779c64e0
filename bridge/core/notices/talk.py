"""What the bridge says about messages, people, codes and words."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

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
    NoticeKey.INVITE_WELCOME_COACH: ("Welcome, {name}. Messages of your clients will arrive here."),
    NoticeKey.CONSENT_QUESTION: (
        "{coach} would like to coach you through this chat. Everything you both write is kept in "
        "one encrypted logbook that only the people in this trajectory can read. You can ask for "
        "a copy, and stop at any moment by writing STOP. Do you agree?"
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
    NoticeKey.WHICH_GONE: (
        "You do not take part there any more, so nothing was sent. Is it for somebody else?"
    ),
    NoticeKey.WHICH_NOBODY: "For nobody",
    NoticeKey.WHICH_ELSEWHERE: "somebody who is not named on this messenger",
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
    NoticeKey.HELP_FIRST: "Words for the bridge:\n{words}\n{protection}\nMore words: {more}.",
    NoticeKey.HELP_NEXT: "{words}\nMore words: {more}.",
    NoticeKey.HELP_LAST: "The last words:\n{words}",
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
    NoticeKey.FILE_SEEN: "Seen",
    NoticeKey.FILE_TELL: "Tell me in words",
    NoticeKey.FILE_TELL_ASKED: "{name} cannot open your file on that phone. Tell {name} in words?",
    NoticeKey.FILE_TELL_NOTED: "{name} has been asked to tell you in words.",
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
    NoticeKey.WORD_ENCOURAGE: "encourage before an event",
    NoticeKey.WORD_PROMPT: "ask for a step",
    NoticeKey.WORD_TEMPLATE: "words of your own",
    NoticeKey.WORD_PAUSE: "no nudges for a while",
    NoticeKey.WORD_LATER: "the next one a day later",
    NoticeKey.WORD_PACE: "how many nudges",
    NoticeKey.TODAY_SESSION: "{moment}: {modality} with {name}, {minutes} minutes",
    NoticeKey.TODAY_PROMISE: "{name} is promised an answer {when}",
    NoticeKey.TODAY_PROMISE_BROKEN: "{name} was promised an answer {when}, and has none",
    NoticeKey.TODAY_STALLED_STEP: "{name} has not said how a step went, since {when}",
    NoticeKey.TODAY_STALLED_SILENCE: "{name} has been silent for longer than agreed, since {when}",
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
