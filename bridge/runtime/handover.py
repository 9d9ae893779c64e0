"""A person goes on from another of their messengers: what waits for them follows, once.

1. The conversation is where its person asked for it, or wrote last, and stays there until they do
   either somewhere else. It moves to endpoints of their own only, verified and not opted out.
2. What waits in the outbox moves in the commit that moves the conversation: its row ends as
   ``moved_on``, and the next turn of the same effect waits at the new endpoint. What may have been
   sent stays where it is, so nothing comes twice (I6).
3. Each of the person's logs says that they moved, and how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import commands as c
from bridge.core.decide.draft import Draft, address_of
from bridge.core.effects import Acknowledge, Address, EditMessage, OpenPlace, SendMessage
from bridge.core.facts import Facts
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.core.effects import Effect
    from bridge.core.endpoint import Endpoint
    from bridge.core.facts import Person
    from bridge.core.inbound import MessageIn
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk
    from storage.outbox_rows import Claimed
    from storage.unit import Unit

MOVED = "moved_on"
"""The reason of a row whose message went on to another endpoint of the same person."""


def move(
    unit: Unit,
    person: str,
    endpoint: Endpoint,
    how: str,
    carry_out: Callable[[str, c.Command], object],
) -> int:
    """Let a person go on from an endpoint of theirs; return how many messages followed.

    ``carry_out`` is the way into the logs, called for each of their trajectories.
    """
    unit.touch(endpoint)
    for membership in unit.memberships(person):
        state = unit.state(membership.trajectory)
        if state is None or not state.policy.allows(endpoint.network):
            continue
        carry_out(membership.trajectory, c.MoveConversation(person, endpoint, how))
    return sum(_follows(unit, row) for row in unit.waiting_for(person))


def follow(desk: Desk, person: str, inbound: MessageIn) -> None:
    """Go on where somebody writes, if that is not where their messages go already.

    What they wrote before they moved may come in after it, when a network was away: that moves
    nothing back, and neither do words that waited for an answer or came before.
    """
    unit, place, endpoint = desk.unit, inbound.place, inbound.sender.endpoint
    known = unit.person(person)
    if known is None or len(known.reach) < 2 or desk.released:
        return
    first = known.reach[0]
    if first.used is not None and inbound.at < first.used:
        return
    if not any(one.endpoint == endpoint and not one.opted_out for one in known.reach):
        return
    if is_at(unit, known, endpoint):
        return
    if unit.shown(place.network, place.account, place.chat, inbound.external_id) is None:
        move(unit, person, endpoint, "answered", _quietly(desk))


def may_be_at(unit: Unit, person: str, network: str) -> bool:
    """Tell whether the policy of any conversation of a person allows a network."""
    states = (unit.state(one.trajectory) for one in unit.memberships(person))
    return any(state is not None and state.policy.allows(network) for state in states)


def is_at(unit: Unit, person: Person, endpoint: Endpoint) -> bool:
    """Tell whether all of a person's conversations that may be at an endpoint are there."""
    for membership in unit.memberships(person.id):
        state = unit.state(membership.trajectory)
        if state is None or not state.policy.allows(endpoint.network):
            continue  # that one stays where it is
        address = address_of(person, state.parties[person.id].place, state.policy)
        if isinstance(address, Address) and address.endpoint != endpoint:
            return False
    return True


def _quietly(desk: Desk) -> Callable[[str, c.Command], object]:
    """The way into a log by which a payload does not become what it only brought about."""
    return lambda trajectory, command: handle(desk.unit, trajectory, command, desk.catalogue)


def _follows(unit: Unit, row: Claimed) -> bool:
    """Let one row follow its person; False where it stays what and where it is."""
    if isinstance(row.effect, Acknowledge | OpenPlace):
        return False
    state, person = unit.state(row.trajectory), unit.person(row.party)
    member = state.parties.get(row.party) if state is not None else None
    if state is None or person is None or member is None or not member.active:
        return False
    to = address_of(person, member.place, state.policy)
    if not isinstance(to, Address) or to.endpoint == row.effect.to.endpoint:
        return False
    return unit.send_instead(row.id, readdressed(unit, state, row.effect, to), MOVED) is not None


def readdressed(unit: Unit, state: Trajectory, effect: Effect, to: Address) -> Effect:
    """Return an effect for another address, its author named where that is needed there."""
    effect = replace(effect, to=to)
    if not isinstance(effect, SendMessage | EditMessage) or effect.aside:
        return effect  # an aside names its author anywhere
    logged = unit.entry(state.id, effect.seq)
    author = logged.entry.author if logged is not None else ""
    if author not in state.parties:
        return effect
    found = ((party, unit.person(party)) for party in state.parties)
    people = {party: known for party, known in found if known is not None}
    draft = Draft(state, Facts(now=unit.now, people=people))
    return replace(effect, header=draft.header(to.party, author, to.place))
