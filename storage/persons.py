"""People as the pages show them: who they are, where they are reached, what they coach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core.endpoint import Endpoint
from storage import codec
from storage import tables as t

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bridge.core.trajectory import Trajectory
    from storage.engine import Store


class PersonLine(msgspec.Struct, frozen=True):
    """A person; ``time_zone`` is an IANA name, '' where it is not known."""

    id: str
    name: str
    language: str
    time_zone: str


class EndpointLine(msgspec.Struct, frozen=True):
    """Where a person is reached, in the order of their preference."""

    person: str
    endpoint: Endpoint
    opted_out: str


def persons(store: Store, ids: Collection[str]) -> Mapping[str, PersonLine]:
    """Return people by id; unknown ones are left out."""
    c = t.people.c
    query = sa.select(c.id, c.name, c.language, c.time_zone).where(c.id.in_(tuple(ids)))
    with store.reading() as connection:
        return {row[0]: PersonLine(*row) for row in connection.execute(query)}


def endpoints(store: Store, ids: Collection[str]) -> list[EndpointLine]:
    """Return the usable endpoints of people, the preferred first."""
    c = t.endpoints.c
    query = (
        sa.select(c.person, c.network, c.account, c.address, c.opted_out)
        .where(c.person.in_(tuple(ids)), c.verified_at.is_not(None), c.revoked_at.is_(None))
        .order_by(c.person, c.rank, c.network, c.account, c.address)
    )
    with store.reading() as connection:
        return [
            EndpointLine(person, Endpoint(*where), opted_out)
            for person, *where, opted_out in connection.execute(query)
        ]


def coached(store: Store, person: str) -> tuple[str, ...]:
    """Return the trajectories a person coaches now, closed ones too."""
    c = t.parties.c
    query = sa.select(c.trajectory).where(c.person == person, c.role == "coach", c.active)
    with store.reading() as connection:
        return tuple(row[0] for row in connection.execute(query.order_by(c.trajectory)))


def coaches(store: Store, person: str, trajectory: str) -> bool:
    """Tell whether a person coaches a trajectory now."""
    c = t.parties.c
    query = sa.select(c.role).where(
        c.trajectory == trajectory, c.person == person, c.role == "coach", c.active
    )
    with store.reading() as connection:
        return connection.execute(query).first() is not None


def state_of(store: Store, trajectory: str) -> Trajectory | None:
    """Return the state of a trajectory and its newest seq, None when there is no such one."""
    c, state = t.trajectories.c, t.states.c
    query = sa.select(c.seq, state.state).where(c.id == trajectory, state.trajectory == c.id)
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    return msgspec.structs.replace(codec.decode_state(row.state), seq=row.seq)


def heads(store: Store, trajectories: Collection[str]) -> Mapping[str, int]:
    """Return the newest seq of each trajectory."""
    c = t.trajectories.c
    query = sa.select(c.id, c.seq).where(c.id.in_(tuple(trajectories)))
    with store.reading() as connection:
        return {row.id: row.seq for row in connection.execute(query)}
