"""SMS, TELEGRAM, MAIL, …: the name of another messenger of one's own, to go on from there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime import handover
from bridge.runtime.words.concern import Concern, Offer
from bridge.runtime.words.hearing import answer

if TYPE_CHECKING:
    from bridge.core.facts import Person, Reach
    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from storage.unit import Unit


def on_network(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Move the conversation to the messenger that is named, or say why that cannot be."""
    network = keywords.NETWORKS.get(word)
    known = desk.unit.person(person)
    if network is None or known is None:
        return False
    desk.reason = "network"
    there = _best(known, network)
    if there is None:
        key = NoticeKey.MOVED_UNKNOWN
    elif there.opted_out:
        key = NoticeKey.MOVED_STOPPED
    elif not handover.may_be_at(desk.unit, person, network):
        key = NoticeKey.MOVED_NOT_ALLOWED
    elif handover.is_at(desk.unit, known, there.endpoint):
        key = NoticeKey.MOVED_ALREADY
    else:
        handover.move(desk.unit, person, there.endpoint, "asked", desk.handle)
        key = NoticeKey.MOVED
    answer(desk, person, inbound, key, {"network": network})
    return True


def _best(person: Person, network: str) -> Reach | None:
    """Return a person's endpoint on a network: rather one that takes what we write."""
    mine = [one for one in person.reach if one.endpoint.network == network]
    return min(mine, key=lambda one: bool(one.opted_out), default=None)


def _has(network: str, unit: Unit, person: str) -> bool:
    """Tell whether somebody has a choice of messengers, this one among them."""
    known = unit.person(person)
    usable = {r.endpoint.network for r in known.reach if not r.opted_out} if known else set()
    return network in usable and len(usable) > 1


CONCERN = Concern(
    on_network,
    tuple(
        Offer(word, word, NoticeKey.WORD_NETWORK, only=partial(_has, network))
        for word, network in (
            ("TELEGRAM", "telegram"),
            ("MATRIX", "matrix"),
            ("SLACK", "slack"),
            ("SMS", "sms"),
            ("WHATSAPP", "whatsapp"),
            ("E-MAIL", "email"),
            ("WEB", "web"),
        )
    ),
    frozenset(keywords.NETWORKS),
)
