"""HELP: the words this person may use, and who can read along where they wrote it.

Where one answer cannot hold them all (SMS) it tells those that are used most, and ``HELP 2`` the
next. Such a page is written in the letters of the GSM alphabet, or it would take twice the room.
"""

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
MOST_USED = (
    "TODAY",
    "encourage anna fri 08:30 exam",
    "book anna tue 10:00 phone 50",
    "step anna: …",
    "APPOINTMENTS",
    "APPOINTMENT",
    "MOVE",
    "CANCEL",
    "READ",
    "PAUSE 2 WEEKS",
    "STOP",
    "BALANCE",
    "UNDO",
    "NOTE: …",
)
"""What a page begins with, in this order, as ``Offer.en`` has it; the others follow as they are."""
_MORE = 2
_PAGE_DIGITS = 2


def over(concerns: Sequence[Concern]) -> Concern:
    """Return the concern that tells of these, and of itself."""
    offers = (_HELP, *(offer for concern in concerns for offer in concern.offers))
    return Concern(partial(_on_help, offers), (_HELP,), keywords.HELP)


def _on_help(
    offers: Sequence[Offer], desk: Desk, person: str, inbound: MessageIn, word: str
) -> bool:
    first, _, rest = word.partition(" ")
    page = _page(rest)
    if first not in keywords.HELP or not page:
        return False
    desk.reason = "help"
    told = ", ".join(_told(desk, person, offers))
    params = {"words": told, "protection": protection(desk, inbound)}
    language = desk.catalogue.language_of(language_of(desk.unit, person))
    whole = desk.catalogue.say(NoticeKey.HELP, language, **params)
    if len(whole) <= desk.catalogue.room_on(inbound.place.network):
        answer(desk, person, inbound, NoticeKey.HELP, params)
    else:
        _turn(desk, person, inbound, _told(desk, person, _by_use(offers)), first, page)
    return True


def _page(rest: str) -> int:
    """Return which page is asked for, 0 where that is no page."""
    if not rest:
        return 1
    if rest in keywords.MORE:
        return _MORE
    return int(rest) if rest.isascii() and rest.isdecimal() and len(rest) <= _PAGE_DIGITS else 0


def _by_use(offers: Sequence[Offer]) -> list[Offer]:
    order = {word: number for number, word in enumerate(MOST_USED)}
    return sorted(offers, key=lambda offer: order.get(offer.en, len(order)))


def _turn(
    desk: Desk, person: str, inbound: MessageIn, lines: Sequence[str], typed: str, page: int
) -> None:
    """Show a page of the words, the last one for a number beyond it."""
    room = desk.catalogue.room_on(inbound.place.network)
    language = desk.catalogue.language_of(language_of(desk.unit, person))
    guard = protection(desk, inbound)
    left = [line.replace("…", "...") for line in lines]
    number = 0
    while True:
        number += 1
        params = {"protection": guard, "more": f"{typed.upper()} {number + 1}"}
        key = NoticeKey.HELP_NEXT if number > 1 else NoticeKey.HELP_FIRST
        frame = len(desk.catalogue.say(key, language, **params, words=""))
        shown = _fitting(left, room - frame)
        left = left[len(shown) :]
        if not left or number == page:
            break
    key = key if left else NoticeKey.HELP_LAST
    answer(desk, person, inbound, key, {**params, "words": "\n".join(shown)})


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    """Return the lines that there is room for, at least one."""
    shown: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if shown and room < 0:
            break
        shown.append(line)
    return shown


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
