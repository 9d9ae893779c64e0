"""A party goes on from another messenger of theirs: an entry; the shell lets what waits follow.

Who goes on for good gives up the old one: nothing follows from there, for whoever holds the old
phone by now may have asked for it. The coaches are told, so that they can ask back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.commands import MoveConversation, ReplaceEndpoints
    from bridge.core.decide.draft import Draft

REPLACED = "replaced"
"""Why an endpoint counts no more whose person confirmed another in its place."""


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


def on_replace(draft: Draft, command: ReplaceEndpoints) -> None:
    """Log which endpoints of a party count no more and which came instead; tell the coaches.

    A place of the party's own in a group of the old account is given up: the old one reads there.
    """
    party = draft.state.parties.get(command.party)
    if party is None or not party.active or not draft.state.open:
        return
    name = command.party
    for endpoint in (command.to, *command.also):
        draft.add(
            e.EndpointLinked(
                party=name, network=endpoint.network, how=command.how, endpoint=endpoint
            )
        )
    for endpoint in command.gone:
        draft.add(
            e.EndpointRevoked(
                party=name, network=endpoint.network, reason=REPLACED, endpoint=endpoint
            )
        )
    accounts = {(one.network, one.account) for one in command.gone}
    if party.place is not None and (party.place.network, party.place.account) in accounts:
        draft.add(e.PlaceUnbound(party=name, place=party.place, reason=REPLACED))
    told = {"name": draft.name(name), "where": command.where}
    for coach in draft.state.with_role("coach"):
        if coach != name:
            draft.notify(coach, NoticeKey.NUMBER_CHANGED_COACH, told)
