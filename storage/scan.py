"""Looking through whole conversations: words that are searched for, and how lively they were.

1. Words stand nowhere in the clear and in no index, so a search opens every line, newest first,
   and says how far it is.
2. A line is found by the words it has now; what was changed or withdrawn is not found any more.
3. Case and accents do not count; every word of the query has to be there.
4. Each trajectory is one snapshot; memory holds one line at a time.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.entries import BRIDGE
from storage import codec
from storage import tables as t
from storage.logview import COLUMNS, read_row
from storage.reading import long_reading, streamed
from storage.saying import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from storage.engine import Store

_SEARCHED = ("message_posted", "message_edited", "message_deleted", "note_added", "session_logged")
_STEP = 500
"""Lines between two signs of progress."""
_AROUND = 60
"""Characters shown on each side of what was found."""


class Hit(msgspec.Struct, frozen=True, tag="hit"):
    """A line with the words that were searched for."""

    trajectory: str
    seq: int
    at: datetime
    author: str
    kind: str
    snippet: str


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How many entries of how many were looked through."""

    done: int
    total: int


def search(store: Store, trajectories: Sequence[str], query: str) -> Iterator[Hit | Progress]:
    """Yield what is found, and now and then how far the search is; the last is Progress.

    An empty query finds nothing. Raises StoreError.
    """
    wanted = folded(query).split()
    total = _lines(store, trajectories)
    done = 0
    if wanted:
        for trajectory in trajectories:
            for step in _search(store, trajectory, wanted):
                if isinstance(step, Hit):
                    yield step
                else:
                    done += step
                    yield Progress(min(done, total), total)
    yield Progress(total, total)


def _lines(store: Store, trajectories: Sequence[str]) -> int:
    c = t.entries.c
    query = sa.select(sa.func.count()).where(c.trajectory.in_(trajectories), c.kind.in_(_SEARCHED))
    with store.reading() as connection:
        return connection.execute(query).scalar_one()


def _search(store: Store, trajectory: str, wanted: Sequence[str]) -> Iterator[Hit | int]:
    """Yield hits, and how many lines were looked through since the last number."""
    c = t.entries.c
    keys = store.keyring()
    query = (
        sa.select(*COLUMNS)
        .where(c.trajectory == trajectory, c.kind.in_(_SEARCHED))
        .order_by(c.seq.desc())
    )
    changed: set[int] = set()
    looked = 0
    with long_reading(store) as connection:
        for row in streamed(connection, query):
            looked += 1
            if looked == _STEP:
                yield looked
                looked = 0
            stored = read_row(connection, keys, trajectory, *row)
            if stored.entry is None:
                continue
            if getattr(stored.entry, "aside", False):
                continue  # its words are for two people; the timeline shows it to them
            seq = getattr(stored.entry, "target", stored.seq)
            if seq in changed:
                continue
            if isinstance(stored.entry, e.MessageEdited | e.MessageDeleted):
                changed.add(seq)
            snippet = _found(text_of(stored.entry), wanted)
            if snippet:
                yield Hit(trajectory, seq, stored.at, stored.author, stored.kind, snippet)
    yield looked


def folded(text: str) -> str:
    """Return text as it is compared: without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _found(text: str, wanted: Sequence[str]) -> str:
    """Return the part of a text around the first word that was searched for, '' if not found."""
    plain = folded(text)
    if not text or not all(word in plain for word in wanted):
        return ""
    # Folding may change lengths; the place is near enough for a snippet.
    at = plain.index(wanted[0])
    start, end = max(0, at - _AROUND), at + len(wanted[0]) + _AROUND
    middle = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{middle}{'…' if end < len(text) else ''}" or text[:_AROUND]


class Series(msgspec.Struct, frozen=True):
    """How many messages one person wrote over one network, week by week."""

    network: str
    author: str
    counts: tuple[int, ...]


class Weeks(msgspec.Struct, frozen=True):
    """Messages per week; ``starts`` are the Mondays (ISO dates) of all weeks, none left out."""

    starts: tuple[str, ...]
    series: tuple[Series, ...]


class _Posted(msgspec.Struct, frozen=True):
    network: str = ""


_posted = msgspec.json.Decoder(_Posted)


def weeks(store: Store, trajectory: str, zone: ZoneInfo) -> Weeks:
    """Count the messages of a trajectory by week, as weeks are in a zone. Raises StoreError."""
    c = t.entries.c
    query = (
        sa.select(c.at, c.author, c.envelope)
        .where(c.trajectory == trajectory, c.kind == "message_posted", c.author != BRIDGE)
        .order_by(c.seq)
    )
    counted: Counter[tuple[str, str, int]] = Counter()
    with long_reading(store) as connection:
        for at, author, envelope in streamed(connection, query):
            day = codec.instant(at).astimezone(zone).date()
            monday = day.toordinal() - day.weekday()
            counted[_posted.decode(envelope).network, author, monday] += 1
    return _weeks(counted)


def _weeks(counted: Counter[tuple[str, str, int]]) -> Weeks:
    mondays = [monday for _, _, monday in counted]
    if not mondays:
        return Weeks((), ())
    every = range(min(mondays), max(mondays) + 7, 7)
    named = sorted({(network, author) for network, author, _ in counted})
    return Weeks(
        tuple(date.fromordinal(monday).isoformat() for monday in every),
        tuple(
            Series(network, author, tuple(counted[network, author, week] for week in every))
            for network, author in named
        ),
    )
