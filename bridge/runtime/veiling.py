"""Words that may not show on a weak network: there stands only that there are some, with a link.

1. Whether words are veiled is asked in the transaction of the claim: by the policy of the
   trajectory at that moment, and by how well the network is protected. A network of which that is
   not known counts as weak.
2. What goes out then is a fixed text: no words, no name, no quote, no file and no emoji of anybody.
3. The link shows the words to the reader of that one row, on a page of the bridge's own; the log
   tells by the loss ``content_withheld`` that a link went out in their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bridge.core.capabilities import Protection
from bridge.core.content import Text
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    Purpose,
    SendMessage,
    SetReaction,
    UseTelephone,
)
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.effects import Effect
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import Claimed

WITHHELD = "content_withheld"
"""The loss that says that a link went out in place of the words."""

_WELL = frozenset({Protection.END_TO_END.value, Protection.TO_VENDOR.value})


def is_veiled(state: Trajectory | None, network: str, catalogue: Catalogue) -> bool:
    """Tell whether words of a trajectory may not show on a network."""
    if state is None or state.policy.content_on_weak_networks or network in catalogue.own_pages:
        return False
    return catalogue.protection_of(network) not in _WELL


def veils(state: Trajectory | None, effect: Effect, catalogue: Catalogue) -> bool:
    """Tell whether an effect is to be veiled: words, or what is about words."""
    about_words = effect.purpose in (Purpose.CHAT, Purpose.CORRECTION)
    return about_words and is_veiled(state, effect.to.place.network, catalogue)


def veiled(row: Claimed, effect: Effect, language: str, catalogue: Catalogue) -> Effect | None:
    """Return what goes out instead; None for what need not be told at all."""
    match effect:
        case SendMessage():
            return _told(row, effect, NoticeKey.MESSAGE_WAITS, language, catalogue)
        case EditMessage():
            return _told(row, effect, NoticeKey.CORRECTION_WAITS, language, catalogue)
        case SetReaction(emoji=emoji):
            if not emoji:
                return None
            return _told(row, effect, NoticeKey.REACTION_WAITS, language, catalogue)
        case DeleteMessage(seq=seq, to=to, purpose=purpose, target=target):
            return DeleteMessage(seq=seq, to=to, purpose=purpose, target=target)
        case Acknowledge() | OpenPlace() | UseTelephone():
            return effect
        case _:
            assert_never(effect)


def _told(
    row: Claimed, effect: Effect, key: NoticeKey, language: str, catalogue: Catalogue
) -> SendMessage:
    text = catalogue.message_link(key, row.id, row.created_at, language)
    return SendMessage(seq=effect.seq, to=effect.to, purpose=effect.purpose, content=Text((text,)))
