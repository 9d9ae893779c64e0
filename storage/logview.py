"""A trajectory log as people and programs read it: what ``coachbridge log --json`` prints.

1. Every entry is a line of its own, corrections and deliveries too. A line about words carries
   in ``deliveries`` what became of it for each recipient.
2. That is known only from later entries. So three streams over one snapshot run side by side:
   the entries, the delivery entries sorted by the line they are about, and the open outbox rows.
   Memory stays flat, however long the log.
3. Words whose key was destroyed are null, with ``erased``; damaged ones are null, with
   ``damaged``, and the lines after them still come.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.content import Erased
from bridge.core.delivery import DeliveryState
from bridge.core.errors import StoreError
from storage import codec, crypto
from storage import tables as t
from storage.reading import built, delivery_target, long_reading, streamed
from storage.saying import MediaLine, fields_of, text_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from storage.engine import Store
    from storage.keys import Keyring


class DeliveryLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a line for one recipient; ``at`` is when that became known."""

    party: str
    network: str
    state: DeliveryState
    external_ids: tuple[str, ...]
    at: datetime
    reason: str
    detail: str = ""
    losses: tuple[str, ...] = ()
    twice: bool = False


class LogLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line; the fields without a default are always there."""

    trajectory: str
    seq: int
    at: datetime
    kind: str
    author: str
    role: str
    network: str
    external_ids: tuple[str, ...]
    text: str | None
    reply_to: int | None
    deliveries: tuple[DeliveryLine, ...]
    hash: str
    target: int | None = None
    party: str = ""
    party_role: str = ""
    state: str = ""
    reason: str = ""
    media: MediaLine | None = None
    content: str = ""
    notice: str = ""
    choice: str = ""
    version: str = ""
    modality: str = ""
    minutes: int = 0
    losses: tuple[str, ...] = ()
    twice: bool = False
    erased: bool = False
    damaged: bool = False
    details: Mapping[str, object] = {}
    withheld: bool = False


class Stored(msgspec.Struct, frozen=True):
    """An entry with what its row says; ``entry`` is None when it cannot be read at all."""

    seq: int
    at: datetime
    kind: str
    author: str
    hash: bytes
    entry: e.Entry | None
    erased: bool
    damaged: bool


class _Told(msgspec.Struct, frozen=True):
    """What became of ``line`` for somebody: from the log, or from the outbox while it is open."""

    line: int
    delivery: DeliveryLine


def log(store: Store, trajectory: str, coach: str | None = None) -> Generator[LogLine, None, None]:
    """Yield the lines of a log in order; nothing when there is no such trajectory.

    For a ``coach`` the words of asides between others are left out; None is the operator.

    Holds one snapshot of the store until it is exhausted or closed. Raises StoreError.
    """
    keys = store.keyring()
    with long_reading(store) as connection:
        changed = _Beside(_changed(connection, keys, trajectory))
        open_rows = _Beside(_open(connection, trajectory))
        roles: dict[str, str] = {}
        hidden: set[int] = set()
        for stored in _stored(connection, keys, trajectory):
            if isinstance(stored.entry, e.PartyAdded):
                roles[stored.entry.party] = stored.entry.role
            told = [*changed.about(stored.seq), *open_rows.about(stored.seq)]
            deliveries = () if isinstance(stored.entry, _OWN_ERRANDS) else folded(told)
            line = _line(trajectory, stored, roles, deliveries)
            yield _withheld(line) if _is_hidden(stored, coach, hidden) else line


def _is_hidden(stored: Stored, coach: str | None, hidden: set[int]) -> bool:
    """Tell whether an entry is, or is about, an aside between others; note the aside."""
    if coach is None:
        return False
    entry = stored.entry
    if isinstance(entry, e.AsidePosted) and coach not in (entry.author, *entry.to):
        hidden.add(stored.seq)
        return True
    return getattr(entry, "target", 0) in hidden


def _withheld(line: LogLine) -> LogLine:
    """Return a line without anything that was said in it."""
    return msgspec.structs.replace(
        line, text=None, media=None, external_ids=(), deliveries=(), withheld=True
    )


_OWN_ERRANDS = (e.ChoiceMade, e.PlaceAsked)
"""Entries whose outbox rows show nothing to anybody."""


class _Beside:
    """A stream sorted by line, read along with the lines."""

    def __init__(self, told: Iterable[_Told]) -> None:
        self._told = iter(told)
        self._next = next(self._told, None)

    def about(self, line: int) -> Iterator[DeliveryLine]:
        """Yield what is about a line; what is about none before it is passed over."""
        while self._next is not None and self._next.line <= line:
            told = self._next
            self._next = next(self._told, None)
            if told.line == line:
                yield told.delivery


def folded(told: Iterable[DeliveryLine]) -> tuple[DeliveryLine, ...]:
    """Return the last word for each party; ids, losses and doubt stay once they are known."""
    parties: dict[str, DeliveryLine] = {}
    for now in told:
        before = parties.get(now.party)
        if before is not None:
            now = msgspec.structs.replace(
                now,
                network=now.network or before.network,
                external_ids=now.external_ids or before.external_ids,
                losses=now.losses or before.losses,
                twice=now.twice or before.twice,
            )
        parties[now.party] = now
    return tuple(parties.values())


_ENTRY = t.entries.c
COLUMNS = (
    _ENTRY.seq,
    _ENTRY.at,
    _ENTRY.kind,
    _ENTRY.author,
    _ENTRY.owner,
    _ENTRY.envelope,
    _ENTRY.sealed,
    _ENTRY.hash,
)
"""What ``read_row`` wants of an entry's row, in this order."""


