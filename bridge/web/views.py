"""What every page shows, as data: the console renders it, the JSON twins send it as it is.

1. Whoever asks is a person's id that was proven before. A coach reads the trajectories she coaches
   now; everybody else, and every other trajectory, gets ``NotThereError``: the same answer as for
   one that does not exist.
2. Texts of the bridge are in the reader's language here; words of people are never touched.
3. These functions wait for the database; pages call them in a thread.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from bridge.core.endpoint import ID_PATTERN
from bridge.core.errors import BridgeError
from bridge.runtime.texts import Catalogue
from bridge.runtime.told import in_language
from bridge.web.shapes import (
    Activity,
    ActivityLine,
    Card,
    EndpointCard,
    Found,
    Inbox,
    Member,
    People,
    PersonCard,
    Reader,
    TrajectoryPage,
    Who,
)
from storage import persons, queries, scan, timeline
from storage.attention import Attention, attention
from storage.scan import Progress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bridge.core.capabilities import Protection
    from bridge.core.trajectory import Trajectory
    from storage.engine import Store

MOST_QUERY = 200
"""Characters of a search at most."""


class NotThereError(BridgeError):
    """There is no such trajectory for this person."""

    def __init__(self) -> None:
        super().__init__("there is no such trajectory among those you coach")


def reader(store: Store, person: str) -> Reader:
    """Return for whom pages are made; somebody unknown reads English in UTC."""
    known = persons.persons(store, (person,)).get(person)
    if known is None:
        return Reader(person, person, "en", "UTC")
    return Reader(person, known.name, known.language or "en", known.time_zone or "UTC")


def zone_of(who: Reader) -> ZoneInfo:
    """Return the zone a reader's times are shown in; one that does not exist is UTC."""
    try:
        return ZoneInfo(who.time_zone)
    except (ValueError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")


def require(store: Store, coach: str, trajectory: str) -> Trajectory:
    """Return the state of a trajectory this person coaches. Raises NotThereError."""
    known = ID_PATTERN.fullmatch(trajectory) is not None
    state = persons.state_of(store, trajectory) if known else None
    party = None if state is None else state.parties.get(coach)
    if state is None or party is None or not party.active or party.role != "coach":
        raise NotThereError
    return state


def inbox(store: Store, coach: str) -> Inbox:
    """Return a coach's trajectories by what needs attention, then the one that moved last."""
    lines = _coached(store, coach)
    names = _names(store, {party.person for line in lines for party in line.parties})
    clients = {line.id: _clients(line) for line in lines}
    stands = attention(store, coach, {name: frozenset(who) for name, who in clients.items()})
    cards = [_card(line, clients[line.id], stands[line.id], names) for line in lines]
    cards.sort(key=_urgency)
    return Inbox(
        reader=reader(store, coach),
        trajectories=tuple(cards),
        unread=sum(card.unread for card in cards),
        parked=queries.counts(store).inbox.get("parked", 0),
    )


def _coached(store: Store, coach: str) -> list[queries.TrajectoryLine]:
    found = (queries.trajectory(store, name) for name in persons.coached(store, coach))
    return [line for line in found if line is not None]


def _clients(line: queries.TrajectoryLine) -> tuple[str, ...]:
    return tuple(party.person for party in line.parties if party.role == "client")


_NEEDS = ("failed", "uncertain", "unanswered", "waiting", "unread")


def _card(
    line: queries.TrajectoryLine,
    clients: tuple[str, ...],
    stands: Attention,
    names: Mapping[str, str],
) -> Card:
    return Card(
        id=line.id,
        title=line.title,
        closed=line.closed,
        clients=tuple(_who(client, names) for client in clients),
        needs=() if line.closed else tuple(need for need in _NEEDS if getattr(stands, need)),
        unanswered=None if line.closed else stands.unanswered,
        unread=stands.unread,
        failed=stands.failed,
        uncertain=stands.uncertain,
        waiting=stands.waiting,
        last_at=stands.last_at or line.last_at,
        last_author=_who(stands.last_author, names) if stands.last_author else None,
        last_text=stands.last_text,
    )


def _urgency(card: Card) -> tuple[bool, int, float]:
    first = _NEEDS.index(card.needs[0]) if card.needs else len(_NEEDS)
    return card.closed, first, -card.last_at.timestamp()


def trajectory(
    store: Store,
    coach: str,
    trajectory: str,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> TrajectoryPage:
    """Return a trajectory with a page of its timeline. Raises NotThereError."""
    state = require(store, coach, trajectory)
    who = reader(store, coach)
    known = persons.persons(store, tuple(state.parties))
    page = timeline.page(store, trajectory, None, before, after, limit, coach=coach)
    members = tuple(
        Member(
            name,
            known[name].name if name in known else name,
            party.role,
            party.active,
            party.consent,
            known[name].time_zone if name in known else "",
        )
        for name, party in state.parties.items()
    )
    items = tuple(in_language(item, who.language, _catalogue()) for item in page.items)
    page = msgspec.structs.replace(page, items=items)
    return TrajectoryPage(who, state.id, state.title, state.closed, members, page)


@cache
def _catalogue() -> Catalogue:
    return Catalogue()


def people(
    store: Store, coach: str, trajectory: str, protection: Mapping[str, Protection] | None = None
) -> People:
    """Return who takes part and where they are reached; ``protection`` is known by network.

    Raises NotThereError.
    """
    state = require(store, coach, trajectory)
    known = persons.persons(store, tuple(state.parties))
    reached: dict[str, list[EndpointCard]] = {name: [] for name in state.parties}
    for line in persons.endpoints(store, tuple(state.parties)):
        where = line.endpoint
        label = (protection or {}).get(where.network)
        reached[line.person].append(
            EndpointCard(
                where.network,
                where.account,
                where.address if line.person == coach else _masked(where.address),
                label.value if label else "",
                line.opted_out,
            )
        )
    cards = tuple(
        PersonCard(
            name,
            known[name].name if name in known else name,
            party.role,
            party.active,
            party.consent,
            known[name].language if name in known else "",
            known[name].time_zone if name in known else "",
            tuple(reached[name]),
        )
        for name, party in state.parties.items()
    )
    return People(reader(store, coach), state.id, state.title, cards)


_SHOWN = 3


def _masked(address: str) -> str:
    """Return the end of an address, enough to tell two of them apart."""
    return f"…{address[-_SHOWN:]}" if len(address) > 2 * _SHOWN else "…"


def search(store: Store, coach: str, query: str) -> Iterator[Found | Progress]:
    """Yield lines of her conversations with all words of the query, and how far the search is.

    The trajectory that moved last comes first, in it the newest line; the last thing is Progress.
    """
    lines = sorted(_coached(store, coach), key=lambda line: line.last_at, reverse=True)
    by_id = {line.id: line for line in lines}
    names = _names(store, {party.person for line in lines for party in line.parties})
    for step in scan.search(store, [line.id for line in lines], query[:MOST_QUERY]):
        if isinstance(step, Progress):
            yield step
            continue
        line = by_id[step.trajectory]
        yield Found(
            trajectory=line.id,
            title=line.title,
            clients=tuple(_who(client, names) for client in _clients(line)),
            seq=step.seq,
            at=step.at,
            author=_who(step.author, names),
            kind=step.kind,
            snippet=step.snippet,
        )


def activity(store: Store, coach: str, trajectory: str) -> Activity:
    """Return how many messages passed per week, network and author. Raises NotThereError."""
    state = require(store, coach, trajectory)
    who = reader(store, coach)
    counted = scan.weeks(store, trajectory, zone_of(who))
    names = _names(store, {series.author for series in counted.series})
    lines = tuple(
        ActivityLine(
            series.network,
            _who(series.author, names),
            state.parties[series.author].role if series.author in state.parties else "",
            series.counts,
            sum(series.counts),
        )
        for series in counted.series
    )
    total = sum(line.total for line in lines)
    return Activity(who, state.id, state.title, counted.starts, lines, total)


def _names(store: Store, ids: Collection[str]) -> dict[str, str]:
    return {name: line.name for name, line in persons.persons(store, ids).items()}


def _who(person: str, names: Mapping[str, str]) -> Who:
    return Who(person, names.get(person) or person)
