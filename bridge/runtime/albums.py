"""Albums: rows of one lane that belong together go out together, and are settled one by one.

1. The log knows no albums, only pictures that say to which they belong; each has its own row,
   delivery and external id. What is joined is the request.
2. The first picture's claim takes those directly behind it in its lane. What stands between two
   of them, or cannot be joined, ends the album there; the rest is the next one.
3. Nobody says how many will come: the first waits until none came for ``QUIET``, and all files are
   there, but never longer than ``PATIENCE`` on top of its own file.
4. What goes with no album asks the database nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core.content import Media
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Purpose, SendMessage
from bridge.runtime.preparing import Item, Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from bridge.core.effects import Effect
    from storage.outbox_rows import OutboxRow
    from storage.unit import Unit

MOST = 10
"""The most pictures of one album; no network of ours shows more."""

QUIET = timedelta(seconds=0.3)
PATIENCE = 1.0
"""Seconds the first picture waits at most for the others, and how often it looks again."""
LOOK_AGAIN = 0.1

ALONE = "alone"
"""The reason of a row whose album the network refused: it goes by itself."""


@dataclass(slots=True, frozen=True)
class Album:
    """Claimed rows, two or more, that may go out together."""

    items: tuple[Item, ...]

    @property
    def row(self) -> OutboxRow:
        """The first, whose lane it is."""
        return self.items[0].row


def gathered(
    unit: Unit,
    ready: Sequence[Item | Waits],
    scopes: Collection[str],
    hurried: Collection[int],
    claim: Callable[[Sequence[int]], list[Item | Waits]],
) -> list[Item | Waits | Album]:
    """Return what was claimed, with those that begin an album on ``scopes`` joined by the others.

    A first picture that is still to wait goes back to the queue, as ``Waits`` for no file; one in
    ``hurried`` has waited. ``claim`` takes rows that stand behind another one.
    """
    return [
        _joined(unit, one, one.row.id in hurried, claim)
        if isinstance(one, Item) and _begins(one) and one.row.scope in scopes
        else one
        for one in ready
    ]


def _begins(item: Item) -> bool:
    return bool(_album(item.effect)) and _is_fresh(item.row)


def _is_fresh(row: OutboxRow) -> bool:
    """Tell whether a row may go with others: what went wrong once goes by itself."""
    return bool(row.trajectory) and not row.parts_done and not row.reason


def _album(effect: Effect) -> str:
    """Return the album of what an effect shows, or ''."""
    if isinstance(effect, SendMessage) and effect.purpose is Purpose.CHAT:
        content = effect.content
        return content.album if isinstance(content, Media) else ""
    return ""


def _joined(
    unit: Unit, item: Item, hurried: bool, claim: Callable[[Sequence[int]], list[Item | Waits]]
) -> Item | Waits | Album:
    behind: list[OutboxRow] = []
    others: list[SendMessage] = []
    for row, effect in unit.behind(item.row.id, MOST - 1):
        if not isinstance(effect, SendMessage) or not _belongs(item, row, effect):
            break
        behind.append(row)
        others.append(effect)
    if not hurried and not _is_whole(unit, item, behind, others):
        unit.requeue(item.row.id, not_before=unit.now)
        return Waits(item.row.id, "")
    return _taken(unit, item, behind, claim)


def _belongs(item: Item, row: OutboxRow, effect: SendMessage) -> bool:
    first = item.row.effect
    return (
        isinstance(first, SendMessage)
        and row.state is DeliveryState.QUEUED
        and (row.trajectory, row.party) == (item.row.trajectory, item.row.party)
        and _is_fresh(row)
        and _album(effect) == _album(first)
        and effect.to == first.to
    )


def _is_whole(
    unit: Unit, item: Item, behind: Sequence[OutboxRow], others: Sequence[SendMessage]
) -> bool:
    """Tell whether no more pictures are to be expected, and all that came may go."""
    newest = behind[-1] if behind else item.row
    if len(behind) + 1 < MOST and unit.now - newest.created_at < QUIET:
        return False
    if any(row.not_before is not None and row.not_before > unit.now for row in behind):
        return False
    files = [other.content.file.id for other in others if isinstance(other.content, Media)]
    blobs = [unit.blob(file) for file in files if file]
    return not any(blob is not None and blob.state == "pending" for blob in blobs)


def _taken(
    unit: Unit,
    item: Item,
    behind: Sequence[OutboxRow],
    claim: Callable[[Sequence[int]], list[Item | Waits]],
) -> Item | Album:
    """Claim what goes along, each row with all checks of its own, until one cannot go now."""
    items = [item]
    for row in behind:
        claimed = claim((row.id,))
        if claimed and isinstance(claimed[0], Item):
            items.append(claimed[0])
            continue
        after = unit.outbox_row_by_id(row.id)
        if claimed or after is None or after.state is DeliveryState.QUEUED:
            break  # it has to wait, its file is on its way, or somebody else looks at it
    return Album(tuple(items)) if len(items) > 1 else item
