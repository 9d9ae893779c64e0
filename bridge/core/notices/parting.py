"""What the bridge says when a trajectory ends: to its clients, who decide, and to its coaches."""

from __future__ import annotations

from bridge.core.notices.keys import NoticeKey

ENGLISH: dict[NoticeKey, str] = {
    NoticeKey.CLOSE_SURE: (
        "End the trajectory with {name}? That cannot be undone. Afterwards your clients are asked "
        "whether what was written is kept, taken along or destroyed."
    ),
    NoticeKey.CLOSE_YES: "End it",
    NoticeKey.CLOSE_NO: "Not now",
    NoticeKey.CLOSE_NOT: "All right, nothing has changed.",
    NoticeKey.CLOSED_COACH: (
        "The trajectory with {name} has ended. {asked} will be asked whether what was written is "
        "kept, taken along or destroyed. You hear what it comes to."
    ),
    NoticeKey.CLOSED_COACH_NOBODY: "The trajectory with {name} has ended.",
    NoticeKey.PARTING_QUESTION: (
        "Your trajectory with {coach} has ended. What shall happen to what was written? If you "
        "say nothing, it is kept until {day}."
    ),
    NoticeKey.PARTING_QUESTION_OPEN: (
        "Your trajectory with {coach} has ended. What shall happen to what was written? If you "
        "say nothing, it is kept."
    ),
    NoticeKey.PARTING_KEEP: "Keep it",
    NoticeKey.PARTING_TAKE: "Take it along",
    NoticeKey.PARTING_DESTROY: "Destroy it",
    NoticeKey.PARTING_KEPT: (
        "It is kept until {day}. Until then you can change that: write TAKE or DESTROY."
    ),
    NoticeKey.PARTING_KEPT_OPEN: (
        "It is kept. You can change that whenever you like: write TAKE or DESTROY."
    ),
    NoticeKey.PARTING_LINK: (
        "Here is what was written, to read and to save. The link is for you alone and opens for "
        "7 days: {link}\nWhat shall happen to it then?"
    ),
    NoticeKey.PARTING_LINK_MAIL: (
        "Here is what was written in your trajectory with {coach}, to read and to save. The link "
        "is for you alone and opens for 7 days: {link}"
    ),
    NoticeKey.PARTING_SURE: (
        "Destroying cannot be undone: afterwards nobody can read it, nor can you. What is on your "
        "own phone stays there. If you are sure, write: DESTROY ALL. If not, it is kept."
    ),
    NoticeKey.PARTING_SURE_GROUP: (
        "Destroying cannot be undone: afterwards nobody can read your words, nor can you. What "
        "the others wrote stays, and what is on your own phone. If you are sure, write: DESTROY "
        "ALL. If not, they are kept."
    ),
    NoticeKey.PARTING_TOO_LATE: (
        "Nothing was destroyed. Write DESTROY first; then you are asked whether you are sure."
    ),
    NoticeKey.PARTING_WHICH: (
        "Several of your trajectories have ended, with {people}. Write the name of the coach "
        "behind the word: {example}"
    ),
    NoticeKey.PARTING_DESTROYED: "It is destroyed. Nobody can read it any more. All the best!",
    NoticeKey.PARTING_DESTROYED_GROUP: (
        "Your words are destroyed. Nobody can read them any more. All the best!"
    ),
    NoticeKey.PARTING_WARNING: (
        "As agreed, what was written in your trajectory with {coach} is destroyed on {day}. Do you "
        "want to take it along first?"
    ),
    NoticeKey.PARTING_OVER: (
        "What was written in your trajectory with {coach} is destroyed now, as agreed."
    ),
    NoticeKey.PARTING_KEPT_COACH: (
        "{name} lets what was written in your trajectory be kept, until {day}."
    ),
    NoticeKey.PARTING_KEPT_COACH_OPEN: ("{name} lets what was written in your trajectory be kept."),
    NoticeKey.PARTING_TAKEN_COACH: "{name} took along what was written in your trajectory.",
    NoticeKey.PARTING_DESTROYED_COACH: (
        "{name} had what was written in your trajectory destroyed. Nobody can read it any more, "
        "your own words and notes neither."
    ),
    NoticeKey.PARTING_DESTROYED_COACH_GROUP: (
        "{name} had their own words destroyed. Nobody can read them any more."
    ),
    NoticeKey.PARTING_OVER_COACH: (
        "What was written in your trajectory with {name} is destroyed now, as agreed."
    ),
    NoticeKey.WORD_CLOSE: "end a trajectory",
    NoticeKey.WORD_PARTING: "what happens to what was written",
    NoticeKey.TAKE_PAGE_TITLE: "What was written",
    NoticeKey.TAKE_PAGE_LEAD: (
        "Only you have this link. Show it on a screen that nobody else looks at."
    ),
    NoticeKey.TAKE_PAGE_SHOW: "Read it here",
    NoticeKey.TAKE_PAGE_SAVE: "Save everything",
    NoticeKey.TAKE_PAGE_SAVED: (
        "A zip file with pages to read, all pictures and sounds, and the same as data (JSON). It "
        "is not locked: keep it where only you look."
    ),
    NoticeKey.TAKE_PAGE_OLDER: "Earlier",
    NoticeKey.TAKE_PAGE_NEWER: "Later",
    NoticeKey.TAKE_PAGE_GONE: (
        "There is nothing to see here (any more). Write TAKE where you got the link, and you get "
        "a new one."
    ),
}
