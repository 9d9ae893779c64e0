"""STOP, START, LINK, TOPICS and codes: words of the door, which also count where others read."""

from __future__ import annotations

from bridge.core.notices import NoticeKey
from bridge.runtime import door
from bridge.runtime.words.concern import COACHES, Concern, Offer

CONCERN = Concern(
    door.on_keyword,
    (
        Offer("LINK", "KOPPEL", NoticeKey.WORD_LINK),
        Offer("TOPICS", "ONDERWERPEN", NoticeKey.WORD_TOPICS, COACHES),
        Offer("STOP", "STOP", NoticeKey.WORD_STOP),
        Offer("START", "START"),
    ),
    anywhere=True,
    answers=True,
)
