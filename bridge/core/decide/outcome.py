"""What became of a message: the outbox and the networks report, the log tells, the author hears.

1. Each report is an entry. Whether a state may follow another is settled before (``delivery``).
2. The author of words that did not arrive is told once; trouble with a notice is only logged, so
   that notices never breed notices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Purpose
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.commands import Report
    from bridge.core.decide.draft import Draft

_TELL = frozenset({DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED})


_SILENT = frozenset({"not_shown", "quiet_hours", "later"})
"""What is no news to an author: nothing was lost, or it goes later."""


def on_report(draft: Draft, command: Report) -> None:
    """Log a delivery's new state; tell the author when words did not arrive."""
    draft.add(
        e.DeliveryChanged(
            target=command.target,
            party=command.party,
            state=command.state,
            network=command.network,
            reason=command.reason,
            losses=command.losses,
            twice=command.twice,
            external_ids=command.external_ids,
            detail=command.detail,
        )
    )
    target = draft.facts.target
    if command.state not in _TELL or target is None or command.told:
        return
    if (
        command.purpose in (Purpose.CHAT, Purpose.CORRECTION, Purpose.NUDGE)
        and command.reason not in _SILENT
    ):
        draft.tell_author(target.author, command.party, command.reason, command.detail)
    elif target.kind == "place_asked" and command.reason != "has_place":
        draft.notify(
            command.party,
            NoticeKey.TOPICS_REFUSED,
            {"reason": command.reason, "detail": command.detail},
        )
