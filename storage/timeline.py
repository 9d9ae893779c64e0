"""A trajectory log as a page shows it: one item for each thing said or done, newest part first.

1. Entries about another one (edits, deletions, reactions, choices, deliveries) are told within the
   item they are about, so a page of 50 is 50 things to read.
2. A viewer sees what they wrote, and what was sent to them: an outbox row of that entry for that
   person which is ``sent``, ``delivered`` or ``read`` (I4). What waits, was held back or failed
   they do not see, and of an edit or a reaction only what was sent to them too. A withdrawal
   counts at once, whether its own message arrived or not.
3. Without a viewer it is the log for a coach of the trajectory: all but asides between others.
4. A page costs what it shows, but for what is *about* it: that may stand anywhere behind it, so
   the envelopes of those entries are looked through from the page's first item on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from bridge.core.effects import effect_key, turns
from storage import items
from storage import tables as t
from storage.codec import micros
from storage.items import ABOUT, BENEATH, Cast, Item
from storage.logview import COLUMNS, DeliveryLine, Stored, open_line, open_rows, read_row
from storage.reading import built, delivery_target, may_be_read_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from storage.engine import Store
    from storage.keys import Keyring

__all__ = ["Item", "Page", "page", "whole"]

MOST = 200
"""Items on one page at most."""

_SENT = (DeliveryState.SENT.value, DeliveryState.DELIVERED.value, DeliveryState.READ.value)
_SAID = ("message_posted", "aside_posted")
_WORDS = (*_SAID, "notice_given", "nudge_given")
"""What a viewer may see at all."""
_AHEAD = 8
"""Entries looked at for each item of a page that goes forward: most are deliveries."""
_ENTRY = t.entries.c


class Page(msgspec.Struct, frozen=True):
    """Items in the order of the log; ``more`` = there are others beyond the page's far end.

    ``seq`` is the cursor for ``after``: the last entry this page knows of.
    """

    items: tuple[Item, ...]
    more: bool
    seq: int = 0


def page(
    store: Store,
    trajectory: str,
    viewer: str | None,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    *,
    coach: str = "",
) -> Page:
    """Return the newest items, those before a seq, or what is new or changed after one.

    ``viewer`` None is the view of ``coach``; without one asides are left out. With ``after``, items
    that later entries are about come again, as they are now. Who may look at all is for the caller
    to settle. Raises StoreError.
    """
    limit = max(1, min(limit, MOST))
    with store.reading() as connection:
        look = _Look(store.keyring(), connection, trajectory, viewer, coach)
        return look.back(before, limit) if after is None else look.forward(after, limit)


def whole(
    store: Store,
    trajectory: str,
    until: int,
    *,
    coach: str | None = None,
    viewer: str | None = None,
) -> Iterator[Item]:
    """Yield every item of a log up to a seq, oldest first, as a coach sees it; None = everything.

    For a ``viewer`` only what they wrote and what was sent to them.
    Each part of it is a snapshot of its own. Raises StoreError.
    """
    after = 0
    while True:
        with store.reading() as connection:
            look = _Look(store.keyring(), connection, trajectory, viewer, coach)
            found = look.onward(after, until)
        yield from found
        if len(found) < MOST:
            break
        after = found[-1].seq


def said(
    connection: sa.Connection,
    keys: Keyring,
    trajectory: str,
    viewer: str,
    *,
    before: int | None = None,
    within: tuple[datetime, datetime] | None = None,
    limit: int,
) -> Page:
    """Return the last messages of people that a viewer wrote or got, in one transaction.

    ``before`` a seq, and ``within`` two instants, the second one left out.
    """
    return _Look(keys, connection, trajectory, viewer, None).said(before, within, limit)


_OWN_FILE = re.compile(r".+/([0-9]{1,9})/file")


def may_see_file(store: Store, trajectory: str, attachment: str, coach: str) -> bool:
    """Tell whether a coach may open a file of a trajectory: any but one of others' asides.

    A file that came in over a network is named after its entry. Raises StoreError.
    """
    found = _OWN_FILE.fullmatch(attachment)
    if found is None:
        return True
    with store.reading() as connection:
        query = sa.select(_ENTRY.seq).where(
            _ENTRY.trajectory == trajectory,
            _ENTRY.seq == int(found[1]),
            may_be_read_by(connection.dialect.name, coach),
        )
        return connection.execute(query).first() is not None


class _Look:
    """One look at one log through one person's eyes, in one snapshot."""

    def __init__(
        self,
        keys: Keyring,
        connection: sa.Connection,
        trajectory: str,
        viewer: str | None,
        coach: str | None,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._trajectory = trajectory
        self._viewer = viewer
        self._coach = coach
        self._target = delivery_target(connection.dialect.name)

    def back(self, before: int | None, limit: int) -> Page:
        """Return the last items, or the last before a seq."""
        query = self._shown().order_by(_ENTRY.seq.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(_ENTRY.seq < before)
        found = self._rows(query)
        return Page(self._items(found[:limit][::-1]), len(found) > limit, self._head())

    def said(
        self, before: int | None, within: tuple[datetime, datetime] | None, limit: int
    ) -> Page:
        """Return the last messages of people before a seq, within some time."""
        query = self._shown().where(_ENTRY.kind.in_(_SAID))
        if before is not None:
            query = query.where(_ENTRY.seq < before)
        if within is not None:
            since, until = map(micros, within)
            query = query.where(_ENTRY.at >= since, _ENTRY.at < until)
        found = self._rows(query.order_by(_ENTRY.seq.desc()).limit(limit + 1))
        return Page(self._items(found[:limit][::-1]), len(found) > limit, self._head())

    def onward(self, after: int, until: int) -> tuple[Item, ...]:
        """Return the first items after a seq, none beyond another."""
        query = self._shown().where(_ENTRY.seq > after, _ENTRY.seq <= until)
        return self._items(self._rows(query.order_by(_ENTRY.seq).limit(MOST)))

    def forward(self, after: int, limit: int) -> Page:
        """Return the items that are new after a seq, and those something new is about."""
        most = limit * _AHEAD
        target = sa.case((_ENTRY.kind.in_(ABOUT), self._target), else_=_ENTRY.seq)
        query = (
            sa.select(_ENTRY.seq, target)
            .where(_ENTRY.trajectory == self._trajectory, _ENTRY.seq > after)
            .order_by(_ENTRY.seq)
            .limit(most + 1)
        )
        touched: set[int] = set()
        seq, more = after, False
        for number, (found, about) in enumerate(self._connection.execute(query)):
            if number == most or (len(touched) == limit and about not in touched):
                more = True
                break
            touched.add(about)
            seq = found
        wanted = self._shown().where(_ENTRY.seq.in_(touched)).order_by(_ENTRY.seq)
        return Page(self._items(self._rows(wanted)), more, seq)

    def _head(self) -> int:
        query = sa.select(t.trajectories.c.seq).where(t.trajectories.c.id == self._trajectory)
        return self._connection.execute(query).scalar() or 0

    def _shown(self) -> sa.Select[int, int, str, str, str, bytes, bytes, bytes]:
        """Return the query for the entries that are items to the viewer."""
        query = sa.select(*COLUMNS).where(
            _ENTRY.trajectory == self._trajectory, _ENTRY.kind.not_in((*ABOUT, *BENEATH))
        )
        if self._viewer is None:
            if self._coach is None:
                return query
            return query.where(may_be_read_by(self._connection.dialect.name, self._coach))
        mine = sa.and_(_ENTRY.kind.in_(_SAID), _ENTRY.author == self._viewer)
        return query.where(_ENTRY.kind.in_(_WORDS), sa.or_(mine, self._was_sent(self._viewer)))

    def _was_sent(self, viewer: str) -> sa.ColumnElement[bool]:
        """Return the condition that an entry reached the viewer; one look at an index per row."""
        row = t.outbox.c
        key = sa.literal(f"{self._trajectory}/") + sa.cast(_ENTRY.seq, sa.Text)
        keys = [key + ending for ending in turns(f"/{viewer}")]
        return sa.exists().where(row.key.in_(keys), row.state.in_(_SENT))

    def _rows(self, query: sa.Select[int, int, str, str, str, bytes, bytes, bytes]) -> list[Stored]:
        rows = self._connection.execute(query).all()
        return [read_row(self._connection, self._keys, self._trajectory, *row) for row in rows]

    def _items(self, shown: Sequence[Stored]) -> tuple[Item, ...]:
        if not shown:
            return ()
        about = self._about([stored.seq for stored in shown])
        under_way = self._under_way(shown)
        cast = self._cast(shown, about)
        made = [
            items.build(
                stored, about[stored.seq], under_way.get(stored.seq, ()), cast, self._viewer
            )
            for stored in shown
        ]
        return self._without_hidden_replies(made)

    def _about(self, numbers: Sequence[int]) -> defaultdict[int, list[Stored]]:
        """Return what later entries tell about these, as far as the viewer may know it."""
        query = sa.select(*COLUMNS).where(
            _ENTRY.trajectory == self._trajectory,
            _ENTRY.seq > numbers[0],
            _ENTRY.kind.in_(ABOUT),
            self._target.in_(numbers),
        )
        if self._viewer is not None:
            query = query.where(
                sa.or_(
                    _ENTRY.kind.in_(("delivery_changed", "message_deleted")),
                    _ENTRY.author == self._viewer,
                    self._was_sent(self._viewer),
                )
            )
        found: defaultdict[int, list[Stored]] = defaultdict(list)
        for stored in self._rows(query.order_by(_ENTRY.seq)):
            found[getattr(stored.entry, "target", 0)].append(stored)
        return found

    def _under_way(self, shown: Sequence[Stored]) -> dict[int, list[DeliveryLine]]:
        """Return the deliveries that are still open, by the key each recipient's row has."""
        keys = [
            key
            for stored in shown
            for party in _recipients(stored.entry)
            for key in turns(effect_key(self._trajectory, stored.seq, party))
        ]
        found: dict[int, list[DeliveryLine]] = {}
        for seq, *row in self._connection.execute(open_rows().where(t.outbox.c.key.in_(keys))):
            found.setdefault(seq, []).append(built(open_line, *row))
        return found

    def _cast(self, shown: Sequence[Stored], about: dict[int, list[Stored]]) -> Cast:
        everybody = [*shown, *(other for others in about.values() for other in others)]
        people = {stored.author for stored in everybody}
        people |= {getattr(stored.entry, "party", "") for stored in shown}
        person, member = t.people.c, t.parties.c
        names = sa.select(person.id, person.name).where(person.id.in_(people))
        roles = sa.select(member.person, member.role).where(member.trajectory == self._trajectory)
        return Cast(self._pairs(names), self._pairs(roles))

    def _pairs(self, query: sa.Select[str, str]) -> dict[str, str]:
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _without_hidden_replies(self, made: Sequence[Item]) -> tuple[Item, ...]:
        """Forget which line was answered where the viewer may not see that line."""
        asked = {item.reply_to for item in made if item.reply_to is not None}
        if (self._viewer is None and self._coach is None) or not asked:
            return tuple(made)
        query = self._shown().with_only_columns(_ENTRY.seq).where(_ENTRY.seq.in_(asked))
        seen = set(self._connection.execute(query).scalars())
        return tuple(
            item
            if item.reply_to is None or item.reply_to in seen
            else msgspec.structs.replace(item, reply_to=None)
            for item in made
        )


def _recipients(entry: e.Entry | None) -> tuple[str, ...]:
    match entry:
        case e.MessagePosted(to=to):
            return to
        case e.NoticeGiven(party=party):
            return (party,)
        case _:
            return ()
