"""NEW NUMBER: go on from another number for good, or help a client to who lost the phone.

1. ``NEW NUMBER`` alone gives a code to send from the new place; with a number after it, a question
   goes there at once. Both change nothing before the yes on both sides: see ``runtime.replacing``.
2. A coach who writes a client's name after it gets a code for them, because their phone is lost;
   one word that is nobody's name is asked about.
3. Anything else after the word is what people say to each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime import asking, invites, replacing
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached, opening
from bridge.runtime.words.naming import called, client_called, meant

if TYPE_CHECKING:
    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk

_LIKE_A_NUMBER = re.compile(r"[+0(][\d\s().\-/]{5,24}")


def on_number(desk: Desk, person: str, inbound: MessageIn, _word: str) -> bool:
    """Answer NEW NUMBER; False where it is but the beginning of a sentence."""
    first, rest = opening(inbound)
    second, _, after = rest.partition(" ")
    named = after.strip()
    if first not in keywords.NEW or keywords.keyword(second).rstrip(":") not in keywords.NUMBER:
        return False
    if not named or _LIKE_A_NUMBER.fullmatch(named):
        if not inbound.sender.direct:
            return False
        replacing.ask_to_move(desk, person, inbound, named)
        return True
    mine = coached(desk.unit, person)
    found = called(desk.unit, named, mine)
    if not found and mine and len(named.split()) == 1:
        return not meant(desk, person, inbound, named)
    if not found:
        return False
    desk.reason = "number"
    _for_client(desk, person, inbound, found, named)
    return True


def _for_client(desk: Desk, coach: str, inbound: MessageIn, found: list[str], named: str) -> None:
    """Give a coach a code for a client; one who is in several of her trajectories is one person."""
    clients = {client_called(desk.unit, one, named) for one in found}
    if len(clients) > 1:
        people = ", ".join(asking.labels(desk, coach, found))
        answer(desk, coach, inbound, NoticeKey.NAME_SEVERAL, {"name": named, "people": people})
        return
    client = clients.pop()
    issued = invites.issue(desk.unit, found[0], client, replace=True)
    known, asker = desk.unit.person(client), desk.unit.person(coach)
    zone = (asker.time_zone if asker is not None else "") or "UTC"
    answer(
        desk,
        coach,
        inbound,
        NoticeKey.NUMBER_LOST_CODE,
        {
            "name": known.name if known is not None else named,
            "code": issued.typed_code,
            "until": f"{issued.expires_at.isoformat()} {zone}",
        },
    )


CONCERN = Concern(
    on_number,
    (
        Offer("NEW NUMBER +447700900123", "NIEUW NUMMER +31612345678", NoticeKey.WORD_NUMBER),
        Offer("NEW NUMBER Anna", "NIEUW NUMMER Bram", NoticeKey.WORD_NUMBER_LOST, COACHES),
    ),
    keywords.NEW,
)
