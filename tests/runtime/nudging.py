"""A front desk on which nudges are planned and become due."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.core import entries as e
from scheduling.calendar import zones
from scheduling.timers import Timers
from storage.audit import audit
from storage.engine import open_store
from storage.keys import MasterKey
from storage.planned import waiting_timers
from tests.runtime.desk_kit import FrontDesk, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.unit import Unit

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Amsterdam


class Practice(FrontDesk):
    """Noor coaches Bram (Dutch) and Anna; time goes where the test wants it."""

    def begin(self) -> None:
        self.now = MONDAY

        def people(unit: Unit) -> None:
            for name, full, language, zone in (
                ("noor", "Noor de Vries", "nl", "Europe/Amsterdam"),
                ("bram", "Bram Bakker", "nl", "Europe/Amsterdam"),
                ("anna", "Anna Smith", "en", "America/New_York"),
                ("olga", "Olga", "en", "Europe/Amsterdam"),
            ):
                unit.put_person(name, full, language, zone)
                unit.put_endpoint(at(name), name)

        self.writer.run(people)
        self.trajectory("bram-2026", ["noor"], ["bram"])
        self.trajectory("anna-2026", ["noor"], ["anna"])

    def pass_to(self, wall: str, zone: str = "Europe/Amsterdam") -> None:
        """Let the clocks go on, and the bridge do what is due on the way."""
        moment = zones.instant(datetime.fromisoformat(wall), zone)
        while (due := self.next_due()) is not None and due <= moment:
            self.now = max(self.now, due)
            self.fire()
            self.deliver()
        self.now = max(self.now, moment)

    def next_due(self) -> datetime | None:
        waiting = [
            timer.at
            for name in ("bram-2026", "anna-2026", "bram-other")
            for timer in waiting_timers(self.store, name)
        ]
        return min(waiting, default=None)

    def fire(self) -> int:
        return asyncio.run(Timers(self.writer, self.catalogue).fire_due())

    def kinds(self, trajectory: str = "bram-2026") -> list[str]:
        return [one.kind for one in self.log(trajectory) if one.kind.startswith(("nudge", "pace"))]

    def withheld(self, trajectory: str = "bram-2026") -> list[str]:
        return [one.reason for one in self.log(trajectory) if isinstance(one, e.NudgeWithheld)]

    def sound(self) -> None:
        found = audit(self.store)
        assert found.holds, [check for check in found.checks if not check.holds]


@contextmanager
def nudging(url: str) -> Iterator[Practice]:
    """Open the practice on a store of its own."""
    store = open_store(url, MasterKey(os.urandom(32)))
    made = Practice(store)
    made.begin()
    try:
        yield made
    finally:
        made.writer.close()
        store.close()
