"""What one party may see of a trajectory, as lines of a chat: the read door of web chat.

1. A line is what the party said, or what was said to them and reached them: the log tells both.
   Nothing else ever becomes a line, a quote, a correction or a name here (I4).
2. Corrections (edits, deletions, reactions, choices) are folded into the line they are about, by
   the same rule: others' count once they reached this party.
3. The log's sequence is the cursor. ``changes`` names the lines that look different since then,
   whole, so a page that missed something, or hears it twice, ends up the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from bridge.core.errors import StoreError
from storage import codec, crypto
from storage import tables as t
from storage.reading import delivery_target
from storage.weblines import Kept, Line, Page, line_of, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storage.engine import Store
    from storage.keys import Keyring

PAGE = 50
MOST_CHANGES = 400
"""Entries looked at in one go."""

_LINES = ("message_posted", "aside_posted", "notice_given")
_CORRECTIONS = ("message_edited", "message_deleted", "reaction_set", "choice_made")
_REACHED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})
_ENTRY = t.entries.c


def newest(
    store: Store, trajectory: str, party: str, chat: Sequence[str], before: int | None = None
) -> Page:
    """Return the last lines, or those before one; ``chat`` = (network, account, chat).

    ``cursor`` is the head of the log: ``changes`` goes on from there. Raises StoreError.
    """
    with store.reading() as connection:
        view = _View(connection, store.keyring(), trajectory, party, chat)
        head = connection.execute(
            sa.select(t.trajectories.c.seq).where(t.trajectories.c.id == trajectory)
        ).scalar()
        limit = before if before is not None else (head or 0) + 1
        found: list[Line] = []
        while len(found) <= PAGE:
            kept = view.kept(_ENTRY.kind.in_(_LINES), _ENTRY.seq < limit, newest=PAGE + 1)
            if not kept:
                break
            found = [*view.lines(kept), *found]
            limit = kept[0].seq
        return Page(tuple(found[-PAGE:]), head or 0, more=len(found) > PAGE)


def changes(store: Store, trajectory: str, party: str, chat: Sequence[str], after: int) -> Page:
    """Return every line that looks different since an entry; go on at ``cursor``.

    Raises StoreError.
    """
    with store.reading() as connection:
        view = _View(connection, store.keyring(), trajectory, party, chat)
        fresh = view.kept(_ENTRY.seq > after, oldest=MOST_CHANGES)
        if not fresh:
            return Page((), after, more=False)
        about = view.about(fresh)
        lines = view.lines(view.kept(_ENTRY.kind.in_(_LINES), _ENTRY.seq.in_(about)))
        return Page(tuple(lines), fresh[-1].seq, more=len(fresh) == MOST_CHANGES)


def changed_by(
    store: Store, trajectory: str, party: str, chat: Sequence[str], seq: int
) -> Line | None:
    """Return the line that one entry is, or corrects, if the party may see it.

    Raises StoreError.
    """
    with store.reading() as connection:
        view = _View(connection, store.keyring(), trajectory, party, chat)
        about = view.about(view.kept(_ENTRY.seq == seq))
        lines = view.lines(view.kept(_ENTRY.kind.in_(_LINES), _ENTRY.seq.in_(about)))
        return lines[0] if lines else None


def some(
    store: Store, trajectory: str, party: str, chat: Sequence[str], seqs: Iterable[int]
) -> list[Line]:
    """Return those of some lines that the party may see. Raises StoreError."""
    with store.reading() as connection:
        view = _View(connection, store.keyring(), trajectory, party, chat)
        wanted = tuple(set(seqs))
        if not wanted:
            return []
        return view.lines(view.kept(_ENTRY.kind.in_(_LINES), _ENTRY.seq.in_(wanted)))


class _View:
    """One moment of one trajectory, through the eyes of one party."""

    def __init__(
        self,
        connection: sa.Connection,
        keys: Keyring,
        trajectory: str,
        party: str,
        chat: Sequence[str],
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._trajectory = trajectory
        self._party = party
        self._chat = chat
        self._target = delivery_target(connection.dialect.name)

    def kept(self, *where: sa.ColumnElement[bool], newest: int = 0, oldest: int = 0) -> list[Kept]:
        """Return entries in order; what cannot be read is left out."""
        query = sa.select(
            _ENTRY.seq,
            _ENTRY.at,
            _ENTRY.kind,
            _ENTRY.author,
            _ENTRY.owner,
            _ENTRY.envelope,
            _ENTRY.sealed,
        ).where(_ENTRY.trajectory == self._trajectory, *where)
        if newest:
            query = query.order_by(_ENTRY.seq.desc()).limit(newest)
        else:
            query = query.order_by(_ENTRY.seq).limit(oldest or None)
        rows = list(self._connection.execute(query))
        found = [
            Kept(row.seq, codec.instant(row.at), entry)
            for row in rows
            if (entry := self._opened(*row)) is not None
        ]
        return found[::-1] if newest else found

    def _opened(
        self,
        seq: int,
        at: int,
        kind: str,
        author: str,
        owner: str,
        envelope: bytes,
        sealed: bytes | None,
    ) -> e.Entry | None:
        del at
        try:
            opened = None
            if sealed is not None:
                sealer = self._keys.find(self._connection, self._trajectory, owner)
                binding = crypto.entry_binding(self._trajectory, seq, kind)
                opened = sealer.open(sealed, binding) if sealer is not None else None
            return codec.join_entry(kind, author, envelope, opened)
        except StoreError:
            return None

    def about(self, fresh: Sequence[Kept]) -> set[int]:
        """Return the lines that entries are about, directly or by way of a correction."""
        about: set[int] = set()
        for one in fresh:
            match one.entry:
                case e.MessagePosted() | e.NoticeGiven():
                    about.add(one.seq)
                case (
                    e.MessageEdited(target=target)
                    | e.MessageDeleted(target=target)
                    | e.ReactionSet(target=target)
                    | e.ChoiceMade(target=target)
                    | e.DeliveryChanged(target=target)
                ):
                    about.add(target)
                case _:
                    pass
        onward = self.kept(_ENTRY.kind.in_(_CORRECTIONS), _ENTRY.seq.in_(about))
        return about | {target for one in onward if (target := target_of(one.entry))}

    def lines(self, kept: Sequence[Kept]) -> list[Line]:
        """Return the lines of entries, without those this party may not see."""
        if not kept:
            return []
        corrections = self._about(_CORRECTIONS, [one.seq for one in kept])
        mine = [*kept, *(one for some in corrections.values() for one in some)]
        told = self._about(("delivery_changed",), [one.seq for one in mine])
        ids = self._ids([one.seq for one in kept])
        lines = []
        for one in kept:
            if self._sees(one, told):
                seen = [fix for fix in corrections.get(one.seq, ()) if self._sees(fix, told)]
                states, id = told.get(one.seq, ()), ids.get(one.seq, "")
                lines.append(line_of(self._trajectory, self._party, one, seen, states, id))
        return lines

    def _about(self, kinds: Sequence[str], seqs: Sequence[int]) -> dict[int, list[Kept]]:
        """Return entries by the line they are about; they come after it."""
        found: dict[int, list[Kept]] = {}
        where = (_ENTRY.kind.in_(kinds), _ENTRY.seq > min(seqs), self._target.in_(set(seqs)))
        for one in self.kept(*where):
            found.setdefault(target_of(one.entry), []).append(one)
        return found

    def _sees(self, one: Kept, told: Mapping[int, Sequence[Kept]]) -> bool:
        """The party's own, or addressed to them and arrived."""
        if one.entry.author == self._party:
            return True
        match one.entry:
            case (
                e.MessagePosted(to=to)
                | e.MessageEdited(to=to)
                | e.MessageDeleted(to=to)
                | e.ReactionSet(to=to)
            ):
                addressed = self._party in to
            case e.NoticeGiven(party=party):
                addressed = party == self._party
            case _:
                addressed = False
        return addressed and any(
            isinstance(known.entry, e.DeliveryChanged)
            and known.entry.party == self._party
            and known.entry.state in _REACHED
            for known in told.get(one.seq, ())
        )

    def _ids(self, seqs: Sequence[int]) -> dict[int, str]:
        """Return the first id under which each line shows in this party's chat."""
        c = t.ALL_MESSAGE_IDS.c
        network, account, chat = self._chat
        query = (
            sa.select(c.seq, c.external_id)
            .where(c.trajectory == self._trajectory, c.seq.in_(seqs), c.party == self._party)
            .where(c.network == network, c.account == account, c.chat == chat)
            .order_by(c.part.desc())
        )
        return {row.seq: row.external_id for row in self._connection.execute(query)}
