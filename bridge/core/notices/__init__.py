"""The bridge's own texts, by key: English here, every other language in the gettext catalogue.

A notice is written for one reader in the reader's language. Parameters in braces are filled with
people's names and the like; they are data, never formatting.
"""

from __future__ import annotations

from bridge.core.notices import (
    agenda,
    budget,
    calls,
    hours,
    moving,
    nudges,
    parting,
    promises,
    talk,
)
from bridge.core.notices.keys import NoticeKey

__all__ = ["ENGLISH", "NoticeKey"]

ENGLISH: dict[NoticeKey, str] = {
    **talk.ENGLISH,
    **agenda.ENGLISH,
    **calls.ENGLISH,
    **nudges.ENGLISH,
    **promises.ENGLISH,
    **budget.ENGLISH,
    **moving.ENGLISH,
    **hours.ENGLISH,
    **parting.ENGLISH,
}
