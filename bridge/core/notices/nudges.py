"""What the bridge says about nudges."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
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
    NoticeKey.WORD_NUDGES: "what is planned",
    NoticeKey.NUDGE_WEEKLY_PLANNED: (
        "{name} gets this {count} times, the first time on {when}{here}:\n“{text}”\nOn {dates}."
    ),
    NoticeKey.NUDGE_WEEK: "Week {week}: {text}",
    NoticeKey.NUDGE_ASK_TIMES: "How often, or until when? {example}",
    NoticeKey.NUDGE_TIMES_WRONG: (
        "That is no number of weeks: from 1 to {most}, or a last day after the first. {example}"
    ),
    NoticeKey.NUDGE_EXAMPLE_WEEKLY: (
        "For example: every monday 9:00 anna 4x how was your week? Or at the end: until 1 May."
    ),
    NoticeKey.WORD_WEEKLY: "ask something every week, so many times or until a day",
}
