"""How a trajectory ends, as data and as an act: for the console and its twin."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit


class Client(msgspec.Struct, frozen=True):
    """What one client chose: ``keep``, ``take`` or ``destroy``, '' for nothing yet.

    ``asked``: the question was put. ``taken`` is when they last opened what they take along;
    ``destroyed`` tells that their words cannot be read any more, for whatever reason.
    """

    client: str
    choice: str
    asked: bool
    taken: datetime | None
    destroyed: bool


class Ending(msgspec.Struct, frozen=True):
    """The end of a trajectory: ``keep_days`` is what is agreed, 0 = without an end.

    ``until`` is when it is destroyed; None while it is open, or where no end was agreed.
    """

    closed: bool
    keep_days: int
    until: datetime | None
    clients: tuple[Client, ...]


def ending(state: Trajectory) -> Ending:
    """Return how a trajectory ends, or is to end."""
    known = state.ending
    clients = (
        Client(
            client=one,
            choice=known.of(one).choice,
            asked=bool(known.of(one).question),
            taken=known.of(one).taken,
            destroyed=one in known.destroyed,
        )
        for one in state.with_role("client")
    )
    return Ending(state.closed, known.days, known.until, tuple(clients))


def close(unit: Unit, catalogue: Catalogue, trajectory: str, coach: str) -> str:
    """End a trajectory for one of its coaches; return '' or the code of why not."""
    state = unit.state(trajectory)
    if state is None or not state.open:
        return "closed"
    handle(unit, trajectory, c.CloseTrajectory("coach", coach), catalogue)
    return ""
