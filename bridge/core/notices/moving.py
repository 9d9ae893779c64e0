"""What is said when somebody goes on from another number or messenger for good."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
    NoticeKey.NUMBER_CODE: (
        "Send this code to us from your new number or messenger within {minutes} minutes: {code}\n"
        "Then we ask you here, and after your yes nothing comes here any more."
    ),
    NoticeKey.NUMBER_CODE_SENT: (
        "We sent a question to {where}. Answer it there within {minutes} minutes with this code: "
        "{code}\n"
        "Then we ask you here, and after your yes nothing comes here any more."
    ),
    NoticeKey.NUMBER_QUESTION: (
        "Do you want to write to us from this number from now on? Then answer with the code that "
        "your old phone shows. If you did not ask for this, do nothing."
    ),
    NoticeKey.NUMBER_CONFIRM: (
        "Your code came from {where}. Shall we go on there? After a yes nothing comes here any "
        "more, and what you write here is not read."
    ),
    NoticeKey.NUMBER_DONE: (
        "Done: from now on we reach you here. Nothing goes to the old one any more."
    ),
    NoticeKey.NUMBER_KEPT: "Nothing changes: we go on here.",
    NoticeKey.NUMBER_NOT_ONE: (
        "We cannot write to that number from here. Write NEW NUMBER and the whole number with its "
        "country code, such as +447700900123; or only NEW NUMBER, and you get a code to send from "
        "the new one."
    ),
    NoticeKey.NUMBER_FROM_THERE: "Send the code from the new one: this is the old one.",
    NoticeKey.NUMBER_TOO_OFTEN: (
        "You asked for that too often today. Try again tomorrow, or ask your coach."
    ),
    NoticeKey.NUMBER_CHANGED_COACH: (
        "{name} goes on from another number or messenger now: {where}. Nothing goes to the old one "
        "any more; what still waited for it is not sent. If this surprises you, ask {name} by "
        "another way."
    ),
    NoticeKey.NUMBER_CHANGED_ELSEWHERE: (
        "You go on from {where} now, in the place of {old}. If it was not you who asked for that, "
        "tell your coach at once."
    ),
    NoticeKey.NUMBER_LOST_CODE: (
        "Give {name} this code yourself, and not by the phone that is lost: {code}\n"
        "{name} sends it to us from the new one before {until}. Then you are asked whether it is "
        "{name}, and after your yes everything {name} had is unlinked."
    ),
    NoticeKey.NUMBER_LOST_WAITING: "Almost there: your coach is asked whether it is you.",
    NoticeKey.NUMBER_LOST_CONFIRM: (
        "The code for {name} came from {where}. Is that {name}? After a yes {name} goes on there, "
        "and everything else {name} had is unlinked."
    ),
    NoticeKey.WORD_NUMBER: "go on from another number for good",
    NoticeKey.WORD_NUMBER_LOST: "a code for somebody who lost the phone",
}
