"""HELP: the words this person may use, and who can read along where they wrote it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import language_of
from bridge.runtime.words.concern import Concern, Offer
from bridge.runtime.words.hearing import answer, roles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk

_PROTECTION = {
    "end_to_end": NoticeKey.PROTECTION_END_TO_END,
    "to_vendor": NoticeKey.PROTECTION_TO_VENDOR,
    "plain": NoticeKey.PROTECTION_PLAIN,
}
_HELP = Offer("HELP", "HULP")


def over(concerns: Sequence[Concern]) -> Concern:
    """Return the concern that tells of these, and of itself."""
    offers = (_HELP, *(offer for concern in concerns for offer in concern.offers))
    return Concern(partial(_on_help, offers), (_HELP,), keywords.HELP)


def _on_help(
    offers: Sequence[Offer], desk: Desk, person: str, inbound: MessageIn, word: str
) -> bool:
    if word not in keywords.HELP:
        return False
    told = ", ".join(_told(desk, person, offers))
    params = {"words": told, "protection": protection(desk, inbound)}
    answer(desk, person, inbound, NoticeKey.HELP, params)
    desk.reason = "help"
    return True


def _told(desk: Desk, person: str, offers: Sequence[Offer]) -> list[str]:
    """Return the lines of those words that are for one of the person's roles."""
    roles = roles_of(desk.unit, person) or {"client"}
    language = desk.catalogue.language_of(language_of(desk.unit, person))
    found = []
    for offer in offers:
        useful = offer.only is None or offer.only(desk.unit, person)
        if offer.roles & roles and useful:
            does = f" ({desk.catalogue.say(offer.does, language)})" if offer.does else ""
            found.append(f"{offer.written(language)}{does}")
    return found


def protection(desk: Desk, inbound: MessageIn) -> str:
    """Return who can read along on the network of a message, in its author's language."""
    row = desk.unit.endpoint(inbound.sender.endpoint)
    language = language_of(desk.unit, row.person) if row else "en"
    level = desk.catalogue.protection_of(inbound.place.network)
    return desk.catalogue.say(_PROTECTION[level], language) if level in _PROTECTION else ""