def _stored(connection: sa.Connection, keys: Keyring, trajectory: str) -> Iterator[Stored]:
    query = sa.select(*COLUMNS).where(_ENTRY.trajectory == trajectory).order_by(_ENTRY.seq)
    for row in streamed(connection, query):
        yield read_row(connection, keys, trajectory, *row)


def read_row(
    connection: sa.Connection,
    keys: Keyring,
    trajectory: str,
    seq: int,
    at: int,
    kind: str,
    author: str,
    owner: str,
    envelope: bytes,
    sealed: bytes | None,
    digest: bytes,
) -> Stored:
    """Return an entry from its row's ``COLUMNS``; damage and erasure are told, not raised."""
    opened = None
    erased = damaged = False
    entry = None
    try:
        if sealed is not None:
            sealer = keys.find(connection, trajectory, owner)
            erased = sealer is None
            if sealer is not None:
                opened = sealer.open(sealed, crypto.entry_binding(trajectory, seq, kind))
    except StoreError:
        damaged = True
    try:
        entry = codec.join_entry(kind, author, envelope, opened)
    except StoreError:
        damaged = True
    # What an author said after the key was gone was never stored.
    lost = isinstance(getattr(entry, "content", None), Erased)
    erased = erased or (lost and not damaged)
    return Stored(seq, codec.instant(at), kind, author, digest, entry, erased, damaged)


def _changed(connection: sa.Connection, keys: Keyring, trajectory: str) -> Iterator[_Told]:
    target = delivery_target(connection.dialect.name)
    query = (
        sa.select(*COLUMNS)
        .where(_ENTRY.trajectory == trajectory, _ENTRY.kind == "delivery_changed")
        .order_by(target, _ENTRY.seq)
    )
    for row in streamed(connection, query):
        stored = read_row(connection, keys, trajectory, *row)
        if isinstance(stored.entry, e.DeliveryChanged):
            yield _Told(stored.entry.target, delivery_line(stored.entry, stored.at))


def delivery_line(entry: e.DeliveryChanged, at: datetime) -> DeliveryLine:
    """Return what an entry tells of a delivery."""
    return DeliveryLine(
        party=entry.party,
        network=entry.network,
        state=entry.state,
        external_ids=entry.external_ids,
        at=at,
        reason=entry.reason,
        detail=entry.detail,
        losses=entry.losses,
        twice=entry.twice,
    )


def _open(connection: sa.Connection, trajectory: str) -> Iterator[_Told]:
    query = open_rows().where(t.outbox.c.trajectory == trajectory)
    for seq, *row in streamed(connection, query):
        yield _Told(seq, built(open_line, *row))


def open_rows() -> sa.Select[int, str, str, str, str, int, str, bool]:
    """Return the query for deliveries that are under way: a seq, then what ``open_line`` takes."""
    c = t.outbox.c
    return (
        sa.select(
            c.seq, c.party, c.network, c.state, c.external_ids, c.updated_at, c.reason, c.twice
        )
        .where(sa.text(t.OPEN))
        .order_by(c.seq, c.id)
    )


def open_line(
    party: str, network: str, state: str, ids: str, at: int, reason: str, twice: bool
) -> DeliveryLine:
    """Return how a delivery stands that is still under way."""
    return DeliveryLine(
        party=party,
        network=network,
        state=DeliveryState(state),
        external_ids=codec.decode_texts(ids),
        at=codec.instant(at),
        reason=reason,
        twice=bool(twice),
    )


def _line(
    trajectory: str,
    stored: Stored,
    roles: Mapping[str, str],
    deliveries: tuple[DeliveryLine, ...],
) -> LogLine:
    base = LogLine(
        trajectory=trajectory,
        seq=stored.seq,
        at=stored.at,
        kind=stored.kind,
        author=stored.author,
        role=roles.get(stored.author, e.BRIDGE if stored.author == e.BRIDGE else ""),
        network="",
        external_ids=(),
        text=None if stored.erased or stored.damaged else "",
        reply_to=None,
        deliveries=deliveries,
        hash=stored.hash.hex(),
        erased=stored.erased,
        damaged=stored.damaged,
    )
    return base if stored.entry is None else _told_by(base, stored.entry)


_SHARED = (
    *("network", "reply_to", "target", "party", "state", "reason"),
    *("modality", "minutes"),
)
"""Fields that a line has by the same name as its entry."""


def _told_by(base: LogLine, entry: e.Entry) -> LogLine:
    """Return the line with what its entry says."""
    fields: dict[str, object] = {
        name: value for name in _SHARED if (value := getattr(entry, name, None)) is not None
    }
    if base.text is not None:
        fields["text"] = text_of(entry)
    return msgspec.structs.replace(base, **fields, **_fields(entry))


def _fields(entry: e.Entry) -> dict[str, object]:
    own = fields_of(entry)
    return {"details": _details(entry)} if own is None else own


_SHOWN = frozenset({*LogLine.__struct_fields__, "inbox"})


def _details(entry: e.Entry) -> dict[str, object]:
    """Return everything else that a kind of entry says in its envelope, by name."""
    told = msgspec.to_builtins(entry)
    hidden = _SHOWN | entry.SEALED
    return {name: value for name, value in told.items() if name not in hidden}
