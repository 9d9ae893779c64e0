"""Faults by plan: the n-th call that matches is hit, never by chance.

``on`` names what is hit: a call of the API (``create``, ``list``, ``fetch``, ``media``,
``account``) or a webhook (``message``, ``status``).
"""

from __future__ import annotations

from typing import Literal

import msgspec

FaultKind = Literal[
    "reset",
    "accept_then_drop",
    "half_open",
    "slow",
    "status",
    "error",
    "malformed",
    "lost",
    "duplicate",
]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong; make one with the functions below."""

    kind: FaultKind
    seconds: float = 0.0
    status: int = 0
    code: int = 0
    retry_after: int = 0
    times: int = 2


def reset() -> Fault:
    """RST before anything is processed; as for a webhook, a call that never arrives."""
    return Fault(kind="reset")


def accept_then_drop() -> Fault:
    """Do what is asked, then close without an answer."""
    return Fault(kind="accept_then_drop")


def half_open() -> Fault:
    """Do what is asked and never answer."""
    return Fault(kind="half_open")


def slow(seconds: float) -> Fault:
    """Do what is asked and answer `seconds` later."""
    return Fault(kind="slow", seconds=seconds)


def status(code: int) -> Fault:
    """An HTML page of a proxy with this status; nothing is processed."""
    return Fault(kind="status", status=code)


def error(code: int, status: int = 400) -> Fault:
    """A refusal of the API with one of its own codes."""
    return Fault(kind="error", code=code, status=status)


def too_many(retry_after: int = 1) -> Fault:
    """429 with `Retry-After` in seconds; nothing is processed."""
    return Fault(kind="error", code=20429, status=429, retry_after=retry_after)


def malformed() -> Fault:
    """Processed, but the answer is not JSON."""
    return Fault(kind="malformed")


def lost() -> Fault:
    """A webhook that Twilio never makes, not even a second time."""
    return Fault(kind="lost")


def duplicate(times: int = 2) -> Fault:
    """The same webhook `times` times."""
    return Fault(kind="duplicate", times=times)


class Rule(msgspec.Struct, kw_only=True):
    """A planned fault and how far it is."""

    fault: Fault
    on: str
    to: str = ""
    nth: int = 1
    count: int | None = 1
    seen: int = 0
    hits: int = 0


class FaultPlan:
    """All rules; the first that is due wins, every rule counts."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def plan(
        self, fault: Fault, *, on: str = "create", to: str = "", nth: int = 1, count: int | None = 1
    ) -> Rule:
        """Plan a fault for the `nth` matching call from now, `count` times (None = for ever)."""
        rule = Rule(fault=fault, on=on, to=to, nth=nth, count=count)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Everything works again."""
        self.rules.clear()

    def hit(self, on: str, to: str = "") -> Fault | None:
        """The fault for a call now."""
        found: Fault | None = None
        for rule in self.rules:
            if rule.on != on or (rule.to and rule.to != to):
                continue
            rule.seen += 1
            spent = rule.count is not None and rule.hits >= rule.count
            if found is None and rule.seen >= rule.nth and not spent:
                rule.hits += 1
                found = rule.fault
        return found
