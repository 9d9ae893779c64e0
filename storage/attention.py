"""What needs a coach's attention, trajectory by trajectory, from the newest part of each log.

1. Only the last ``WINDOW`` things said in a log are looked at, and as many deliveries: what is
   older no longer presses, and a count that reaches so far is shown as "at least". They are
   counted apart, or the deliveries of a busy hour would hide what was said in it.
2. Envelopes tell nearly all of it; the last line alone is opened, for the coach knows by it what
   it is about.
3. Whoever answers has read: a coach's own message moves the mark for unread lines too.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core.delivery import POSTPONED, DeliveryState
from bridge.core.effects import REST
from storage import codec
from storage import tables as t
from storage.logview import COLUMNS, read_row
from storage.saying import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.engine import Store
    from storage.keys import Keyring

WINDOW = 200

_LOST = frozenset({DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED})
_MEANT = frozenset({"not_shown", "undone", *POSTPONED})
"""Why something did not arrive that was not to."""

_SAID = ("message_posted", "aside_posted", "message_edited", "message_deleted", "scale_answered")
_DELIVERED = ("delivery_changed",)
_CONSENT = "consent:"


class Attention(msgspec.Struct, frozen=True):
    """How one trajectory stands for one coach.

    ``unanswered`` is when the oldest client's message came that no coach has answered; ``unread``
    counts lines of others after the coach's mark; ``failed`` the lines after it that did not
    arrive; ``uncertain`` and ``waiting`` (for a consent) deliveries as they are now.
    ``last_text`` is None when it was erased or withdrawn.
    """

    trajectory: str
    unanswered: datetime | None = None
    unread: int = 0
    failed: int = 0
    uncertain: int = 0
    waiting: int = 0
    last_at: datetime | None = None
    last_author: str = ""
    last_text: str | None = ""


class _Envelope(msgspec.Struct, frozen=True):
    target: int = 0
    party: str = ""
    to: tuple[str, ...] = ()
    state: str = ""
    reason: str = ""
    answer: int = 0


class _Newest(msgspec.Struct):
    """What is gathered on the way back through the newest entries."""

    unanswered: int | None = None
    unread: int = 0
    failed: set[int] = msgspec.field(default_factory=set)
    changed: dict[int, int] = msgspec.field(default_factory=dict)
    withdrawn: set[int] = msgspec.field(default_factory=set)
    asked_for: set[int] = msgspec.field(default_factory=set)
    told: set[tuple[int, str]] = msgspec.field(default_factory=set)
    last: tuple[int, int, str] | None = None
    answered: bool = False
    read: bool = False


_envelopes = msgspec.json.Decoder(_Envelope)


def attention(
    store: Store, coach: str, clients: Mapping[str, frozenset[str]]
) -> Mapping[str, Attention]:
    """Return how each trajectory stands for a coach; ``clients`` are its clients, by trajectory.

    Raises StoreError.
    """
    with store.reading() as connection:
        return attention_in(connection, store.keyring(), coach, clients)


def attention_in(
    connection: sa.Connection, keys: Keyring, coach: str, clients: Mapping[str, frozenset[str]]
) -> Mapping[str, Attention]:
    """Return the same as ``attention``, in one transaction."""
    c = t.read_marks.c
    query = sa.select(c.trajectory, c.seq).where(c.person == coach)
    marks = {row[0]: row[1] for row in connection.execute(query)}
    under_way = _open_rows(connection, coach)
    held = _held(connection)
    return {
        name: msgspec.structs.replace(
            _stands(connection, keys, name, coach, who, marks.get(name, 0)),
            uncertain=under_way[name, DeliveryState.UNCERTAIN.value],
            waiting=under_way[name, DeliveryState.ACCEPTED.value] + held[name],
        )
        for name, who in clients.items()
    }


def _stands(
    connection: sa.Connection,
    keys: Keyring,
    trajectory: str,
    coach: str,
    clients: frozenset[str],
    mark: int,
) -> Attention:
    found = _Newest()
    for kinds in (_SAID, _DELIVERED):
        for seq, at, kind, author, envelope in connection.execute(_newest(trajectory, kinds)):
            if kind == "aside_posted" and coach not in (author, *_envelopes.decode(envelope).to):
                continue
            if kind in ("message_posted", "aside_posted"):
                _said(found, seq, at, author, coach, clients, mark)
            else:
                _told(found, seq, kind, _envelopes.decode(envelope), mark)
    stands = Attention(
        trajectory,
        unanswered=codec.maybe_instant(found.unanswered),
        unread=found.unread,
        failed=len(found.failed),
    )
    if found.last is None:
        return stands
    seq, at, author = found.last
    return msgspec.structs.replace(
        stands,
        last_at=codec.instant(at),
        last_author=author,
        last_text=_words(connection, keys, trajectory, found, seq),
    )


def _newest(trajectory: str, kinds: tuple[str, ...]) -> sa.Select[int, int, str, str, bytes]:
    """Return the query for (seq, at, kind, author, envelope), the newest first."""
    c = t.entries.c
    return (
        sa.select(c.seq, c.at, c.kind, c.author, c.envelope)
        .where(c.trajectory == trajectory, c.kind.in_(kinds))
        .order_by(c.seq.desc())
        .limit(WINDOW)
    )


def _said(
    found: _Newest, seq: int, at: int, author: str, coach: str, clients: frozenset[str], mark: int
) -> None:
    if found.last is None:
        found.last = (seq, at, author)
    found.answered = found.answered or author not in clients
    found.read = found.read or author == coach or seq <= mark
    if not found.answered and seq not in found.asked_for:
        found.unanswered = at
    if not found.read:
        found.unread += 1


def _told(found: _Newest, seq: int, kind: str, told: _Envelope, mark: int) -> None:
    if kind == "message_edited":
        found.changed.setdefault(told.target, seq)
    elif kind == "message_deleted":
        found.withdrawn.add(told.target)
    elif kind == "scale_answered":
        found.asked_for.add(told.answer)  # a number that was asked for needs no answer
    elif (told.target, told.party) not in found.told:
        found.told.add((told.target, told.party))  # the last word on it; it may have gone again
        if seq > mark and told.state in _LOST and told.reason not in _MEANT:
            found.failed.add(told.target)


def _words(
    connection: sa.Connection, keys: Keyring, trajectory: str, found: _Newest, seq: int
) -> str | None:
    """Return what a line says now."""
    if seq in found.withdrawn:
        return None
    c = t.entries.c
    query = sa.select(*COLUMNS).where(
        c.trajectory == trajectory, c.seq == found.changed.get(seq, seq)
    )
    stored = read_row(connection, keys, trajectory, *connection.execute(query).one())
    gone = stored.entry is None or stored.erased or stored.damaged
    return None if gone or stored.entry is None else text_of(stored.entry)


def _open_rows(connection: sa.Connection, coach: str) -> Counter[tuple[str, str]]:
    """Return how many deliveries of a coach's trajectories are in each open state."""
    c, member = t.outbox.c, t.parties.c
    query = (
        sa.select(c.trajectory, c.state, sa.func.count())
        .join(t.parties, member.trajectory == c.trajectory)
        .where(
            sa.text(f"outbox.{t.OPEN}"),
            member.person == coach,
            ~c.hold.startswith(REST, autoescape=True),  # it waits for the coach, not for a consent
        )
        .group_by(c.trajectory, c.state)
    )
    return Counter({(name, state): count for name, state, count in connection.execute(query)})


def _held(connection: sa.Connection) -> Counter[str]:
    """Return how many payloads wait for a consent, by the trajectory that their hold names."""
    c = t.inbox.c
    query = (
        sa.select(c.hold, sa.func.count())
        .where(sa.text("state = 'held'"), c.hold.startswith(_CONSENT, autoescape=True))
        .group_by(c.hold)
    )
    held: Counter[str] = Counter()
    for hold, count in connection.execute(query):
        held[hold.split(":")[1]] += count
    return held
