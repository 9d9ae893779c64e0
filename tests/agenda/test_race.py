"""Two never both win: a thousand at once, on SQLite and over several processes' writers."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.handle import handle
from storage.appointments import of_person
from storage.audit import audit
from storage.engine import Store, open_store
from storage.keys import MasterKey
from storage.wants import Wants
from storage.writer import Writer
from tests.agenda.kit import FRIDAY, Practice
from tests.support.blank import blank

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.unit import Unit
    from tests.support.postgres import Postgres

pytestmark = [pytest.mark.slow]

ATTEMPTS = 1000
SLOT = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)


def crowd(practice: Practice, count: int) -> list[str]:
    """Give Noor so many clients in one transaction; return them."""
    names = [f"c{number}" for number in range(count)]

    def work(unit: Unit) -> None:
        for name in names:
            unit.put_person(name, name.upper(), "en", "Europe/Amsterdam")
            for command in (
                c.OpenTrajectory(),
                c.AddParty("noor", "coach", "Noor"),
                c.AddParty(name, "client", name.upper()),
                c.RecordConsent(name),
            ):
                handle(unit, f"{name}-log", command, practice.catalogue)

    practice.writer.run(work, Wants(trajectories=tuple(f"{name}-log" for name in names)))
    return names


async def race(practice: Practice, writers: Sequence[Writer], names: Sequence[str]) -> list[str]:
    """Let everybody take the same slot at once; return who got it."""

    async def one(number: int, name: str) -> str:
        command = c.BookSlot(name, "video", SLOT)
        made = await writers[number % len(writers)].submit(
            lambda unit: handle(unit, f"{name}-log", command, practice.catalogue),
            Wants(trajectories=(f"{name}-log",)),
        )
        won = [entry for entry in made.entries if isinstance(entry, e.AppointmentBooked)]
        lost = [entry for entry in made.entries if isinstance(entry, e.BookingRefused)]
        shown = [entry for entry in made.entries if isinstance(entry, e.SlotsOffered)]
        assert len(won) + len(lost) == 1, made.entries
        assert len(lost) == len(shown), "who loses is shown what is free"
        assert all(SLOT not in entry.slots for entry in shown)
        return name if won else ""

    tried = (one(number, name) for number, name in enumerate(names))
    return [name for name in await asyncio.gather(*tried) if name]


def judge(store: Store, winners: Sequence[str]) -> None:
    assert len(winners) == 1, winners
    given = [one for one in of_person(store, "noor", FRIDAY) if one.state == "booked"]
    assert [(one.start, one.client) for one in given] == [(SLOT, winners[0])]
    assert audit(store).holds


def test_a_thousand_at_once_have_one_winner(tmp_path: Path) -> None:
    store = open_store(blank(tmp_path / "race.db"), MasterKey(os.urandom(32)))
    practice = Practice(store)
    try:
        names = crowd(practice, ATTEMPTS)
        winners = asyncio.run(race(practice, [practice.writer], names))
        judge(store, winners)
    finally:
        practice.close()
        store.close()


@pytest.mark.postgres
def test_a_thousand_over_several_processes_have_one_winner(postgres_server: Postgres) -> None:
    key = MasterKey(os.urandom(32))
    with postgres_server.database() as url:
        store = open_store(url, key)
        practice = Practice(store)
        others = [open_store(url, key) for _ in range(3)]
        writers = [practice.writer, *(Writer(other, lambda: FRIDAY) for other in others)]
        try:
            names = crowd(practice, ATTEMPTS)
            winners = asyncio.run(race(practice, writers, names))
            judge(store, winners)
        finally:
            for writer in writers:
                writer.close()
            for one in (store, *others):
                one.close()
