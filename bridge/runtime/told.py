"""Items of a timeline as their reader sees them: texts of the bridge in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.content import Choice, Notice, plain
from bridge.core.notices import NoticeKey
from storage.items import ChoiceLine

if TYPE_CHECKING:
    from bridge.runtime.texts import Catalogue
    from storage.items import Item


def in_language(item: Item, language: str, catalogue: Catalogue) -> Item:
    """Return an item whose text, if it is one of the bridge's own, is in a language.

    Words of people come back untouched; a notice whose parameters were erased has no text.
    """
    if not item.notice:
        return item
    options = tuple(Choice(choice.key, choice.label) for choice in item.choices)
    try:
        notice = Notice(NoticeKey(item.notice), dict(item.params), options)
        told = catalogue.translate(notice, language)
    except KeyError:
        return msgspec.structs.replace(item, text=None, body=())
    body = getattr(told, "body", ())
    labels = {option.key: option.label for option in getattr(told, "options", ())}
    choices = tuple(
        ChoiceLine(choice.key, labels.get(choice.key, choice.label), choice.chosen_by)
        for choice in item.choices
    )
    return msgspec.structs.replace(item, text=plain(body), body=body, choices=choices)
