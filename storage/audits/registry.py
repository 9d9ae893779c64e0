"""I3 to I6, seen from whole tables: endpoints of sent rows, ids of shown messages, stuck lanes.

These are single queries that return nothing when all is well.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.core.content import Media
from bridge.core.effects import SendMessage
from bridge.core.errors import StoreError
from storage import codec, crypto
from storage import tables as t
from storage.audits.secrecy import destroyed
from storage.reading import streamed

if TYPE_CHECKING:
    from storage.audits.report import Tally
    from storage.keys import Keyring

STUCK_AFTER = timedelta(hours=1)
"""So much younger are the rows that were sent while a stuck one was left standing."""

AT_WORK = timedelta(minutes=15)
"""So long has the account been sending such rows: longer than it takes to catch up."""

_STUCK = STUCK_AFTER // timedelta(microseconds=1)
_SENT = ("sent", "delivered", "read")


def check_endpoints(i3: Tally, connection: sa.Connection) -> None:
    """I3: what was sent went to an endpoint that was verified for this very person then."""
    c, to = t.outbox.c, t.endpoints.c
    there = sa.and_(to.network == c.network, to.account == c.account, to.address == c.address)
    sent = sa.and_(c.trajectory != "", c.state.in_(_SENT))
    i3.checked += _count(connection, t.outbox, sent)
    same = to.epoch == c.epoch
    wrong = sa.case(
        (to.network.is_(None), "it was sent to an endpoint that nobody was linked to"),
        (c.epoch > to.epoch, "it was sent to a link that does not exist yet"),
        (sa.and_(same, to.person != c.party), "it was sent to somebody else's endpoint"),
        (sa.and_(same, to.verified_at.is_(None)), "it was sent to an unverified endpoint"),
        (
            sa.and_(same, to.revoked_at < c.created_at),
            "it was made after the endpoint was revoked, and sent",
        ),
        else_="",
    )
    query = (
        sa.select(c.id, c.trajectory, c.seq, c.party, wrong)
        .select_from(t.outbox.outerjoin(t.endpoints, there))
        .where(sent, wrong != "")
        .order_by(c.id)
    )
    for number, trajectory, seq, party, what in streamed(connection, query):
        i3.fault(f"outbox {number} ({trajectory}/{seq}/{party})", what)


def check_shown(i4: Tally, connection: sa.Connection) -> None:
    """I4: nothing is known to show for somebody who was never a party, or of no line."""
    c, party, line = t.ALL_MESSAGE_IDS.c, t.parties.c, t.entries.c
    i4.checked += _count(connection, t.ALL_MESSAGE_IDS, sa.true())
    mine = sa.and_(party.trajectory == c.trajectory, party.person == c.party)
    about = sa.and_(line.trajectory == c.trajectory, line.seq == c.seq)
    query = (
        sa.select(c.trajectory, c.seq, c.party, party.person.is_(None))
        .select_from(t.ALL_MESSAGE_IDS.outerjoin(t.parties, mine).outerjoin(t.entries, about))
        .where(
            c.trajectory != "",
            c.party != "",
            sa.or_(party.person.is_(None), line.seq.is_(None)),
        )
    )
    for trajectory, seq, who, foreign in streamed(connection, query):
        what = "it shows for somebody who is no party" if foreign else "it shows, but is no line"
        i4.fault(f"{trajectory}/{seq}/{who}", what)


def check_lanes(i5: Tally, connection: sa.Connection, keys: Keyring) -> None:
    """I5: one row of a lane is on its way at a time, or those of one album together."""
    c = t.outbox.c
    query = (
        sa.select(sa.func.min(c.id), sa.func.count(), c.lane)
        .where(c.state == "sending", sa.text(t.HOLDS_LANE))
        .group_by(c.lane)
        .order_by(sa.func.min(c.id))
    )
    for number, count, lane in streamed(connection, query):
        holds = count == 1 or _is_album(connection, keys, lane)
        i5.require(holds, f"outbox {number}", f"{count} rows of its lane are on their way")


def _is_album(connection: sa.Connection, keys: Keyring, lane: str) -> bool:
    """Tell whether what is on its way in a lane are pictures of one album, told by their words.

    What was erased meanwhile says nothing.
    """
    c = t.outbox.c
    query = (
        sa.select(c.key, c.trajectory, c.key_owner, c.payload)
        .where(c.state == "sending", sa.text(t.HOLDS_LANE), c.lane == lane)
        .order_by(c.id)
    )
    albums: set[tuple[str, str]] = set()
    for key, trajectory, owner, payload in connection.execute(query):
        sealer = keys.find(connection, trajectory, owner)
        if sealer is None and destroyed(connection, trajectory, owner):
            continue
        if sealer is None or payload is None:
            return False
        try:
            effect = codec.decode_effect(sealer.open(payload, crypto.fields("outbox", key)))
        except StoreError:
            return False
        content = effect.content if isinstance(effect, SendMessage) else None
        albums.add((trajectory, content.album if isinstance(content, Media) else ""))
    return len(albums) <= 1 and all(album for _, album in albums)


def check_stuck(i6: Tally, connection: sa.Connection) -> None:
    """I6: nothing is forgotten: no row that could go is passed over while others keep going.

    A store whose bridge was off for days is not stuck, nor is a row that waits for its lane, a
    time, a hold or the account. So this compares with what was sent, not with a clock.
    """
    youngest = _youngest_sent(connection)
    for number, network, account, lane, ready in _ready_heads(connection):
        i6.checked += 1
        if youngest.get((network, account), 0) <= ready + _STUCK:
            continue
        ready = max(ready, _released(connection, number, network, account, lane))
        if _overtaken(connection, network, account, ready):
            i6.fault(f"outbox {number}", "it could go, but younger ones have long been sent")


def _youngest_sent(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """Return by account when the youngest row was made that has been sent."""
    c = t.outbox.c
    query = (
        sa.select(c.network, c.account, sa.func.max(c.created_at))
        .where(c.state.in_(_SENT))
        .group_by(c.network, c.account)
    )
    return {(network, account): at for network, account, at in connection.execute(query)}


def _released(connection: sa.Connection, number: int, network: str, account: str, lane: str) -> int:
    """Return until when the first row of a lane waited for the lane or for its account."""
    c = t.outbox.c
    waits = sa.select(sa.func.max(t.waits.c.until)).where(
        t.waits.c.scope.in_((lane, f"{network}:{account}"))
    )
    ahead = sa.select(sa.func.max(c.updated_at)).where(c.lane == lane, c.id < number)
    moments = (connection.execute(query).scalar() for query in (waits, ahead))
    return max(moment or 0 for moment in moments)


def _ready_heads(connection: sa.Connection) -> list[tuple[int, str, str, str, int]]:
    """Return the first row of each lane that is queued, and since when it could go."""
    c = t.outbox.c
    first = (
        sa.select(sa.func.min(c.id).label("id"))
        .where(sa.text(t.HOLDS_LANE))
        .group_by(c.lane)
        .subquery()
    )
    query = (
        sa.select(c.id, c.network, c.account, c.lane, c.updated_at, c.not_before)
        .join(first, first.c.id == c.id)
        .where(c.state == "queued")
        .order_by(c.id)
    )
    return [
        (number, network, account, lane, max(updated, not_before or 0))
        for number, network, account, lane, updated, not_before in connection.execute(query)
    ]


def _overtaken(connection: sa.Connection, network: str, account: str, ready: int) -> bool:
    c = t.outbox.c
    query = sa.select(sa.func.min(c.created_at), sa.func.max(c.updated_at)).where(
        c.network == network,
        c.account == account,
        c.state.in_(_SENT),
        c.created_at > ready + _STUCK,
    )
    began, ended = connection.execute(query).one()
    return began is not None and codec.instant(ended) - codec.instant(began) > AT_WORK


def _count(connection: sa.Connection, table: sa.FromClause, which: sa.ColumnElement[bool]) -> int:
    return connection.execute(
        sa.select(sa.func.count()).select_from(table).where(which)
    ).scalar_one()
