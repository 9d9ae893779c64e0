"""Rate limits, off unless set.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: one message a
second per chat, about thirty a second overall, twenty a minute per group.
"""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Limit:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


@dataclass(slots=True)
class Limits:
    """The three windows; None = no limit."""

    per_chat: Limit | None = None
    per_group: Limit | None = None
    overall: Limit | None = None
    _times: dict[tuple[int, int | None], deque[float]] = field(default_factory=dict)

    def wait_for(self, bot: int, chat: int, *, group: bool) -> int | None:
        """Seconds to wait (whole, at least 1) when over a limit; else count the call, None."""
        now = time.monotonic()
        wanted: list[tuple[tuple[int, int | None], Limit | None]] = [
            ((bot, chat), self.per_group if group else self.per_chat),
            ((bot, None), self.overall),
        ]
        for key, limit in wanted:
            if limit is None:
                continue
            times = self._times.setdefault(key, deque())
            while times and times[0] <= now - limit.seconds:
                times.popleft()
            if len(times) >= limit.calls:
                return max(1, math.ceil(times[0] + limit.seconds - now))
        for key, limit in wanted:
            if limit is not None:
                self._times[key].append(now)
        return None
