"""What all judges' records share: when a thing happened, in which order, and the record as JSON.

They know nothing of the program behind the network. Sequence numbers count over all lists of a
record, so the order of events is unambiguous.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, ClassVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.emulators.misuse import Json


class Happening(msgspec.Struct, kw_only=True):
    """One thing that happened; `monotonic` is `time.monotonic()` in seconds, `at` aware UTC."""

    seq: int
    at: datetime
    monotonic: float


class Record:
    """Append-only lists of happenings, named by `lists`."""

    lists: ClassVar[Sequence[str]] = ("said", "handed", "calls", "shown")

    def __init__(self) -> None:
        self._seq = count(1)

    def stamp(self) -> Json:
        """The next sequence number and the time on both clocks, as a happening's first fields."""
        return {"seq": next(self._seq), "at": datetime.now(UTC), "monotonic": time.monotonic()}

    def to_json(self, since: int = 0) -> Json:
        """All that has a sequence number above `since`, as plain JSON."""
        found: dict[str, list[Happening]] = {
            name: [one for one in getattr(self, name) if one.seq > since] for name in self.lists
        }
        plain: Json = msgspec.to_builtins(found)
        return plain
