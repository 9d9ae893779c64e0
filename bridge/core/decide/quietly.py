"""From when a client may be disturbed by the bridge itself (I8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling.calendar import quiet

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.decide.draft import Draft


def undisturbed(draft: Draft, client: str, *, paused: bool = True) -> datetime:
    """Return the first instant from now on outside quiet hours, and pauses if ``paused``.

    Now, where the shell found no pace to go by.
    """
    now, person = draft.facts.now, draft.facts.people.get(client)
    if draft.facts.nudge is None:
        return now
    pace = draft.facts.nudge.pace
    waits = (pace.paused_until, pace.later_until) if paused else ()
    free = max([now, *(one for one in waits if one is not None)])
    return quiet.after(free, pace.quiet, person.time_zone if person is not None else "UTC")
