"""What a practice file says of the end: for how long a log is kept, and that a trajectory is over.

1. What was agreed when it was closed holds: a file that changes later changes nothing for it.
2. A trajectory that is closed stays closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.parting import MOST_DAYS
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit


def wrong_days(days: int | None) -> str:
    """Return what is wrong with the days something is kept, '' for nothing."""
    if days is None or 0 <= days <= MOST_DAYS:
        return ""
    return f"keep_days: {days} is no number of days from 1 to {MOST_DAYS}; 0 = without an end"


def retain(unit: Unit, trajectory: str, days: int, catalogue: Catalogue) -> Iterator[str]:
    """Bring what is agreed in line; yield what changed in words."""
    state = unit.state(trajectory)
    if state is None or not state.open or state.ending.days == days:
        return
    handle(unit, trajectory, c.SetRetention(days), catalogue)
    told = f"{days} days after it is closed" if days else "without an end"
    yield f"{trajectory} is kept {told}"


def end(unit: Unit, trajectory: str, catalogue: Catalogue) -> Iterator[str]:
    """Close a trajectory that is open; yield what changed in words."""
    state = unit.state(trajectory)
    if state is None or not state.open:
        return
    handle(unit, trajectory, c.CloseTrajectory("practice_file"), catalogue)
    yield f"trajectory {trajectory} is closed; its clients are asked what happens to its log"
