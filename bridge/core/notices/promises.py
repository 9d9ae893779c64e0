"""What the bridge says about promises, rest, action steps and scales."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
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
}
