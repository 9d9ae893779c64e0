"""What is to happen later: a decision starts and cancels timers in the commit of its entries.

1. A timer has a name that is unique in its trajectory: the concern it belongs to, a colon, and
   what it is about, such as ``nudge:41``. To start it again replaces it.
2. It says when, never what: when it is due the concern decides with the facts of that moment, and
   may decide nothing.
3. It comes back as the command ``TimerFired`` exactly once for each time it was started; after a
   trajectory is closed none of its timers comes back, but for those of ``LASTING``.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

RECORDING = "recording"
PARTING = "parting"
REST = "rest"
LASTING = (RECORDING, PARTING, REST)
"""The concerns whose timers outlive their trajectory: what was recorded is deleted in time, what
was written is kept as was agreed, and what the coach hears of that waits while she rests."""


class StartTimer(msgspec.Struct, frozen=True):
    """Come back at an instant, or as soon after it as the bridge runs."""

    name: str
    at: datetime

    @property
    def concern(self) -> str:
        """What comes back with it: the part of the name before the colon."""
        return self.name.partition(":")[0]


class CancelTimer(msgspec.Struct, frozen=True):
    """Do not come back; a timer that is not waiting is left as it is."""

    name: str


TimerChange = StartTimer | CancelTimer
