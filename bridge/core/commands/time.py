"""A moment has come."""

from __future__ import annotations

from datetime import datetime

import msgspec


class TimerFired(msgspec.Struct, frozen=True):
    """A timer is due; ``at`` is the instant it was started for, perhaps long ago."""

    name: str
    at: datetime
