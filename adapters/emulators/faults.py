"""Faults by plan: the n-th call that matches is hit, never by chance.

A fault hits one of three points: a *call* of a method (also one that waits for news), the
*hand-out* of news to a program (duplicate, reorder: one answer or one delivery), or a *delivery*
to a webhook (planned with `method="webhook"`). Each network's emulator says which it knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

FaultKind = Literal[
    "refuse",
    "reset",
    "accept_then_drop",
    "accept_then_reset",
    "half_open",
    "slow",
    "status",
    "error",
    "malformed",
    "truncated",
    "duplicate",
    "reorder",
    "lost",
]
WEBHOOK = "webhook"
HAND_OUTS = frozenset({"duplicate", "reorder"})
"""Kinds that hit the hand-out of news."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong; make one with the functions below."""

    kind: FaultKind
    seconds: float = 0.0
    code: int = 0
    http_status: int = 0
    description: str = ""
    retry_after: int = 0
    times: int = 2
    concurrently: bool = False
    process: bool = False


def refuse(seconds: float = 0.5) -> Fault:
    """Cut this connection unprocessed and refuse all new ones for `seconds`."""
    return Fault(kind="refuse", seconds=seconds)


def reset() -> Fault:
    """RST before anything is processed."""
    return Fault(kind="reset")


def accept_then_drop() -> Fault:
    """Do what is asked, then close without an answer."""
    return Fault(kind="accept_then_drop")


def accept_then_reset() -> Fault:
    """Do what is asked, then RST without an answer."""
    return Fault(kind="accept_then_reset")


def half_open(*, process: bool = False) -> Fault:
    """Never answer; with `process` the thing is done all the same."""
    return Fault(kind="half_open", process=process)


def slow(seconds: float) -> Fault:
    """Do what is asked and answer `seconds` later."""
    return Fault(kind="slow", seconds=seconds)


def status(code: int) -> Fault:
    """An HTML page of a proxy with this 5xx status; nothing is processed."""
    return Fault(kind="status", code=code)


def error(code: int, description: str) -> Fault:
    """A refusal, for example `error(403, "Forbidden: bot was blocked by the user")`."""
    return Fault(kind="error", code=code, description=description)


def too_many(retry_after: int = 1) -> Fault:
    """429 with `parameters.retry_after` in seconds; nothing is processed."""
    return Fault(
        kind="error",
        code=429,
        description=f"Too Many Requests: retry after {retry_after}",
        retry_after=retry_after,
    )


def malformed() -> Fault:
    """Processed, but the answer is not JSON."""
    return Fault(kind="malformed")


def truncated() -> Fault:
    """Processed, but the connection ends in the middle of the answer."""
    return Fault(kind="truncated")


def duplicate(times: int = 2, *, concurrently: bool = False) -> Fault:
    """The same news `times` times: in one answer, or as that many webhook requests."""
    return Fault(kind="duplicate", times=times, concurrently=concurrently)


def reorder() -> Fault:
    """Newest first: a reversed getUpdates answer, or the last waiting update of a chat."""
    return Fault(kind="reorder")


KINDS: dict[str, Callable[..., Fault]] = {
    "refuse": refuse,
    "reset": reset,
    "accept_then_drop": accept_then_drop,
    "accept_then_reset": accept_then_reset,
    "half_open": half_open,
    "slow": slow,
    "status": status,
    "error": error,
    "too_many": too_many,
    "malformed": malformed,
    "truncated": truncated,
    "duplicate": duplicate,
    "reorder": reorder,
}
"""By name, for a control endpoint."""


class Rule(msgspec.Struct, kw_only=True):
    """A planned fault and how far it is."""

    fault: Fault
    method: str | None = None
    chat: int | str | None = None
    bot: int | None = None
    nth: int = 1
    count: int | None = 1
    seen: int = 0
    hits: int = 0

    @property
    def spent(self) -> bool:
        """Whether it will never hit again."""
        return self.count is not None and self.hits >= self.count

    def meets(self, method: str, chat: int | str | None, bot: int) -> bool:
        """Whether a call is one of those counted; method names ignore case."""
        return (
            (self.method is None or self.method.lower() == method.lower())
            and (self.chat is None or str(self.chat) == str(chat))
            and (self.bot is None or self.bot == bot)
        )


class FaultPlan:
    """All rules; the first that is due wins, every rule counts."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def plan(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        chat: int | str | None = None,
        bot: int | None = None,
        nth: int = 1,
        count: int | None = 1,
    ) -> Rule:
        """Plan a fault for the `nth` matching call from now, `count` times (None = for ever)."""
        rule = Rule(fault=fault, method=method, chat=chat, bot=bot, nth=nth, count=count)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Everything works again."""
        self.rules.clear()

    def _due(
        self, rules: list[Rule], method: str, chat: int | str | None, bot: int
    ) -> Fault | None:
        found: Fault | None = None
        for rule in rules:
            if not rule.meets(method, chat, bot):
                continue
            rule.seen += 1
            if found is None and rule.seen >= rule.nth and not rule.spent:
                rule.hits += 1
                found = rule.fault
        return found

    def hit(self, method: str, chat: int | str | None = None, bot: int = 0) -> Fault | None:
        """The fault of any kind for what happens now."""
        return self._due(self.rules, method, chat, bot)

    def on_call(self, method: str, chat: int | str | None, bot: int) -> Fault | None:
        """The fault for a call of a method, or for one webhook delivery (`method="webhook"`)."""
        rules = [r for r in self.rules if r.fault.kind not in HAND_OUTS]
        if method == WEBHOOK:  # a rule without a method means calls, not deliveries
            rules = [r for r in rules if r.method == WEBHOOK]
        return self._due(rules, method, chat, bot)

    def on_handout(self, method: str, chat: int | str | None, bot: int) -> Fault | None:
        """The fault for handing out updates, by `getUpdates` or `webhook`."""
        rules = [r for r in self.rules if r.fault.kind in HAND_OUTS]
        return self._due(rules, method, chat, bot)
