"""A front desk in office hours: she works from nine to five, and stops at six."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from bridge.core import commands as c
from scheduling.calendar.working import Interval, Working
from scheduling.calendar.zones import instant
from scheduling.timers import Timers
from tests.runtime.desk_kit import FrontDesk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store

AMSTERDAM = "Europe/Amsterdam"
WORK = Working(AMSTERDAM, tuple(Interval(day, 540, 1020) for day in range(5)), (), 1080)


@contextmanager
def office(store: Store, *agreed: c.Command) -> Iterator[FrontDesk]:
    """Noor coaches Anna and Bram; ``agreed`` is done in both trajectories."""
    opened = FrontDesk(store)
    opened.people("noor", "anna", "bram")
    for client in ("anna", "bram"):
        opened.trajectory(client, ["noor"], [client])
        opened.do(client, c.SetWorkingHours("noor", WORK), *agreed)
    yield opened
    opened.writer.close()


def at(desk: FrontDesk, text: str) -> None:
    """Let it be this time in Amsterdam, and fire what is due by then."""
    desk.now = instant(datetime.fromisoformat(text), AMSTERDAM)
    due(desk)


def due(desk: FrontDesk) -> None:
    """Fire what is due by now."""
    asyncio.run(Timers(desk.writer, desk.catalogue).fire_due())


def chooses(desk: FrontDesk, who: str, number: int) -> None:
    """Answer the newest question: by its button, or by a digit."""
    question = desk.last(who)
    if desk.numbers_options:
        desk.says(who, str(number))
    else:
        desk.press(who, question, question.keys[number - 1])
