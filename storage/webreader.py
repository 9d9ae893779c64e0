"""Whose page of web chat it is, and the conversations they take part in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core.decide.parting import may_decide
from storage import codec
from storage import tables as t

if TYPE_CHECKING:
    from storage.engine import Store

_TALK = ("coach", "client")


class Conversation(msgspec.Struct, frozen=True):
    """A trajectory a person takes part in.

    ``deciding``: it has ended, and they may still say what happens to what was written. ``seq`` is
    that of its last entry. ``names`` are of everybody who ever took part, ``others`` are
    the ids of those who talk there now.
    """

    trajectory: str
    title: str
    closed: bool
    deciding: bool
    seq: int
    names: Mapping[str, str]
    others: tuple[str, ...]


class Reader(msgspec.Struct, frozen=True):
    """Whose page it is; the newest conversation first."""

    person: str
    name: str
    language: str
    time_zone: str
    conversations: tuple[Conversation, ...]


def reader(store: Store, network: str, account: str, address: str) -> Reader | None:
    """Return who reads at an endpoint, None when it is nobody's (any more). Raises StoreError."""
    c, p = t.endpoints.c, t.people.c
    query = sa.select(p.id, p.name, p.language, p.time_zone).where(
        c.network == network,
        c.account == account,
        c.address == address,
        c.revoked_at.is_(None),
        c.verified_at.is_not(None),
        p.id == c.person,
    )
    with store.reading() as connection:
        row = connection.execute(query).first()
        if row is None:
            return None
        return Reader(*row, conversations=_conversations(connection, row.id))


def ready(store: Store, ids: Iterable[str]) -> dict[str, str]:
    """Return the state of attachments: pending, stored or failed. Raises StoreError."""
    c = t.blobs.c
    wanted = tuple(set(ids))
    if not wanted:
        return {}
    with store.reading() as connection:
        found = connection.execute(sa.select(c.id, c.state).where(c.id.in_(wanted)))
        return {row.id: row.state for row in found}


def _conversations(connection: sa.Connection, person: str) -> tuple[Conversation, ...]:
    """Only coaches and clients talk; a sponsor has no lines to read."""
    c, mine = t.trajectories.c, t.parties.c
    query = (
        sa.select(c.id, t.states.c.state, c.closed, c.seq)
        .where(mine.person == person, mine.active, mine.role.in_(_TALK))
        .where(c.id == mine.trajectory, t.states.c.trajectory == c.id)
        .order_by(c.closed, c.last_at.desc(), c.id)
    )
    found = connection.execute(query).all()
    return tuple(_conversation(connection, person, *row) for row in found)


def _conversation(
    connection: sa.Connection, person: str, trajectory: str, state: str, closed: bool, seq: int
) -> Conversation:
    c, p = t.parties.c, t.people.c
    query = (
        sa.select(p.id, p.name, c.role, c.active)
        .where(c.trajectory == trajectory, p.id == c.person)
        .order_by(c.role.desc(), p.name)
    )
    rows = connection.execute(query).all()
    others = [row.id for row in rows if row.active and row.role in _TALK and row.id != person]
    names = {row.id: row.name for row in rows}
    known = codec.decode_state(state)
    deciding = may_decide(known, person)
    return Conversation(trajectory, known.title, closed, deciding, seq, names, tuple(others))
