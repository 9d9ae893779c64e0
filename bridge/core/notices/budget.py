"""What the bridge says about prepaid minutes."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
    NoticeKey.TIME_GRANTED: (
        "There are {left} minutes of coaching time for you now. Write BALANCE to see how many are "
        "left."
    ),
    NoticeKey.TIME_GRANTED_COACH: "{name}: there are {left} minutes of coaching time now.",
    NoticeKey.TIME_LOW: "{left} of {granted} minutes of your coaching time are left.",
    NoticeKey.TIME_LOW_COACH: "{name}: {left} of {granted} minutes of coaching time are left.",
    NoticeKey.TIME_USED: (
        "The agreed coaching time is used up. Nothing is cut off: what you write still arrives. "
        "Talk with {name} about what comes next."
    ),
    NoticeKey.TIME_USED_COACH: (
        "{name}: the agreed coaching time is used up ({left} of {granted} minutes left). Nothing "
        "is cut off; your client has been told so."
    ),
    NoticeKey.BALANCE: "{left} of {granted} minutes of your coaching time are left.",
    NoticeKey.BALANCE_LINE: "{name}: {left} of {granted} minutes left",
    NoticeKey.BALANCES: "Coaching time:\n{lines}",
    NoticeKey.BALANCE_NONE: "No coaching time in minutes was agreed on with {name}.",
    NoticeKey.TIME_NOTED: (
        "Counted for {name}: {minutes} minutes. {left} of {granted} are left now."
    ),
    NoticeKey.TIME_NOTHING: "Nothing is counted for {name}. {left} of {granted} minutes are left.",
    NoticeKey.TIME_REFUSED: "Nothing was counted for {name}: {reason}.",
    NoticeKey.TIME_WRITTEN: (
        "What you wrote, in minutes, about:\n{lines}\nCount it as coaching time? To count "
        "something else, write “time anna 10”."
    ),
    NoticeKey.TIME_WRITTEN_LINE: "{name}: {minutes}",
    NoticeKey.TIME_OPTION_COUNT: "Count it",
    NoticeKey.TIME_OPTION_LEAVE: "Do not count it",
    NoticeKey.TIME_TAKEN: "It is counted.\n{lines}",
    NoticeKey.TIME_LEFT: "Nothing of it is counted.",
    NoticeKey.TODAY_TIME_LOW: "{name}: {left} of {granted} minutes of coaching time left",
    NoticeKey.WORD_BALANCE: "how many minutes of coaching time are left",
    NoticeKey.WORD_TIME: "count minutes, or take some back: time anna -5",
}
