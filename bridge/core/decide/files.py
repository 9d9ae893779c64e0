"""Files for people whose phone shows none: under the link stands a digit to ask for words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.decide.draft import Draft
    from bridge.core.facts import Target

SEEN, IN_WORDS = "seen", "inwords"
"""The keys under a link to a file."""


def on_choice(draft: Draft, reader: str, target: Target, key: str) -> bool:
    """Ask the author of a file for its words; tell whether the choice was about a file."""
    if target.kind != "message_posted" or key not in (SEEN, IN_WORDS) or target.author == reader:
        return False
    author = draft.state.parties.get(target.author)
    if key == IN_WORDS and author is not None and author.may_talk:
        draft.notify(target.author, NoticeKey.FILE_TELL_ASKED, {"name": draft.name(reader)})
        draft.notify(reader, NoticeKey.FILE_TELL_NOTED, {"name": draft.name(target.author)})
    return True
