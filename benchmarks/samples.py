"""What a benchmark run collected, and the medians and paired ratios the report is made of."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

import msgspec

from benchmarks.traffic import RunResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BRIDGE: Final = "bridge"
BARE: Final = "bare bot"
COMMIT: Final = "bare bot + commit"
RELAYS: Final = (BRIDGE, BARE, COMMIT)
MODES: Final = ("polling", "webhook")

BURST: Final = "burst"
STEADY: Final = "steady"
FAR: Final = "far"
SLOW: Final = "slow"
GROWTH: Final = "growth"
SIZE: Final = "size"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one relay in one round.

    `cpu` is seconds of user plus system time of the relay per message, `ready` seconds from start
    to serving, `resident_mb` after the run, `entries` what the log was seeded with.
    """

    scenario: str
    relay: str
    mode: str
    round: int
    cpu: float
    ready: float
    resident_mb: float
    result: RunResult
    entries: int = 0

    @property
    def rate(self) -> float:
        """Messages per second."""
        return (self.result.messages - self.result.lost) / self.result.elapsed


class Collected(msgspec.Struct, kw_only=True):
    """Everything one `python -m benchmarks` measured; written beside the report as JSON."""

    command: str
    date: str
    machine: str
    rounds: int
    trajectories: int
    apply_seconds: float = 0.0
    samples: list[Sample] = msgspec.field(default_factory=list)
    failures: list[str] = msgspec.field(default_factory=list)
    stages: dict[str, float] = msgspec.field(default_factory=dict)
    profile: dict[str, float] = msgspec.field(default_factory=dict)

    def of(
        self, scenario: str, relay: str = BRIDGE, mode: str = "", entries: int = 0
    ) -> list[Sample]:
        """Pick the samples of one cell, in order of their rounds; mode "" means both."""
        return [
            sample
            for sample in self.samples
            if sample.scenario == scenario
            and sample.relay == relay
            and mode in ("", sample.mode)
            and sample.entries == entries
        ]


def middle(samples: Iterable[Sample], value: Callable[[Sample], float]) -> float:
    """Give the median of a value, 0.0 for no samples."""
    values = [value(sample) for sample in samples]
    return median(values) if values else 0.0


def paired(
    above: list[Sample], below: list[Sample], value: Callable[[Sample], float]
) -> float | None:
    """Give the median over the rounds of the ratio within a round.

    The machine's mood changes from minute to minute but less within a round, so ratios are taken
    there and not between medians. None when one side is missing.
    """
    other = {sample.round: value(sample) for sample in below}
    ratios = [value(sample) / other[sample.round] for sample in above if other.get(sample.round)]
    return median(ratios) if ratios else None
