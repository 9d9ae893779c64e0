"""A line of a chat and what later entries make of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from bridge.core import entries as e
from bridge.core.content import Body, Content, Notice
from bridge.core.delivery import DeliveryState


class Line(msgspec.Struct, frozen=True):
    """One line as it is now. ``id`` is its id in this party's chat, '' when it shows elsewhere.

    ``file_seq`` is the entry that holds the file. ``states`` tells, of the party's own lines, what
    became of them for each of the others; ``arrived``, of others' lines, how far they got here. An
    ``aside`` was said between two alone.
    """

    seq: int
    at: datetime
    author: str
    content: Content
    id: str = ""
    quote: Body = ()
    reply_to: int | None = None
    file_seq: int = 0
    edited: datetime | None = None
    deleted: bool = False
    reactions: Mapping[str, tuple[str, ...]] = {}
    chosen: str = ""
    states: Mapping[str, DeliveryState] = {}
    arrived: str = ""
    aside: bool = False


class Page(msgspec.Struct, frozen=True):
    """Lines by seq; ``cursor`` is where to go on, ``more`` that there is more to be had now."""

    lines: tuple[Line, ...]
    cursor: int
    more: bool


class Kept(msgspec.Struct, frozen=True):
    """An entry as it stands in the log."""

    seq: int
    at: datetime
    entry: e.Entry


def target_of(entry: e.Entry) -> int:
    """Return the entry that one is about, 0 when it is about none."""
    return int(getattr(entry, "target", 0))


def states_of(to: Iterable[str], told: Iterable[Kept]) -> dict[str, DeliveryState]:
    """Return the last word for each recipient; of whom nothing is told, it is under way."""
    return dict.fromkeys(to, DeliveryState.QUEUED) | {
        known.entry.party: known.entry.state
        for known in told
        if isinstance(known.entry, e.DeliveryChanged)
    }


def corrected(line: Line, correction: Kept, party: str) -> Line:
    """Return a line with one correction folded into it."""
    replace = msgspec.structs.replace
    match correction.entry:
        case e.MessageEdited(content=content):
            return replace(line, content=content, edited=correction.at, file_seq=correction.seq)
        case e.MessageDeleted():
            return replace(line, deleted=True)
        case e.ReactionSet(author=author, emoji=emoji):
            return replace(line, reactions={**line.reactions, author: emoji})
        case e.ChoiceMade(author=author, key=key) if author == party:
            return replace(line, chosen=key)
        case _:
            return line


def line_of(
    trajectory: str,
    party: str,
    one: Kept,
    corrections: Sequence[Kept],
    told: Sequence[Kept],
    id: str,
) -> Line:
    """Return the line an entry is, with corrections and deliveries folded into it."""
    entry = one.entry
    if isinstance(entry, e.NoticeGiven):
        ref = f"{trajectory}/{one.seq}" if entry.options else ""
        content: Content = Notice(entry.notice, entry.params, entry.options, ref)
        line = Line(one.seq, one.at, e.BRIDGE, content, id)
    elif isinstance(entry, e.MessagePosted):
        line = Line(
            one.seq, one.at, entry.author, entry.content, id,
            quote=entry.quote, reply_to=entry.reply_to, file_seq=one.seq,
            states=states_of(entry.to, told) if entry.author == party else {},
            aside=isinstance(entry, e.AsidePosted),
        )  # fmt: skip
    else:
        raise TypeError(f"{type(entry).__name__} is no line")
    if line.author != party:
        arrived = states_of((), told).get(party, "")
        line = msgspec.structs.replace(line, arrived=str(arrived))
    for correction in corrections:
        line = corrected(line, correction, party)
    return line
