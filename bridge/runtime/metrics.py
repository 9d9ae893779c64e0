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
    disable_created_metrics,
    generate_latest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ACCOUNT = ("network", "account")


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
        self.failed_calls = Gauge(
            "coachbridge_calls_after_commit_failed",
            "Calls after a commit that failed since the start; the commits stand",
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
