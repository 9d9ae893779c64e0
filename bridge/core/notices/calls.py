"""What the bridge says on the telephone, and about calls."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
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
    NoticeKey.CALL_NOT_REACHED: (
        "{name} was not reached by telephone. Write when it suits you to try again."
    ),
    NoticeKey.CALL_TRIED: (
        "{name} tried to reach you by telephone. Write CALL to be called again, or choose another "
        "moment."
    ),
    NoticeKey.CALL_ANOTHER_TIME: (
        "{name} was not reached by telephone. Write CALL to try again, or choose another moment."
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
    NoticeKey.CALL_NUMBER: "Key in a number from 0 to 10, and end with the hash key.",
    NoticeKey.CALL_AGAIN: "To hear it again, press the star key.",
    NoticeKey.WORD_CALL: "be connected by telephone",
    NoticeKey.CALL_RESTING: (
        "{name} takes no calls now and can be called again from {when}. Leave a message after the "
        "tone; it will reach {name} as a voice message. End with the hash key."
    ),
    NoticeKey.CALL_NOT_NOW: (
        "{name} takes no calls now and can be called again from {when}. Write what it is about, "
        "and {name} reads it then."
    ),
    NoticeKey.LINK_CODE_PHONE: (
        "Send this code to us from your other messenger within {minutes} minutes: {code}\nTo link "
        "a telephone, call {line} from it and type {keypad}"
    ),
    NoticeKey.CALL_NOT_HERE: (
        "For this trajectory the telephone is not used. Please write instead."
    ),
}
