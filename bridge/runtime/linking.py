"""A file where the network carries nothing but words: a link, and a choice under it.

Not every phone opens links. Whoever cannot see it says so by one digit, and its author hears that;
see ``bridge.core.decide.files``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core.content import Choice, Choices, words
from bridge.core.decide.files import IN_WORDS, SEEN
from bridge.core.effects import SendMessage
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import language_of

if TYPE_CHECKING:
    from bridge.core.effects import Effect
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import Claimed
    from storage.unit import Unit

AS_LINK = "file_as_link"
"""The loss that says that a link went out in place of a file."""


def linked(
    unit: Unit, row: Claimed, effect: Effect, catalogue: Catalogue
) -> tuple[Effect, tuple[str, ...]]:
    """Return an effect whose file became a link with a choice, and that loss; else as it was."""
    if not isinstance(effect, SendMessage) or row.network not in catalogue.wordy:
        return effect, ()
    language = language_of(unit, effect.to.party)
    link = catalogue.file_link(effect.content, row.id, language)
    if not link:
        return effect, ()
    said = words(effect.content)
    options = tuple(
        Choice(key, catalogue.say(label, language))
        for key, label in ((SEEN, NoticeKey.FILE_SEEN), (IN_WORDS, NoticeKey.FILE_TELL))
    )
    body = (f"{said}\n{link}" if said else link,)
    content = Choices(body=body, options=options, ref=f"{row.trajectory}/{row.seq}")
    return replace(effect, content=content), (AS_LINK,)
