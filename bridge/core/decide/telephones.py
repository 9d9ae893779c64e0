"""The telephones of parties, and how they are told of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.calls import TELEPHONE
from bridge.core.effects import Address

if TYPE_CHECKING:
    from bridge.core.content import Choice
    from bridge.core.decide.draft import Draft
    from bridge.core.facts import Reach
    from bridge.core.notices import NoticeKey


def phones(draft: Draft, party: str, network: str) -> list[Reach]:
    """Return the telephones of a party that may be rung, in their order."""
    person = draft.facts.people.get(party)
    member = draft.state.parties.get(party)
    allowed = draft.state.policy.allows(network)
    if person is None or member is None or not member.may_talk or not allowed:
        return []
    return [one for one in person.reach if one.endpoint.network == network and not one.opted_out]


def address(draft: Draft, party: str, network: str) -> Address | None:
    """Return where a party is rung first, None where they have no telephone."""
    for reach in phones(draft, party, network):
        return Address(party, reach.endpoint, reach.epoch, reach.place)
    return None


def tell(
    draft: Draft,
    party: str,
    key: NoticeKey,
    params: dict[str, str] | None = None,
    options: tuple[Choice, ...] = (),
) -> None:
    """Tell a party in writing; nobody is called to be told about a call."""
    address = draft.address(party)
    if not isinstance(address, str) and address.endpoint.network != TELEPHONE:
        draft.notify(party, key, params, options)
