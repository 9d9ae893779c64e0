"""I1 and I10: every payload we acknowledged is in one log once, and no echo of ours is.

1. A handled payload names the entry it became, or says why it became none; what is not handled
   yet is still there in full.
2. The entry names the payload, too. Two entries may name one payload only if they are different
   messages in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from storage import tables as t
from storage.audits import rows, secrecy
from storage.audits.report import Tally
from storage.reading import streamed

if TYPE_CHECKING:
    from storage.audits.rows import EntryRow
    from storage.keys import Keyring

_BATCH = 250
_SAID = ("message_posted", "aside_posted")
_WAITING = ("new", "held", "parked")
_SETTLED = ("handled", "ignored")


class _Came(msgspec.Struct, frozen=True):
    """An entry that came in through the inbox, as far as it matters here."""

    trajectory: str
    seq: int
    kind: str
    inbox: int
    shown: tuple[str, str, str, str] | None

    @property
    def where(self) -> str:
        return f"{self.trajectory}/{self.seq}"


class Arrivals:
    """Compares the entries with the payloads they came from, some hundred at a time."""

    def __init__(self, i1: Tally, i10: Tally, connection: sa.Connection, keys: Keyring) -> None:
        self._i1 = i1
        self._i10 = i10
        self._connection = connection
        self._keys = keys
        self._waiting: list[_Came] = []
        self._elsewhere: dict[tuple[int, str], list[_Came]] = {}

    def step(self, row: EntryRow, entry: e.Entry) -> None:
        """Take one line; what did not come from a network is passed over."""
        came = _came(row, entry)
        if not came.inbox:
            return
        self._waiting.append(came)
        if len(self._waiting) >= _BATCH:
            self._compare()

    def end(self) -> None:
        """Judge what is left."""
        self._compare()
        for (number, kind), came in self._elsewhere.items():
            # Erased messages may be two different ones of the same payload: nobody can tell.
            same = [one.shown for one in came if one.shown or one.kind not in _SAID]
            if len(set(same)) < len(same):
                where = ", ".join(one.where for one in came)
                self._i1.fault(where, f"inbox {number} became {kind} more than once")

    def _compare(self) -> None:
        came, self._waiting = self._waiting, []
        if not came:
            return
        c = t.inbox.c
        query = sa.select(c.id, c.state, c.trajectory, c.seq).where(
            c.id.in_({one.inbox for one in came})
        )
        kept = {row[0]: row for row in self._connection.execute(query)}
        for one in came:
            row = kept.get(one.inbox)
            self._i1.require(row is not None, one.where, f"inbox {one.inbox} is missing")
            if row is None:
                continue
            _, state, trajectory, seq = row
            if state != "handled":
                self._i1.fault(one.where, f"inbox {one.inbox} became this, yet is {state}")
            if (trajectory, seq) != (one.trajectory, one.seq):
                self._pointed_elsewhere(one, trajectory, seq)
        self._no_echo([one for one in came if one.shown is not None])

    def _pointed_elsewhere(self, one: _Came, trajectory: str, seq: int) -> None:
        """Remember an entry whose payload names another one, and that other one with it."""
        known = self._elsewhere.setdefault((one.inbox, one.kind), [])
        known.append(one)
        if any((k.trajectory, k.seq) == (trajectory, seq) for k in known):
            return
        row = rows.line(self._connection, trajectory, seq)
        if row is None or row.kind != one.kind:
            return
        entry = secrecy.opened(Tally("", ""), self._connection, self._keys, row)
        if entry is not None:
            known.append(_came(row, entry))

    def _no_echo(self, came: list[_Came]) -> None:
        """I10: what came in is not a message that we are known to have shown there."""
        if not came:
            return
        c = t.ALL_MESSAGE_IDS.c
        name = sa.tuple_(c.network, c.account, c.chat, c.external_id)
        query = sa.select(c.network, c.account, c.chat, c.external_id, c.trajectory, c.seq).where(
            name.in_([one.shown for one in came])
        )
        shown = {tuple(row[:4]): (row[4], row[5]) for row in self._connection.execute(query)}
        for one in came:
            mine = shown.get(one.shown or (), (one.trajectory, one.seq))
            right = mine == (one.trajectory, one.seq)
            what = f"the network's message is known already as {mine[0]}/{mine[1]}"
            self._i10.require(right, one.where, what)


def _came(row: EntryRow, entry: e.Entry) -> _Came:
    shown = None
    if isinstance(entry, e.MessagePosted) and entry.place is not None and entry.external_id:
        at = entry.place
        shown = (at.network, at.account, at.chat, entry.external_id)
    return _Came(row.trajectory, row.seq, row.kind, getattr(entry, "inbox", 0), shown)


def check_rows(tally: Tally, connection: sa.Connection) -> None:
    """I1: every row of the inbox is either waiting in full, or settled with a place or a reason."""
    c, line = t.inbox.c, t.entries.c
    entry = sa.and_(line.trajectory == c.trajectory, line.seq == c.seq)
    query = sa.select(
        c.id,
        c.state,
        c.payload.is_not(None),
        c.hold,
        c.reason,
        c.trajectory,
        line.kind,
    ).select_from(t.inbox.outerjoin(t.entries, entry))
    for number, state, kept, hold, reason, trajectory, kind in streamed(connection, query):
        tally.checked += 1
        where = f"inbox {number}"
        if state in _WAITING:
            if not kept:
                tally.fault(where, f"it is {state}, but its payload is gone")
            if state == "held" and not hold:
                tally.fault(where, "it is held, but by nothing that could let it go")
            if state == "parked" and not reason:
                tally.fault(where, "it is parked without a reason")
        elif state in _SETTLED:
            if kept:
                tally.fault(where, f"it is {state}, but keeps its payload")
            if trajectory and kind is None:
                tally.fault(where, "it became a line that does not exist")
            if not trajectory and not reason:
                tally.fault(where, f"it is {state}, but neither a line nor a reason is known")
        else:
            tally.fault(where, "its state is unknown")


def check_keys(tally: Tally, connection: sa.Connection) -> None:
    """I1: each payload keeps its keys, so that it is known when it comes again."""
    c, key = t.inbox.c, t.inbox_keys.c
    own = sa.and_(key.network == c.network, key.account == c.account, key.key == c.key)
    lost = (
        sa.select(c.id, c.network, c.account, c.key)
        .select_from(t.inbox.outerjoin(t.inbox_keys, own))
        .where(sa.or_(key.inbox.is_(None), key.inbox != c.id))
        .order_by(c.id)
    )
    # Where the newest keys stand there is no index, and there are few of them.
    at = t.inbox_keys_young.c
    young = {
        (network, account, name): number
        for network, account, name, number in connection.execute(
            sa.select(at.network, at.account, at.key, at.inbox)
        )
    }
    for number, network, account, name in streamed(connection, lost):
        if young.get((network, account, name)) == number:
            continue
        tally.fault(f"inbox {number}", "its key is not its own: it may have been taken twice")
    named = sa.union(sa.select(key.inbox), sa.select(at.inbox)).subquery()
    strays = sa.select(named.c.inbox).where(named.c.inbox.not_in(sa.select(c.id)))
    for (number,) in streamed(connection, strays):
        tally.fault(f"inbox {number}", "its keys are known, but the payload is missing")
