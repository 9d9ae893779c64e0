"""What an audit found: counts and examples, by invariant, with ids and never with words."""

from __future__ import annotations

import msgspec

EXAMPLES = 20
"""How many findings per invariant are kept as examples; all are counted."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as promised: where (ids only), and what is wrong there."""

    where: str
    what: str


class Check(msgspec.Struct, frozen=True):
    """One invariant, judged: ``checked`` things were looked at, ``faults`` of them are wrong."""

    invariant: str
    promise: str
    holds: bool
    checked: int
    faults: int
    findings: tuple[Finding, ...]


class NotCheckable(msgspec.Struct, frozen=True):
    """An invariant that the data cannot prove; it counts neither as holding nor as broken."""

    invariant: str
    promise: str
    why: str


class Audit(msgspec.Struct, frozen=True):
    """Everything that was judged over one snapshot of the store."""

    holds: bool
    checks: tuple[Check, ...]
    not_checkable: tuple[NotCheckable, ...]


class Tally:
    """Collects the findings of one invariant while the rows pass by."""

    def __init__(self, invariant: str, promise: str) -> None:
        self.invariant = invariant
        self.promise = promise
        self.checked = 0
        self.faults = 0
        self.findings: list[Finding] = []

    def fault(self, where: str, what: str) -> None:
        """Note that something is not as promised; ``where`` and ``what`` never hold words."""
        self.faults += 1
        if len(self.findings) < EXAMPLES:
            self.findings.append(Finding(where, what))

    def require(self, right: bool, where: str, what: str) -> None:
        """Count one thing looked at, and note it when it is not right."""
        self.checked += 1
        if not right:
            self.fault(where, what)

    def check(self) -> Check:
        """Return the judgement."""
        return Check(
            invariant=self.invariant,
            promise=self.promise,
            holds=self.faults == 0,
            checked=self.checked,
            faults=self.faults,
            findings=tuple(self.findings),
        )
