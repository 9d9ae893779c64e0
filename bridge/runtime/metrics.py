"""What is counted: the names of all metrics, in a registry of the bridge's own.

1. Labels are networks, accounts and states, never people, trajectories or words.
2. A caller on the hot path keeps what ``labels`` returns: looking a child up costs more than
   counting.
3. ``refresh`` brings the gauges up to date before they are shown; it may wait for the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ACCOUNT = ("network", "account")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Everything the running bridge counts; one per process."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        self.refresh: Callable[[], None] = lambda: None
        self.inbound = Counter(
            "coachbridge_inbound", "Payloads kept in the inbox", _ACCOUNT, registry=registry
        )
        self.repeated = Counter(
            "coachbridge_repeated", "Payloads that had come before", _ACCOUNT, registry=registry
        )
        self.forged = Counter(
            "coachbridge_forged", "Webhook calls that proved nothing", _ACCOUNT, registry=registry
        )
        self.parked = Counter(
            "coachbridge_parked", "Payloads set aside as unreadable", _ACCOUNT, registry=registry
        )
        self.deliveries = Counter(
            "coachbridge_deliveries",
            "Deliveries that reached a state: sent, uncertain, failed, suppressed, expired",
            (*_ACCOUNT, "state"),
            registry=registry,
        )
        self.throttled = Counter(
            "coachbridge_throttled", "Times a network told us to wait", _ACCOUNT, registry=registry
        )
        self.outbox_depth = Gauge(
            "coachbridge_outbox_depth", "Deliveries still open", ("state",), registry=registry
        )
        self.inbox_depth = Gauge(
            "coachbridge_inbox_depth", "Payloads not handled yet", ("state",), registry=registry
        )
        self.commit_batch = Histogram(
            "coachbridge_commit_batch", "Jobs per commit", buckets=_BATCH, registry=registry
        )
        self.relay_seconds = Histogram(
            "coachbridge_relay_seconds",
            "From a payload's arrival to the network taking its delivery",
            buckets=_SECONDS,
            registry=registry,
        )
        self.woken = Counter(
            "coachbridge_woken", "Times another process woke this one", registry=registry
        )
        self.unheard = Counter(
            "coachbridge_wake_connections_lost",
            "Times the connection that hears other processes was lost or did not come about",
            registry=registry,
        )
        self.listening = Gauge(
            "coachbridge_wake_listening",
            "1 while calls of other processes are heard; 0 on SQLite, where there are none",
            registry=registry,
        )
        self.account_up = Gauge(
            "coachbridge_account_up", "1 while an account listens and works", _ACCOUNT,
            registry=registry,
        )  # fmt: skip

    def show_depths(self, inbox: Mapping[str, int], outbox: Mapping[str, int]) -> None:
        """Set how much waits, by state; a state that is not named is empty."""
        for gauge, depths in ((self.inbox_depth, inbox), (self.outbox_depth, outbox)):
            gauge.clear()
            for state, count in depths.items():
                gauge.labels(state).set(count)

    def render(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self.registry)
