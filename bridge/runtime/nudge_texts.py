"""What a nudge says: a coach's own words, her template or the usual ones; again in a series.

A template is a text with ``{event}`` in it, and perhaps ``{name}``; nothing else is filled in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.core.notices import NoticeKey
from bridge.core.nudges import NudgeKind, Wanted
from bridge.runtime.nudging import first_name
from scheduling.calendar.phrases import later

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

MOST_WORDS = 600
"""Characters of one nudge."""

_FIELDS = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[\w-]{1,40}")
_DUTCH = {"bemoediging": "encouragement", "aansporing": "prompt"}


def words_of(
    unit: Unit,
    catalogue: Catalogue,
    client: str,
    kind: NudgeKind,
    event: str,
    own: str,
    template: str,
) -> str:
    """Return the words of a nudge: the coach's own, her template, or the usual ones."""
    person = unit.person(client)
    name = first_name(person.name) if person is not None else client
    if kind is NudgeKind.ENCOURAGEMENT and own.strip():
        return own.strip()
    if not template and kind is NudgeKind.PROMPT:
        return event.strip()
    language = person.language if person is not None else "en"
    usual = catalogue.template(NoticeKey.NUDGE_ENCOURAGEMENT_WORDS, language)
    return (template or usual).replace("{name}", name).replace("{event}", event.strip())


def series(
    unit: Unit, catalogue: Catalogue, client: str, at: datetime, days: Sequence[int], text: str
) -> tuple[Wanted, ...]:
    """Return every moment with its words; the later ones say how many days later it is."""
    person = unit.person(client)
    language, zone = (person.language, person.time_zone or "UTC") if person else ("en", "UTC")
    wanted = [Wanted(at, text)]
    for day in days:
        key = NoticeKey.NUDGE_DAY_LATER if day == 1 else NoticeKey.NUDGE_DAYS_LATER
        said = catalogue.say(key, language, days=str(day), text=text)
        wanted.append(Wanted(later(at, day, zone), said))
    return tuple(wanted)


def has_fields(text: str) -> bool:
    """Tell whether a text has anything to fill in."""
    return bool(_FIELDS.search(text))


def template_name(text: str) -> str:
    """Return what a template is called, however it was written."""
    name = text.casefold().strip("#: ")
    return _DUTCH.get(name, name)


def why_no_template(name: str, text: str) -> str:
    """Return why a text cannot be a template under this name (a code), '' when it can."""
    fields = _FIELDS.findall(text)
    if _NAME.fullmatch(name) is None:
        return "no_name"
    if "event" not in fields or set(fields) - {"event", "name"}:
        return "no_field"
    return "too_long" if len(text) > MOST_WORDS else ""
