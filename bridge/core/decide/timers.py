"""A timer that is due goes to the concern whose name it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.decide import (
    budget,
    nudges_due,
    parting,
    promises,
    recordings,
    rest,
    sessions,
    steps,
)
from bridge.core.nudges import FOLLOW_UP, NUDGE
from bridge.core.timers import LASTING, PARTING, RECORDING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft

ON_TIMER: Mapping[str, Callable[[Draft, c.TimerFired], None]] = {
    RECORDING: recordings.on_timer,
    "session": sessions.on_timer,
    NUDGE: nudges_due.on_due,
    FOLLOW_UP: nudges_due.on_follow_up,
    promises.CONCERN: promises.on_timer,
    promises.TELLING: promises.on_told,
    rest.CONCERN: rest.on_timer,
    steps.CONCERN: steps.on_timer,
    budget.BALANCE: budget.on_balance,
    budget.ASKING: budget.on_asking,
    PARTING: parting.on_timer,
}
"""By concern, the first part of a timer's name."""


def on_timer(draft: Draft, command: c.TimerFired) -> None:
    """Decide what a moment comes to. Raises LookupError for a timer that nobody starts."""
    concern = command.name.partition(":")[0]
    known = ON_TIMER.get(concern)
    if known is None:
        raise LookupError(f"no concern of the engine starts timers named {concern}:")
    if draft.state.open or concern in LASTING:
        known(draft, command)
