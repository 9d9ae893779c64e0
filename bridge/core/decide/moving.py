"""A party goes on from another messenger of theirs: an entry; the shell lets what waits follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e

if TYPE_CHECKING:
    from bridge.core.commands import MoveConversation
    from bridge.core.decide.draft import Draft


def on_move(draft: Draft, command: MoveConversation) -> None:
    """Log where somebody who takes part goes on; of others and closed logs there is no news."""
    party = draft.state.parties.get(command.party)
    if party is None or not party.active or not draft.state.open:
        return
    draft.add(
        e.ConversationMoved(
            author=command.party,
            party=command.party,
            network=command.endpoint.network,
            how=command.how,
            endpoint=command.endpoint,
        )
    )
