"""Faults by plan: the n-th call that matches is hit, never by chance.

``on`` names what is hit: a call of the API (``create``, ``list``, ``fetch``, ``media``,
``account``) or a webhook (``message``, ``status``); ``to`` narrows it to one address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.emulators import faults
from adapters.emulators.faults import Fault, accept_then_drop, malformed, reset, slow, status

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Fault",
    "FaultPlan",
    "accept_then_drop",
    "duplicate",
    "error",
    "half_open",
    "lost",
    "malformed",
    "reset",
    "slow",
    "status",
    "too_many",
]


def half_open() -> Fault:
    """Do what is asked and never answer."""
    return faults.half_open(process=True)


def error(code: int, status: int = 400) -> Fault:
    """A refusal of the API with one of its own codes."""
    return Fault(kind="error", code=code, http_status=status)


def too_many(retry_after: int = 1) -> Fault:
    """429 with `Retry-After` in seconds; nothing is processed."""
    return Fault(kind="error", code=20429, http_status=429, retry_after=retry_after)


def lost() -> Fault:
    """A webhook that Twilio never makes, not even a second time."""
    return Fault(kind="lost")


def duplicate(times: int = 2) -> Fault:
    """The same webhook `times` times."""
    return faults.duplicate(times)


KINDS: dict[str, Callable[..., Fault]] = {
    "reset": reset,
    "accept_then_drop": accept_then_drop,
    "half_open": half_open,
    "slow": slow,
    "status": status,
    "error": error,
    "too_many": too_many,
    "malformed": malformed,
    "lost": lost,
    "duplicate": duplicate,
}
"""By name, for the control endpoint."""


class FaultPlan:
    """All rules; the first that is due wins, every rule counts."""

    def __init__(self) -> None:
        self._plan = faults.FaultPlan()

    @property
    def rules(self) -> list[faults.Rule]:
        """What is planned, and how far each is."""
        return self._plan.rules

    def plan(
        self, fault: Fault, *, on: str = "create", to: str = "", nth: int = 1, count: int | None = 1
    ) -> faults.Rule:
        """Plan a fault for the `nth` matching call from now, `count` times (None = for ever)."""
        return self._plan.plan(fault, method=on, chat=to or None, nth=nth, count=count)

    def clear(self) -> None:
        """Everything works again."""
        self._plan.clear()

    def hit(self, on: str, to: str = "") -> Fault | None:
        """The fault for a call now."""
        return self._plan.hit(on, to or None)
