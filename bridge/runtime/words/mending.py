"""undo and resend: a coach takes her last words back, or sends again what did not arrive.

1. Both are about a message that is answered with the word; without one, about the last of her own,
   in the place she is in or in any of her conversations.
2. What was not begun to be sent is never sent once it was undone; what was is taken away where the
   network can do that, and told as withdrawn elsewhere.
3. Resending goes to those it did not reach, and is hers to decide: the log says that she did.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core import keywords
from bridge.core.content import Text, plain
from bridge.core.delivery import DeliveryState
from bridge.core.effects import MOST_TURNS
from bridge.core.inbound import DeleteIn
from bridge.core.notices import NoticeKey
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.core.content import Content
    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from storage.items import Item
    from storage.unit import Unit

UNDONE = "undone"
"""The reason of a row whose message its author took back in time."""

RECENT = timedelta(hours=1)
"""How old the last words may be that ``undo`` takes back without being told which."""

_LOOKED_AT = 50
_SHORT = 60
_WAITS = frozenset({DeliveryState.ACCEPTED, DeliveryState.QUEUED})
_LOST = frozenset({DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.UNCERTAIN})
_AGAIN = frozenset({"no_endpoint", "opted_out", "blocked", "undeliverable", "endpoint_revoked"})
"""Why something was not sent that may be sendable by now."""


def on_undo(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Take a coach's words back."""
    if word not in keywords.UNDO or not coached(desk.unit, person):
        return False
    desk.reason = "undo"

    def may_go(_: str, item: Item) -> bool:
        recent = desk.unit.now - item.at <= RECENT
        return not item.deleted and (recent or bool(inbound.reply_to))

    found = _own(desk.unit, person, inbound, may_go)
    if found is None:
        answer(desk, person, inbound, NoticeKey.UNDO_NOTHING)
        return True
    trajectory, item = found
    delete = DeleteIn(inbound.place, inbound.sender, "", inbound.at)
    desk.handle(trajectory, c.Receive(person, delete, desk.row_id, target=item.seq))
    kept = _withhold(desk, trajectory, item.seq)
    key = NoticeKey.UNDONE_IN_TIME if kept else NoticeKey.UNDONE_LATE
    answer(desk, person, inbound, key, {"words": _short(item)})
    return True


def _withhold(desk: Desk, trajectory: str, seq: int) -> bool:
    """End the rows of a message that wait; tell whether it was begun to be sent to nobody."""
    unit, logged = desk.unit, desk.unit.entry(trajectory, seq)
    to = logged.entry.to if logged and isinstance(logged.entry, e.MessagePosted) else ()
    kept = True
    for party in to:
        row = unit.outbox_row(trajectory, seq, party)
        if row is None:
            continue
        if row.state not in _WAITS or row.parts_done or row.twice:
            kept = False
            continue
        unit.settle(row.id, DeliveryState.SUPPRESSED, reason=UNDONE)
        desk.handle(
            trajectory,
            c.Report(
                target=seq,
                party=party,
                state=DeliveryState.SUPPRESSED,
                purpose=row.purpose,
                network=row.network,
                reason=UNDONE,
                told=True,
            ),
        )
    return kept


def on_resend(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Send again what did not arrive."""
    if word not in keywords.RESEND or not coached(desk.unit, person):
        return False
    desk.reason = "resend"
    unit = desk.unit

    def did_not_arrive(trajectory: str, item: Item) -> bool:
        return not item.deleted and bool(_missed(unit, trajectory, item))

    found = _own(unit, person, inbound, did_not_arrive)
    if found is None:
        answer(desk, person, inbound, NoticeKey.RESEND_NOTHING)
        return True
    trajectory, item = found
    to = _missed(unit, trajectory, item)
    content = _content(unit, trajectory, item)
    if content is not None:
        desk.handle(trajectory, c.Resend(person, item.seq, to, content, item.reply_to))
    people = (unit.person(party) for party in to)
    names = ", ".join(one.name for one in people if one is not None)
    answer(desk, person, inbound, NoticeKey.RESENT, {"words": _short(item), "name": names})
    return True


def _missed(unit: Unit, trajectory: str, item: Item) -> tuple[str, ...]:
    """Return whom a message did not reach, and may go to again."""
    return tuple(
        line.party
        for line in item.deliveries
        if (line.state in _LOST or line.reason in _AGAIN)
        and len(unit.turns_of(trajectory, item.seq, line.party)) < MOST_TURNS
    )


def _content(unit: Unit, trajectory: str, item: Item) -> Content | None:
    """Return what a message says now."""
    logged = unit.entry(trajectory, item.seq)
    if logged is None or not isinstance(logged.entry, e.MessagePosted):
        return None
    said = logged.entry.content
    return Text(item.body) if item.edited and isinstance(said, Text) else said


def _own(
    unit: Unit, person: str, inbound: MessageIn, fits: Callable[[str, Item], bool]
) -> tuple[str, Item] | None:
    """Return the newest message of a coach's own that fits: the one she answers, or among hers."""
    among, seq = _meant(unit, person, inbound)
    found: list[tuple[str, Item]] = []
    for trajectory in among:
        page = unit.pages.said(trajectory, person, limit=_LOOKED_AT)
        mine = (one for one in reversed(page.items) if one.author == person)
        fitting = (one for one in mine if (not seq or one.seq == seq) and fits(trajectory, one))
        if (newest := next(fitting, None)) is not None:
            found.append((trajectory, newest))
    return max(found, key=lambda pair: pair[1].at, default=None)


def _meant(unit: Unit, person: str, inbound: MessageIn) -> tuple[Sequence[str], int]:
    """Return the conversations a word may be about, and the message in it, 0 = any.

    An answer to what was said by somebody else, the bridge or a client, tells the conversation.
    One that does not allow the network is not told of there.
    """
    place, states = inbound.place, map(unit.state, coached(unit, person))
    mine = tuple(one.id for one in states if one and one.policy.takes_from(place.network))
    bound = unit.binding_around(place)
    if bound is not None and bound[1] == person:
        mine = tuple(one for one in mine if one == bound[0])
    if not inbound.reply_to:
        return mine, 0
    shown = unit.shown(place.network, place.account, place.chat, inbound.reply_to)
    if shown is None or shown.trajectory not in mine:
        return mine, 0
    logged = unit.entry(shown.trajectory, shown.seq)
    own = logged is not None and logged.entry.author == person
    return (shown.trajectory,), shown.seq if own else 0


def _short(item: Item) -> str:
    words = " ".join((item.text or plain(item.body)).split()) or "…"
    return words if len(words) <= _SHORT else f"{words[: _SHORT - 1]}…"


UNDO = Concern(
    on_undo,
    (Offer("UNDO", "ONGEDAAN", NoticeKey.WORD_UNDO, COACHES),),
    keywords.UNDO,
    answers=True,
)
RESEND = Concern(
    on_resend,
    (Offer("RESEND", "OPNIEUW", NoticeKey.WORD_RESEND, COACHES),),
    keywords.RESEND,
    answers=True,
)
